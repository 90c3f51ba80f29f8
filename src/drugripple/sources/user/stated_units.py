"""Doses and times with the unit beside the number or in a column of its own, as micromolar and hours."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.sources.user.delimited import number_in

MICROMOLAR_PER_UNIT: Mapping[str, float] = {
    "um": 1.0, "umol/l": 1.0, "micromolar": 1.0, "nm": 1e-3, "nmol/l": 1e-3, "nanomolar": 1e-3, "pm": 1e-6,
    "pmol/l": 1e-6, "mm": 1e3, "mmol/l": 1e3, "millimolar": 1e3, "m": 1e6, "mol/l": 1e6, "molar": 1e6,
}  # fmt: skip
HOURS_PER_UNIT: Mapping[str, float] = {
    "h": 1.0, "hr": 1.0, "hrs": 1.0, "hour": 1.0, "hours": 1.0, "min": 1 / 60, "mins": 1 / 60, "minute": 1 / 60,
    "minutes": 1 / 60, "d": 24.0, "day": 24.0, "days": 24.0,
}  # fmt: skip
_QUANTITY = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{1,3})?)\s*(.*)", re.IGNORECASE | re.DOTALL)
_MICRO = re.compile("^[\u00b5\u03bc\ufffd]")
"""The micro sign, or what a wrong encoding left of it."""


def quantities(cells: pd.Series, units: pd.Series, per_unit: Mapping[str, float]) -> Float[np.ndarray, " r"]:
    """Each cell in the unit that counts as 1; NaN where it is not above 0, or its unit is unknown or contradicted.

    Args:
        cells: numbers, with or without a unit behind them.
        units: the unit of each row from a column of its own, blank where it has none.
        per_unit: how much of ours each unit is.

    >>> cells = pd.Series(["10.0um", "500 nM", "1", "-666", "3 um"])
    >>> quantities(cells, pd.Series(["", "", "mM", "um", "nM"]), MICROMOLAR_PER_UNIT).tolist()
    [10.0, 0.5, 1000.0, nan, nan]
    """
    if cells.empty:
        return np.empty(0)
    codes, distinct = pd.factorize(pd.MultiIndex.from_arrays([cells, units]))
    values = np.array([_quantity(cell, unit, per_unit) for cell, unit in distinct], dtype=np.float64)
    return values[codes]


def in_ours(cell: str, per_unit: Mapping[str, float]) -> str:
    """A cell that states its unit, as a number in ours; any other cell as it is.

    >>> in_ours("500 nM", MICROMOLAR_PER_UNIT), in_ours("1440 min", HOURS_PER_UNIT), in_ours("10", HOURS_PER_UNIT)
    ('0.5', '24.0', '10')
    """
    if not states_unit(cell, per_unit):
        return cell
    return repr(_quantity(cell, "", per_unit))


def states_unit(cell: str, per_unit: Mapping[str, float]) -> bool:
    """Whether a cell holds a number above 0 with a unit that we know.

    >>> states_unit("10.0um", MICROMOLAR_PER_UNIT), states_unit("10", MICROMOLAR_PER_UNIT)
    (True, False)
    """
    value = _quantity(cell, "", per_unit)
    return value == value


def micromolar_per(unit: str) -> float:
    """How many micromolar a unit is; NaN for what is no concentration.

    >>> micromolar_per("nM"), micromolar_per("\u00b5mol/L"), micromolar_per("%")
    (0.001, 1.0, nan)
    """
    return MICROMOLAR_PER_UNIT.get(_spelt(unit), np.nan)


def _quantity(cell: str, unit: str, per_unit: Mapping[str, float]) -> float:
    match = _QUANTITY.fullmatch(cell.strip())
    if not match:
        return np.nan
    said = {per_unit.get(text, np.nan) for text in (_spelt(match[2]), _spelt(unit)) if text}
    value = number_in(match[1]) * said.pop() if len(said) == 1 else np.nan
    return value if value > 0 else np.nan


def _spelt(unit: str) -> str:
    text = _MICRO.sub("u", unit.strip().lower())
    return "" if text in ("-666", "nan", "na") else text
