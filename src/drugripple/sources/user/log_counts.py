"""Counts behind a logarithm: whole numbers, or whole multiples of one number in each sample."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.sources.user.logarithm import BASES, MILLION, TEN_THOUSAND

Values = Float[np.ndarray, " k"]
VALUES_PROBED = 200_000
SAMPLES_PROBED = 50
FEWEST = 20
"""Values that must show it: by chance each would with a probability of at most 2 · TOLERANCE."""
TOLERANCE = 0.1
MOSTLY = 0.98
SINGLE = 1e-7
"""Relative error of single precision."""
DECIMALS = range(1, 8)
DIGITS_OF_ROUNDING, ROUND_STEP = np.array([1.0, 2.0, 5.0, 10.0]), 1e-4
ESTIMATED, ESTIMATED_BELOW, ESTIMATED_AT_LEAST = 1 / 3, 10.0, 50
"""This share of so many numbers from 1 to below 10 is whole where a program estimated counts (RSEM: four fifths); with
one decimal a tenth is, and so it is with two digits."""
SMALL_ERROR = 0.02
"""Numbers that are known less well are close to a whole one by chance."""
ALL_GENES = 10_000
"""With fewer genes than these, what they add up to says nothing, or in several samples at most."""
EXACTLY, NEARLY = 0.002, 0.02
"""Rounded values add up to a little more or less; so do those of all genes to which a little was added."""


class WayBack(NamedTuple):
    """How to get counts back from what a transform made of them, and how steep that way is."""

    counts: Callable[[Values], Values]
    slope: Callable[[Values], Values]


def _from_log(base: float, added: float) -> WayBack:
    return WayBack(lambda x: base**x - added, lambda x: base**x * np.log(base))


WAYS_BACK = {
    "sinh(x)": WayBack(np.sinh, np.cosh),
    **{
        f"{name}^x - {added:g}": _from_log(base, added)
        for added in (1.0, 0.5, 0.25, 0.1)
        for name, base in zip(("2", "e", "10"), BASES, strict=True)
    },
}
"""The ways back by their formula: that of arcsinh first, because e^x - 1 makes whole numbers of it, too, then those of
log(x + 1) to usual bases, and of what else is added to counts."""


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
            if close.mean() >= MOSTLY or estimated_counts(counts[sharp], inexact[sharp]):
                return name
    return ""


def estimated_counts(linear: Values, inexact: Values | float = 0.0) -> bool:
    """Whether so many small numbers are whole, each known but for so much, that the others are parts of counts.

    >>> parts = np.arange(1, 9, 0.0625)
    >>> estimated_counts(parts), estimated_counts(np.where(np.arange(len(parts)) % 2, parts, np.round(parts)))
    (False, True)
    """
    error = np.broadcast_to(inexact, linear.shape)
    small = (linear > max(0.5, float(linear.min(initial=np.inf)))) & (linear < ESTIMATED_BELOW) & (error < SMALL_ERROR)
    part = linear[small]
    if len(part) < ESTIMATED_AT_LEAST:  # without the lowest, which many zeros may have become
        return False
    whole = np.abs(part - np.round(part)) <= error[small] + SINGLE
    return bool(whole.mean() >= ESTIMATED and len(np.unique(np.round(part[whole]))) > ESTIMATED_BELOW / 2)


def scaled_counts(values: Float[np.ndarray, "n g"], base: float, *, from_lowest: bool = False) -> bool:
    """Whether b^x - 1 are whole multiples of one number in each sample, which differs between samples: scaled counts.

    A number that all samples share is the last decimal of rounded values, not what a library was divided by.

    Args:
        values: logarithms.
        base: their base.
        from_lowest: a sample's lowest value stands for the fewest counts, in place of 0 for none.
    """
    found = []
    for row in probed(values):
        present = row[np.isfinite(row)].astype(np.float64)
        low = float(present.min()) if from_lowest else 0.0
        error = _rounding(present)[present > low]
        present = present[present > low]
        inexact = base**present * np.log(base) * error
        found.append(_multiples(base**present - base**low, inexact, 1.0 + from_lowest))
    told = [one for one in found if one is not None]
    units = [one.unit for one in told]
    return bool(len(told) > 1 and max(units) > 1.001 * min(units) and 2 * sum(one.whole for one in told) > len(told))


def counts_by_size(values: Float[np.ndarray, "n g"]) -> bool:
    """Whether linear values are whole multiples of one number in each sample: counts divided by size factors, or CPM.

    >>> counts = np.arange(1.0, 81).reshape(2, 40)
    >>> counts_by_size(counts / [[0.83], [1.31]]), counts_by_size(np.sqrt(counts))
    (True, False)
    """
    found = []
    for row in probed(values):
        present = row[np.isfinite(row)].astype(np.float64)
        found.append(_multiples(present[present > 0], _rounding(present)[present > 0], 1.0))
    told = [one.whole for one in found if one is not None]
    return 2 * sum(told) > len(told)


class _Multiples(NamedTuple):
    """The least number of a sample, and whether the others are whole multiples of it."""

    unit: float
    whole: bool


def _multiples(linear: Values, inexact: Values, slack: float) -> _Multiples | None:
    """Whether numbers above 0, each known but for so much, are multiples of one; None where too few tell.

    The least of the numbers is tried first, then, as where low counts were filtered out, the step between neighbours.
    """
    if len(linear) < FEWEST or not linear.min():  # too small a step for the precision of one
        return None
    by_least = _by_unit(linear, inexact, float(linear.min()), inexact[linear.argmin()], slack)
    if by_least is not None and by_least.whole:
        return by_least
    step = _step(linear, inexact)
    return by_least if step is None else _by_unit(linear, inexact, step, 0.0, 2 * slack) or by_least


def _by_unit(linear: Values, inexact: Values, unit: float, unit_inexact: float, slack: float) -> _Multiples | None:
    multiple = linear / unit
    off = (inexact + multiple * unit_inexact) / unit
    sharp = (off < TOLERANCE) & (multiple > 1.5)
    if sharp.sum() < FEWEST:
        return None
    close = np.abs(multiple[sharp] - np.round(multiple[sharp])) <= off[sharp] * slack + SINGLE
    return _Multiples(unit, bool(close.mean() >= MOSTLY))


def _step(linear: Values, inexact: Values) -> float | None:
    """The least step between neighbours, made exact by ever larger numbers; None where no step stands out.

    A step of 1, 2 or 5 in a decimal place comes from rounding, not from the size of a library.
    """
    order = np.argsort(linear)
    steps, doubt = np.diff(linear[order]), inexact[order][1:] + inexact[order][:-1]
    steps = steps[doubt < TOLERANCE * steps]
    alike = steps[steps < 1.3 * steps.min()] if len(steps) else steps
    if len(alike) < FEWEST:
        return None
    step, reach = float(alike.mean()), 2 * float(linear.min())
    while True:
        near = linear[linear < reach]
        times = np.round(near / step)
        step = float(times @ near / (times @ times)) if times.any() else step
        if len(near) == len(linear):
            break
        reach *= 2
    digits = step / 10.0 ** np.floor(np.log10(step))
    return None if np.any(np.abs(digits / DIGITS_OF_ROUNDING - 1) < ROUND_STEP) else step


def _rounding(values: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """How far each value may lie from what it was before it was written with few decimals, or in single precision."""
    error = SINGLE * np.abs(values)
    for decimals in DECIMALS:
        if np.all(np.abs(values - np.round(values, decimals)) <= error + SINGLE):
            return error + 0.5 * 10.0**-decimals
    return error


def probed(every: Float[np.ndarray, "s a"]) -> Sequence[Float[np.ndarray, " a"]]:
    """Some samples that hold numbers, evenly spaced."""
    some = every[:: -(-len(every) // SAMPLES_PROBED) or 1]
    return [row for row in some if np.isfinite(row).any()]


def sums_of_powers(row: Float[np.ndarray, " a"], base: float, lowest: float) -> float:
    """What a sample adds up to if its values are logarithms, of which `lowest` is that of a zero."""
    finite = row[np.isfinite(row)]
    with np.errstate(over="ignore"):
        return float(np.sum(base**finite)) - len(finite) * base**lowest


def totals_that_fit(every: Float[np.ndarray, "s a"], *, lowest: float = 0.0) -> list[tuple[float, float]]:
    """The bases under which all samples add up to ten thousand or a million, and which of the two; none where none do.

    >>> totals_that_fit(np.log2(np.array([[4e3, 6e3], [1e3, 9e3]]) + 1))
    [(2.0, 10000.0)]
    """
    rows = probed(every)
    all_genes = every.shape[1] >= ALL_GENES
    if not rows or (len(rows) == 1 and not all_genes):  # some add up so by chance
        return []
    within = NEARLY if all_genes else EXACTLY
    fits = [(base, total) for base in BASES for total in (TEN_THOUSAND, MILLION)]
    for row in rows:
        sums = {base: sums_of_powers(row, base, lowest) for base, _ in fits}
        fits = [(base, total) for base, total in fits if abs(sums[base] / total - 1) < within]
    return fits


def add_up_to_a_million(every: Float[np.ndarray, "s a"]) -> bool:
    """Whether all genes of each of several samples add up to a million, as TPM do and counts only by chance."""
    if len(every) < 2 or every.shape[1] < ALL_GENES:
        return False
    return bool(np.all(np.abs(np.nansum(every.astype(np.float64), axis=1) / MILLION - 1) < NEARLY))
