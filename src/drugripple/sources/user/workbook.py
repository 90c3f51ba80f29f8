"""The first filled sheet of an Excel workbook as a header and rows of text."""

import datetime
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.errors import Fault, SourceError, first_five
from drugripple.runtime.damaged import reading
from drugripple.sources.user.findings import Finding, Level, Topic

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


def workbook_rows(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Number and cells of every row that is not blank, the header first; all rows as wide as the header.

    Raises:
        SourceError: if it is no workbook, holds nothing, or a row is wider than the header.
    """
    with reading(path, "an Excel workbook"), _opened(path) as book:
        width = 0
        for number, row in enumerate(_sheet(path, book).iter_rows(values_only=True), start=1):
            cells = [_text(value) for value in row]
            while cells and not cells[-1] and (not width or len(cells) > width):
                cells.pop()
            if not any(cells):
                continue
            width = width or len(cells)
            if len(cells) > width:
                fault = Fault(path, f"row {number} has {len(cells)} cells", expected=f"{width}, as the header")
                raise SourceError(fault)
            yield number, (*cells, *[""] * (width - len(cells)))


def sheet_notes(path: Path) -> tuple[Finding, ...]:
    """Which sheet is read, where there are several.

    Raises:
        SourceError: if it is no workbook or holds nothing.
    """
    with reading(path, "an Excel workbook"), _opened(path) as book:
        name, others = _sheet(path, book).title, book.sheetnames
    others = [other for other in others if other != name]
    if not others:
        return ()
    text = f"the sheet {name!r} is read, not {first_five(others)}"
    return (Finding(Level.NOTE, Topic.LAYOUT, text, names=tuple(others)),)


@contextmanager
def _opened(path: Path) -> "Iterator[Workbook]":
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions and styles that do not matter here
        book = load_workbook(path, read_only=True, data_only=True)
    try:
        yield book
    finally:
        book.close()


def _sheet(path: Path, book: "Workbook") -> "Worksheet":
    """The first sheet with a cell in it."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            if any(value is not None and str(value).strip() for value in row):
                return sheet
    raise SourceError(Fault(path, "it has no filled sheet", do="export it again"))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return str(value).strip()
