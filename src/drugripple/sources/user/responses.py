"""A user's own responses: a table of samples, compounds and values, in any unit that it states.

The names of columns that GDSC, CCLE, CTRPv2, PRISM, NCI-60 and drevalpy publish are recognised. Rows that cannot be
used are counted by reason and listed, never shifted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.chem.molecule import standardise_all
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import Fault, SourceError, TableError, counted, first_five
from drugripple.sources.public.tidy import LoadedResponse
from drugripple.sources.user.delimited import number_in
from drugripple.sources.user.matching import match_names
from drugripple.sources.user.matrix import labels_of
from drugripple.sources.user.response_units import (
    COLUMNS,
    LARGEST_LN_IC50,
    UNCLEAR,
    ResponseUnit,
    converted,
    formula_of,
    measure_of,
    plain,
)
from drugripple.sources.user.structure_columns import STRUCTURES
from drugripple.sources.user.text_table import read_table

SAMPLE_NAMES = (
    *("sample", "samplename", "sampleid", "cellline", "celllinename", "cclecelllinename"),
    *("primarycelllinename", "cclname", "cclename", "strippedcelllinename", "line", "modelname", "modelid"),
    *("depmapid", "sangermodelid", "cosmicid", "cellosaurusid", "cell", "patient", "patientid"),
)
COMPOUND_NAMES = (
    *("compound", "compoundname", "drug", "drugname", "cpdname", "treatment", "name", "compoundid", "drugid"),
    *("mastercpdid", "broadid", "pubchemid", "nsc", "pertid", "id"),
)
ENOUGH = 0.9
"""Share of filled rows from which a column of responses counts as complete."""

Source = str | Path | pd.DataFrame


@dataclass(frozen=True)
class _Columns:
    sample: str
    compound: str
    """Blank where only structures name the compounds."""
    smiles: str
    """Blank where a compound table is asked."""
    value: str
    unit: ResponseUnit


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
    """Responses of samples with expression to compounds with a structure.

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
    frame, where = (source, "the table") if isinstance(source, pd.DataFrame) else (_read(Path(source)), str(source))
    frame = frame.reset_index(drop=True).rename(columns=str)
    columns = _columns(where, frame, expression, compounds, unit)
    text = {name: _text(frame, name) for name in map(str, frame.columns)}
    values = converted(_numbers(frame[columns.value]), columns.unit)
    called = match_names(text[columns.sample].unique().tolist(), expression.samples)
    sample = text[columns.sample].map(called)
    reason = pd.Series("", index=frame.index)
    table, compound, faults, respelt = _compounds(where, text, columns, compounds)
    reason[compound.isna()] = "compound unknown" if compounds is not None else "no structure"
    reason[faults.index] = faults
    reason[sample.isna()] = "no expression"
    reason[~np.isfinite(values)] = f"no usable {columns.value}"
    kept = reason == ""
    named = pd.DataFrame(
        {"reason": reason, "cell_line": text[columns.sample], "drug": text[columns.compound or columns.smiles]}
    )[~kept]
    dropped = named.groupby(["reason", "cell_line", "drug"], sort=True).size().rename("rows").reset_index()
    if not kept.any():
        counts = reason.value_counts().to_dict()
        raise TableError(Fault(where, f"none of {counted(len(frame), 'row')} can be used: {counts}"))
    _refuse_other_scale(where, columns, values[kept], text[columns.value][kept])
    rows = pd.DataFrame(
        {
            "sample": sample[kept].map({name: row for row, name in enumerate(expression.samples)}).astype(np.int64),
            "compound": compound[kept].astype(np.int64),
            "value": values[kept],
        }
    ).sort_values(["sample", "compound", "value"])
    made = ResponseTable.of(
        expression,
        table,
        rows["sample"].to_numpy(np.int64),
        rows["compound"].to_numpy(np.int64),
        rows["value"].to_numpy(np.float64),
        measure=measure_of(columns.unit),
    )
    notes = (*_notes(columns, frame, dropped, unit is not None), *_respelt("sample", called), *respelt)
    return LoadedResponse(replace(made, notes=notes), dropped)


def _read(path: Path) -> pd.DataFrame:
    """The file's columns, every cell as text."""
    table = read_table(path)
    return pd.DataFrame(table.cells, columns=list(table.header), dtype=object)


def _columns(
    where: str, frame: pd.DataFrame, expression: ExpressionTable, compounds: CompoundTable | None, unit: str | None
) -> _Columns:
    by_name = {plain(name): name for name in reversed(list(frame.columns))}
    samples = [by_name[name] for name in SAMPLE_NAMES if name in by_name]
    drugs = [by_name[name] for name in COMPOUND_NAMES if name in by_name]
    smiles = next((by_name[name] for name in STRUCTURES if name in by_name), "")
    if not samples:
        raise SourceError(_missing(where, frame, "samples", "sample"))
    if compounds is not None:
        smiles = ""
    if not (smiles or (drugs and compounds is not None)):
        raise SourceError(_missing(where, frame, "compounds", "smiles" if compounds is None else "compound"))
    sample = max(samples, key=lambda name: _share(_text(frame, name), expression.samples))
    known = () if compounds is None else (*compounds.ids, *compounds.names)
    compound = max(drugs, key=lambda name: _share(_text(frame, name), known), default="")
    value, found = _value_column(where, frame, by_name, unit)
    return _Columns(sample, compound, smiles, value, found)


