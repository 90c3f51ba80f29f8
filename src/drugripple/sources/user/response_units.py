"""Units that published and users' response tables come in, and how each becomes a `Measure`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import log

import numpy as np
from jaxtyping import Float

from drugripple.data.response import Measure

LN10 = log(10.0)
LARGEST_LN_IC50 = 30.0
"""Beyond e^30 micromolar lies no concentration: larger numbers are on another scale."""


class ResponseUnit(StrEnum):
    """What the numbers of a response column are."""

    LN_IC50_UM = "ln_ic50_um"
    LOG10_IC50_UM = "log10_ic50_um"
    LOG10_IC50_M = "log10_ic50_m"
    IC50_UM = "ic50_um"
    IC50_NM = "ic50_nm"
    IC50_M = "ic50_m"
    PIC50 = "pic50"
    """-log10 of the IC50 in molar."""
    LN_GI50_UM = "ln_gi50_um"
    PGI50 = "pgi50"
    """-log10 of the GI50 in molar."""
    AUC = "auc"
    """Area under the dose-response curve; lower is more sensitive."""
    ACTIVITY_AREA = "activity_area"
    """Area above the dose-response curve; higher is more sensitive."""
    Z_SCORE = "z_score"


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

COLUMNS = {
    "lnic50": ResponseUnit.LN_IC50_UM,
    "lnic50um": ResponseUnit.LN_IC50_UM,
    "lnic50curvecurator": ResponseUnit.LN_IC50_UM,
    "log10ic50um": ResponseUnit.LOG10_IC50_UM,
    "log10ic50m": ResponseUnit.LOG10_IC50_M,
    "ic50um": ResponseUnit.IC50_UM,
    "ic50micromolar": ResponseUnit.IC50_UM,
    "ic50umoll": ResponseUnit.IC50_UM,
    "ic50nm": ResponseUnit.IC50_NM,
    "ic50nanomolar": ResponseUnit.IC50_NM,
    "ic50nmoll": ResponseUnit.IC50_NM,
    "ic50molar": ResponseUnit.IC50_M,
    "pic50": ResponseUnit.PIC50,
    "neglog10ic50m": ResponseUnit.PIC50,
    "lngi50um": ResponseUnit.LN_GI50_UM,
    "lngi50": ResponseUnit.LN_GI50_UM,
    "pgi50": ResponseUnit.PGI50,
    "neglog10gi50molar": ResponseUnit.PGI50,
    "auc": ResponseUnit.AUC,
    "aucctrp": ResponseUnit.AUC,
    "auccurvecurator": ResponseUnit.AUC,
    "areaundercurve": ResponseUnit.AUC,
    "actarea": ResponseUnit.ACTIVITY_AREA,
    "activityarea": ResponseUnit.ACTIVITY_AREA,
    "zscore": ResponseUnit.Z_SCORE,
    "znegloggi50": ResponseUnit.Z_SCORE,
}
"""Units by the column's name in lower case without signs, the preferred first where a table has several."""

UNCLEAR = frozenset(
    {
        *("ic50", "logic50", "log10ic50", "log2ic50", "ec50", "response", "value", "standardvalue", "y", "label"),
        "gi50",
    }
)
"""Columns that hold a response, but do not say in which unit."""
CONCENTRATIONS = frozenset({"ic50", "value", "standardvalue"})
"""Those of them that may be concentrations: a column of units says which."""


def plain(name: str) -> str:
    """A column's name in lower case without signs, the micro sign as u.

    >>> plain("IC50 (µM)")
    'ic50um'
    """
    return re.sub(r"[^a-z0-9]", "", re.sub("[\u00b5\u03bc]", "u", name).lower())


def measure_of(unit: ResponseUnit) -> Measure:
    """The measure that a unit is kept in."""
    return _CONVERSIONS[unit].measure


def formula_of(unit: ResponseUnit) -> str:
    """How a unit is converted, in words; blank where it is kept."""
    return _CONVERSIONS[unit].formula


def converted(values: Float[np.ndarray, " m"], unit: ResponseUnit) -> Float[np.ndarray, " m"]:
    """Values in the unit's measure; NaN or infinite where a value has none, as the logarithm of zero.

    >>> converted(np.array([7.0]), ResponseUnit.PIC50).round(4).tolist()  # ln of 0.1 uM
    [-2.3026]
    """
    return _CONVERSIONS[unit].convert(values.astype(np.float64))
