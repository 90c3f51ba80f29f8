"""A data frame as a matrix, and the columns of any frame as names or numbers."""

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.delimited import numbers_and_text
from drugripple.sources.user.matrix import (
    HEADER,
    IsGene,
    LabelledMatrix,
    Numbers,
    Role,
    TextCell,
    are_ids,
    describes_rows,
    label,
    labels_of,
    may_name,
    named_once,
    require_room,
    role_of,
    shown_header,
    single,
)

NUMBERS = "fiu"
"""Kinds of numpy's numbers."""


def frame_matrix(frame: pd.DataFrame, is_gene: IsGene, *, where: str = "the data frame") -> LabelledMatrix:
    """A data frame; an index that is more than row numbers names the rows.

    Raises:
        SourceError: if it has no column of numbers, or no row.
    """
    table = frame if isinstance(frame.index, pd.RangeIndex) else frame.reset_index()
    indices = table.shape[1] - frame.shape[1]
    header = [shown_header(name) for name in table.columns]
    header[:indices] = ["" if name is None else str(name) for name in frame.index.names][:indices]
    in_front = max(1, indices)
    told = [None] * len(header[:in_front]) + [
        _role_by_header(dtype.kind, name, is_gene)
        for name, dtype in zip(header[in_front:], table.dtypes[in_front:], strict=True)
    ]
    roles = [
        role or _role_by_cells(table.iloc[:, i], name, is_gene, first=i < in_front)
        for i, (name, role) in enumerate(zip(header, told, strict=True))
    ]
    named = named_once(
        [
            (name, names_in(table.iloc[:, i])) if role == Role.LABEL else ("", ())
            for i, (name, role) in enumerate(zip(header, roles, strict=True))
        ]
    )
    columns = np.array([i for i, role in enumerate(roles) if role == Role.NUMBERS], dtype=np.int64)
    if not columns.size or not len(table):
        fault = Fault(where, "it has no column of numbers" if len(table) else "it has no row", got=first_five(header))
        raise SourceError(fault)

    def take(rows: Int[np.ndarray, " r"], chosen: Int[np.ndarray, " k"]) -> Numbers:
        require_room(where, len(rows), len(chosen))
        return numbers_in(table.iloc[rows, columns[chosen]])

    return LabelledMatrix(
        where=where,
        form="data frame",
        shape=(len(table), len(columns)),
        take=take,
        row_labels={key: named[key] for key, role in zip(named, roles, strict=True) if role == Role.LABEL},
        column_labels={HEADER: tuple(header[i] for i in columns)},
        row_numbers={
            name: as_numbers(table.iloc[:, i])[0]
            for i, (name, role) in enumerate(zip(header, roles, strict=True))
            if role == Role.ANNOTATION
        },
    )


def _role_by_header(kind: str, name: str, is_gene: IsGene) -> Role | None:
    """What a column behind the first holds, by numpy's kind and the header; None where its cells must be looked at.

    Numbers under an ordinary header are not looked at: there may be very many such columns.
    """
    if kind not in NUMBERS or not name or may_name(name):
        return None
    return Role.ANNOTATION if describes_rows(name, is_gene) else Role.NUMBERS


def _role_by_cells(column: pd.Series, name: str, is_gene: IsGene, *, first: bool) -> Role:
    """What a column holds, by its cells and its header."""
    numbers, text = as_numbers(column)
    named = name == "" or may_name(name) or (column.dtype.kind in NUMBERS and are_ids(numbers))
    return role_of(name, numbers, text, is_gene=is_gene, first=first and named)


def as_numbers(column: pd.Series) -> tuple[Float[np.ndarray, " r"], Bool[np.ndarray, " r"]]:
    """The numbers of a column, and where it has text instead."""
    if column.dtype.kind in NUMBERS:
        numbers = column.to_numpy(np.float64, na_value=np.nan)
        return numbers, np.zeros(len(numbers), dtype=bool)
    return numbers_and_text(names_in(column))


def names_in(column: pd.Series) -> tuple[str, ...]:
    """A column as names."""
    return labels_of([label(value) for value in column])


def numbers_in(frame: pd.DataFrame) -> Numbers:
    """A frame as numbers, with the text that stands among them."""
    if all(dtype.kind in NUMBERS for dtype in frame.dtypes):
        return Numbers(single(frame.to_numpy(np.float64, na_value=np.nan)))
    values = np.empty(frame.shape, dtype=np.float64)
    cells = []
    for k in range(frame.shape[1]):
        column = frame.iloc[:, k]
        values[:, k], text = as_numbers(column)
        cells += [TextCell(int(row), k, str(column.iloc[row])) for row in np.flatnonzero(text)]
    return Numbers(single(values), tuple(cells))
