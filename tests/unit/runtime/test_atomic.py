"""Files and folders appear complete or not at all."""

import errno
import gzip
import os
import signal
import subprocess
import sys

import pytest

from drugripple.errors import SourceError
from drugripple.runtime.atomic import gunzip, whole_file, whole_folder


def fill_disk(path):
    path.write_text("half")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    with (
        pytest.raises(SourceError, match=r"no space left on the disk of .*out .*GiB free"),
        whole_folder(tmp_path / "out") as folder,
    ):
        fill_disk(folder / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_fails_leaves_the_old_one(tmp_path):
    (tmp_path / "out").write_text("old")
    with pytest.raises(SourceError, match="no space left"), whole_file(tmp_path / "out") as path:
        fill_disk(path)
    assert [(f.name, f.read_text()) for f in tmp_path.iterdir()] == [("out", "old")]


def test_another_failure_passes_through_and_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), whole_folder(tmp_path / "out"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_refused_and_kept(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("precious")
    with pytest.raises(SourceError, match="exists already"), whole_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "mine").read_text() == "precious"


def test_a_kill_leaves_no_result_and_the_next_attempt_succeeds(tmp_path):
    code = (
        "import os, pathlib, signal; from drugripple.runtime.atomic import whole_folder\n"
        f"with whole_folder(pathlib.Path({str(tmp_path / 'out')!r})) as folder:\n"
        "    (folder / 'a').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    with whole_folder(tmp_path / "out") as folder:
        (folder / "b").write_text("whole")
    assert [f.name for f in tmp_path.iterdir()] == ["out"]
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["b"]


def test_a_packed_file_is_unpacked_beside_it_once(tmp_path):
    (tmp_path / "x.gctx.gz").write_bytes(gzip.compress(b"content"))
    assert gunzip(tmp_path / "x.gctx.gz") == tmp_path / "x.gctx"
    (tmp_path / "x.gctx").write_bytes(b"kept")
    assert gunzip(tmp_path / "x.gctx.gz").read_bytes() == b"kept"


@pytest.mark.parametrize("damage", [lambda data: data[:-12], lambda data: b"no gzip at all", lambda data: b""])
def test_a_damaged_archive_is_not_half_unpacked(tmp_path, damage):
    (tmp_path / "x.gz").write_bytes(damage(gzip.compress(b"content" * 99_999)))
    with pytest.raises(SourceError, match=r"x\.gz (is empty|cannot be read as a gzip archive)"):
        gunzip(tmp_path / "x.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["x.gz"]
