"""The numbers of a delimited text file, read line by line: only what is asked for stands in memory."""

from collections.abc import Callable, Sequence
from itertools import islice
from operator import itemgetter
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from drugripple.errors import Fault, SourceError
from drugripple.sources.user.cell_numbers import refuse_both_marks
from drugripple.sources.user.delimited import DelimitedText, Row, is_missing, number_in, numbers_and_text, open_text
from drugripple.sources.user.matrix import (
    HEADER,
    TEXT_CELLS_AT_MOST,
    IsGene,
    LabelledMatrix,
    Numbers,
    Role,
    TextCell,
    labels_of,
    named_once,
    require_room,
    role_of,
    single,
)

PROBED_ROWS = 500
PROBED_CELLS = 1 << 20
"""What a column holds is judged by so many rows, fewer where they are very wide."""


def read_text_matrix(path: Path, is_gene: IsGene) -> LabelledMatrix:
    """A delimited text file with one or more columns of names.

    Raises:
        SourceError: if the file cannot be read as a table, or has no column of numbers.
    """
    table = open_text(path)
    roles = _roles(table, is_gene)
    columns = [i for i, role in enumerate(roles) if role == Role.NUMBERS]
    if not columns:
        first = next(table.rows()).cells
        got = f"columns {list(table.header[:5])}, a row such as {first[:5]}"
        do = "write plain numbers such as 7.25, without signs, units or words beside them"
        raise SourceError(Fault(path, "it has no column of numbers", got=got, do=do))
    kept: dict[int, list[str]] = {i: [] for i, role in enumerate(roles) if role in (Role.LABEL, Role.ANNOTATION)}
    nothing = [i for i, role in enumerate(roles) if role == Role.NOTHING]
    count, header = 0, [table.header[i] for i in columns]
    for row in table.rows():
        _refuse_second_header(table, columns, header, row)
        for i, cells in kept.items():
            cells.append(row.cells[i].strip())
        if any(row.cells[i].strip() for i in nothing):
            raise SourceError(Fault(path, f"line {row.line} has a value in a column without a name", do="name it"))
        count += 1
    labels = [(name if roles[i] == Role.LABEL else "", kept.get(i, [])) for i, name in enumerate(table.header)]
    named = named_once([(name, labels_of(cells)) for name, cells in labels])
    decimal = table.layout.decimal
    return LabelledMatrix(
        where=str(path),
        form="text",
        shape=(count, len(columns)),
        take=_Reader(table, columns).take,
        row_labels={name: named[name] for name, role in zip(named, roles, strict=True) if role == Role.LABEL},
        column_labels={HEADER: tuple(table.header[i] for i in columns)}
        | {name: tuple(cells[i] for i in columns) for name, cells in table.layout.column_labels.items()},
        row_numbers={
            table.header[i]: np.array([number_in(cell, decimal) for cell in kept[i]])
            for i, role in enumerate(roles)
            if role == Role.ANNOTATION
        },
        notes=table.layout.notes,
    )


def _refuse_second_header(table: DelimitedText, columns: Sequence[int], header: Sequence[str], row: Row) -> None:
    """Refuse a header among the rows, with the names in any order: tables that were put below each other.

    Raises:
        SourceError: naming its line.
    """
    first = row.cells[columns[0]].strip()
    if first not in header or number_in(first) == number_in(first):
        return
    names = [row.cells[i].strip() for i in columns]
    if names == header:
        raise SourceError(Fault(table.path, f"line {row.line} is the header again", do="delete that line"))
    if sorted(names) == sorted(header):
        do = "put tables below each other with their columns in one order"
        raise SourceError(Fault(table.path, f"line {row.line} is a header again, in another order", do=do))


def _roles(table: DelimitedText, is_gene: IsGene) -> list[Role]:
    """What each column holds, by the first rows."""
    width = len(table.header)
    probed = list(islice(table.rows(), max(2, min(PROBED_ROWS, PROBED_CELLS // width))))
    refuse_both_marks(table.path, [row.cells for row in probed], table.layout.decimal)
    roles = []
    for i, name in enumerate(table.header):
        if i < table.layout.labels:
            roles.append(Role.LABEL)
            continue
        numbers, text = numbers_and_text([row.cells[i] for row in probed], table.layout.decimal)
        roles.append(role_of(name, numbers, text, is_gene=is_gene, first=i == 0))
    return roles


class _Reader:
    """Reads cells of a text file by row and column of its matrix."""

    def __init__(self, table: DelimitedText, columns: Sequence[int]) -> None:
        self.table = table
        self.columns = np.array(columns)

    def take(self, rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " k"]) -> Numbers:
        """One pass over the file; only the rows asked for are taken apart into numbers."""
        require_room(self.table.path, len(rows), len(columns))
        values = np.empty((len(rows), len(columns)), dtype=np.float32)
        pick = _picker(self.columns[columns].tolist())
        wanted = iter(rows.tolist())
        following, at = next(wanted, None), 0
        text_cells: list[TextCell] = []
        for number, row in enumerate(self.table.rows()):
            if following is None:
                break
            if number == following:
                values[at] = self._numbers(pick(row.cells), at, text_cells)
                following, at = next(wanted, None), at + 1
        return Numbers(values, tuple(text_cells))

    def _numbers(self, cells: Sequence[str], row: int, text_cells: list[TextCell]) -> Float[np.ndarray, " k"]:
        decimal = self.table.layout.decimal
        if decimal == ".":
            try:
                found = np.array(cells, dtype=np.float64)
            except ValueError:
                found = None
            if found is not None and not any("_" in cell for cell in cells):  # float takes 1_000 for a number
                return single(found[None])[0]
        found = np.array([number_in(cell, decimal) for cell in cells])
        for i in np.flatnonzero(np.isnan(found)).tolist():
            if not is_missing(cells[i]) and len(text_cells) < TEXT_CELLS_AT_MOST:
                text_cells.append(TextCell(row, i, cells[i].strip()))
        return single(found[None])[0]


def _picker(columns: list[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    if len(columns) > 1:
        return itemgetter(*columns)
    return lambda cells: [cells[column] for column in columns]
