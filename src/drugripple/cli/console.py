"""Output to a terminal: progress while a command runs, and one line if it fails."""

import errno
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
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
LONGEST_WORD, SHORT, BETWEEN = 20, 11, 2
"""Characters of a word and of a heading that a printed table does not break, and between its columns."""
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


def print_table(table: "pd.DataFrame", title: str, *, spare: Sequence[str] = ()) -> None:
    """Print a titled table on stdout; a number is never broken, and a dash stands for one that is missing.

    Args:
        table: what to print.
        title: the line above it.
        spare: columns that are left out, the first first, while the table is wider than the terminal.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    print_result(title)
    console = Console()
    cells = {str(name): [_cell(cell) for cell in table[name]] for name in table}
    numbers = {str(name) for name in table if table[name].dtype.kind in "fiu"}
    heads = {name: _heading(name, max(map(len, column), default=0)) for name, column in cells.items()}
    narrow = {name: _narrowest([heads[name], *column]) for name, column in cells.items()}
    for name in spare:
        if _together(narrow) > console.width:
            narrow.pop(name, None)
    console.width = max(console.width, _together(narrow))  # a line that goes on is better than a column that is cut
    drawn = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name, width in narrow.items():
        number = name in numbers
        drawn.add_column(
            Text(heads[name]), justify="right" if number else "left", no_wrap=number, overflow="fold", min_width=width
        )
    for row in zip(*(cells[name] for name in narrow), strict=True):
        drawn.add_row(*map(Text, row))
    console.print(drawn)


def _together(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + BETWEEN * len(widths) + 1


def _narrowest(texts: Sequence[str]) -> int:
    """Characters of the longest word, which is broken only if it is longer than a name.

    >>> _narrowest(["sample", "patient derived 1"])
    7
    """
    return min(max((len(word) for text in texts for word in text.split()), default=0), LONGEST_WORD)


def _heading(name: str, width: int) -> str:
    r"""A column's name, in several lines where it is long and its cells are not.

    >>> _heading("sample_percentile", 5), _heading("sample_percentile", 20), _heading("ic50_um", 5)
    ('sample_\npercentile', 'sample_percentile', 'ic50_um')
    """
    return name if len(name) <= max(width, SHORT) else name.replace("_", "_\n")


def _cell(cell: object) -> str:
    if isinstance(cell, float):  # one of NumPy is one, too
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
