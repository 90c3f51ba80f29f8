"""What was added to numbers before their logarithm was taken: the lowest value, that of zeros, tells."""

import numpy as np
from jaxtyping import Float

from drugripple.sources.user.log_counts import BASES

WITHIN_POWER = 1e-3
"""How far the number of a floor's decimal places may lie from a whole one: four digits of -9.966 for log2(0.001) are
enough."""
COMMON_AT_MOST = 6.5
"""No log10 of parts per million exceeds this by much."""
FLOOR_VALUES = 3
FLOOR_GAP = 0.05
"""Where counts of zero become one lowest value, the next value is that of a count of one, well above it."""
TOTAL, TOTAL_WITHIN = 1e6, 0.02


def values_at_floor(finite: Float[np.ndarray, " k"]) -> int:
    """How many values share the lowest, if the next lies well above it: zeros of sequencing; else none."""
    distinct = np.unique(finite)
    count, steps = int((finite == distinct[0]).sum()), np.diff(distinct)
    gap = max(FLOOR_GAP, 3 * steps.min())  # wider than a step of rounded values
    return count if count >= FLOOR_VALUES and steps[0] > gap else 0


def base_of_floor(low: float, high: float) -> float | None:
    """The base to which the lowest value is the logarithm of 0.1, 0.01, ..., which people add; None if to none.

    >>> base_of_floor(-6.6439, 14.0), base_of_floor(-2.0, 4.2), base_of_floor(-2.0, 14.0)
    (2.0, 10.0, None)
    """
    for base in BASES if high <= COMMON_AT_MOST else BASES[:2]:
        places = -low * np.log10(base)
        if places > 0.5 and abs(places - round(places)) < WITHIN_POWER:
            return base
    return None


def is_log_of_a_million(every: Float[np.ndarray, "s a"]) -> bool:
    """Whether powers of two add up to a million in each of several samples, whose lowest values differ (voom)."""
    measured = every[np.isfinite(every).any(axis=1)].astype(np.float64)
    if not measured.size or np.nanmax(measured) > np.log2(TOTAL) + 1:
        return False
    totals = np.nansum(np.exp2(measured), axis=1)
    return bool(np.ptp(np.nanmin(measured, axis=1)) > 0 and np.all(np.abs(totals / TOTAL - 1) < TOTAL_WITHIN))
