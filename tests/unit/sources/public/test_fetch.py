"""Downloads: resumed or restarted cleanly, a wrong digest refused and deleted, one clear line for every failure."""

import errno
import hashlib

import pytest

from drugripple.errors import DigestError, OutputError, SourceError
from drugripple.sources.public import fetch as fetch_module
from drugripple.sources.public.fetch import fetch
from drugripple.sources.public.registry import SOURCES, Source, find_source

CONTENT = bytes(range(256)) * 4099
DIGEST = hashlib.sha256(CONTENT).hexdigest()


def source(url, *, sha256=DIGEST, mirrors=()):
    return Source("data", "a test", url, "CC0", "nobody", mirrors=mirrors, sha256=sha256)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_fetched_once(url, behaviour, tmp_path):
    for _ in range(2):
        path = fetch(source(url), folder=tmp_path)
        assert path.read_bytes() == CONTENT
    assert behaviour.asked == [""]
    assert names(tmp_path) == ["data.bin"]


def test_a_broken_connection_is_taken_up_where_it_broke(url, behaviour, tmp_path):
    behaviour.drop_after = [300_000, 600_000]
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT
    assert behaviour.asked == ["", "bytes=300000-", "bytes=900000-"]  # all that arrived is kept
    assert names(tmp_path) == ["data.bin"]


def test_an_interrupted_download_leaves_only_its_part_and_resumes_in_the_next_run(
    url, behaviour, tmp_path, monkeypatch
):
    monkeypatch.setattr(fetch_module, "ATTEMPTS", 1)
    behaviour.drop_after = [400_000]
    with pytest.raises(SourceError, match="what arrived is kept: try again"):
        fetch(source(url), folder=tmp_path)
    assert names(tmp_path) == ["data.bin.part", "data.bin.part.version"]
    assert (tmp_path / "data.bin.part").read_bytes() == CONTENT[:400_000]
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT
    assert behaviour.asked == ["", "bytes=400000-"]
    assert names(tmp_path) == ["data.bin"]


def test_a_server_without_ranges_is_asked_from_the_start(url, behaviour, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_module, "ATTEMPTS", 1)
    behaviour.ranges = False
    behaviour.drop_after = [400_000]
    with pytest.raises(SourceError):
        fetch(source(url), folder=tmp_path)
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_proof_of_the_same_file_a_download_starts_over(url, behaviour, tmp_path, monkeypatch, etag):
    monkeypatch.setattr(fetch_module, "ATTEMPTS", 1)
    behaviour.etag = etag
    behaviour.drop_after = [400_000]
    with pytest.raises(SourceError):
        fetch(source(url), folder=tmp_path)
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT
    assert behaviour.asked == ["", ""]


def test_a_file_that_changed_meanwhile_is_not_stitched_together(url, behaviour, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch_module, "ATTEMPTS", 1)
    behaviour.drop_after = [400_000]
    with pytest.raises(SourceError):
        fetch(source(url, sha256=None), folder=tmp_path)
    behaviour.content, behaviour.etag = b"new" * 300_000, '"v2"'
    assert fetch(source(url, sha256=None), folder=tmp_path).read_bytes() == b"new" * 300_000


