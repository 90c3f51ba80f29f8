"""Missing, empty and damaged files are named in one line."""

import gzip
import zipfile

import pandas as pd
import pytest

from drugripple.errors import SourceError, TableError
from drugripple.runtime.damaged import reading


def open_gzip(path):
    with reading(path, "a table"):
        return pd.read_csv(path)


def open_zip(path):
    with reading(path, "an archive"), zipfile.ZipFile(path) as archive:
        return archive.read("a")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"x\.csv does not exist; fetch a table"):
        open_gzip(tmp_path / "x.csv")


def test_an_empty_file_is_named(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"")
    with pytest.raises(SourceError, match=r"x\.csv is empty \(0 bytes\), expected a table"):
        open_gzip(tmp_path / "x.csv")


def test_a_truncated_gzip_is_named(tmp_path):
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 9999)[:-20])
    with pytest.raises(SourceError, match=r"x\.csv\.gz cannot be read as a table .* cut short"):
        open_gzip(path)


def test_a_truncated_zip_is_named(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "content")
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SourceError, match=r"x\.zip cannot be read as an archive"):
        open_zip(path)


def test_a_zip_of_an_impossible_version_is_named(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "content")
    content = bytearray(path.read_bytes())
    where = content.index(b"PK\x01\x02") + 6
    content[where] = 169
    path.write_bytes(bytes(content))
    with pytest.raises(SourceError, match=r"x\.zip cannot be read as an archive \(zip file version 16\.9\)"):
        open_zip(path)


def test_our_own_errors_pass_unchanged(tmp_path):
    (tmp_path / "x").write_text("x")
    error = TableError("mine")
    with pytest.raises(TableError, match=r"^mine$"), reading(tmp_path / "x", "a table"):
        raise error
