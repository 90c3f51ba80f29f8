"""One run at a time in one output, and the second is told who is at work there."""

import errno
import json
import os
import platform
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from drugripple.errors import OutputError
from drugripple.runtime import lock as locks
from drugripple.runtime.lock import lock_file, lock_folder

HOLD = """
import pathlib, sys, time
from drugripple.runtime.lock import lock_file, lock_folder
with {which}(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder():
    """Another process that holds a lock until it is killed."""
    started = []

    def start(which, out):
        code = HOLD.format(which=which)
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(out), "run.toml"], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize(("which", "what"), [("lock_folder", "folder"), ("lock_file", "file")])
def test_the_second_run_is_told_who_holds_the_output(holder, tmp_path, which, what):
    out = tmp_path / "out"
    process = holder(which, out)
    told = (
        rf"out is in use by process {process.pid} on {re.escape(platform.node())} since \d{{4}}-\d\d-\d\d "
        rf"\d\d:\d\d:\d\d UTC \(-c {out} run\.toml\); let it finish, or choose another {what}"
    )
    with pytest.raises(OutputError, match=told), getattr(locks, which)(out):
        pass


@pytest.mark.parametrize("which", ["lock_folder", "lock_file"])
def test_a_killed_run_holds_nothing_and_a_finished_one_leaves_nothing(holder, tmp_path, which):
    process = holder(which, tmp_path / "out")
    process.send_signal(signal.SIGKILL)
    process.wait()
    with getattr(locks, which)(tmp_path / "out"):
        pass
    assert [path.name for path in tmp_path.rglob("*")] == (["out"] if which == "lock_folder" else [])


def test_a_folder_that_stays_empty_goes_again(tmp_path):
    (tmp_path / "mine").mkdir()
    for name in ("mine", "new"):
        with lock_folder(tmp_path / name):
            pass
    with lock_folder(tmp_path / "full"):
        (tmp_path / "full" / "result").touch()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "mine"]


def test_a_folder_made_for_a_file_that_is_not_written_goes_again(tmp_path):
    with pytest.raises(RuntimeError, match="stop"), lock_file(tmp_path / "new" / "p.csv"):
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []
    with lock_file(tmp_path / "new" / "p.csv"):
        (tmp_path / "new" / "p.csv").touch()
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["p.csv"]


def test_two_runs_of_one_process_do_not_share_an_output(tmp_path):
    with (
        lock_folder(tmp_path),
        pytest.raises(OutputError, match=f"in use by process {os.getpid()}"),
        lock_folder(tmp_path),
    ):
        pass


def test_a_file_and_its_neighbour_are_locked_apart(tmp_path):
    with lock_file(tmp_path / "a"), lock_file(tmp_path / "b"), lock_folder(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {".a.lock", ".b.lock", ".lock"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".", "inner/..", ".."])
def test_a_folder_may_be_named_by_where_it_is_from_here(tmp_path, monkeypatch, name):
    here = tmp_path / "outer" / "here"
    (here / "inner").mkdir(parents=True)
    monkeypatch.chdir(here)
    named = (here / name).resolve()
    with lock_file(Path(name), what="folder"):
        assert named.with_name(f".{named.name}.lock").is_file()
        with pytest.raises(OutputError, match="is in use by process"), lock_file(named):
            pass


def test_those_who_wait_come_one_after_the_other(tmp_path):
    """Thirteen threads add one each; without the lock, most would read the same number."""
    counter = tmp_path / "counter"
    counter.write_text("0")

    def add():
        with lock_file(counter, wait=True):
            counter.write_text(str(int(counter.read_text()) + 1))

    threads = [threading.Thread(target=add) for _ in range(13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.read_text() == "13"
    assert [path.name for path in tmp_path.iterdir()] == ["counter"]


def test_a_disk_without_locks_is_refused(tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", refuse)
    with (
        pytest.raises(
            OutputError, match=r"without file locks \(No locks available\), .*choose a folder on another disk"
        ),
        lock_folder(tmp_path / "out"),
    ):
        pass


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "mine").write_text("precious")
    (tmp_path / ".out.lock").symlink_to(tmp_path / "mine")
    told = r"cannot write .*out: Too many levels of symbolic links"
    with pytest.raises(OutputError, match=told), lock_file(tmp_path / "out"):
        pass
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"", "another process"),
        (b"[" * 5000, "another process"),
        (b'{"process": 7}', "another process"),
        (
            json.dumps({"process": 7, "host": "h\x1b[31m\n", "since": "then", "command": ""}).encode(),
            "process 7 on h [31m since then",
        ),
    ],
)
def test_what_a_lock_says_is_shown_as_one_plain_line(holder, tmp_path, written, told):
    holder("lock_folder", tmp_path)
    (tmp_path / ".lock").write_bytes(written)
    with pytest.raises(OutputError, match=re.escape(f"in use by {told}; let it finish")), lock_folder(tmp_path):
        pass
