"""A user's own responses: a table of samples, compounds and values, in any unit that it states.

The names of columns that GDSC, CCLE, CTRPv2, PRISM, NCI-60 and drevalpy publish are recognised. Rows that cannot be
used are counted by reason and listed, never shifted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.chem.molecule import standardise_all
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import Fault, TableError, counted, first_five
from drugripple.runtime.notes import tell
from drugripple.sources.public.tidy import LoadedResponse
from drugripple.sources.user.matching import match_names
from drugripple.sources.user.response_cells import response_cells
from drugripple.sources.user.response_checks import refuse_implausible
from drugripple.sources.user.response_columns import (
    ResponseColumns,
    column_notes,
    column_text,
    response_columns,
)
from drugripple.sources.user.response_units import UNCLEAR, formula_of, measure_of, plain
from drugripple.sources.user.text_table import read_table

Source = str | Path | pd.DataFrame


class _Compounds(NamedTuple):
    """The compounds of a table's rows. Axis: m row."""

    table: CompoundTable
    row: pd.Series
    """In the table; missing where a row's compound cannot be used."""
    reason: "pd.Series[str]"
    """Why it cannot be."""
    notes: tuple[str, ...] = ()


def read_responses(
    source: Source, expression: ExpressionTable, compounds: CompoundTable | None = None, *, unit: str | None = None
) -> ResponseTable:
    """Responses of samples with expression to compounds with a structure, as `load_responses` reads them.

    What was assumed and what was left out stands in the table's `notes`.

    Raises:
        SourceError, TableError: as `load_responses`.
    """
    return load_responses(source, expression, compounds, unit=unit).table


def load_responses(
    source: Source, expression: ExpressionTable, compounds: CompoundTable | None = None, *, unit: str | None = None
) -> LoadedResponse:
    """Responses of samples with expression to compounds with a structure; what was assumed or left out is told.

    Args:
        source: a data frame, or a csv, tsv, Parquet or xlsx file with one row per measurement: a sample, a compound
            (or its SMILES) and a value. Several rows of one pair are repeat measurements.
        expression: the samples.
        compounds: the compounds, by id or name; needed where the table itself has no SMILES.
        unit: what the values are, a `ResponseUnit`; read off the column's name where it is not given.

    Returns:
        The table, whose notes say which columns and unit were taken, and the rows that were lost by reason.

    Raises:
        SourceError: if the file cannot be read, or a column is missing, does not say its unit or says another one.
        TableError: if no row can be used, an id has two structures, or the values are not of the unit.
    """
    frame, where = _opened(source)
    columns = response_columns(where, frame, expression, compounds, unit)
    text = {name: column_text(frame, name) for name in map(str, frame.columns)}
    cells = response_cells(where, frame, columns)
    called = match_names(text[columns.sample].unique().tolist(), expression.samples)
    sample = text[columns.sample].map(called)
    found = _compounds(where, text, columns, compounds)
    reason = found.reason.copy()
    reason[sample.isna()] = "no expression"
    reason[text[columns.sample] == ""] = "no sample is named"
    reason[cells.reasons != ""] = cells.reasons
    kept = reason == ""
    named = pd.DataFrame(
        {"reason": reason, "cell_line": text[columns.sample], "drug": text[columns.compound or columns.smiles]}
    )[~kept]
    dropped = named.groupby(["reason", "cell_line", "drug"], sort=True).size().rename("rows").reset_index()
    if not kept.any():
        raise TableError(_nothing_usable(where, reason, text, columns, expression, compounds))
    pairs = text[columns.sample] + " x " + text[columns.compound or columns.smiles]
    unusual = refuse_implausible(
        where, columns, cells.values[kept], text[columns.value][kept], pairs[kept], stated=unit is not None
    )
    rows = pd.DataFrame(
        {
            "sample": sample[kept].map({name: row for row, name in enumerate(expression.samples)}).astype(np.int64),
            "compound": found.row[kept].astype(np.int64),
            "value": cells.values[kept],
        }
    ).sort_values(["sample", "compound", "value"])
    made = ResponseTable.of(
        expression,
        found.table,
        rows["sample"].to_numpy(np.int64),
        rows["compound"].to_numpy(np.int64),
        rows["value"].to_numpy(np.float64),
        measure=measure_of(columns.unit),
    )
    how = "each cell's unit" if plain(columns.value) in UNCLEAR else "by the column's name"
    how = how if unit is None else "as stated"
    notes = (
        *column_notes(columns, frame, formula_of(columns.unit), how),
        *unusual,
        *_left_out(dropped),
        *_written_twice(pairs[kept][rows.duplicated().reindex(pairs[kept].index)]),
        *_respelt("sample", called),
        *found.notes,
    )
    tell(notes)
    return LoadedResponse(replace(made, notes=notes), dropped)


