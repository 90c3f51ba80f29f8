"""The values of a table of responses as numbers in one unit: which cells are bounds, state a unit, or hold none."""

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from drugripple.errors import counted, first_five
from drugripple.sources.user.delimited import is_missing, number_in
from drugripple.sources.user.findings import Finding, Topic, problem
from drugripple.sources.user.response_conversion import converted, is_reversed
from drugripple.sources.user.response_frame import ResponseFrame
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.response_value_column import BOUNDED, ValueColumn
from drugripple.sources.user.stated_units import MICROMOLAR_PER_UNIT, micromolar_per, quantities, states_unit

ONLY_A_BOUND = "only a bound"
_SIGN = re.compile(rf"[{BOUNDED}]=?|={{1,2}}[<>]")
_BOUND = re.compile(rf"({_SIGN.pattern})\s*([-+]?[\d.,]+.*)")
_ABOVE = ">\u2265"
"""The signs before what the true value lies above."""
_PER_COLUMN = {
    ResponseUnit.IC50_UM: 1.0,
    ResponseUnit.IC50_NM: 1e-3,
    ResponseUnit.IC50_M: 1e6,
    ResponseUnit.LN_IC50_UM: 1.0,
    ResponseUnit.LOG10_IC50_UM: 1.0,
    ResponseUnit.LOG10_IC50_M: 1e6,
}
"""Micromolar in the concentration that a unit is about; a column of units must say the same."""
_CONCENTRATIONS = (ResponseUnit.IC50_UM, ResponseUnit.IC50_NM, ResponseUnit.IC50_M)


class ResponseCells(NamedTuple):
    """One value for every row, and why a row has none. Axis: m row."""

    values: Float[np.ndarray, " m"]
    """Values in the unit's measure; NaN where there is none."""
    text: "pd.Series[str]"
    """The cells as written."""
    reasons: "pd.Series[str]"
    """Why a row has no value; blank where it has one."""
    problems: tuple[Finding, ...]
    """What cannot be read, is of another unit than the name says, or is no concentration."""
    bounds: Float[np.ndarray, " m"]
    """In the unit's measure, what a value is only known to lie above or below; NaN where it is no bound."""
    above: Bool[np.ndarray, " m"]
    """Whether the true value lies above the bound, in the unit's measure."""


class _Factors(NamedTuple):
    """Factors that the numbers of rows are multiplied by, and why a row has none. Axis: m row."""

    factors: Float[np.ndarray, " m"]
    reasons: "pd.Series[str]"
    problems: tuple[Finding, ...] = ()


def response_cells(frame: ResponseFrame, value: ValueColumn) -> ResponseCells:
    """Every row's value in the measure of its unit.

    A number that is only known to lie above or below another is a bound and no value; one with its unit behind it
    counts in that.
    """
    text = frame.text(value.name)
    numbers = frame.numbers(value.name).copy()
    reasons, signs = pd.Series("", index=text.index), pd.Series("", index=text.index)
    if value.bounds:
        signs = frame.text(value.bounds)
        signs = signs.where(signs.map(lambda sign: bool(_SIGN.fullmatch(sign))), "")
        reasons[signs != ""] = ONLY_A_BOUND
    unread = text[~np.isfinite(numbers)]
    blank = unread.map(is_missing).to_numpy(bool)
    parts = unread.map(_bound_in)
    bound = parts.map(lambda part: part[0] != "").to_numpy(bool)
    reasons[unread.index[blank]] = f"no {value.name}"
    reasons[unread.index[bound]] = ONLY_A_BOUND
    behind = parts[bound].map(itemgetter(1))
    signs[behind.index] = parts[bound].map(itemgetter(0))
    numbers[text.index.get_indexer(behind.index)] = [number_in(cell) for cell in behind]
    other = unread[~blank & ~bound]
    if value.unit in _CONCENTRATIONS and not value.units_decide:
        written = pd.concat([other, behind])
        stating = written[written.map(lambda cell: states_unit(cell, MICROMOLAR_PER_UNIT)).to_numpy(bool)]
        found = quantities(stating, pd.Series("", index=stating.index), MICROMOLAR_PER_UNIT)
        numbers[text.index.get_indexer(stating.index)] = found / _PER_COLUMN[value.unit]
        other = other.drop(stating.index, errors="ignore")
    lost = behind[np.isnan(numbers[text.index.get_indexer(behind.index)])]
    problems = [*_unreadable(value, pd.concat([other, text[lost.index]]))]
    reasons[other.index] = f"no number in {value.name}"
    if value.units:
        per = _factors(frame.text(value.units), value)
        numbers = numbers * per.factors
        reasons = reasons.where(reasons != "", per.reasons)
        problems += per.problems
    if value.unit in _CONCENTRATIONS:
        problems += _below_zero(value, text[(numbers < 0) & (reasons == "")])
        reasons[(numbers == 0) & (reasons == "")] = "0 has no logarithm"
    values = converted(numbers, value.unit)
    is_bound = (reasons == ONLY_A_BOUND).to_numpy(bool) & np.isfinite(values)
    bounds = np.where(is_bound, values, np.nan)
    above = signs.map(lambda sign: any(one in sign for one in _ABOVE)).to_numpy(bool) ^ is_reversed(value.unit)
    values[(reasons != "").to_numpy(bool)] = np.nan
    return ResponseCells(values, text, reasons, tuple(problems), bounds, above)


def _bound_in(cell: str) -> tuple[str, str]:
    """The sign of a bound, blank where it is none, and what stands behind it."""
    match = _BOUND.fullmatch(cell)
    return (match[1], match[2]) if match else ("", cell)


def _unreadable(value: ValueColumn, cells: "pd.Series[str]") -> Iterator[Finding]:
    """The problem of cells with a number that we do not understand; words and marks of spreadsheets hold none."""
    odd = cells[[not cell.startswith("#") and any(sign.isdigit() for sign in cell) for cell in cells]]
    if len(odd):
        what = f"{counted(len(odd), 'value')} of {value.name!r} cannot be read as a number"
        do = "write plain numbers with a decimal point, without marks of thousands, and leave out what is none"
        yield problem(Topic.LAYOUT, what, got=first_five(dict.fromkeys(odd)), do=do)


def _factors(said: "pd.Series[str]", value: ValueColumn) -> _Factors:
    """What a column of units means for each row: a factor, where it decides; else a problem, where it disagrees."""
    per = said.map(micromolar_per).to_numpy(np.float64)
    nothing = pd.Series("", index=said.index)
    if value.units_decide:
        unknown = said.map(lambda unit: f"unit {unit!r} is no concentration" if unit else "no unit")
        return _Factors(per, nothing.where(np.isfinite(per), unknown))
    ours = _PER_COLUMN.get(value.unit)
    against = np.isfinite(per) & (per != ours)
    if ours is None or not against.any():
        return _Factors(np.ones(len(said)), nothing)
    what = f"{counted(int(against.sum()), 'row')} of {value.units!r} say another unit than {value.unit}"
    do = f"call the values 'ic50' and state no unit, to read each row's from {value.units!r}, or correct that"
    torn = problem(Topic.UNITS, what, got=first_five(dict.fromkeys(said[against])), do=do)
    return _Factors(np.ones(len(said)), nothing, (torn,))


def _below_zero(value: ValueColumn, cells: "pd.Series[str]") -> Iterator[Finding]:
    """The problem of concentrations that are negative."""
    if len(cells):
        do = "name them ln_ic50 or log10_ic50_um if they are logarithms, or correct them"
        yield value.cannot_hold(cells, "concentrations above zero", do)
