"""Files and folders appear complete or not at all, whoever else writes, and whatever links lie in the way."""

import errno
import gzip
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from drugripple.errors import OutputError, SourceError
from drugripple.runtime.atomic import gunzip, whole_file, whole_folder, write_csv, write_text


def fill_disk(path):
    path.write_text("half")
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def contents(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    with (
        pytest.raises(OutputError, match=r"no space left on the disk of .*out .*GiB free"),
        whole_folder(tmp_path / "out") as folder,
    ):
        fill_disk(folder / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_fails_leaves_the_old_one(tmp_path):
    (tmp_path / "out").write_text("old")
    with pytest.raises(OutputError, match="no space left"), whole_file(tmp_path / "out") as path:
        fill_disk(path)
    assert contents(tmp_path) == {"out": "old"}


def test_a_replacement_folder_that_fails_leaves_the_old_one(tmp_path):
    write_text(tmp_path / "out" / "a", "old")
    with (
        pytest.raises(OutputError, match="no space left"),
        whole_folder(tmp_path / "out", replace=True) as folder,
    ):
        fill_disk(folder / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert contents(tmp_path / "out") == {"a": "old"}


def test_a_replacement_folder_takes_the_whole_place(tmp_path):
    write_text(tmp_path / "out" / "a", "old")
    write_text(tmp_path / "out" / "b", "old")
    with whole_folder(tmp_path / "out", replace=True) as folder:
        write_text(folder / "a", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert contents(tmp_path / "out") == {"a": "new"}


def test_another_failure_passes_through_and_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), whole_folder(tmp_path / "out"):
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_read_meanwhile_is_not_called_unwritable(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent"), whole_file(tmp_path / "a" / "out"):
        (tmp_path / "b" / "absent").read_text()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_one_clear_error(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match=r"cannot write .*out: Permission denied; .* make this one writable"):
        write_text(tmp_path / "out", "text")


def test_a_file_where_a_folder_should_be_is_one_clear_error(tmp_path):
    write_text(tmp_path / "file", "text")
    with pytest.raises(OutputError, match=r"cannot write .*file/out: .*file is a file, or lies in one"):
        write_text(tmp_path / "file" / "out", "text")


def test_an_existing_folder_is_refused_and_kept(tmp_path):
    write_text(tmp_path / "out" / "mine", "precious")
    with pytest.raises(OutputError, match="exists already"), whole_folder(tmp_path / "out"):
        pass
    assert contents(tmp_path / "out") == {"mine": "precious"}


def test_a_link_is_replaced_and_what_it_points_to_is_kept(tmp_path):
    (tmp_path / "input").write_text("precious")
    (tmp_path / "out").symlink_to(tmp_path / "input")
    write_text(tmp_path / "out", "new")
    assert contents(tmp_path) == {"input": "precious", "out": "new"}
    assert not (tmp_path / "out").is_symlink()


def test_links_planted_under_the_names_of_parts_are_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    write_text(elsewhere / "mine", "precious")
    (tmp_path / ".out.part").symlink_to(elsewhere / "mine")
    (tmp_path / ".out.x.part").symlink_to(elsewhere)
    write_text(tmp_path / "out", "new")
    assert contents(elsewhere) == {"mine": "precious"}


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    inside = threading.Barrier(2, timeout=20)

    def write(text):
        with whole_file(tmp_path / "out") as path, path.open("w") as file:
            file.write(text)
            inside.wait()
            file.write(text)

    writers = [threading.Thread(target=write, args=(text,)) for text in ("aaa", "bbb")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert contents(tmp_path) in ({"out": "aaaaaa"}, {"out": "bbbbbb"})


def write_often(out):
    for _ in range(50):
        write_text(out, "whole")


def test_writers_do_not_take_each_other_for_killed_ones(tmp_path):
    with ThreadPoolExecutor(7) as pool:
        for done in [pool.submit(write_often, tmp_path / "out") for _ in range(7)]:
            done.result()
    assert contents(tmp_path) == {"out": "whole"}


def test_a_part_keeps_the_ending_that_libraries_choose_a_format_by(tmp_path):
    with whole_file(tmp_path / "table.csv.gz") as path:
        pd.DataFrame({"a": [1]}).to_csv(path, index=False)
    assert gzip.decompress((tmp_path / "table.csv.gz").read_bytes()) == b"a\n1\n"


def test_finished_files_and_folders_have_ordinary_rights(tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "file").touch()
    with whole_folder(tmp_path / "out") as folder:
        write_text(folder / "file", "text")
    for one, other in (("out", "plain"), ("out/file", "plain/file")):
        assert (tmp_path / one).stat().st_mode == (tmp_path / other).stat().st_mode


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    write_text(tmp_path / ("x" * 255), "text")
    assert contents(tmp_path) == {"x" * 255: "text"}


def test_text_is_utf8_with_the_line_ends_it_has(tmp_path):
    write_text(tmp_path / "out", "µM\r\n\n")
    assert (tmp_path / "out").read_bytes() == b"\xc2\xb5M\r\n\n"


def test_half_a_character_is_refused(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*out: its text holds '\\udcff', half of a character"):
        write_text(tmp_path / "out", "a\udcff")
    assert list(tmp_path.iterdir()) == []


def test_a_table_has_one_line_feed_a_row_and_no_index(tmp_path):
    write_csv(tmp_path / "out", pd.DataFrame({"µ": [0.123456789], "b": ["x\ny"]}), float_format="%.3f")
    assert (tmp_path / "out").read_bytes() == 'µ,b\n0.123,"x\ny"\n'.encode()


KILLED = {
    "folder": "with whole_folder(out) as folder: (folder / 'a').write_text('half'); os.kill(os.getpid(), 9)",
    "file": "with whole_file(out) as path: path.write_text('half'); os.kill(os.getpid(), 9)",
}


@pytest.mark.parametrize("what", KILLED)
def test_a_kill_leaves_no_result_and_the_next_attempt_clears_up(tmp_path, what):
    code = "import os, pathlib, sys; from drugripple.runtime.atomic import whole_file, whole_folder\n"
    code += f"out = pathlib.Path(sys.argv[1])\n{KILLED[what]}"
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "out"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name.endswith(".part") for path in tmp_path.iterdir()] == [True]
    write_text(tmp_path / "out", "whole")
    assert contents(tmp_path) == {"out": "whole"}


def test_what_somebody_is_writing_is_not_cleared_away(tmp_path):
    with whole_file(tmp_path / "out") as path:
        path.write_text("slow")
        write_text(tmp_path / "out", "quick")
        assert contents(tmp_path / path.parent.name) == {"out": "slow"}
    assert contents(tmp_path) == {"out": "slow"}


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
