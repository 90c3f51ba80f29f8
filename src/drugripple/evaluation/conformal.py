"""Intervals that hold: split-conformal prediction, a kind of pair at a time, scaled by the predicted deviation.

    ŷ ± q sd,    q: the ⌈(r + 1) level⌉-th smallest of the r scores |y - ŷ| / sd of pairs that no fit had seen

What was not seen when ŷ and sd were fitted is covered with probability `level`, whatever the errors' distribution, as
long as new pairs of a kind are like those that gave the scores.

Source: Papadopoulos, Gammerman and Vovk 2008 (normalised scores); Vovk, Lindsay, Nouretdinov and Gammerman 2003
(Mondrian: one set of scores per kind).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.data.pair_kind import KINDS
from drugripple.errors import TrainingError
from drugripple.evaluation.metrics import spearman

STEPS = 2000
"""Levels between 0 and 1 that are kept."""
FEWEST_SCORES = 100
"""A kind with fewer scores is calibrated with those of all kinds."""


@dataclass(frozen=True)
class ConformalIntervals:
    """How many predicted deviations an interval reaches, per kind of pair. Axes: k kind, l level."""

    factors: Float[np.ndarray, "k l"]
    """q of each kind in `data.pair_kind.KINDS` at the levels 0, 1/2000, …, 1; infinite where scores are too few."""

    @classmethod
    def fit(
        cls, error: Float[np.ndarray, " m"], deviation: Float[np.ndarray, " m"], kind: Int[np.ndarray, " m"]
    ) -> "ConformalIntervals":
        """Fit the intervals to errors of pairs that took no part in any fit.

        Args:
            error: measured less predicted.
            deviation: predicted standard deviation of each.
            kind: place in `data.pair_kind.KINDS` of each.

        Raises:
            TrainingError: if there are fewer than 100 pairs, or a deviation is not above zero.
        """
        if len(error) < FEWEST_SCORES or not (deviation > 0).all():
            message = (
                f"intervals need at least {FEWEST_SCORES} pairs with a deviation above 0, got {len(error)} pairs and a "
                f"smallest deviation of {deviation.min() if len(error) else float('nan')}"
            )
            raise TrainingError(message)
        score = np.abs(error) / deviation
        by_kind = [score[kind == number] for number in range(len(KINDS))]
        return cls(np.stack([_factors(found if len(found) >= FEWEST_SCORES else score) for found in by_kind]))

    def half_width(
        self, deviation: Float[np.ndarray, " m"], kind: Int[np.ndarray, " m"], level: float
    ) -> Float[np.ndarray, " m"]:
        """q sd of pairs, at the next level that was kept.

        >>> intervals = ConformalIntervals(np.tile(np.linspace(0.0, 4.0, STEPS + 1), (4, 1)))
        >>> intervals.half_width(np.array([1.0, 3.0]), np.array([0, 2]), 0.5).tolist()
        [2.0, 6.0]
        """
        return self.factors[kind, int(np.ceil(level * STEPS - 1e-9))] * deviation


def _factors(score: Float[np.ndarray, " r"]) -> Float[np.ndarray, " l"]:
    """The ⌈(r + 1) level⌉-th smallest score at each level."""
    ordered = np.append(np.sort(score), np.inf)
    place = np.ceil((len(score) + 1) * np.arange(STEPS + 1) / STEPS - 1e-9).astype(np.int64)
    return ordered[np.clip(place - 1, 0, len(score))]


def calibrated_elsewhere(
    error: Float[np.ndarray, " m"],
    deviation: Float[np.ndarray, " m"],
    kind: Int[np.ndarray, " m"],
    fold: Int[np.ndarray, " m"],
) -> Iterator[tuple[Bool[np.ndarray, " m"], ConformalIntervals]]:
    """Each fold's pairs, and intervals from the pairs of all other folds."""
    for number in np.unique(fold).tolist():
        own = fold == number
        yield own, ConformalIntervals.fit(error[~own], deviation[~own], kind[~own])


class IntervalScore(NamedTuple):
    """How intervals did on pairs whose values they had not seen."""

    pairs: int
    coverage: float
    """Share of values inside."""
    width: float
    """Mean width."""
    informative: float
    """Spearman correlation of the half width with the absolute error; 0 where widths say nothing."""


def score_intervals(error: Float[np.ndarray, " m"], half_width: Float[np.ndarray, " m"]) -> IntervalScore:
    """Coverage and width of intervals, and whether they are narrower where the error is smaller."""
    inside: Bool[np.ndarray, " m"] = np.abs(error) <= half_width
    return IntervalScore(
        len(error),
        float(inside.mean()) if len(error) else float("nan"),
        float(2 * half_width.mean()) if len(error) else float("nan"),
        spearman(half_width, np.abs(error)),
    )