def _opened(source: Source) -> tuple[pd.DataFrame, str]:
    """The columns of a table or a file, every cell of a file as text; an index with names is columns too."""
    if isinstance(source, pd.DataFrame):
        named = all(name is not None and name not in source.columns for name in source.index.names)
        return source.reset_index(drop=not named).rename(columns=str), "the table"
    table = read_table(Path(source))
    return pd.DataFrame(table.cells, columns=list(table.header), dtype=object), str(source)


def _compounds(
    where: str, text: "Mapping[str, pd.Series[str]]", columns: ResponseColumns, compounds: CompoundTable | None
) -> _Compounds:
    """The compound of every row, by the table that is given or by the structures beside the values."""
    if compounds is None:
        return _by_structure(where, text, columns)
    rows: dict[str, list[int]] = {}
    for row, name in (*enumerate(compounds.ids), *enumerate(compounds.names)):
        rows.setdefault(name, []).append(row)
    asked = text[columns.compound]
    called = match_names(asked.unique().tolist(), list(rows))
    known = asked.map(called)
    shared = {name for name, some in rows.items() if len({compounds.molecules[row].key for row in some}) > 1}
    reason = pd.Series("", index=asked.index)
    reason[known.isna()] = "compound unknown"
    reason[known.isin(shared)] = "name of several compounds"
    return _Compounds(
        compounds, known.map({name: some[0] for name, some in rows.items()}), reason, _respelt("compound", called)
    )


def _by_structure(where: str, text: "Mapping[str, pd.Series[str]]", columns: ResponseColumns) -> _Compounds:
    smiles = text[columns.smiles].str.split(r",\s+", n=1, regex=True).str[0]
    ids = text[columns.compound] if columns.compound else smiles
    ids = ids.where(ids != "", smiles)
    standardised = standardise_all(smiles[smiles != ""])
    faults = smiles.map(standardised.faults).dropna()
    usable = pd.DataFrame({"id": ids, "molecule": smiles.map(standardised.molecules)}).dropna()
    distinct = usable.drop_duplicates()
    torn = sorted(distinct.loc[distinct["id"].duplicated(), "id"].unique())
    if torn:
        what = f"{counted(len(torn), 'compound has', 'compounds have')} more than one structure: {first_five(torn)}"
        raise TableError(Fault(where, what, do="give each structure its own id"))
    if distinct.empty:
        raise TableError(Fault(where, f"no structure of {columns.smiles!r} can be used", got=first_five(faults)))
    distinct = distinct.sort_values("id")
    names = tuple(distinct["id"])
    row = usable["id"].map({name: row for row, name in enumerate(names)}).reindex(ids.index)
    reason = pd.Series("", index=ids.index)
    reason[row.isna()] = "no structure"
    reason[faults.index] = faults
    return _Compounds(CompoundTable(names, names, tuple(distinct["molecule"])), row, reason)


def _nothing_usable(
    where: str,
    reason: "pd.Series[str]",
    text: "Mapping[str, pd.Series[str]]",
    columns: ResponseColumns,
    expression: ExpressionTable,
    compounds: CompoundTable | None,
) -> Fault:
    """Why no row can be used, with the names that did not meet."""
    what = f"none of {counted(len(reason), 'row')} can be used: {reason.value_counts().to_dict()}"
    asked = text[columns.sample].unique().tolist()
    if compounds is not None and match_names(asked, (*compounds.ids, *compounds.names)):
        return Fault(where, what, do=f"{columns.sample!r} names compounds: exchange the names of the columns")
    shown = f"{columns.sample!r} names {first_five(asked)}, the expression has {first_five(expression.samples)}"
    if compounds is not None and columns.compound:
        asked = text[columns.compound].unique().tolist()
        shown += f"; {columns.compound!r} names {first_five(asked)}, the compounds are {first_five(compounds.names)}"
    return Fault(where, what, got=shown, do="write names and values as the other files have them")


def _left_out(dropped: pd.DataFrame) -> Iterator[str]:
    """How many rows were left out for each reason, and of which samples or compounds."""
    for reason, rows in dropped.groupby("reason")["rows"].sum().items():
        names = dropped.loc[dropped["reason"] == reason]
        who = names["drug"] if "expression" not in str(reason) else names["cell_line"]
        yield f"{counted(int(rows), 'row')} left out, {reason}: {first_five(dict.fromkeys(who))}"


def _written_twice(pairs: pd.Series) -> Iterator[str]:
    """Which measurements stand more than once with one value: not repeats, maybe, but a file put together twice."""
    if len(pairs):
        what = counted(len(pairs), "row repeats", "rows repeat")
        yield f"{what} another to the last digit, kept as a second measurement: {first_five(dict.fromkeys(pairs))}"


def _respelt(kind: str, called: Mapping[str, str]) -> tuple[str, ...]:
    """What names were read as others that are spelt alike."""
    told = [f"{name} as {known}" for name, known in called.items() if name != known]
    return (f"{counted(len(told), kind)} matched by spelling: {first_five(told)}",) if told else ()
