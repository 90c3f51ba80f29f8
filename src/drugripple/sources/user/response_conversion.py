"""How the numbers of each unit become those of its measure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log

import numpy as np
from jaxtyping import Float

from drugripple.data.measure import Measure
from drugripple.sources.user.response_units import ResponseUnit

LN10 = log(10.0)


@dataclass(frozen=True)
class _Conversion:
    measure: Measure
    convert: Callable[[Float[np.ndarray, " m"]], Float[np.ndarray, " m"]]
    formula: str
    """The conversion in words; blank where nothing is converted."""


def _as_given(values: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    return values


def _ln(factor: float) -> Callable[[Float[np.ndarray, " m"]], Float[np.ndarray, " m"]]:
    def convert(values: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log(values) + log(factor)

    return convert


_CONVERSIONS = {
    ResponseUnit.LN_IC50_UM: _Conversion(Measure.LN_IC50, _as_given, ""),
    ResponseUnit.LOG10_IC50_UM: _Conversion(Measure.LN_IC50, lambda x: x * LN10, "ln IC50 = 2.303 log10 IC50"),
    ResponseUnit.LOG10_IC50_M: _Conversion(
        Measure.LN_IC50, lambda x: (x + 6) * LN10, "ln IC50 = 2.303 (log10 IC50 + 6)"
    ),
    ResponseUnit.IC50_UM: _Conversion(Measure.LN_IC50, _ln(1.0), "ln IC50 of micromolar"),
    ResponseUnit.IC50_NM: _Conversion(Measure.LN_IC50, _ln(1e-3), "ln IC50 of nanomolar / 1000"),
    ResponseUnit.IC50_M: _Conversion(Measure.LN_IC50, _ln(1e6), "ln IC50 of molar x 10^6"),
    ResponseUnit.PIC50: _Conversion(Measure.LN_IC50, lambda x: (6 - x) * LN10, "ln IC50 = 2.303 (6 - pIC50)"),
    ResponseUnit.LN_GI50_UM: _Conversion(Measure.LN_GI50, _as_given, ""),
    ResponseUnit.PGI50: _Conversion(Measure.LN_GI50, lambda x: (6 - x) * LN10, "ln GI50 = 2.303 (6 - pGI50)"),
    ResponseUnit.AUC: _Conversion(Measure.AUC, _as_given, ""),
    ResponseUnit.ACTIVITY_AREA: _Conversion(Measure.ACTIVITY_AREA, _as_given, ""),
    ResponseUnit.Z_SCORE: _Conversion(Measure.Z_SCORE, _as_given, ""),
}


def measure_of(unit: ResponseUnit) -> Measure:
    """The measure that a unit is kept in."""
    return _CONVERSIONS[unit].measure


def formula_of(unit: ResponseUnit) -> str:
    """How a unit is converted, in words; blank where it is kept."""
    return _CONVERSIONS[unit].formula


def is_reversed(unit: ResponseUnit) -> bool:
    """Whether a larger number of the unit is a smaller value of its measure.

    >>> is_reversed(ResponseUnit.PIC50), is_reversed(ResponseUnit.IC50_NM)
    (True, False)
    """
    one, two = converted(np.array([1.0, 2.0]), unit)
    return bool(two < one)


def converted(values: Float[np.ndarray, " m"], unit: ResponseUnit) -> Float[np.ndarray, " m"]:
    """Values in the unit's measure; NaN or infinite where a value has none, as the logarithm of zero.

    >>> converted(np.array([7.0]), ResponseUnit.PIC50).round(4).tolist()  # ln of 0.1 uM
    [-2.3026]
    """
    return _CONVERSIONS[unit].convert(values.astype(np.float64))
