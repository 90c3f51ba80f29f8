"""Metrics of predicted responses, one function per formula, in float64.

An undefined metric is NaN, never 0: a correlation with a constant, an error over no rows.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

if TYPE_CHECKING:
    import pandas as pd

SMALLEST_GROUP = 10
GOOD_CORRELATION = 0.3

Metric = Callable[[Float[np.ndarray, " m"], Float[np.ndarray, " m"]], float]


def rmse(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Root of the mean squared error.

    >>> rmse(np.array([0.0, 0.0]), np.array([2.0, -2.0]))
    2.0
    """
    return float(np.sqrt(_mean(_errors(y, yhat) ** 2)))


def mae(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Mean absolute error."""
    return _mean(np.abs(_errors(y, yhat)))


def r2(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """1 - SSE / total sum of squares about the mean of `y`."""
    y = y.astype(np.float64)
    total = float(((y - y.mean()) ** 2).sum()) if y.size and not _constant(y) else 0.0
    return float(1 - (_errors(y, yhat) ** 2).sum() / total) if total > 0 else float("nan")


def pcc(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Pearson correlation; NaN where either side is constant or has fewer than two values."""
    if _constant(y) or _constant(yhat):
        return float("nan")
    a, b = (v.astype(np.float64) - v.astype(np.float64).mean() for v in (y, yhat))
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))


