"""Rules of output folders: who may write there, who may continue there, and what is never replaced unasked."""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from drugripple.config import Record, RunSettings, RunT, differing_keys, make_run
from drugripple.errors import OutputError, first_five
from drugripple.runtime.lock import lock_folder
from drugripple.runtime.nesting import read_toml_text
from drugripple.runtime.outputs import refuse_inputs
from drugripple.training.loggers import LOGS

RUN_FILE, STATE = "run.toml", "training.state"


@contextmanager
def run_folder(
    run: RunSettings, *, results: Sequence[str], inputs: Iterable[Path], replaced_at_the_end: bool = False
) -> Iterator[None]:
    """Hold the output folder of a run that leaves these results, the last of which says that it is finished.

    * An input is never an output.
    * One run at a time: the second is told who is at work.
    * A folder of another kind of run, or with such results of unknown origin, is refused.
    * A finished run is refused, and so is an unfinished one with other settings that left a training state; `overwrite`
      deletes what it left instead, and nothing else.
    * An unfinished run of the same settings is continued.

    Args:
        run: the settings.
        results: what it leaves, in the order of writing.
        inputs: what it reads.
        replaced_at_the_end: whether the run itself replaces an earlier one's results when it has its own, so that
            `overwrite` deletes nothing here.

    Raises:
        OutputError: if the folder may not be written.
    """
    refuse_inputs([run.out, *(run.out / name for name in (RUN_FILE, STATE, *results))], inputs)
    with lock_folder(run.out):
        before = _earlier_run(run, run.out)
        if before is None:
            _refuse_unknown(run.out, results)
        elif told := _in_the_way(run, before, finished=run.out / results[-1]):
            if not run.overwrite:
                message = f"{run.out} {told}; choose another folder, or set `overwrite` to replace its results"
                raise OutputError(message)
            if not replaced_at_the_end:
                _delete(run.out, (STATE, *reversed(results), LOGS))
        yield


@contextmanager
def growing_folder(run: Record, out: Path, *, inputs: Iterable[Path]) -> Iterator[None]:
    """Hold the output folder of a run that keeps what is finished there and adds to it, so that nothing is replaced.

    Raises:
        OutputError: if the folder is an input, in use, or of another kind of run.
    """
    refuse_inputs([out, out / RUN_FILE], inputs)
    with lock_folder(out):
        _earlier_run(run, out)
        yield


def _earlier_run(run: RunT, out: Path) -> RunT | None:
    """The earlier run of the same kind that the folder belongs to, or None."""
    written = out / RUN_FILE
    if not written.exists():
        return None
    try:
        found = read_toml_text(written.read_text(encoding="utf-8"))
        return make_run(type(run), found | {"out": str(out)}, str(written))
    except (OSError, ValueError) as error:
        message = f"{out} holds another kind of run, or one of another version ({error}); choose another folder"
        raise OutputError(message) from error


def _in_the_way(run: RunSettings, before: RunSettings, *, finished: Path) -> str:
    """What this run would replace or mix with in the folder; blank if it may start or continue."""
    unfinished = (run.out / STATE).exists()
    if finished.exists() and not unfinished:
        return "holds a finished run"
    changed = differing_keys(run, before)
    if unfinished and changed:
        return f"holds an unfinished run with other settings ({first_five(changed)} differ)"
    return ""


def _refuse_unknown(out: Path, results: Sequence[str]) -> None:
    found = [name for name in (STATE, *results) if (out / name).exists()]
    if found:
        message = f"{out} holds {first_five(found)}, but no {RUN_FILE} says of which run; choose another folder"
        raise OutputError(message)


def _delete(out: Path, names: Iterable[str]) -> None:
    """Delete results, beginning with the one that marks them complete."""
    for name in names:
        if (out / name).is_dir():
            shutil.rmtree(out / name)
        else:
            (out / name).unlink(missing_ok=True)
