"""First lines that are no header, or only half of one."""

from collections.abc import Sequence
from pathlib import Path

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.cell_numbers import MISSING, NUMBER, WHOLE, WITH_COMMA
from drugripple.sources.user.text_lines import Line

FEWEST_ROWS = 3
"""Rows below a second line of the header that show what their columns hold."""


def refuse_numbers(path: Path, header: Sequence[str], decimal: str) -> None:
    """Refuse a first line that is a row of numbers. Whole numbers may name genes or samples, but each once.

    Raises:
        SourceError: with some of them.
    """
    names = [name.replace(decimal, ".") for name in header[1:] if name.lower() not in MISSING]
    whole = [name for name in names if WHOLE.fullmatch(name)]
    numbers = [name for name in names if NUMBER.fullmatch(name) and not WHOLE.fullmatch(name)]
    if len(set(whole)) < len(whole):
        numbers += whole
    if 2 * len(numbers) > len(names):
        fault = Fault(
            path,
            "it has no header: its first line holds numbers",
            got=first_five(numbers),
            do="put the names of the columns into the first line",
        )
        raise SourceError(fault)


def refuse_second_header(path: Path, header: Line, rows: Sequence[Sequence[str]], decimal: str) -> None:
    """Refuse a first row of words where all further rows hold numbers: the header goes on in it, or units stand there.

    Raises:
        SourceError: with these words.
    """
    if len(rows) < FEWEST_ROWS:
        return
    first, *others = rows

    def is_number(cell: str) -> bool:
        return bool(NUMBER.fullmatch(cell) or (decimal == "," and WITH_COMMA.fullmatch(cell)))

    columns = [
        i
        for i in range(len(first))
        if all(is_number(row[i]) or row[i].strip().lower() in MISSING for row in others)
        and any(is_number(row[i]) for row in others)
    ]
    words = [first[i].strip() for i in columns if not is_number(first[i])]
    words = [word for word in words if word.lower() not in MISSING]
    if len(columns) > 1 and len(words) == len(columns):
        fault = Fault(
            path,
            f"below the header in line {header.number} stand words where all other rows have numbers",
            got=first_five(words),
            do="if the header takes two lines, write it into one; if these are units, delete them",
        )
        raise SourceError(fault)
