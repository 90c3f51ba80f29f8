"""Output to a terminal: progress while a command runs, and one line if it fails."""

import errno
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from drugripple.errors import DrugrippleError, printable
from drugripple.runtime.notes import heard

if TYPE_CHECKING:
    import pandas as pd
    from rich.progress import TaskID

    from drugripple.training.history import Epoch

DEBUG = "DRUGRIPPLE_DEBUG"
USERS_FAULT, OUR_FAULT, INTERRUPTED = 2, 1, 130
FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def exit_code_of(run: Callable[[], object]) -> int:
    """Run a command, print what its readers say, and turn what it raises into one line on stderr and an exit status."""
    try:
        with heard(lambda note: print_note(printable(note))):
            run()
    except DrugrippleError as error:
        return _failed(error, f"error: {' '.join(str(error).split())}", USERS_FAULT)
    except KeyboardInterrupt:
        print_note("interrupted; training goes on from its last whole epoch when started again")
        return INTERRUPTED
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(bool(stop.code))
    except OSError as error:
        if error.filename is None and error.errno not in FULL_DISK:
            return _failed(error, _ours(error), OUR_FAULT)
        where = f" ({error.filename})" if error.filename else ""
        return _failed(error, f"error: {error.strerror or error}{where}; free space or name another file", USERS_FAULT)
    except Exception as error:  # noqa: BLE001
        return _failed(error, _ours(error), OUR_FAULT)
    return 0


def print_note(text: str) -> None:
    """One message to the person, on stderr so that stdout stays the result."""
    sys.stderr.write(text + "\n")


def print_result(text: str) -> None:
    """Print the result on stdout."""
    sys.stdout.write(text + "\n")


class Progress:
    """A progress bar on a terminal and nothing elsewhere; epochs are lines on both."""

    def __init__(self) -> None:
        """A display that starts with the first progress."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bars

        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self.bars = Bars(*columns, console=console, disable=not console.is_terminal, transient=True)
        self.tasks: dict[str, TaskID] = {}

    def update(self, what: str, done: int, total: int) -> None:
        """Show how far a task is."""
        if what not in self.tasks:
            self.tasks[what] = self.bars.add_task(what, total=total)
        self.bars.update(self.tasks[what], completed=done, total=total)

    def epoch(self, epoch: "Epoch") -> None:
        """Print the losses of an epoch as one line."""
        losses = f"train {epoch.train_loss:.4f}   valid {epoch.valid_loss:.4f}"
        self.line(f"epoch {epoch.number + 1:3d}   {losses}   {epoch.seconds:.1f} s")

    def line(self, text: str) -> None:
        """Print a line above the bars."""
        self.bars.console.print(text, highlight=False)


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress display for the length of a block."""
    display = Progress()
    with display.bars:
        yield display


def print_table(table: "pd.DataFrame", title: str) -> None:
    """Print a titled table on stdout; a dash stands for a number that is missing."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    print_result(title)
    drawn = Table()
    for column in table.columns:
        drawn.add_column(Text(str(column)), overflow="fold")
    for row in table.itertuples(index=False):
        drawn.add_row(*(Text(_cell(cell)) for cell in row))
    Console().print(drawn)


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return "-" if math.isnan(cell) else f"{cell:.4g}"
    return str(cell)


def _ours(error: BaseException) -> str:
    what = str(error).strip().splitlines() or [""]
    return f"internal error: {type(error).__name__}: {what[0]}; set {DEBUG}=1 to see where, and please report it"


def _failed(error: BaseException, text: str, status: int) -> int:
    if os.environ.get(DEBUG):
        raise error
    print_note(text)
    return status
