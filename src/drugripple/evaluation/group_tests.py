"""Do responders have lower predictions than non-responders? Tests of two groups, free and within strata."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy import special, stats

from drugripple.evaluation.statistics import Interval

PERMUTATIONS_AT_ONCE = 4096
"""Drawn together; more take more memory and no less time."""


class OneSided(NamedTuple):
    """A test statistic and the p-value of the alternative that the first group is lower."""

    statistic: float
    p_value: float


def welch_lower(lower: Float[np.ndarray, " a"], higher: Float[np.ndarray, " b"]) -> OneSided:
    """Welch's t that the mean of the first group is below that of the second; NaN where a group has one value.

    >>> welch_lower(np.array([0.0, 1.0]), np.array([2.0, 3.0])).statistic.__round__(3)
    -2.828
    """
    first = np.arange(len(lower) + len(higher)) < len(lower)
    statistic, p_value = welch_rows(np.concatenate([lower, higher])[None], first[None])
    return OneSided(float(statistic[0]), float(p_value[0]))


def welch_rows(
    values: Float[np.ndarray, "#s n"], first: Bool[np.ndarray, "#s n"]
) -> tuple[Float[np.ndarray, " s"], Float[np.ndarray, " s"]]:
    """`welch_lower` of every row: statistics and p-values; `first` marks the group that should be lower.

    t = (x̄₁ - x̄₂)/√(v₁ + v₂),    v = s²/n,    df = (v₁ + v₂)²/(v₁²/(n₁ - 1) + v₂²/(n₂ - 1))
    """
    wide, ours = values.astype(np.float64), first.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        means, variances, counts = [], [], []
        for part in (ours, 1.0 - ours):
            count = part.sum(axis=1)
            mean = (wide * part).sum(axis=1) / count
            squares = (part * (wide - mean[:, None]) ** 2).sum(axis=1)
            means.append(mean)
            variances.append(squares / (count - 1) / count)
            counts.append(count)
        both = variances[0] + variances[1]
        statistic = np.where(both > 0, (means[0] - means[1]) / np.sqrt(both), np.nan)
        freedom = both**2 / sum(v**2 / (n - 1) for v, n in zip(variances, counts, strict=True))
        return statistic, special.stdtr(freedom, statistic)


def auroc(positive: Float[np.ndarray, " a"], negative: Float[np.ndarray, " b"], *, level: float = 0.95) -> Interval:
    """Chance that a positive scores above a negative, with DeLong's interval.

    >>> auroc(np.array([2.0, 3.0]), np.array([1.0, 2.5])).estimate
    0.75

    Source: DeLong, DeLong and Clarke-Pearson 1988, doi:10.2307/2531595.
    """
    above = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    estimate = float(above.mean())
    if min(above.shape) < 2:
        return Interval(estimate, float("nan"), float("nan"))
    variance = above.mean(axis=1).var(ddof=1) / len(positive) + above.mean(axis=0).var(ddof=1) / len(negative)
    half = float(stats.norm.ppf((1 + level) / 2) * np.sqrt(variance))
    return Interval(estimate, max(0.0, estimate - half), min(1.0, estimate + half))


def van_elteren_lower(
    values: Float[np.ndarray, " n"], first: Bool[np.ndarray, " n"], strata: Sequence[str]
) -> OneSided:
    """Wilcoxon's rank test within strata that the first group is lower: strata differ, and do not count.

        z = Σ_s (W_s - E W_s)/(n_s + 1) / √(Σ_s Var W_s/(n_s + 1)²)

    A stratum with one group only says nothing; NaN where all are such.

    Source: van Elteren 1960; variances allow for ties.
    """
    total, variance = 0.0, 0.0
    labels = np.array(strata)
    for name in np.unique(labels):
        rows = labels == name
        ours, size = first[rows], int(rows.sum())
        count = int(ours.sum())
        if not 0 < count < size:
            continue
        ranks = stats.rankdata(values[rows])
        total += float((ranks[ours].sum() - count * (size + 1) / 2) / (size + 1))
        rank_variance = float(ranks.var(ddof=1))
        variance += count * (size - count) / size * rank_variance / (size + 1) ** 2
    if variance == 0:
        return OneSided(float("nan"), float("nan"))
    z = total / float(np.sqrt(variance))
    return OneSided(z, float(stats.norm.cdf(z)))


def permutation_lower(
    values: Float[np.ndarray, " n"],
    first: Bool[np.ndarray, " n"],
    *,
    strata: Sequence[str] | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> float:
    """P-value of the difference of group means, labels dealt anew within strata: (1 + as low)/(1 + draws).

    With strata, each one's mean is taken out of the values first.
    """
    generator = np.random.default_rng(seed)
    labels = np.zeros(len(values), dtype=int) if strata is None else np.unique(strata, return_inverse=True)[1]
    centred = values.astype(np.float64).copy()
    for number in np.unique(labels):
        centred[labels == number] -= centred[labels == number].mean()
    seen = centred[first].sum()
    low = 0
    for start in range(0, draws, PERMUTATIONS_AT_ONCE):
        many = min(PERMUTATIONS_AT_ONCE, draws - start)
        total = np.zeros(many)
        for number in np.unique(labels):
            rows = np.flatnonzero(labels == number)
            count = int(first[rows].sum())
            if count > 0:
                dealt = generator.permuted(np.tile(centred[rows], (many, 1)), axis=1)
                total += dealt[:, :count].sum(axis=1)
        low += int((total <= seen + 1e-12).sum())
    return (1 + low) / (1 + draws)


def chance_of_hits(hits: int, tests: int, level: float = 0.05) -> float:
    """Chance of so many p-values below a level, or more, where nothing is to be found.

    >>> round(chance_of_hits(5, 13), 4)
    0.0003
    """
    return float(stats.binom.sf(hits - 1, tests, level))
