"""Any table of a user's as rows of text with their line numbers: csv, tsv, Parquet or the first sheet of a workbook."""

import zipfile
from pathlib import Path
from typing import NamedTuple

from drugripple.errors import Fault, SourceError, counted, first_five
from drugripple.sources.user.compound_layout import with_points
from drugripple.sources.user.delimited import open_text
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.parquet_matrix import read_parquet_text

WORKBOOKS = (".xlsx", ".xlsm")


class TextTable(NamedTuple):
    """A header and its rows, every cell as text without blanks around it, decimal commas as points."""

    header: tuple[str, ...]
    cells: list[tuple[str, ...]]
    lines: list[int]
    """Line of the file (row of the sheet) that each row of cells stands on."""


def read_table(path: Path) -> TextTable:
    """The rows of a table.

    Raises:
        SourceError: if the file is missing, is no table, has no row, or a name of its header repeats.
    """
    if path.suffix.lower() in WORKBOOKS:
        table = _workbook(path)
    elif kind_of(path) is FileKind.PARQUET:
        header, cells = read_parquet_text(path)
        table = TextTable(header, cells, list(range(2, len(cells) + 2)))
    elif kind_of(path) is FileKind.TEXT:
        text = open_text(path)
        rows = list(text.rows())
        cells = [with_points(tuple(cell.strip() for cell in row.cells), text.layout.decimal) for row in rows]
        table = TextTable(text.header, cells, [row.line for row in rows])
    else:
        raise SourceError(Fault(path, "it is no table", expected="csv, tsv, parquet or xlsx"))
    if not table.cells:
        raise SourceError(Fault(path, "it has a header but no row", do="export it again"))
    repeated = sorted({name for name in table.header if name and table.header.count(name) > 1})
    if repeated:
        what = f"{counted(len(repeated), 'column name repeats', 'column names repeat')}: {first_five(repeated)}"
        raise SourceError(Fault(path, what, do="give each column its own name"))
    return table


def _workbook(path: Path) -> TextTable:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = [tuple(_text(cell) for cell in row) for row in sheet.iter_rows(values_only=True)]
        book.close()
    except (OSError, ValueError, KeyError, EOFError, IndexError, zipfile.BadZipFile, InvalidFileException) as error:
        raise SourceError(Fault(path, f"it cannot be read as a workbook ({type(error).__name__})")) from error
    filled = [(number, row) for number, row in enumerate(rows, start=1) if any(row)]
    if not filled:
        raise SourceError(Fault(path, "its first sheet is empty", do="put the table on the first sheet"))
    return TextTable(filled[0][1], [row for _, row in filled[1:]], [number for number, _ in filled[1:]])


def _text(cell: object) -> str:
    """A cell as text; whole numbers without a decimal point, as they are shown."""
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
