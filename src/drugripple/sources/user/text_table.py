"""Any table of a user's as rows of text with line numbers: csv, tsv, Parquet or the first filled sheet of a book."""

from pathlib import Path
from typing import NamedTuple

from drugripple.errors import Fault, SourceError, counted, first_five
from drugripple.sources.user.delimited import open_text, with_points
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.parquet_matrix import parquet_text_rows, read_parquet_header
from drugripple.sources.user.workbook import workbook_rows


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
    kind = kind_of(path)
    if kind is FileKind.XLSX:
        (_, header), *filled = workbook_rows(path)
        table = TextTable(header, [row for _, row in filled], [number for number, _ in filled])
    elif kind is FileKind.PARQUET:
        header, _ = read_parquet_header(path)
        cells = list(parquet_text_rows(path, range(len(header))))
        table = TextTable(header, cells, list(range(2, len(cells) + 2)))
    elif kind is FileKind.TEXT:
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
