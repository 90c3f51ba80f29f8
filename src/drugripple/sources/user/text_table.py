"""Any table of a user's as rows of text with line numbers: csv, tsv, Parquet or the first filled sheet of a book."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from drugripple.errors import DrugrippleError, Fault, SourceError, counted, first_five
from drugripple.sources.user.delimited import Row, in_blocks, open_text, with_points
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.findings import Finding

NO_ROW = "it has a header but no row"


@dataclass(frozen=True)
class TextRows:
    """Rows of text behind a header; they are read when asked for, so that memory does not grow with a file."""

    where: str | Path
    form: str
    header: tuple[str, ...]
    rows: Callable[[Sequence[int]], Iterator[Row]]
    """Rows with the cells of the columns asked for, without blanks around them; the others may be blank."""
    first_line: int | None = 1
    """Where the header stands; None where it is ours and not the file's."""
    notes: tuple[Finding, ...] = ()

    def probe(self, rows: int) -> list[Row]:
        """The first rows, with all columns."""
        return next(in_blocks(self.rows(range(len(self.header))), rows), [])


class TextTable(NamedTuple):
    """A header and its rows, every cell as text without blanks around it, decimal commas as points."""

    header: tuple[str, ...]
    cells: list[Sequence[str]]
    lines: list[int]
    """Line of the file (row of the sheet) that each row of cells stands on."""
    notes: tuple[Finding, ...] = ()
    """What was found when the file was opened: which sheet is read, what stands above the header."""


def read_table(path: Path) -> TextTable:
    """The rows of a table.

    Raises:
        SourceError: if the file is missing, is no table, has no row, or a name of its header repeats.
    """
    opened = open_table(path)
    rows = list(opened.rows(range(len(opened.header))))
    if not rows:
        raise SourceError(Fault(path, NO_ROW, do="export it again"))
    repeated = sorted({name for name in opened.header if name and opened.header.count(name) > 1})
    if repeated:
        what = f"{counted(len(repeated), 'column name repeats', 'column names repeat')}: {first_five(repeated)}"
        raise SourceError(Fault(path, what, do="give each column its own name"))
    return TextTable(opened.header, [row.cells for row in rows], [row.line for row in rows], opened.notes)


def open_table(path: Path, *, among: str = "") -> TextRows:
    """The header of a table, and a way to its rows.

    Args:
        path: the file.
        among: the delimiters that may part the columns of a text; any that we know unless given.

    Raises:
        SourceError: if the file is missing, is no table or cannot be read.
    """
    kind = kind_of(path)
    if kind is FileKind.XLSX:
        return _of_workbook(path)
    if kind is FileKind.PARQUET:
        return _of_parquet(path)
    if kind is FileKind.TEXT or among:
        return _of_text(path, among)
    raise SourceError(Fault(path, "it is no table", expected="csv, tsv, parquet or xlsx"))


def peek_header(path: Path) -> tuple[str, ...]:
    """The names of a table's columns, without reading the rows; nothing where there are none that can be read."""
    try:
        return open_table(path).header
    except DrugrippleError:
        return ()


def _of_text(path: Path, among: str) -> TextRows:
    table = open_text(path, among=among)
    layout = table.layout

    def rows(_: Sequence[int]) -> Iterator[Row]:
        for row in table.rows():
            yield Row(row.line, with_points(tuple(cell.strip() for cell in row.cells), layout.decimal))

    return TextRows(path, "text", table.header, rows, layout.header_line, layout.notes)


def _of_parquet(path: Path) -> TextRows:
    from drugripple.sources.user.parquet_matrix import parquet_text_rows, read_parquet_header

    header, notes = read_parquet_header(path)

    def rows(columns: Sequence[int]) -> Iterator[Row]:
        for line, cells in enumerate(parquet_text_rows(path, columns), start=2):
            yield Row(line, cells)

    return TextRows(path, "parquet", header, rows, None, notes)


def _of_workbook(path: Path) -> TextRows:
    from drugripple.sources.user.workbook import sheet_head, workbook_rows

    head = sheet_head(path)

    def rows(_: Sequence[int]) -> Iterator[Row]:
        return islice(workbook_rows(path), 1, None)

    return TextRows(path, "xlsx", tuple(head.names.cells), rows, head.names.line, head.notes)
