"""Several studies of the same samples as one table, so that folds can be made over all of them at once."""

from collections.abc import Container, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable
from drugripple.errors import TableError


class Studies(NamedTuple):
    """Measured rows of several studies. Axis m: row."""

    table: ResponseTable
    study: Int[np.ndarray, " m"]
    """Number of the study that measured a row, as the tables were given."""


def join_studies(tables: Sequence[ResponseTable]) -> Studies:
    """Rows of all tables, one after another; compounds of one molecule become one, described as where it stands first.

    A compound whose id another structure has already is numbered: a name is not a structure.

    Raises:
        TableError: if the samples or their genes differ, or what was measured.
    """
    first = tables[0]
    for table in tables[1:]:
        if table.measure is not first.measure:
            message = f"{first.measure} and {table.measure} cannot stand in one table; give studies of one measure"
            raise TableError(message)
        if (table.expression.samples, table.expression.genes) != (first.expression.samples, first.expression.genes):
            message = "studies can be joined over one expression table; give read_gdsc the same `expression` for each"
            raise TableError(message)
    records: dict[str, CompoundTable] = {}
    ids: list[str] = []
    for table in tables:
        for row, (name, smiles) in enumerate(zip(table.compounds.ids, table.compounds.smiles, strict=True)):
            if smiles not in records:
                records[smiles] = table.compounds.take(np.array([row]))
                ids.append(unused(name, ids))
    place = {smiles: row for row, smiles in enumerate(records)}
    rows = [np.array([place[smiles] for smiles in table.compounds.smiles], dtype=np.int64) for table in tables]
    joined = ResponseTable.of(
        first.expression,
        CompoundTable(
            tuple(ids),
            tuple(one.names[0] for one in records.values()),
            tuple(one.molecules[0] for one in records.values()),
            tuple(one.targets[0] for one in records.values()),
            tuple(one.mechanism[0] for one in records.values()),
        ),
        np.concatenate([table.sample_row for table in tables]),
        np.concatenate([row[table.compound_row] for row, table in zip(rows, tables, strict=True)]),
        np.concatenate([table.values for table in tables]),
        measure=first.measure,
    )
    return Studies(joined, np.repeat(np.arange(len(tables)), [len(table) for table in tables]))


def unused(name: str, taken: Container[str]) -> str:
    """The name itself, or with the first number that makes it new.

    >>> unused("Torin", set()), unused("Torin", {"Torin", "Torin #2"})
    ('Torin', 'Torin #3')
    """
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name} #{number}"
    return candidate
