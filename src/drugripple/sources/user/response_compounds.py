"""The compound of every row of a table of responses: by a table of compounds, by its structure, or by name alone."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.chem.molecule import standardise_all
from drugripple.data.tables import CompoundTable
from drugripple.errors import counted, first_five
from drugripple.sources.user.compound_findings import several_structures
from drugripple.sources.user.drug_names import match_compounds
from drugripple.sources.user.findings import Finding, Level, Topic, problem
from drugripple.sources.user.response_columns import Companions, ResponseColumns
from drugripple.sources.user.response_frame import ResponseFrame

UNKNOWN = "compound unknown"


class RowCompounds(NamedTuple):
    """The compounds of a table's rows. Axis: m row."""

    table: CompoundTable | None
    """None where nothing gives structures, or what gives them cannot be used."""
    row: pd.Series
    """In the table; missing where a row's compound cannot be used."""
    reason: "pd.Series[str]"
    """Why it cannot be."""
    notes: tuple[Finding, ...] = ()
    problems: tuple[Finding, ...] = ()


def row_compounds(frame: ResponseFrame, columns: ResponseColumns, companions: Companions) -> RowCompounds:
    """The compound of every row, by the table that is given or by the structures beside the values."""
    if columns.smiles:
        return _by_structure(frame, columns)
    asked = frame.text(columns.compound)
    if companions.compounds is None:
        return _by_name(asked)
    compounds = companions.compounds
    rows: dict[str, list[int]] = {}
    for row, name in (*enumerate(compounds.ids), *enumerate(compounds.names)):
        rows.setdefault(name, []).append(row)
    called = match_compounds(asked.unique().tolist(), list(rows))
    known = asked.map(called)
    shared = {name for name, some in rows.items() if len({compounds.molecules[row].key for row in some}) > 1}
    reason = pd.Series("", index=asked.index)
    reason[known.isna()] = UNKNOWN
    reason[known.isin(shared)] = "name of several compounds"
    row_of = known.map({name: some[0] for name, some in rows.items()})
    return RowCompounds(compounds, row_of, reason, respelt("compound", called))


def respelt(kind: str, called: Mapping[str, str]) -> tuple[Finding, ...]:
    """What names were read as others."""
    told = tuple(f"{name} as {known}" for name, known in called.items() if name != known)
    text = f"{counted(len(told), kind)} matched by another spelling or name: {first_five(told)}"
    return (Finding(Level.NOTE, Topic.ALIASES, text, names=told),) if told else ()


def _by_name(asked: "pd.Series[str]") -> RowCompounds:
    """Each name is a compound, as long as nothing says more."""
    blank = asked == ""
    row = pd.Series(pd.factorize(asked)[0], index=asked.index).mask(blank)
    return RowCompounds(None, row, pd.Series(np.where(blank, UNKNOWN, ""), index=asked.index, dtype=object))


def _by_structure(frame: ResponseFrame, columns: ResponseColumns) -> RowCompounds:
    smiles = frame.text(columns.smiles).str.split(r",\s+", n=1, regex=True).str[0]
    ids = frame.text(columns.compound) if columns.compound else smiles
    ids = ids.where(ids != "", smiles)
    standardised = standardise_all(smiles[smiles != ""])
    faults = smiles.map(standardised.faults).dropna()
    usable = pd.DataFrame({"id": ids, "molecule": smiles.map(standardised.molecules)}).dropna()
    distinct = usable.drop_duplicates().sort_values("id", kind="stable")
    names = tuple(distinct["id"].unique())
    problems = tuple(several_structures("compound", zip(distinct["id"], distinct["molecule"], strict=True)))
    if distinct.empty:
        what = f"no structure of {columns.smiles!r} can be used"
        problems = (problem(Topic.COMPOUNDS, what, got=first_five(faults)),)
    row = usable["id"].map({name: row for row, name in enumerate(names)}).reindex(ids.index)
    reason = pd.Series("", index=ids.index)
    reason[row.isna()] = "no structure"
    reason[faults.index] = faults
    table = None if problems else CompoundTable(names, names, tuple(distinct["molecule"]))
    return RowCompounds(table, row, reason, problems=problems)
