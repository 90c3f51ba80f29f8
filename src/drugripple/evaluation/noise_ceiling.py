"""How well could anybody do? Noise of a measurement from real repeats, and the ceilings that follow.

Repeats come from different screens. Within one screen a sample's errors are shared by its compounds, so that a model
which sees the sample's other measurements can predict part of them: its error may lie below this noise.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from drugripple.errors import TableError
from drugripple.evaluation.metrics import by_group, pcc
from drugripple.evaluation.statistics import Interval

FEWEST_PAIRS = 30


@dataclass(frozen=True)
class Ceiling:
    """What repeat measurements say about the best attainable scores.

    Assumes that two measurements of a pair are the truth of the pair, plus a bias of the drug in each assay, plus
    independent noise of one variance; and that the repeated drugs stand for all.
    """

    pairs: int
    drugs: int
    sd: Interval
    """Standard deviation of one measurement between screens, after drug biases are removed: the lowest RMSE of a model
    that learns what screens agree on."""
    raw_sd: float
    """Standard deviation of one measurement, drug biases included."""
    pcc: Interval
    """Best attainable Pearson correlation over all rows: √(1 - sd² / variance of the responses)."""
    per_drug_pcc: Interval
    """Best attainable correlation within a drug, on average: √ of the mean correlation of repeats."""
    repeat_pcc: Interval
    """Correlation of two measurements within a drug, mean over drugs."""


def noise_ceiling(
    first: Float[np.ndarray, " p"],
    second: Float[np.ndarray, " p"],
    drugs: Int[np.ndarray, " p"],
    *,
    variance: float,
    draws: int = 1000,
    seed: int = 0,
) -> Ceiling:
    """The ceiling from pairs measured twice. Axis p: repeated pair.

        sd² = mean over pairs of (d - mean of d in the drug)² / 2 · k / (k - 1),     d = first - second

    Intervals come from drawing drugs with replacement.

    Args:
        first: one measurement of each pair.
        second: the other measurement of each pair.
        drugs: the drug (and pair of experiments) of each pair.
        variance: variance of all responses that are to be predicted.
        draws: number of bootstrap draws.
        seed: seed of the bootstrap.

    Raises:
        TableError: if no drug has enough repeated pairs.
    """
    _, which, count = np.unique(drugs, return_inverse=True, return_counts=True)
    large = count >= FEWEST_PAIRS
    if not large.any():
        message = f"no drug has {FEWEST_PAIRS} repeated pairs, the most is {count.max(initial=0)}; noise cannot be told"
        raise TableError(message)
    kept = large[which]
    first, second, drugs = first[kept].astype(np.float64), second[kept].astype(np.float64), drugs[kept]
    _, which, count = np.unique(drugs, return_inverse=True, return_counts=True)
    difference = first - second
    mean = np.bincount(which, weights=difference) / count
    within = np.bincount(which, weights=(difference - mean[which]) ** 2)
    agreement = by_group(first, second, drugs, pcc, smallest=FEWEST_PAIRS)[1]

    def estimates(chosen: Int[np.ndarray, " d"]) -> tuple[float, float, float, float]:
        squared = float(within[chosen].sum() / (count[chosen] - 1).sum() / 2)
        repeat = float(np.nanmean(agreement[chosen]))
        best = float(np.sqrt(max(0.0, 1 - squared / variance)))
        return float(np.sqrt(squared)), best, float(np.sqrt(max(repeat, 0.0))), repeat

    generator = np.random.default_rng(seed)
    drawn = np.array([estimates(generator.integers(0, count.size, count.size)) for _ in range(draws)])
    low, high = np.quantile(drawn, 0.025, axis=0), np.quantile(drawn, 0.975, axis=0)
    intervals = [
        Interval(value, float(a), float(b))
        for value, a, b in zip(estimates(np.arange(count.size)), low, high, strict=True)
    ]
    raw = float(np.sqrt((difference**2).mean() / 2))
    return Ceiling(first.size, count.size, intervals[0], raw, *intervals[1:])
