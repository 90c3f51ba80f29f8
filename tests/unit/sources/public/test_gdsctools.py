"""The tables of gdsctools are read from its archive without running it, if it is the published one."""

import gzip
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from drugripple.errors import DigestError, OutputError, SourceError
from drugripple.runtime.digest import file_digest
from drugripple.runtime.notes import heard
from drugripple.sources import gdsc_anywhere
from drugripple.sources.public import gdsctools
from drugripple.sources.public.gdsctools import ARCHIVE, INSIDE, LINES, fetch_gdsctools, read_gdsctools, write_tissues
from drugripple.sources.public.lines import read_cancer_types
from drugripple.sources.public.registry import find_source

NAMED = """SAMPLE_NAME,COSMIC_ID,GDSC1,GDSC2,TCGA
A375,7,skin,melanoma,SKCM
SK-BR-3,8,breast,breast,BRCA
H2369,9,lung,mesothelioma,
T-T,10,thyroid,thyroid,THCA
TT,11,aero_dig_tract,oesophagus,ESCA
"""


def archive(path, tables):
    with tarfile.open(path, "w:gz") as file:
        for name, text in tables.items():
            content = gzip.compress(text.encode(), mtime=0)
            member = tarfile.TarInfo(f"{INSIDE}/{name}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def published(tmp_path, monkeypatch):
    """An archive that counts as the published one."""

    def make(**tables):
        names = {LINES: NAMED} | tables
        path = archive(tmp_path / ARCHIVE, {name: text for name, text in names.items() if text})
        known = replace(find_source("gdsctools"), sha256=file_digest(path))
        monkeypatch.setattr(gdsctools, "find_source", lambda _: known)
        return path

    return make


@pytest.fixture
def tidy(tmp_path):
    """Responses of lines under GDSC's names, one of which nobody knows."""
    folder = tmp_path / "tidy"
    (folder / "gdsc").mkdir(parents=True)
    lines = ["A375", "NCI-H2369", "T-T", "TT", "Nobody-1", "A375"]
    pd.DataFrame({"cell_line": lines}).to_parquet(folder / "gdsc" / "response.parquet")
    return folder


def test_another_file_is_refused_and_a_missing_one_says_where_it_is(tmp_path):
    path = archive(tmp_path / "x.tar.gz", {LINES: NAMED})
    with pytest.raises(DigestError, match=r"is not the published gdsctools-1\.0\.1\.tar\.gz"):
        read_gdsctools(path, [LINES])
    with pytest.raises(SourceError, match=r"is not there: the Python package index serves it"):
        read_gdsctools(tmp_path / "none.tar.gz", [LINES])


def test_a_table_that_is_lacking_is_named(published):
    with pytest.raises(SourceError, match=r"cosmic_info\.csv\.gz"):
        read_gdsctools(published(**{"other.csv.gz": "a", LINES: ""}), [LINES])


def test_a_line_has_the_tissue_of_its_name_and_one_that_fits_two_has_none(published, tidy):
    assert write_tissues(published(), tidy / "gdsc") == ("Nobody-1",)
    found = pd.read_parquet(tidy / "gdsc" / "cell_lines.parquet").set_index("cell_line")["tissue"].to_dict()
    assert found == {"A375": "skin", "NCI-H2369": "lung", "T-T": "thyroid", "TT": "aero_dig_tract"}
    assert read_cancer_types(tidy, ("A375", "NCI-H2369")) == ("SKCM", "UNCLASSIFIED")


def test_a_table_of_lines_without_tissues_is_named(published, tidy):
    lines = published(**{LINES: "SAMPLE_NAME,COSMIC_ID\nA375,7\n"})
    with pytest.raises(SourceError, match=r"cosmic_info\.csv\.gz lacks a column"):
        write_tissues(lines, tidy / "gdsc")


def test_pip_says_where_the_archive_is_and_nothing_of_it_runs(published, tmp_path, monkeypatch):
    index, cache = tmp_path / "index", tmp_path / "cache"
    index.mkdir()
    content = published().rename(index / ARCHIVE).read_bytes()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    assert fetch_gdsctools(cache).read_bytes() == content
    assert [path.name for path in cache.iterdir()] == [ARCHIVE]
    monkeypatch.setattr(gdsctools, "_link", lambda _: pytest.fail("pip was asked"))
    assert fetch_gdsctools(cache) == cache / ARCHIVE


def test_another_archive_from_the_index_is_deleted(published, tmp_path, monkeypatch):
    (tmp_path / "index").mkdir()
    published().unlink()
    (tmp_path / "index" / ARCHIVE).write_bytes(b"another")
    monkeypatch.setattr(gdsctools, "_link", lambda _: (tmp_path / "index" / ARCHIVE).as_uri())
    with pytest.raises(DigestError, match="is not the published file; it was deleted"):
        fetch_gdsctools(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_an_index_it_is_said_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(
        SourceError, match=rf"pip did not find {ARCHIVE} on the package index; check the network, or put"
    ):
        fetch_gdsctools(tmp_path)


def test_tissues_are_added_once_and_a_missing_archive_is_told(published, tidy, tmp_path, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "cache"))
    told: list[str] = []
    with heard(told.append):
        gdsc_anywhere.add_tissues(tidy, tmp_path)
    assert len(told) == 1
    assert told[0].startswith("tissues of the cell lines are not known: ")
    assert f"{ARCHIVE} is not there" in told[0]
    published()
    with heard(told.append):
        gdsc_anywhere.add_tissues(tidy, tmp_path)
        gdsc_anywhere.add_tissues(tidy, tmp_path)
    assert told[1:] == [f"1 cell line has no tissue in {ARCHIVE}: ['Nobody-1']"]


def test_a_folder_that_takes_no_tissues_is_told_and_read_without_them(published, tidy, tmp_path, monkeypatch):
    def refused(*_: Path) -> None:
        message = "the disk is read-only"
        raise OutputError(message)

    published()
    monkeypatch.setattr(gdsc_anywhere, "write_tissues", refused)
    told: list[str] = []
    with heard(told.append):
        gdsc_anywhere.add_tissues(tidy, tmp_path)
    assert told == ["tissues of the cell lines are not known: the disk is read-only"]
