"""Which column of a table of responses holds the values, in which unit, and which columns say more about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drugripple.errors import counted, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.delimited import is_missing
from drugripple.sources.user.findings import Finding, Level, Topic, problem
from drugripple.sources.user.response_conversion import formula_of
from drugripple.sources.user.response_frame import ResponseFrame
from drugripple.sources.user.response_units import COLUMNS, CONCENTRATIONS, UNCLEAR, ResponseUnit
from drugripple.sources.user.stated_units import MICROMOLAR_PER_UNIT, states_unit

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
BOUNDED = "<>\u2264\u2265"
"""The signs of bounds."""
SIGNS = f"{BOUNDED}= "
"""What may stand before a number that is a bound."""
ENOUGH = 0.9
"""Share of filled rows from which a column of responses counts as complete."""


@dataclass(frozen=True)
class ValueColumn:
    """The column of the values, by name, and those beside it; blank where there is none."""

    name: str
    unit: ResponseUnit
    units: str = ""
    """The column that says each row's unit."""
    units_decide: bool = False
    """Whether the values' own name leaves the unit open, and nobody states it."""
    bounds: str = ""
    """The column that says which values are bounds."""

    def described(self, *, stated: bool) -> Finding:
        """Say which column the values come from, in which unit, and how they are kept."""
        how = "each cell's unit" if plain(self.name) in UNCLEAR else "by the column's name"
        how = f"each row's unit from {self.units!r}" if self.units_decide else "as stated" if stated else how
        formula = formula_of(self.unit)
        text = f"responses from {self.name!r}: {self.unit} ({how})" + (f", kept as {formula}" if formula else "")
        return Finding(Level.NOTE, Topic.UNITS, text)

    def cannot_hold(self, cells: "pd.Series[str]", expected: str, do: str) -> Finding:
        """The problem of cells that cannot be of the unit."""
        what = f"{counted(len(cells), 'value')} of {self.name!r} cannot be {self.unit}"
        return problem(Topic.VALUES, what, got=first_five(cells), expected=expected, do=do)


def value_column(frame: ResponseFrame, stated: ResponseUnit | None) -> ValueColumn | Finding:
    """The column of the values, or why it cannot be told.

    Args:
        frame: the table.
        stated: the unit that the user states; None reads it off the names.
    """
    units = next(iter(frame.called(UNITS)), "")
    found = _by_name(frame, has_units=bool(units)) if stated is None else _as_stated(frame, stated)
    if isinstance(found, Finding):
        return found
    name, unit = found
    decide = bool(units) and stated is None and plain(name) in CONCENTRATIONS
    return ValueColumn(name, unit, units, decide, next(iter(frame.called(BOUNDS)), ""))


def several_kinds(frame: ResponseFrame, value: ValueColumn) -> Iterator[Finding]:
    """The problem of values of several kinds in one column, with the column that says so."""
    for name in frame.called(KINDS) if plain(value.name) in UNCLEAR else ():
        kinds = [kind for kind in frame.text(name).unique() if kind]
        if len(kinds) > 1 and KNOWN_KINDS.intersection(map(plain, kinds)):
            what = f"the column {name!r} says that the values are of several kinds"
            yield problem(Topic.LAYOUT, what, got=first_five(kinds), do="keep the rows of one of them")


def passed_over(frame: ResponseFrame, value: ValueColumn) -> Iterator[Finding]:
    """Which other columns hold responses, too."""
    others = tuple(name for name in frame.header if plain(name) in {*COLUMNS, *UNCLEAR} and name != value.name)
    if others:
        yield Finding(Level.NOTE, Topic.LAYOUT, f"not used: {first_five(others)}", names=others)


def _named(frame: ResponseFrame) -> list[tuple[str, ResponseUnit]]:
    """The columns whose name says a unit, the preferred first."""
    return [(name, COLUMNS[plain(name)]) for name in frame.called(tuple(COLUMNS))]


def _by_name(frame: ResponseFrame, *, has_units: bool) -> tuple[str, ResponseUnit] | Finding:
    named = _named(frame)
    if named:
        filled = {name: np.isfinite(frame.numbers(name)).mean() for name, _ in named}
        complete = [pair for pair in named if filled[pair[0]] >= ENOUGH]
        return complete[0] if complete else max(named, key=lambda pair: filled[pair[0]])
    unclear = frame.called(sorted(UNCLEAR))
    if not unclear:
        do = "name it by what it holds: ln_ic50 (of micromolar), ic50_um, ic50_nm, log10_ic50_um, pic50, auc, …"
        return frame.without("responses", do)
    if plain(unclear[0]) in CONCENTRATIONS and (has_units or _cells_state_units(frame, unclear[0])):
        return unclear[0], ResponseUnit.IC50_UM
    what = f"the column {unclear[0]!r} does not say its unit"
    return problem(
        Topic.UNITS, what, do=f"state the unit, one of {', '.join(ResponseUnit)} (`unit`), or call the column so"
    )


def _cells_state_units(frame: ResponseFrame, name: str) -> bool:
    """Whether every filled cell states its unit, also behind the sign of a bound."""
    cells = [cell.lstrip(SIGNS) for cell in frame.text(name) if not is_missing(cell)]
    return bool(cells) and all(states_unit(cell, MICROMOLAR_PER_UNIT) for cell in cells)


def _as_stated(frame: ResponseFrame, stated: ResponseUnit) -> tuple[str, ResponseUnit] | Finding:
    named = _named(frame)
    fitting = [name for name, found in named if found is stated]
    if not fitting:
        fitting = _nearest(frame.called(sorted(UNCLEAR)), stated)
        if len(fitting) > 1:
            what = f"several columns could be the {stated} that you state"
            do = f"call the right one {stated.value!r}"
            return problem(Topic.UNITS, what, got=first_five(fitting), do=do)
    if fitting:
        return fitting[0], stated
    if named:
        what = f"the column {named[0][0]!r} says {named[0][1]}, and {stated} is stated"
        return problem(Topic.UNITS, what, do="state no unit, or rename the column if its name is wrong")
    return frame.without("responses", f"call it {stated.value!r}")


def _nearest(unclear: Sequence[str], stated: ResponseUnit) -> list[str]:
    """Columns that say no unit and are called after what the stated unit measures; all of them if none is."""
    kind = next((word for word in ("ic50", "gi50", "auc") if word in stated.value), stated.value)
    called = [name for name in unclear if kind in plain(name)]
    either = stated.value.startswith(("ln_", "p"))  # stands under "log_ic50" as well as under "ic50"
    alike = [name for name in called if either or ("log" in plain(name)) == ("log" in stated.value)]
    return alike or called or list(unclear)
