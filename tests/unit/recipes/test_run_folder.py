"""Whose an output folder is: results are never mixed, nor replaced unasked."""

import pytest
import tomli_w

from drugripple.config import RunSettings, write_run
from drugripple.errors import OutputError
from drugripple.recipes.run_folder import RUN_FILE, STATE, growing_folder, run_folder
from drugripple.runtime.lock import lock_folder

RESULTS = ("checkpoint", "table.csv", "last.csv")


class Rates(RunSettings):
    """One kind of run."""

    rate: float = 1.0
    seed: int = 0


class Names(RunSettings):
    """Another kind of run."""

    name: str = "a"


def start(run):
    """What a run does first, and what it leaves when it is killed."""
    with run_folder(run, results=RESULTS, inputs=[]):
        write_run(run, run.out / RUN_FILE)
        (run.out / STATE).write_text(str(run.rate))


def finish(run):
    with run_folder(run, results=RESULTS, inputs=[]):
        write_run(run, run.out / RUN_FILE)
        (run.out / "checkpoint").mkdir(exist_ok=True)
        for name in ("checkpoint/weights", "table.csv", "last.csv"):
            (run.out / name).write_text(str(run.rate))
        (run.out / STATE).unlink(missing_ok=True)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_run_is_refused_even_to_itself(tmp_path):
    finish(Rates(out=tmp_path))
    before = contents(tmp_path)
    for run in (Rates(out=tmp_path), Rates(out=tmp_path, rate=2)):
        with pytest.raises(OutputError, match="holds a finished run; choose another folder, or set `overwrite`"):
            finish(run)
    assert contents(tmp_path) == before


def test_overwrite_replaces_results_and_nothing_else(tmp_path):
    finish(Rates(out=tmp_path))
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "curves of the replaced run").write_text("old")
    start(Rates(out=tmp_path, rate=2, overwrite=True))
    left = contents(tmp_path)
    assert set(left) == {"notes.txt", RUN_FILE, STATE}
    assert "overwrite =" not in left[RUN_FILE]


def test_overwrite_goes_on_from_its_own_unfinished_run(tmp_path):
    start(Rates(out=tmp_path, rate=2))
    with run_folder(Rates(out=tmp_path, rate=2, overwrite=True), results=RESULTS, inputs=[]):
        assert (tmp_path / STATE).exists()


def test_an_unfinished_run_goes_on_with_its_own_settings_alone(tmp_path):
    start(Rates(out=tmp_path))
    with pytest.raises(OutputError, match=r"unfinished run with other settings \(\['rate', 'seed'\] differ\)"):
        start(Rates(out=tmp_path, rate=2, seed=1))
    start(Rates(out=tmp_path))
    start(Rates(out=tmp_path, rate=2, overwrite=True))
    assert contents(tmp_path)[STATE] == "2.0"


def test_a_run_that_was_killed_while_it_wrote_its_results_is_not_finished(tmp_path):
    finish(Rates(out=tmp_path))
    (tmp_path / STATE).touch()
    start(Rates(out=tmp_path))
    (tmp_path / "last.csv").unlink()
    (tmp_path / STATE).unlink()
    start(Rates(out=tmp_path, rate=3))


@pytest.mark.parametrize("left", [start, finish])
def test_a_folder_of_another_kind_is_refused_and_overwrite_does_not_help(tmp_path, left):
    left(Rates(out=tmp_path))
    before = contents(tmp_path)
    names = Names(out=tmp_path, overwrite=True)
    for folder in (run_folder(names, results=RESULTS, inputs=[]), growing_folder(names, tmp_path, inputs=[])):
        with pytest.raises(OutputError, match="holds another kind of run, or one of another version"), folder:
            pass
    assert contents(tmp_path) == before


@pytest.mark.parametrize("damage", [b"\xff", b"out = ", tomli_w.dumps({"out": "x", "rate": "fast"}).encode()])
def test_a_damaged_run_file_is_one_clear_error(tmp_path, damage):
    (tmp_path / RUN_FILE).write_bytes(damage)
    with pytest.raises(OutputError, match="choose another folder"):
        start(Rates(out=tmp_path))


def test_results_of_nobody_knows_whom_are_refused(tmp_path):
    (tmp_path / "table.csv").write_text("precious")
    with pytest.raises(OutputError, match=r"holds \['table.csv'\], but no run.toml says of which run"):
        start(Rates(out=tmp_path, overwrite=True))


def test_other_files_of_the_user_are_no_hindrance(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    finish(Rates(out=tmp_path))
    assert contents(tmp_path)["notes.txt"] == "mine"


@pytest.mark.parametrize("given", ["", "checkpoint", "table.csv"])
def test_an_input_is_never_a_result(tmp_path, given):
    folder = run_folder(Rates(out=tmp_path / "out"), results=RESULTS, inputs=[tmp_path / "out" / given])
    with pytest.raises(OutputError, match="is an input"), folder:
        pass
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("what", ["run", "growing"])
def test_one_run_at_a_time(tmp_path, what):
    run = Rates(out=tmp_path)
    folder = run_folder(run, results=RESULTS, inputs=[]) if what == "run" else growing_folder(run, run.out, inputs=[])
    with lock_folder(tmp_path), pytest.raises(OutputError, match="in use by process"), folder:
        pass
