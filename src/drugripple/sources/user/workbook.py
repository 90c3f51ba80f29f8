"""The first filled sheet of an Excel workbook as a header and rows of text."""

import datetime
import warnings
import zipfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from drugripple.errors import Fault, SourceError, counted, first_five
from drugripple.runtime.damaged import reading
from drugripple.sources.user.delimited import Row
from drugripple.sources.user.findings import Finding, Level, Topic

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

BYTES_AT_MOST = 1 << 30
"""What a workbook may unpack to: XML packs so well that a small file may unpack to any size."""
ROWS_LOOKED_AT, MOST_TITLES, SEVERAL = 100, 10, 0.8
BROKEN = frozenset({"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!"})
"""What a spreadsheet shows where a formula failed; `#N/A` is a missing value."""


class SheetHead(NamedTuple):
    """The header of a sheet, and what is said of it."""

    names: Row
    notes: tuple[Finding, ...]
    """Which sheet is read, where there are several, and which rows above its header are none of the table's."""


def workbook_rows(path: Path) -> Iterator[Row]:
    """Every row that is not blank, the header first; all rows as wide as the header.

    Raises:
        SourceError: if it is no workbook, holds nothing, a row is wider than the header, or a formula has no value.
    """
    with reading(path, "an Excel workbook"), _opened(path) as book, _opened(path, formulas=True) as written:
        sheet = _sheet(path, book)
        yield from _rows(path, sheet, written[sheet.title], _titles(sheet))


def sheet_head(path: Path) -> SheetHead:
    """The header, without the rows.

    Raises:
        SourceError: if it is no workbook or holds nothing, or a formula of the header has no value.
    """
    with reading(path, "an Excel workbook"), _opened(path) as book, _opened(path, formulas=True) as written:
        sheet = _sheet(path, book)
        titles = _titles(sheet)
        names = next(_rows(path, sheet, written[sheet.title], titles))
        others = tuple(name for name in book.sheetnames if name != sheet.title)
    notes = []
    if others:
        text = f"the sheet {sheet.title!r} is read, not {first_five(others)}"
        notes.append(Finding(Level.NOTE, Topic.LAYOUT, text, names=others))
    if titles:
        above = tuple(titles.values())
        what = counted(len(above), "row above the header is", "rows above the header are")
        text = f"{what} no part of the table: {first_five(above)}"
        notes.append(Finding(Level.NOTE, Topic.LAYOUT, text, names=above))
    return SheetHead(names, tuple(notes))


def _rows(path: Path, sheet: "Worksheet", written: "Worksheet", titles: Collection[int]) -> Iterator[Row]:
    """The filled rows of a sheet that are no titles; `written` is the same sheet with its formulas."""
    width = 0
    rows = zip(sheet.iter_rows(values_only=True), written.iter_rows(), strict=True)
    for number, (row, as_written) in enumerate(rows, start=1):
        if number in titles:
            continue
        _refuse_formulas(path, row, as_written)
        cells = [_text(value) for value in row]
        while cells and not cells[-1] and (not width or len(cells) > width):
            cells.pop()
        if not any(cells):
            continue
        width = width or len(cells)
        if len(cells) > width:
            fault = Fault(path, f"row {number} has {len(cells)} cells", expected=f"{width}, as the header")
            raise SourceError(fault)
        yield Row(number, (*cells, *[""] * (width - len(cells))))


def _titles(sheet: "Worksheet") -> dict[int, str]:
    """Number and text of the rows above the header: a few of one cell each, where nearly all below have several.

    Above two columns the last of them is the header itself if it stands in the second, as pandas writes one beside row
    numbers.
    """
    filled = []
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_row=ROWS_LOOKED_AT), start=1):
        cells = {column: text for column, value in enumerate(row) if (text := _text(value))}
        if cells:
            filled.append((number, cells))
    above = next((i for i, (_, cells) in enumerate(filled) if len(cells) > 1), 0)
    below = [len(cells) > 1 for _, cells in filled[above + 1 :]]
    if above > MOST_TITLES or sum(below) <= SEVERAL * len(below):
        return {}
    told = {number: next(iter(cells.values())) for number, cells in filled[:above]}
    if above and list(filled[above - 1][1]) == [1] and all(max(cells) < 2 for _, cells in filled):
        del told[filled[above - 1][0]]
    return told


def _refuse_formulas(path: Path, values: Sequence[object], written: "Sequence[Cell]") -> None:
    """Refuse cells with a formula whose value the file does not hold, and cells in which a formula failed.

    Libraries write formulas without values; a spreadsheet program adds them when it saves the file.

    Raises:
        SourceError: naming the cells of the row.
    """
    formulas = [
        (cell, value) for cell, value in zip(written, values, strict=False) if cell.data_type == "f" or value in BROKEN
    ]
    lost = [f"{cell.coordinate}: {cell.value or value}" for cell, value in formulas if value is None or value in BROKEN]
    if lost:
        fault = Fault(
            path,
            f"{counted(len(lost), 'cell holds a formula that has', 'cells hold formulas that have')} no value",
            got=first_five(lost),
            do="open it in a spreadsheet program and save it again, or write the values themselves",
        )
        raise SourceError(fault)


@contextmanager
def _opened(path: Path, *, formulas: bool = False) -> "Iterator[Workbook]":
    """A workbook with the values of its formulas, or with the formulas themselves."""
    from openpyxl import load_workbook

    with zipfile.ZipFile(path) as packed:
        size = sum(part.file_size for part in packed.infolist())
    if size > BYTES_AT_MOST:
        what = f"it unpacks to {size >> 20:,} MiB"
        raise SourceError(Fault(path, what, expected=f"at most {BYTES_AT_MOST >> 20:,}", do="export its sheet as csv"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions and styles that do not matter here
        book = load_workbook(path, read_only=True, data_only=not formulas)
    try:
        yield book
    finally:
        book.close()


def _sheet(path: Path, book: "Workbook") -> "Worksheet":
    """The first sheet with two rows of several cells; where there is none, the first with a cell in it."""
    filled = None
    for sheet in book.worksheets:
        rows = 0
        for row in sheet.iter_rows(values_only=True):
            cells = sum(bool(_text(value)) for value in row)
            filled = filled or (sheet if cells else None)
            rows += cells > 1
            if rows > 1:
                return sheet
    if filled is not None:
        return filled
    raise SourceError(Fault(path, "it has no filled sheet", do="export it again"))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    return str(value).strip()