def spearman(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Spearman correlation: Pearson's of the mid-ranks."""
    from scipy import stats  # takes long to import

    return pcc(stats.rankdata(y), stats.rankdata(yhat))


def concordance(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Concordance index: the share of pairs with different `y` that `yhat` puts in order; its ties count half.

    With P, Q the concordant and discordant pairs and D all pairs with different y: 1/2 + (P - Q) / 2D. P - Q comes
    from Kendall's tau-b, which scipy computes in O(m log m).
    """
    if _constant(y):
        return float("nan")
    if _constant(yhat):
        return 0.5
    from scipy import stats  # takes long to import

    total = y.size * (y.size - 1) / 2
    untied, untied_hat = total - _tied(y), total - _tied(yhat)
    return float(0.5 + 0.5 * stats.kendalltau(y, yhat).statistic * np.sqrt(untied_hat / untied))


def calibration_slope(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Slope of `y` regressed on `yhat`: below 1 the predictions are too extreme, above 1 too timid."""
    return float("nan") if _constant(yhat) else _slope(y, yhat)


def calibration_intercept(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    """Intercept of `y` regressed on `yhat`."""
    return float("nan") if _constant(yhat) else float(_mean(y) - _slope(y, yhat) * _mean(yhat))


def by_group(
    y: Float[np.ndarray, " m"],
    yhat: Float[np.ndarray, " m"],
    group: Int[np.ndarray, " m"],
    metric: Metric,
    *,
    smallest: int = SMALLEST_GROUP,
) -> tuple[Int[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """A metric within every group of at least `smallest` rows: (groups, values); NaN where undefined."""
    order = np.argsort(group, kind="stable")
    names, start, count = np.unique(group[order], return_index=True, return_counts=True)
    large = count >= smallest
    values = [
        metric(y[order[s : s + n]], yhat[order[s : s + n]]) for s, n in zip(start[large], count[large], strict=True)
    ]
    return names[large], np.asarray(values, dtype=np.float64)


def pcc_by_group(
    y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"], group: Int[np.ndarray, " m"]
) -> tuple[Int[np.ndarray, " k"], Float[np.ndarray, " k"]]:
    """Pearson correlation within each group, as `by_group` gives it, for all groups at once."""
    # 20,000 rows of 233 drugs take 0.9 ms instead of 8.5; a report has thousands of scores, and each asks four times.
    order = np.argsort(group, kind="stable")
    names, starts, count = np.unique(group[order], return_index=True, return_counts=True)
    if not names.size:
        return names, np.zeros(0)
    a, b = (column[order].astype(np.float64) for column in (y, yhat))
    constant = [np.maximum.reduceat(v, starts) == np.minimum.reduceat(v, starts) for v in (a, b)]
    a, b = (v - np.repeat(np.add.reduceat(v, starts) / count, count) for v in (a, b))
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.add.reduceat(a * b, starts) / np.sqrt(np.add.reduceat(a * a, starts) * np.add.reduceat(b * b, starts))
    large = count >= SMALLEST_GROUP
    return names[large], np.where(constant[0] | constant[1], np.nan, np.clip(r, -1, 1))[large]


def ranks_within(values: Float[np.ndarray, " m"], group: Int[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    """Rank of every row within its group, from 1; ties share their mean rank.

    >>> ranks_within(np.array([5.0, 1.0, 5.0, 7.0]), np.array([0, 0, 0, 1])).tolist()
    [2.5, 1.0, 2.5, 1.0]
    """
    # 20,000 rows of 233 drugs take 2.1 ms instead of 16 with scipy's `rankdata` of each group.
    order = np.lexsort((values, group))
    sorted_values, sorted_group = values[order], group[order]
    starts = np.r_[True, sorted_group[1:] != sorted_group[:-1]][: values.size]
    position = np.arange(values.size) - np.maximum.accumulate(np.where(starts, np.arange(values.size), 0)) + 1.0
    run = np.cumsum(starts | np.r_[True, sorted_values[1:] != sorted_values[:-1]][: values.size]) - 1
    mean = np.bincount(run, weights=position) / np.maximum(np.bincount(run), 1)
    ranks = np.empty(values.size)
    ranks[order] = mean[run]
    return ranks


def score(
    y: Float[np.ndarray, " m"],
    yhat: Float[np.ndarray, " m"],
    *,
    compounds: Int[np.ndarray, " m"],
    samples: Int[np.ndarray, " m"],
    mean_effects: Float[np.ndarray, " m"] | None = None,
) -> "pd.DataFrame":
    """Every metric of one set of predictions, as a long table: metric, value, n.

    `n` is the number of rows, or of groups, that the value rests on. `per_drug_pcc_undefined` counts the drugs whose
    correlation is undefined; they count as below 0.3 in the share and are left out of mean and median.

    Args:
        y: measured responses.
        yhat: predicted responses.
        compounds: compound of every row.
        samples: cell line of every row.
        mean_effects: what the mean effects of the training rows predict; adds `residual_pcc`, the correlation
            after both sides lose it, and `residual_r2`, the share of its squared error that the model removes.
            (Removing it from both sides leaves the RMSE as it is: its own is given as `mean_effects_rmse`.)
    """
    import pandas as pd

    y, yhat = y.astype(np.float64), yhat.astype(np.float64)
    rows = [(name, metric(y, yhat), y.size) for name, metric in WHOLE.items()]
    rows.append(("interaction_rmse", interaction_rmse(y, yhat, samples, compounds), y.size))
    for entity, group in (("drug", compounds), ("line", samples)):
        ranks = ranks_within(y, group), ranks_within(yhat, group)
        for name, values in (
            ("pcc", pcc_by_group(y, yhat, group)[1]),
            ("spearman", pcc_by_group(*ranks, group)[1]),
            ("rmse", by_group(y, yhat, group, rmse)[1]),
        ):
            rows.extend(
                (f"per_{entity}_{name}_{summary}", value, n)
                for summary, value, n in _summaries(values, correlation=name != "rmse")
            )
    if mean_effects is not None:
        base = mean_effects.astype(np.float64)
        sse = float(((y - base) ** 2).sum())
        rows.append(("residual_pcc", pcc(y - base, yhat - base), y.size))
        rows.append(("residual_r2", float(1 - ((y - yhat) ** 2).sum() / sse) if sse > 0 else float("nan"), y.size))
        rows.append(("mean_effects_rmse", rmse(y, base), y.size))
    return pd.DataFrame(rows, columns=["metric", "value", "n"])


def interaction_rmse(
    y: Float[np.ndarray, " m"],
    yhat: Float[np.ndarray, " m"],
    samples: Int[np.ndarray, " m"],
    compounds: Int[np.ndarray, " m"],
) -> float:
    """RMSE of the error after its own line and compound means are removed (20 alternating sweeps).

    It sees only the interaction of line and compound: a wrong potency of a whole compound does not count.
    """
    error = _errors(y, yhat)
    keys = [np.unique(key, return_inverse=True)[1] for key in (samples, compounds)]
    counts = [np.bincount(which) for which in keys]
    for _ in range(20 if error.size else 0):
        for which, count in zip(keys, counts, strict=True):
            error = error - (np.bincount(which, weights=error) / count)[which]
    return float(np.sqrt(_mean(error**2)))


WHOLE: dict[str, Metric] = {
    "rmse": rmse,
    "pcc": pcc,
    "mae": mae,
    "spearman": spearman,
    "r2": r2,
    "concordance": concordance,
    "calibration_slope": calibration_slope,
    "calibration_intercept": calibration_intercept,
}


def _summaries(values: Float[np.ndarray, " k"], *, correlation: bool) -> list[tuple[str, float, int]]:
    defined = values[np.isfinite(values)]
    mean = float(defined.mean()) if defined.size else float("nan")
    median = float(np.median(defined)) if defined.size else float("nan")
    rows = [("mean", mean, defined.size), ("median", median, defined.size)]
    if correlation:
        good = float((defined > GOOD_CORRELATION).sum() / values.size) if values.size else float("nan")
        rows += [("share_above_0.3", good, values.size), ("undefined", float(values.size - defined.size), values.size)]
    return rows


def _errors(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> Float[np.ndarray, " m"]:
    return y.astype(np.float64) - yhat.astype(np.float64)


def _mean(values: Float[np.ndarray, " m"]) -> float:
    return float(values.astype(np.float64).mean()) if values.size else float("nan")


def _constant(values: Float[np.ndarray, " m"]) -> bool:
    return values.size < 2 or bool(np.ptp(values) == 0)


def _tied(values: Float[np.ndarray, " m"]) -> float:
    count = np.unique(values, return_counts=True)[1].astype(np.float64)
    return float((count * (count - 1) / 2).sum())


def _slope(y: Float[np.ndarray, " m"], yhat: Float[np.ndarray, " m"]) -> float:
    a, b = (v.astype(np.float64) - v.astype(np.float64).mean() for v in (y, yhat))
    return float(a @ b / (b @ b))
