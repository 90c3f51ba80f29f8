"""The values of a table of responses as numbers in one unit: which cells are bounds, state a unit, or hold none."""

import re
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.errors import Fault, SourceError, TableError, counted, first_five
from drugripple.sources.user.delimited import is_missing
from drugripple.sources.user.response_columns import ResponseColumns, column_text, numbers_of
from drugripple.sources.user.response_units import ResponseUnit, converted
from drugripple.sources.user.stated_units import MICROMOLAR_PER_UNIT, micromolar_per, quantities, states_unit

ONLY_A_BOUND = "only a bound"
_SIGN = re.compile(r"[<>\u2264\u2265]=?|={1,2}[<>]")
_BOUND = re.compile(rf"({_SIGN.pattern})\s*[-+]?[\d.,]+.*")
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
    """In the unit's measure; NaN where there is none."""
    reasons: "pd.Series[str]"
    """Blank where a row has a value."""


def response_cells(where: str, frame: pd.DataFrame, columns: ResponseColumns) -> ResponseCells:
    """Every row's value in the measure of its unit.

    A number that is only known to lie above or below another is left out; one with its unit behind it counts in that.

    Raises:
        SourceError: if cells hold numbers that cannot be read, or a column of units says another than the values' name.
        TableError: if concentrations are below zero.
    """
    text = column_text(frame, columns.value)
    numbers = numbers_of(frame[columns.value]).copy()
    reasons = pd.Series("", index=frame.index)
    if columns.bounds:
        reasons[column_text(frame, columns.bounds).map(lambda sign: bool(_SIGN.fullmatch(sign)))] = ONLY_A_BOUND
    unread = text[~np.isfinite(numbers)]
    blank = unread.map(is_missing).to_numpy(bool)
    bound = unread.map(lambda cell: bool(_BOUND.fullmatch(cell))).to_numpy(bool)
    reasons[unread.index[blank]] = f"no {columns.value}"
    reasons[unread.index[bound]] = ONLY_A_BOUND
    other = unread[~blank & ~bound]
    if columns.unit in _CONCENTRATIONS and not columns.units_decide:
        stating = other[other.map(lambda cell: states_unit(cell, MICROMOLAR_PER_UNIT)).to_numpy(bool)]
        found = quantities(stating, pd.Series("", index=stating.index), MICROMOLAR_PER_UNIT)
        numbers[frame.index.get_indexer(stating.index)] = found / _PER_COLUMN[columns.unit]
        other = other.drop(stating.index)
    _refuse_unreadable(where, columns, other)
    reasons[other.index] = f"no number in {columns.value}"
    if columns.units:
        numbers = numbers * _factors(where, frame, columns, reasons)
    if columns.unit in _CONCENTRATIONS:
        _refuse_below_zero(where, columns, text[(numbers < 0) & (reasons == "")])
        reasons[(numbers == 0) & (reasons == "")] = "0 has no logarithm"
    values = converted(numbers, columns.unit)
    values[(reasons != "").to_numpy(bool)] = np.nan
    return ResponseCells(values, reasons)


def _refuse_unreadable(where: str, columns: ResponseColumns, cells: "pd.Series[str]") -> None:
    """Refuse cells with a number that we do not understand; words and marks of spreadsheets hold none.

    Raises:
        SourceError: with the first five.
    """
    odd = cells[[not cell.startswith("#") and any(sign.isdigit() for sign in cell) for cell in cells]]
    if len(odd):
        what = f"{counted(len(odd), 'value')} of {columns.value!r} cannot be read as a number"
        do = "write plain numbers with a decimal point, without marks of thousands, and leave out what is none"
        raise SourceError(Fault(where, what, first_five(dict.fromkeys(odd)), do=do))


def _factors(
    where: str, frame: pd.DataFrame, columns: ResponseColumns, reasons: "pd.Series[str]"
) -> Float[np.ndarray, " m"]:
    """By what each row's number is multiplied, by the column of units; says in `reasons` which unit is unknown.

    Raises:
        SourceError: if the values' name, or the user, says another unit than the column.
    """
    said = column_text(frame, columns.units)
    per = said.map(micromolar_per).to_numpy(np.float64)
    if columns.units_decide:
        unknown = ~np.isfinite(per) & (reasons == "").to_numpy(bool)
        reasons[unknown] = said[unknown].map(lambda unit: f"unit {unit!r} is no concentration" if unit else "no unit")
        return per
    ours = _PER_COLUMN.get(columns.unit)
    against = np.isfinite(per) & (per != ours)
    if ours is not None and against.any():
        what = f"{counted(int(against.sum()), 'row')} of {columns.units!r} say another unit than {columns.unit}"
        do = f"call the values 'ic50' and state no unit, to read each row's from {columns.units!r}, or correct that"
        raise SourceError(Fault(where, what, first_five(dict.fromkeys(said[against])), do=do))
    return np.ones(len(frame))


def _refuse_below_zero(where: str, columns: ResponseColumns, cells: "pd.Series[str]") -> None:
    """Refuse concentrations that are negative.

    Raises:
        TableError: with the first five.
    """
    if len(cells):
        what = f"{counted(len(cells), 'value')} of {columns.value!r} cannot be {columns.unit}"
        do = "name them ln_ic50 or log10_ic50_um if they are logarithms, or correct them"
        raise TableError(Fault(where, what, first_five(cells), "concentrations above zero", do))