def _value_column(
    where: str, frame: pd.DataFrame, by_name: Mapping[str, str], unit: str | None
) -> tuple[str, ResponseUnit]:
    stated = None if unit is None else _unit_named(unit)
    named = [(by_name[name], found) for name, found in COLUMNS.items() if name in by_name]
    unclear = [by_name[name] for name in sorted(UNCLEAR) if name in by_name]
    if stated is not None:
        fitting = [name for name, found in named if found is stated] or unclear
        if fitting:
            return fitting[0], stated
        if named:
            what = f"the column {named[0][0]!r} says {named[0][1]}, and {stated} is stated"
            raise SourceError(Fault(where, what, do="state no unit, or rename the column if its name is wrong"))
        raise SourceError(_missing(where, frame, "responses", stated.value))
    if not named:
        if unclear:
            what = f"the column {unclear[0]!r} does not say its unit"
            raise SourceError(Fault(where, what, do=f"state the unit, one of {', '.join(ResponseUnit)}"))
        raise SourceError(_missing(where, frame, "responses", "ln_ic50"))
    filled = {name: np.isfinite(_numbers(frame[name])).mean() for name, _ in named}
    complete = [pair for pair in named if filled[pair[0]] >= ENOUGH]
    return complete[0] if complete else max(named, key=lambda pair: filled[pair[0]])


def _unit_named(unit: str) -> ResponseUnit:
    try:
        return ResponseUnit(unit)
    except ValueError as error:
        message = f"no unit is called {unit!r}; there are {', '.join(ResponseUnit)}"
        raise TableError(message) from error


def _compounds(
    where: str, text: "Mapping[str, pd.Series[str]]", columns: _Columns, compounds: CompoundTable | None
) -> "tuple[CompoundTable, pd.Series, pd.Series, list[str]]":
    """The compound table, the row of every measurement's compound in it, unusable structures, and names respelt."""
    if compounds is not None:
        row_of = {name: row for row, name in reversed([*enumerate(compounds.names), *enumerate(compounds.ids)])}
        asked = text[columns.compound]
        called = match_names(asked.unique().tolist(), list(row_of))
        return compounds, asked.map(called).map(row_of), pd.Series(dtype=object), _respelt("compound", called)
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
    return (
        CompoundTable(names, names, tuple(distinct["molecule"])),
        usable["id"].map({name: row for row, name in enumerate(names)}).reindex(ids.index),
        faults,
        [],
    )


def _text(frame: pd.DataFrame, name: str) -> "pd.Series[str]":
    """A column as text without blanks around it; blank where nothing stands, whole numbers without a point."""
    column = frame[name]
    cells = ["" if blank else str(cell).strip() for cell, blank in zip(column, column.isna(), strict=True)]
    return pd.Series(labels_of(cells), frame.index, dtype=object)


def _share(names: pd.Series, known: Sequence[str]) -> float:
    asked = names[names != ""].unique().tolist()
    return len(match_names(asked, known)) / max(1, len(asked))


def _numbers(cells: pd.Series) -> Float[np.ndarray, " m"]:
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(np.float64)
    return np.array([number_in(str(cell)) for cell in cells], dtype=np.float64)


def _refuse_other_scale(where: str, columns: _Columns, values: Float[np.ndarray, " m"], text: pd.Series) -> None:
    if not measure_of(columns.unit).micromolar:
        return
    wild = np.abs(values) > LARGEST_LN_IC50
    if wild.any():
        what = f"{counted(int(wild.sum()), 'value')} of {columns.value!r} cannot be {columns.unit}"
        expected = f"an IC50 within e±{LARGEST_LN_IC50:g} micromolar"
        raise TableError(Fault(where, what, got=first_five(text[wild]), expected=expected, do="state the unit"))


def _missing(where: str, frame: pd.DataFrame, what: str, name: str) -> Fault:
    return Fault(
        where, f"no column names the {what}", got=f"columns {first_five(frame.columns)}", do=f"call it {name!r}"
    )


def _notes(columns: _Columns, frame: pd.DataFrame, dropped: pd.DataFrame, stated: bool) -> tuple[str, ...]:
    formula = formula_of(columns.unit)
    how = "as stated" if stated else "by the column's name"
    notes = [
        f"responses from {columns.value!r}: {columns.unit} ({how})" + (f", kept as {formula}" if formula else ""),
        f"samples from {columns.sample!r}, compounds from {columns.compound or columns.smiles!r}"
        + (f", structures from {columns.smiles!r}" if columns.smiles and columns.compound else ""),
    ]
    others = [name for name in map(str, frame.columns) if plain(name) in {*COLUMNS, *UNCLEAR} and name != columns.value]
    if others:
        notes.append(f"not used: {first_five(others)}")
    for reason, rows in dropped.groupby("reason")["rows"].sum().items():
        names = dropped.loc[dropped["reason"] == reason]
        who = names["drug"] if "expression" not in str(reason) else names["cell_line"]
        notes.append(f"{counted(int(rows), 'row')} left out, {reason}: {first_five(dict.fromkeys(who))}")
    return tuple(notes)


def _respelt(kind: str, called: Mapping[str, str]) -> list[str]:
    """What names were read as others that are spelt alike."""
    told = [f"{name} as {known}" for name, known in called.items() if name != known]
    return [f"{counted(len(told), kind)} matched by spelling: {first_five(told)}"] if told else []
