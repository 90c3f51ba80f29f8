"""Archives and pages as servers pack them on their way, and downloads that break off where no length is told."""

import gzip
import io
import zipfile

import pytest

from drugripple.errors import SourceError
from drugripple.sources.public.fetch import fetch
from drugripple.sources.public.registry import Source

TABLE = gzip.compress(b"a\tb\n" + b"1\t2\n" * 9_999)


def unfixed(url, *, name):
    return Source("data", "a test", url.replace("data.bin", name), "CC0", "nobody")


def test_an_archive_whose_packing_the_server_states_stays_packed(url, behaviour, tmp_path):
    behaviour.content, behaviour.encoding = TABLE, "gzip"
    assert fetch(unfixed(url, name="data.txt.gz"), folder=tmp_path).read_bytes() == TABLE


def test_a_file_that_the_server_packs_on_its_way_is_unpacked(url, behaviour, tmp_path):
    behaviour.content, behaviour.encoding = TABLE, "gzip"
    assert fetch(unfixed(url, name="data.txt"), folder=tmp_path).read_bytes() == gzip.decompress(TABLE)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_packed_page_is_no_archive(url, behaviour, tmp_path, encoding):
    behaviour.content, behaviour.encoding = gzip.compress(b"\n<html>Log in</html>"), encoding
    with pytest.raises(SourceError, match="is a packed web page, not a test"):
        fetch(unfixed(url, name="data.txt.gz"), folder=tmp_path)
    assert [name for name in [path.name for path in tmp_path.iterdir()] if not name.startswith(".")] == []


def test_an_archive_that_breaks_off_is_not_kept_where_the_server_says_no_length(url, behaviour, tmp_path):
    behaviour.content, behaviour.length = TABLE[:-20], False
    with pytest.raises(SourceError, match=r"data\.txt\.gz is cut short or damaged"):
        fetch(unfixed(url, name="data.txt.gz"), folder=tmp_path)
    behaviour.content = TABLE
    assert fetch(unfixed(url, name="data.txt.gz"), folder=tmp_path).read_bytes() == TABLE


def test_a_workbook_that_breaks_off_is_not_kept(url, behaviour, tmp_path):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as book:
        book.writestr("xl/workbook.xml", b"x" * 99_999)
    behaviour.content, behaviour.length = whole.getvalue()[:-50], False
    with pytest.raises(SourceError, match=r"data\.xlsx is cut short"):
        fetch(unfixed(url, name="data.xlsx"), folder=tmp_path)
