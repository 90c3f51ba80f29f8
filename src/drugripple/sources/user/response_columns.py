"""Which columns of a table of responses name the samples and the compounds, and which one holds the values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import Fault, SourceError, TableError, counted, first_five
from drugripple.sources.user.delimited import is_missing, number_in
from drugripple.sources.user.matching import match_names
from drugripple.sources.user.matrix import labels_of
from drugripple.sources.user.response_units import COLUMNS, CONCENTRATIONS, UNCLEAR, ResponseUnit, plain
from drugripple.sources.user.stated_units import MICROMOLAR_PER_UNIT, states_unit
from drugripple.sources.user.structure_columns import STRUCTURES

SAMPLE_NAMES = (
    *("sample", "samplename", "sampleid", "cellline", "celllinename", "cclecelllinename"),
    *("primarycelllinename", "cclname", "cclename", "strippedcelllinename", "line", "modelname", "modelid"),
    *("depmapid", "sangermodelid", "cosmicid", "cellosaurusid", "cell", "patient", "patientid"),
)
COMPOUND_NAMES = (
    *("compound", "compoundname", "drug", "drugname", "cpdname", "treatment", "name", "compoundid", "drugid"),
    *("moleculename", "moleculeprefname", "moleculechemblid"),
    *("mastercpdid", "broadid", "pubchemid", "nsc", "pertid", "id"),
)
UNITS = (
    *("unit", "units", "standardunits", "standardunit", "ic50unit", "ic50units"),
    *("valueunit", "valueunits", "responseunit", "responseunits"),
)
BOUNDS = (
    *("relation", "standardrelation", "ic50relation", "qualifier", "ic50qualifier", "valuequalifier"),
    *("operator", "ic50operator", "modifier", "ic50modifier"),
)
KINDS = ("standardtype", "type", "activitytype", "measure", "measurement", "metric", "endpoint", "responsetype")
KNOWN_KINDS = frozenset({"ic50", "auc", "ec50", "gi50", "aac", "dss", "emax", "einf", "ki", "kd", "potency", "lnic50"})
SIGNS = "<>=\u2264\u2265 "
"""What may stand before a number that is a bound."""
ENOUGH = 0.9
"""Share of filled rows from which a column of responses counts as complete."""


@dataclass(frozen=True)
class ResponseColumns:
    """The columns that are read, by name; blank where there is none."""

    sample: str
    compound: str
    """Blank where only structures name the compounds."""
    smiles: str
    """Blank where a compound table is asked."""
    value: str
    unit: ResponseUnit
    units: str = ""
    """The column that says each row's unit."""
    units_decide: bool = False
    """Whether the values' own name leaves the unit open, and nobody states it."""
    bounds: str = ""
    """The column that says which values are bounds."""


def response_columns(
    where: str, frame: pd.DataFrame, expression: ExpressionTable, compounds: CompoundTable | None, unit: str | None
) -> ResponseColumns:
    """The columns of a table; of several that could name samples or compounds, the one that names most known ones.

    Raises:
        SourceError: if one is missing, the values do not say their unit, or two columns contradict each other.
        TableError: if there is no such unit.
    """
    by_name = {plain(name): name for name in reversed(list(frame.columns))}
    samples = [by_name[name] for name in SAMPLE_NAMES if name in by_name]
    drugs = [by_name[name] for name in COMPOUND_NAMES if name in by_name]
    smiles = next((by_name[name] for name in STRUCTURES if name in by_name), "")
    known = () if compounds is None else (*compounds.ids, *compounds.names)
    if not samples or not (drugs or smiles):
        _refuse_matrix(where, frame, expression.samples, known)
    if not samples:
        raise SourceError(_missing(where, frame, "samples", "call it 'sample'"))
    if compounds is not None:
        smiles = ""
    if drugs and not smiles and compounds is None:
        message = (
            f"{where}: {drugs[0]!r} names compounds, and nothing gives their structures; name a file with names and "
            "SMILES as `compounds`, or add a column 'smiles'"
        )
        raise SourceError(message)
    if not (smiles or (drugs and compounds is not None)):
        raise SourceError(
            _missing(where, frame, "compounds", f"call it {'smiles' if compounds is None else 'compound'!r}")
        )
    sample = max(samples, key=lambda name: _share(column_text(frame, name), expression.samples))
    compound = max(drugs, key=lambda name: _share(column_text(frame, name), known), default="")
    units = next((by_name[name] for name in UNITS if name in by_name), "")
    bounds = next((by_name[name] for name in BOUNDS if name in by_name), "")
    value, found = _value_column(where, frame, by_name, unit, units)
    if plain(value) in UNCLEAR:
        _refuse_several_kinds(where, frame, [by_name[name] for name in KINDS if name in by_name])
    decide = bool(units) and unit is None and plain(value) in CONCENTRATIONS
    return ResponseColumns(sample, compound, smiles, value, found, units, decide, bounds)


def column_text(frame: pd.DataFrame, name: str) -> "pd.Series[str]":
    """A column as text without blanks around it; blank where nothing stands, whole numbers without a point."""
    column = frame[name]
    cells = ["" if blank else str(cell).strip() for cell, blank in zip(column, column.isna(), strict=True)]
    return pd.Series(labels_of(cells), frame.index, dtype=object)


def numbers_of(cells: pd.Series) -> Float[np.ndarray, " m"]:
    """A column as numbers; NaN where a cell holds none."""
    if pd.api.types.is_numeric_dtype(cells):
        return cells.to_numpy(np.float64)
    return np.array([number_in(str(cell)) for cell in cells], dtype=np.float64)