def test_a_part_that_is_whole_already_is_taken(url, behaviour, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(CONTENT)
    (tmp_path / "data.bin.part.version").write_text('"v1"')
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT
    assert behaviour.asked == [f"bytes={len(CONTENT)}-"]


def test_a_part_that_is_too_long_is_thrown_away(url, behaviour, tmp_path):
    (tmp_path / "data.bin.part").write_bytes(CONTENT + b"more")
    (tmp_path / "data.bin.part.version").write_text('"v1"')
    with pytest.raises(SourceError, match="not part of this file any more"):
        fetch(source(url), folder=tmp_path)
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT


def test_a_wrong_digest_is_refused_and_the_file_deleted(url, tmp_path):
    with pytest.raises(DigestError, match=r"data\.bin from http.* was deleted: expected SHA-256 0000"):
        fetch(source(url, sha256="0" * 64), folder=tmp_path)
    assert names(tmp_path) == []


def test_a_cached_file_that_was_altered_is_fetched_anew(url, tmp_path):
    (tmp_path / "data.bin").write_bytes(b"altered")
    assert fetch(source(url), folder=tmp_path).read_bytes() == CONTENT


def test_an_error_page_is_not_taken_for_the_file(url, behaviour, tmp_path):
    behaviour.status = 404
    with pytest.raises(SourceError, match="answered 404 Not Found for http"):
        fetch(source(url, sha256=None), folder=tmp_path)
    assert names(tmp_path) == []


def test_a_mirror_stands_in(url, tmp_path):
    dead = "http://127.0.0.1:9/data.bin"
    assert fetch(source(dead, mirrors=(url,)), folder=tmp_path).read_bytes() == CONTENT


def test_offline_names_the_address_and_the_place_for_the_file(tmp_path):
    url = "http://127.0.0.1:9/data.bin"
    with pytest.raises(SourceError, match="get the file from") as caught:
        fetch(source(url), folder=tmp_path)
    message = str(caught.value)
    assert url in message
    assert f"put it at {tmp_path / 'data.bin'}" in message
    assert "\n" not in message


def test_a_full_disk_is_one_clear_line_and_leaves_the_part(url, behaviour, tmp_path, monkeypatch):
    class FullFile:
        def __init__(self, file):
            self.file = file

        def __enter__(self):
            self.file.__enter__()
            return self

        def __exit__(self, *args):
            return self.file.__exit__(*args)

        def write(self, block):
            raise OSError(errno.ENOSPC, "No space left on device")

    path_type = type(tmp_path)
    real_open = path_type.open

    def open_full(self, mode="r", *args, **kwargs):
        file = real_open(self, mode, *args, **kwargs)
        return FullFile(file) if self.name.endswith(".part") and mode in {"wb", "ab"} else file

    monkeypatch.setattr(path_type, "open", open_full)
    with pytest.raises(OutputError, match=r"no space left on the disk of .*data\.bin\.part .*free some"):
        fetch(source(url), folder=tmp_path)
    assert not (tmp_path / "data.bin").exists()


def test_progress_counts_bytes_and_ends_at_the_total(url, behaviour, tmp_path):
    behaviour.drop_after = [400_000]
    seen = []
    fetch(source(url), folder=tmp_path, progress=lambda *n: seen.append(n))
    assert seen[-1] == ("data", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_the_cache_folder_can_be_moved(url, monkeypatch, tmp_path):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "here"))
    assert fetch(source(url)) == tmp_path / "here" / "downloads" / "data.bin"


def test_every_record_says_where_what_and_whom_to_cite():
    assert {"gdsc1", "gdsc2", "string-links", "gse92742-level5", "wikipathways", "hgnc", "tcga-brca"} <= set(SOURCES)
    assert len({record.file for record in SOURCES.values()}) == len(SOURCES)
    for record in SOURCES.values():
        assert record.url.startswith("https://")
        assert "doi:" in record.citation
        assert record.licence
        assert record.sha256 is None or len(bytes.fromhex(record.sha256)) == 32


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(SourceError, match=r"no dataset is called 'GDSC'; there are \d+: \['gdsc-compounds'\]"):
        find_source("GDSC")


@pytest.mark.parametrize(("name", "use"), [("csg2a-weights", "`backbone`"), ("mat-weights", "`encoder`")])
def test_weights_that_only_a_person_can_download_are_told_where_and_what_for(name, use, tmp_path):
    with pytest.raises(SourceError, match=rf"{name} cannot be downloaded by a program: .*https://github\.com/.*{use}"):
        fetch(SOURCES[name], folder=tmp_path)


def unfixed(url, *, size=None, name="data.bin"):
    return Source("data", "a test", url.replace("data.bin", name), "CC0", "nobody", size=size)


def test_the_page_of_a_network_is_no_download(url, behaviour, tmp_path):
    behaviour.content = b"\n<!DOCTYPE html><title>Log in to the hotel</title>" + b" " * 999
    with pytest.raises(SourceError, match="is a web page, not a test"):
        fetch(unfixed(url), folder=tmp_path)
    assert [name for name in names(tmp_path) if not name.startswith(".")] == []


def test_type_and_size_are_checked_where_no_digest_is_known(url, tmp_path):
    with pytest.raises(SourceError, match=r"does not begin as a \.gz file does"):
        fetch(unfixed(url, name="data.txt.gz"), folder=tmp_path)
    with pytest.raises(SourceError, match="has 1,049,344 bytes, expected 2,000,000"):
        fetch(unfixed(url, size=2_000_000), folder=tmp_path)
    assert fetch(unfixed(url, size=1_050_000), folder=tmp_path).read_bytes() == CONTENT


def test_a_file_is_compared_with_its_first_use(url, tmp_path):
    path = fetch(unfixed(url), folder=tmp_path)
    assert fetch(unfixed(url), folder=tmp_path) == path
    path.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(DigestError, match="has changed since its first use"):
        fetch(unfixed(url), folder=tmp_path)
