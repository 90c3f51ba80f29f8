"""Numbers as cells of a text hold them, and whether commas or points are their decimal marks."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from drugripple.errors import Fault, SourceError, first_five

NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*")
WHOLE = re.compile(r"\s*\d+(\.0*)?\s*")
WITH_COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*")
WITH_POINT = re.compile(r"\s*[-+]?\d*\.\d+([eE][-+]?\d+)?\s*")
THOUSANDS = re.compile(r"\s*[-+]?[1-9]\d{0,2},\d{3}\s*")
POINTED_THOUSANDS = re.compile(r"\s*[-+]?[1-9]\d{0,2}\.\d{3}\s*")
UNIT = r"(?i:[munp\u00b5\u03bc\ufffd]?(?:m|mol/l)|(?:milli|micro|nano)?molar|h|hrs?|hours?|min|mins|minutes?|d|days?)"
"""Concentrations and times that may stand behind a number."""
DECIMAL_COMMA = re.compile(rf"(\s*(?:[<>\u2264\u2265=~]=?)?\s*[-+]?\d*),(\d+(?:[eE][-+]?\d+)?\s*(?:{UNIT}\s*)?)")
"""A number with a decimal comma, with or without the sign of a bound and a unit."""
_BESIDE = re.compile(rf"\s*(?:[<>\u2264\u2265=~]=?)?\s*([-+]?[\d.,]+(?:[eE][-+]?\d+)?)\s*{UNIT}?\s*")
BARE = re.compile(r"\s*[-+]?\d{1,3}\s*")
PROBED_CELLS = 200
FEW = 50
"""Among more numbers than these, one below a thousand would stand without a mark of thousands."""
MISSING = frozenset(
    {"", "na", "nan", "-nan", "n/a", "null", "none", "<na>", "#n/a", "#na", "#n/a n/a", "1.#qnan", "-1.#qnan"}
)
"""What programs write for a missing number, in small letters."""


def may_be_number(cell: str) -> bool:
    """Whether a cell holds a number with a decimal point, or says that it is missing.

    >>> may_be_number("2.5"), may_be_number("NA"), may_be_number("A549")
    (True, True, False)
    """
    return bool(NUMBER.fullmatch(cell)) or cell.strip().lower() in MISSING


def without_unit(cell: str) -> str:
    """The number of a cell without the sign of a bound before it and its unit behind it; any other cell as it is.

    >>> without_unit("> 10,5 \u00b5M"), without_unit("1,2-dioxane")
    ('10,5', '1,2-dioxane')
    """
    found = _BESIDE.fullmatch(cell)
    return found[1] if found else cell


def decimal_mark(path: Path, rows: Sequence[Sequence[str]], *, spreadsheet: bool = False) -> str:
    """A comma if more numbers have one than a point.

    Args:
        path: the file, for messages.
        rows: cells of its first rows.
        spreadsheet: whether semicolons part the cells, as spreadsheets save where the comma is the decimal mark: there
            points may part thousands.

    Raises:
        SourceError: if commas or points may part thousands as well.
    """
    rows = [[without_unit(cell) for cell in row[:PROBED_CELLS]] for row in rows]
    cells = [cell for row in rows for cell in row]
    commas = [cell for cell in cells if WITH_COMMA.fullmatch(cell)]
    points = sum(bool(WITH_POINT.fullmatch(cell)) for cell in cells) if commas or spreadsheet else 0
    if points and not commas and (unclear := list(_thousands_maybe(rows))):
        raise SourceError(_unclear(path, "points", unclear))
    if len(commas) <= points:
        return "."
    if not points and all(THOUSANDS.fullmatch(cell) for cell in commas):
        raise SourceError(_unclear(path, "commas", commas))
    return ","


def refuse_both_marks(path: Path, rows: Sequence[Sequence[str]], decimal: str) -> None:
    """Refuse a table of numbers of which some have decimal commas and others decimal points.

    Whole numbers such as 7157.0 may be ids, which programs write so.

    Raises:
        SourceError: with one of each.
    """
    other = WITH_COMMA if decimal == "." else WITH_POINT
    same = WITH_POINT if decimal == "." else WITH_COMMA
    cells = [cell for row in rows for cell in row]
    sign = "," if decimal == "." else "."
    odd = [cell for cell in cells if sign in cell and other.fullmatch(cell) and not WHOLE.fullmatch(cell)]
    if not odd or (decimal == "." and all(THOUSANDS.fullmatch(cell) for cell in odd)):
        return
    usual = next((cell for cell in cells if same.fullmatch(cell)), None)
    if usual is not None:
        got = f"{odd[0].strip()!r} and {usual.strip()!r}"
        do = "write all numbers with decimal points"
        raise SourceError(Fault(path, "its numbers have decimal commas and decimal points by turns", got=got, do=do))


def _thousands_maybe(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The numbers with a point where every one of its column could be a whole number of thousands.

    One with fewer than three decimals, or 0 before the point, shows that points are decimal marks. So do many numbers
    without a single one below a thousand: they were written with three decimals.
    """
    columns = [[row[i] for row in rows] for i in range(min(PROBED_CELLS, len(rows[0]) if rows else 0))]
    pointed = [cell for column in columns for cell in column if WITH_POINT.fullmatch(cell)]
    if not all(POINTED_THOUSANDS.fullmatch(cell) for cell in pointed):
        return
    bare = any(
        any(BARE.fullmatch(cell) for cell in column) and any(POINTED_THOUSANDS.fullmatch(cell) for cell in column)
        for column in columns
    )
    if bare or len(pointed) < FEW:
        yield from pointed


def _unclear(path: Path, marks: str, cells: Sequence[str]) -> Fault:
    return Fault(
        path,
        f"its {marks} may be decimal marks or part thousands",
        got=f"such as {first_five(dict.fromkeys(cell.strip() for cell in cells))}",
        do="save it with decimal points and without marks of thousands, its columns parted by commas or tabs",
    )