def _value_column(
    where: str, frame: pd.DataFrame, by_name: Mapping[str, str], unit: str | None, units: str
) -> tuple[str, ResponseUnit]:
    stated = None if unit is None else _unit_named(unit)
    named = [(by_name[name], found) for name, found in COLUMNS.items() if name in by_name]
    unclear = [by_name[name] for name in sorted(UNCLEAR) if name in by_name]
    if stated is not None:
        fitting = [name for name, found in named if found is stated] or _nearest(where, unclear, stated)
        if fitting:
            return fitting[0], stated
        if named:
            what = f"the column {named[0][0]!r} says {named[0][1]}, and {stated} is stated"
            raise SourceError(Fault(where, what, do="state no unit, or rename the column if its name is wrong"))
        raise SourceError(_missing(where, frame, "responses", f"call it {stated.value!r}"))
    if not named:
        if unclear and plain(unclear[0]) in CONCENTRATIONS and (units or _state_units(frame, unclear[0])):
            return unclear[0], ResponseUnit.IC50_UM
        if unclear:
            what = f"the column {unclear[0]!r} does not say its unit"
            raise SourceError(Fault(where, what, do=f"state the unit, one of {', '.join(ResponseUnit)}"))
        do = "name it by what it holds: ln_ic50 (of micromolar), ic50_um, ic50_nm, log10_ic50_um, pic50, auc, …"
        raise SourceError(_missing(where, frame, "responses", do))
    filled = {name: np.isfinite(numbers_of(frame[name])).mean() for name, _ in named}
    complete = [pair for pair in named if filled[pair[0]] >= ENOUGH]
    return complete[0] if complete else max(named, key=lambda pair: filled[pair[0]])


def _state_units(frame: pd.DataFrame, name: str) -> bool:
    """Whether every filled cell states its unit, also behind the sign of a bound."""
    cells = [cell.lstrip(SIGNS) for cell in column_text(frame, name) if not is_missing(cell)]
    return bool(cells) and all(states_unit(cell, MICROMOLAR_PER_UNIT) for cell in cells)


def _nearest(where: str, unclear: Sequence[str], stated: ResponseUnit) -> list[str]:
    """Of columns that say no unit, the one that is called after what the stated unit measures, or the only one.

    Raises:
        SourceError: if several could be meant.
    """
    kind = next((word for word in ("ic50", "gi50", "auc") if word in stated.value), stated.value)
    called = [name for name in unclear if kind in plain(name)]
    either = stated.value.startswith(("ln_", "p"))  # stands under "log_ic50" as well as under "ic50"
    alike = [name for name in called if either or ("log" in plain(name)) == ("log" in stated.value)]
    for likely in (alike, called, unclear):
        if len(likely) > 1:
            what = f"several columns could be the {stated} that you state"
            raise SourceError(Fault(where, what, got=first_five(likely), do=f"call the right one {stated.value!r}"))
        if likely:
            return list(likely)
    return []


def _unit_named(unit: str) -> ResponseUnit:
    try:
        return ResponseUnit(unit)
    except ValueError as error:
        message = f"no unit is called {unit!r}; there are {', '.join(ResponseUnit)}"
        raise TableError(message) from error


def _share(names: pd.Series, known: Sequence[str]) -> float:
    asked = names[names != ""].unique().tolist()
    return len(match_names(asked, known)) / max(1, len(asked))


def _refuse_matrix(where: str, frame: pd.DataFrame, samples: Sequence[str], compounds: Sequence[str]) -> None:
    """Refuse a table whose columns are compounds or samples.

    Raises:
        SourceError: with some of them.
    """
    for what, known in (("compounds", compounds), ("samples", samples)):
        found = list(match_names([str(name) for name in frame.columns], known))
        if len(found) > 1 and 2 * len(found) >= len(frame.columns):
            do = "write one row per measurement, with a sample, a compound and a value (pandas: melt, R: pivot_longer)"
            raise SourceError(
                Fault(where, f"{counted(len(found), 'column')} are named as {what} are", first_five(found), do=do)
            )


def _refuse_several_kinds(where: str, frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse values of several kinds in one column.

    Raises:
        SourceError: with the column that says so.
    """
    for name in names:
        kinds = [kind for kind in column_text(frame, name).unique() if kind]
        if len(kinds) > 1 and KNOWN_KINDS.intersection(map(plain, kinds)):
            what = f"the column {name!r} says that the values are of several kinds"
            raise SourceError(Fault(where, what, first_five(kinds), do="keep the rows of one of them"))


def _missing(where: str, frame: pd.DataFrame, what: str, do: str) -> Fault:
    return Fault(where, f"no column names the {what}", got=f"columns {first_five(frame.columns)}", do=do)


def column_notes(columns: ResponseColumns, frame: pd.DataFrame, formula: str, how: str) -> Iterator[str]:
    """Which columns were taken, in which unit, and which were passed over."""
    how = f"each row's unit from {columns.units!r}" if columns.units_decide else how
    yield f"responses from {columns.value!r}: {columns.unit} ({how})" + (f", kept as {formula}" if formula else "")
    yield (
        f"samples from {columns.sample!r}, compounds from {columns.compound or columns.smiles!r}"
        + (f", structures from {columns.smiles!r}" if columns.smiles and columns.compound else "")
    )
    others = [name for name in map(str, frame.columns) if plain(name) in {*COLUMNS, *UNCLEAR} and name != columns.value]
    if others:
        yield f"not used: {first_five(others)}"
