"""Whatever holds compounds, opened: a file of any format that we read, a data frame, a list or column of SMILES."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.chem.identifiers import mostly_identifiers
from drugripple.chem.spelling import Written, split_structure
from drugripple.errors import Fault, SourceError
from drugripple.sources.user.delimited import Row, in_blocks
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.matrix import label, labels_of, shown_header
from drugripple.sources.user.presence import require_compound_file
from drugripple.sources.user.structure_columns import may_name_structures, names_structures
from drugripple.sources.user.text_lines import Line, filled_lines
from drugripple.sources.user.text_table import NO_ROW, TextRows, open_table

FORMATS = "csv, tsv, xlsx, Parquet or smi"
SEPARATORS = "\t;,"
"""Signs that part columns and stand in no SMILES."""
PROBED_LINES = 100
QUOTED = re.compile(r'\s*"([^"]*)"\s*')

Source = str | Path | pd.DataFrame | pd.Series | np.ndarray | Sequence[str]


def open_source(source: Source) -> TextRows:
    """The header of a source, and a way to its rows.

    Raises:
        SourceError: if it cannot be read or has no row.
    """
    if isinstance(source, str | Path):
        return _open_file(Path(source))
    if isinstance(source, pd.DataFrame):
        return _from_frame(source)
    cells = listed(source)
    if cells is not None:
        if not cells:
            raise SourceError(Fault("the list of SMILES", "it is empty"))
        rows = [Row(i, (cell,)) for i, cell in enumerate(cells, start=1)]
        return TextRows("the list of SMILES", "list", ("smiles",), lambda _: iter(rows), None)
    what = f"compounds were given as {type(source).__name__}"
    raise SourceError(Fault("", what, expected="a path, a DataFrame, or a list, Series or array of SMILES"))


def listed(source: object) -> list[str] | None:
    """The cells of a list of texts, of a Series or of an array with one axis; None for anything else.

    >>> listed(pd.Series([" CCO", None])), listed("CCO"), listed([1])
    (['CCO', ''], None, None)
    """
    if isinstance(source, pd.Series | np.ndarray):
        return [label(cell) for cell in source] if source.ndim == 1 else None
    if isinstance(source, str) or not isinstance(source, Sequence) or not all(isinstance(one, str) for one in source):
        return None
    return [text.strip() for text in source]


def _open_file(path: Path) -> TextRows:
    require_compound_file(path)
    kind = kind_of(path)
    if kind == FileKind.H5AD:
        raise SourceError(Fault(path, "it holds expression (.h5ad)", expected=f"compounds: {FORMATS}"))
    if kind in (FileKind.PARQUET, FileKind.XLSX):
        return open_table(path)
    head = next(in_blocks(filled_lines(path), PROBED_LINES), [])
    if not head:
        raise SourceError(Fault(path, "it has only blank lines", do="export it again"))
    among = _delimiters(head, kind)
    return _from_lines(path, head) if among is None else open_table(path, among=among)


def _delimiters(head: Sequence[Line], kind: FileKind) -> str | None:
    """What may part the columns of a text; None for one structure a line with its title behind it.

    A .smi has columns where its first line, parted by tabs, names a column of structures. Bars part the columns of a
    table without other separators only: they enclose extensions of SMILES.
    """
    first = head[0].text
    if kind == FileKind.SMI:
        return "\t" if "\t" in first and names_structures(first.split("\t")) else None
    if any(sign in line.text.split("|")[0] for line in head for sign in SEPARATORS):
        one = not any(sign in first for sign in SEPARATORS)  # column, and names and InChIs hold commas
        return None if one and mostly_identifiers([line.text.strip(' "') for line in head[1:]]) else SEPARATORS
    barred = "|" in first and may_name_structures(first.split("|"))
    return "" if barred or names_structures(first.split()[1:]) else None


def _from_lines(path: Path, head: Sequence[Line]) -> TextRows:
    """One structure a line, then a blank or a tab and its title."""
    titled = names_structures((_structure(head[0]).smiles,))
    if titled and len(head) == 1:
        raise SourceError(Fault(path, NO_ROW, do="export it again"))
    first = head[0].number

    def rows(_: Sequence[int]) -> Iterator[Row]:
        for line in filled_lines(path):
            if not titled or line.number > first:
                yield Row(line.number, _structure(line))

    return TextRows(path, "smi", ("smiles", "name"), rows, None)


def _structure(line: Line) -> Written:
    """The structure and the title of a line; a spreadsheet may put the only cell of its line in quotes."""
    return split_structure(QUOTED.sub(r"\1", line.text) if QUOTED.fullmatch(line.text) else line.text)


def _from_frame(frame: pd.DataFrame) -> TextRows:
    table = frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()
    header = tuple(shown_header(name) for name in table.columns)
    columns = [labels_of([label(value) for value in table.iloc[:, i]]) for i in range(table.shape[1])]
    rows = [Row(i, cells) for i, cells in enumerate(zip(*columns, strict=True), start=1)]
    return TextRows("the data frame", "data frame", header, lambda _: iter(rows), None)


def with_header_as_row(source: TextRows) -> TextRows:
    """The source of a file whose first line is no header but a compound."""
    first = Row(source.first_line or 1, source.header)
    header = tuple(f"column {i + 1}" for i in range(len(source.header)))

    def rows(columns: Sequence[int]) -> Iterator[Row]:
        return chain([first], source.rows(columns))

    return TextRows(source.where, source.form, header, rows, None, source.notes)
