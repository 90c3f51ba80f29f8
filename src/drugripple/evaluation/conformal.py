"""Intervals that hold: split-conformal prediction, a kind of pair at a time, scaled by how hard a pair is to predict.

    ŷ ± q d sd,    q: ⌈(r + 1) level⌉-th smallest of the r scores |y - ŷ| / (d sd) of pairs that no fit had seen

What was not seen when ŷ and sd were fitted is covered with probability `level`, whatever the errors' distribution, as
long as new pairs of a kind are like those that gave the scores. The difficulty d is how much larger scores |y - ŷ| / sd
are than on average. Where the model was trained with the compound, these are the compound's scores, so that intervals
hold for every such compound; else those of pairs for which so much is predicted, as a compound that looks potent is
missed by more than others.

Source: Papadopoulos, Gammerman and Vovk 2008 (normalised scores); Vovk, Lindsay, Nouretdinov and Gammerman 2003
(Mondrian: one set of scores per kind). Ours: d is learnt from the pairs that give the scores, so that the promise holds
as far as these are many.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.data.pair_kind import KINDS, KNOWN_COMPOUND
from drugripple.errors import TrainingError
from drugripple.evaluation.metrics import spearman

STEPS = 2000
"""Levels between 0 and 1 that are kept."""
FEWEST_SCORES = 100
"""A kind with fewer scores is calibrated with those of all kinds."""
PLACES, COMPOUNDS_PER_PART = 10, 20
"""Numbers of predicted responses at which the difficulty is kept, and of compounds for each part of the pairs.
Chosen with split seed 7, where 5 to 20 places gave the same to 1 % of the width."""
COMPOUND_WEIGHT = 20
"""Pairs that the average difficulty counts for in that of one compound. Chosen with split seed 7, where 5 to 100 gave
the same."""
TINY = 1e-6
"""The smallest difficulty, which a part of the pairs reaches only if all of its errors are zero."""


class PredictedPairs(NamedTuple):
    """What a model says of pairs. Axis: m pair."""

    mean: Float[np.ndarray, " m"]
    deviation: Float[np.ndarray, " m"]
    """Predicted standard deviation of a measurement, above zero."""
    kind: Int[np.ndarray, " m"]
    """Place in `data.pair_kind.KINDS`."""
    compound: Int[np.ndarray, " m"]
    """Number of the compound; below 0 for one that has none."""

    def take(self, rows: np.ndarray) -> "PredictedPairs":
        """Some pairs."""
        return PredictedPairs(*(column[rows] for column in self))


@dataclass(frozen=True)
class ConformalIntervals:
    """How many predicted deviations an interval reaches, per kind of pair.

    Axes: k kind, l level, b place, c compound.
    """

    factors: Float[np.ndarray, "k l"]
    """q of each kind in `data.pair_kind.KINDS` at the levels 0, 1/2000, …, 1; infinite where scores are too few."""
    places: Float[np.ndarray, "k b"]
    """Predicted responses, rising."""
    difficulty: Float[np.ndarray, "k b"]
    """d at these, for new compounds; between them a straight line, beyond them as at the last."""
    compounds: Float[np.ndarray, "k c"]
    """d of each compound, for known ones."""

    @classmethod
    def fit(cls, error: Float[np.ndarray, " m"], predicted: PredictedPairs) -> "ConformalIntervals":
        """Fit the intervals to errors of pairs that took no part in any fit.

        Args:
            error: measured less predicted.
            predicted: what was predicted of them; the fewer compounds there are of a kind, the less d may vary with ŷ.

        Raises:
            TrainingError: if there are fewer than 100 pairs, a deviation is not above zero, or a number is missing.
        """
        deviation = predicted.deviation
        finite = np.isfinite(error).all() and np.isfinite(predicted.mean).all()
        if len(error) < FEWEST_SCORES or not (deviation > 0).all() or not finite:
            message = (
                f"intervals need at least {FEWEST_SCORES} pairs with a deviation above 0 and no number missing, got "
                f"{len(error)} pairs and a smallest deviation of {deviation.min() if len(error) else float('nan')}"
            )
            raise TrainingError(message)
        score, fitted = np.abs(error) / deviation, []
        numbers = max(int(predicted.compound.max()) + 1, 1)
        for number in range(len(KINDS)):
            own = np.flatnonzero(predicted.kind == number)
            enough = len(own) >= FEWEST_SCORES
            here = own if enough else np.arange(len(score))
            mean, compound, found = predicted.mean[here], predicted.compound[here], score[here]
            places, hard, each = np.zeros(PLACES), np.ones(PLACES), np.ones(numbers)
            if not KNOWN_COMPOUND[number]:
                places, hard = _by_response(mean, found, len(np.unique(compound)))
            elif enough:
                each = _by_compound(found, compound, numbers)
            factors = _factors(found / _difficulty(mean, compound, places, hard, each))
            fitted.append((factors, places, hard, each))
        return cls(*(np.stack(columns) for columns in zip(*fitted, strict=True)))

    def half_width(self, predicted: PredictedPairs, level: float) -> Float[np.ndarray, " m"]:
        """q d sd of pairs, at the next level that was kept; d is 1 for a known compound that gave no scores.

        >>> reach, flat = np.tile(np.linspace(0.0, 4.0, STEPS + 1), (4, 1)), np.ones((4, 1))
        >>> predicted = PredictedPairs(*np.array([[2.0, -1.0], [1.0, 3.0]]), *np.array([[0, 2], [0, -1]]))
        >>> ConformalIntervals(reach, flat, flat, flat).half_width(predicted, 0.5).tolist()
        [2.0, 6.0]
        """
        hard = np.ones(len(predicted.mean))
        for number in np.unique(predicted.kind).tolist():
            here, found = predicted.kind == number, (self.places[number], self.difficulty[number])
            hard[here] = _difficulty(predicted.mean[here], predicted.compound[here], *found, self.compounds[number])
        return self.factors[predicted.kind, int(np.ceil(level * STEPS - 1e-9))] * hard * predicted.deviation


def _difficulty(
    mean: Float[np.ndarray, " r"],
    compound: Int[np.ndarray, " r"],
    places: Float[np.ndarray, " b"],
    hard: Float[np.ndarray, " b"],
    each: Float[np.ndarray, " c"],
) -> Float[np.ndarray, " r"]:
    """d of pairs of one kind."""
    found, known = np.interp(mean, places, hard), (compound >= 0) & (compound < len(each))
    found[known] *= each[compound[known]]
    return found


def _by_response(
    mean: Float[np.ndarray, " r"], score: Float[np.ndarray, " r"], compounds: int
) -> tuple[Float[np.ndarray, " b"], Float[np.ndarray, " b"]]:
    """Mean score of parts of equal size, from the lowest prediction to the highest, over the mean of all."""
    parts = np.array_split(np.argsort(mean, kind="stable"), max(1, min(PLACES, compounds // COMPOUNDS_PER_PART)))
    places = np.quantile(mean, (np.arange(PLACES) + 0.5) / PLACES)
    hard = [max(score[part].mean() / max(score.mean(), TINY), TINY) for part in parts]
    return places, np.interp(places, [np.median(mean[part]) for part in parts], hard)


def _by_compound(
    score: Float[np.ndarray, " r"], compound: Int[np.ndarray, " r"], numbers: int
) -> Float[np.ndarray, " c"]:
    """Mean score of each compound over the mean of all; the fewer there are of it, the nearer to 1.

    >>> _by_compound(np.repeat([1.0, 4.0], 20), np.repeat([0, 2], 20), 3).tolist()  # 2.5 on average, (2.5 + 1) / 2
    [0.7, 1.0, 1.3]
    """
    mean, known = max(float(score.mean()), TINY), compound >= 0
    total, number = (np.bincount(compound[known], weights, numbers) for weights in (score[known], np.ones(known.sum())))
    return np.maximum((COMPOUND_WEIGHT * mean + total) / (COMPOUND_WEIGHT + number) / mean, TINY)


def _factors(score: Float[np.ndarray, " r"]) -> Float[np.ndarray, " l"]:
    """The ⌈(r + 1) level⌉-th smallest score at each level."""
    ordered = np.append(np.sort(score), np.inf)
    place = np.ceil((len(score) + 1) * np.arange(STEPS + 1) / STEPS - 1e-9).astype(np.int64)
    return ordered[np.clip(place - 1, 0, len(score))]


def calibrated_elsewhere(
    error: Float[np.ndarray, " m"], predicted: PredictedPairs, fold: Int[np.ndarray, " m"]
) -> Iterator[tuple[Bool[np.ndarray, " m"], ConformalIntervals]]:
    """Each fold's pairs, and intervals from the pairs of all other folds."""
    for number in np.unique(fold).tolist():
        own = fold == number
        yield own, ConformalIntervals.fit(error[~own], predicted.take(~own))


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
