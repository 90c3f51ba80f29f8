"""Counts behind a logarithm: whole numbers, or whole multiples of one number in each sample."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Values = Float[np.ndarray, " k"]
BASES = (2.0, float(np.e), 10.0)
VALUES_PROBED = 200_000
SAMPLES_PROBED = 50
FEWEST = 20
"""Values that must show it: by chance each would with a probability of at most 2 · TOLERANCE."""
TOLERANCE = 0.1
MOSTLY = 0.98
SINGLE = 1e-7
"""Relative error of single precision."""
DECIMALS = range(1, 8)
ALL_GENES = 10_000
"""With fewer genes than these, what they add up to says nothing, or in several samples at most."""
TOTALS_WITHIN = 0.002
"""Rounded values add up to a little more or less."""


class WayBack(NamedTuple):
    """How to get counts back from what a transform made of them, and how steep that way is."""

    counts: Callable[[Values], Values]
    slope: Callable[[Values], Values]


def _from_log(base: float) -> WayBack:
    return WayBack(lambda x: base**x - 1, lambda x: base**x * np.log(base))


WAYS_BACK = {
    "sinh(x)": WayBack(np.sinh, np.cosh),
    **{f"{name}^x - 1": _from_log(base) for name, base in zip(("2", "e", "10"), BASES, strict=True)},
}
"""The ways back by their formula: that of arcsinh first, because e^x - 1 makes whole numbers of it, too, then those of
log(x + 1) to usual bases."""


def log_of_counts(values: Values) -> str:
    """How to get whole numbers back from log(x + 1) or arcsinh of counts, such as `2^x - 1`; blank if these are none.

    >>> log_of_counts(np.log2(np.arange(1, 60) ** 2 + 1.0)), log_of_counts(np.linspace(2.03, 12.9, 333))
    ('2^x - 1', '')
    """
    probed = values[:: max(1, len(values) // VALUES_PROBED)].astype(np.float64)
    probed = probed[probed > 0]
    error = _rounding(probed)
    for name, back in WAYS_BACK.items():
        counts, inexact = back.counts(probed), back.slope(probed) * error
        sharp = inexact < TOLERANCE
        whole = np.round(counts[sharp])
        if sharp.sum() >= FEWEST and len(np.unique(whole)) > 2:
            close = np.abs(counts[sharp] - whole) <= inexact[sharp] + SINGLE
            if close.mean() >= MOSTLY:
                return name
    return ""


def scaled_counts(values: Float[np.ndarray, "n g"], base: float) -> bool:
    """Whether b^x - 1 are whole multiples of one number in each sample, which differs between samples: scaled counts.

    A number that all samples share is the last decimal of rounded values, not what a library was divided by.
    """
    units, whole = [], []
    for row in values[:SAMPLES_PROBED].astype(np.float64):
        present = row[np.isfinite(row) & (row > 0)]
        if len(present) < FEWEST:
            continue
        error = _rounding(present)
        linear = base**present - 1
        inexact = (linear + 1) * np.log(base) * error
        unit = linear.min()
        multiple = linear / unit
        off = (inexact + multiple * inexact[linear.argmin()]) / unit
        sharp = (off < TOLERANCE) & (multiple > 1.5)
        if sharp.sum() >= FEWEST:
            close = np.abs(multiple[sharp] - np.round(multiple[sharp])) <= off[sharp] + SINGLE
            units.append(unit)
            whole.append(close.mean() >= MOSTLY)
    return bool(len(units) > 1 and max(units) > 1.001 * min(units) and 2 * sum(whole) > len(whole))


def _rounding(values: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """How far each value may lie from what it was before it was written with few decimals, or in single precision."""
    error = SINGLE * np.abs(values)
    for decimals in DECIMALS:
        if np.all(np.abs(values - np.round(values, decimals)) <= error + SINGLE):
            return error + 0.5 * 10.0**-decimals
    return error


def base_of_totals(every: Float[np.ndarray, "s a"]) -> tuple[float, float] | None:
    """The base under which all samples add up to ten thousand or a million, and which; None where none does.

    >>> base_of_totals(np.log2(np.array([[4e3, 6e3], [1e3, 9e3]]) + 1))
    (2.0, 10000.0)
    """
    if len(every) == 1 and every.shape[1] < ALL_GENES:  # some add up so by chance
        return None
    wide = every.astype(np.float64)
    for base in BASES:
        with np.errstate(over="ignore"):
            sums = np.nansum(base**wide - 1, axis=1)
        for total in (1e4, 1e6):
            if np.all(np.abs(sums / total - 1) < TOTALS_WITHIN):
                return base, total
    return None
