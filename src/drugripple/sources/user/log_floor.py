"""What was added to numbers before their logarithm was taken: the lowest value, that of zeros, tells."""

import numpy as np
from jaxtyping import Float

from drugripple.sources.user.log_counts import probed, sums_of_powers, totals_that_fit
from drugripple.sources.user.logarithm import BASES, MILLION, Added, Logarithm

FLOOR_LOWEST = 0.9e-6
"""The smallest number that is added before a logarithm."""
FLOOR_VALUES = 3
FLOOR_GAP = 0.05
"""Where counts of zero become one lowest value, the next value is that of a count of one, well above it."""
TOTAL_AT_MOST = 3 * MILLION
"""Factors as those of TMM take what a sample adds up to so far from a million at most."""
USUAL, POSSIBLE = np.log10([1, 2.5, 3, 5, 10]), np.log10([1, 1.25, 2, 2.5, *range(3, 11)])
"""Digits of numbers that people add: 0.5, 0.25, 0.03, ..., and of those that they may add."""
ALMOST, EXACT = 5e-3, 6e-5
"""How far a lowest value lies from the logarithm of such a number where it may be one, and where it is."""


def values_at_floor(finite: Float[np.ndarray, " k"]) -> int:
    """How many values share the lowest, if the next lies well above it: zeros of sequencing; else none."""
    distinct = np.unique(finite)
    count, steps = int((finite == distinct[0]).sum()), np.diff(distinct)
    gap = max(FLOOR_GAP, 3 * steps.min())  # wider than a step of rounded values
    return count if count >= FLOOR_VALUES and steps[0] > gap else 0


def is_logarithm_of_round(low: float, base: float) -> bool:
    """Whether a value is the logarithm of a number that people add.

    >>> is_logarithm_of_round(-6.64386, 2.0), is_logarithm_of_round(-1.0, 2.0), is_logarithm_of_round(-6.64386, 10.0)
    (True, True, False)
    """
    return bool(base**low >= FLOOR_LOWEST and _distance(low, base, USUAL) <= EXACT)


def _may_be_log2(low: float) -> bool:
    return low == round(low) or _distance(low, 2.0, POSSIBLE) <= ALMOST


def _distance(low: float, base: float, digits: Float[np.ndarray, " d"]) -> float:
    places = low * np.log10(base)
    return float(np.abs(places - np.floor(places) - digits).min() / np.log10(base))


def possible_floors(every: Float[np.ndarray, "s a"], low: float) -> tuple[Logarithm, ...]:
    """The logarithms whose zeros are the lowest value; several where the numbers do not tell one base from another.

    All genes add up to a million or ten thousand in one base. Where they do not, or are not all there, a base is
    possible if no sample adds up to much more than a million, and told if it alone makes the lowest value the
    logarithm of a round number, which that to base 2 is more readily taken to be.
    """
    if fits := totals_that_fit(every, lowest=low):
        return tuple(Logarithm(base, Added.LOWEST, total) for base, total in fits)
    rows = probed(every)
    small = {base for base in BASES if max(sums_of_powers(row, base, low) for row in rows) <= TOTAL_AT_MOST} | {2.0}
    small = {base for base in small if base**low >= FLOOR_LOWEST}
    round_ones = {base for base in BASES if is_logarithm_of_round(low, base)}
    told = small & round_ones
    told = told | {2.0} if told and _may_be_log2(low) else told
    return tuple(Logarithm(base, Added.LOWEST) for base in sorted(told or small | round_ones))


def own_floors(every: Float[np.ndarray, "s a"]) -> Logarithm | None:
    """The logarithm whose powers add up in samples that differ in their lowest value: of voom, edgeR, or no zeros."""
    fits = totals_that_fit(every, lowest=-np.inf)
    return Logarithm(fits[0][0], Added.NOTHING, fits[0][1]) if len(fits) == 1 and not shares_lowest(every) else None


def shares_lowest(every: Float[np.ndarray, "s a"]) -> bool:
    """Whether most samples have one lowest value."""
    lowest = np.array([np.nanmin(row) for row in probed(every)])
    return bool(len(lowest) and 2 * np.sum(lowest == lowest.min()) > len(lowest))
