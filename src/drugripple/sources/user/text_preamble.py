"""Lines of keys and values above the header of a table (`Platform,Illumina`), which no mark tells from it."""

from collections.abc import Sequence

from drugripple.sources.user.cell_numbers import MISSING, NUMBER, WITH_COMMA

NARROWEST = 4
"""Columns of a table whose header is told from lines of fewer cells."""


def table_start(lines: Sequence[Sequence[str]]) -> int:
    """The line of the header, where lines of few cells stand above a table of many; 0 where that does not show.

    From the header on all lines have as many cells (R's header one less), it holds words, and numbers stand below it.

    >>> table_start([["Platform", "Illumina"], ["", "TP53", "MYC", "EGFR"], ["A", "1.5", "2.5", "3.5"]])
    1
    """
    width = len(lines[-1]) if lines else 0
    if width < NARROWEST:
        return 0
    first = len(lines) - 1
    while first and len(lines[first - 1]) == width:
        first -= 1
    while first < len(lines) - 1 and 2 * _filled(lines[first]) <= width:
        first += 1
    if first and len(lines[first - 1]) == width - 1 and 2 * _filled(lines[first - 1]) > width:
        first -= 1
    above, header, below = lines[:first], lines[first], lines[first + 1 :]
    if not above or not below or any(2 * _filled(cells) > width for cells in above):
        return 0
    named = [not _is_number(cell) for cell in header[1:]]
    columns = zip(*below, strict=True)
    numbers = [all(_is_number(cell) or cell.strip().lower() in MISSING for cell in column) for column in columns]
    return first if 2 * sum(named) > len(named) and 2 * sum(numbers) > width else 0


def _filled(cells: Sequence[str]) -> int:
    """How many cells there are, without blank ones at the end."""
    return max((i + 1 for i, cell in enumerate(cells) if cell.strip()), default=0)


def _is_number(cell: str) -> bool:
    return bool(NUMBER.fullmatch(cell.strip()) or WITH_COMMA.fullmatch(cell.strip()))
