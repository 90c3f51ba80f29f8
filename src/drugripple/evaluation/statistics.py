"""Is the difference between two models real? Tests over folds, and intervals over drugs and lines."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from drugripple.errors import TableError

FEWEST_FOLDS = 3
"""Folds below which no t-test is made: two differences say next to nothing of their own spread."""


class Interval(NamedTuple):
    """An estimate with a percentile interval."""

    estimate: float
    low: float
    high: float


class TestResult(NamedTuple):
    """A test statistic and its two-sided p-value."""

    statistic: float
    p_value: float


class Ranking(NamedTuple):
    """Friedman's test and the mean ranks that Nemenyi's critical difference compares; 1 is best."""

    friedman: TestResult
    mean_ranks: Float[np.ndarray, " k"]
    critical_difference: float


def paired_t(first: Float[np.ndarray, " f"], second: Float[np.ndarray, " f"]) -> TestResult:
    """Student's t over paired folds, as in the paper: t = mean(d) / (sd(d) / √f).

    Undefined (NaN) on fewer than three folds. Folds share training rows, so the test is too confident; report
    `corrected_t` beside it.
    """
    return _t_test(first, second, 1 / len(first))


def corrected_t(first: Float[np.ndarray, " f"], second: Float[np.ndarray, " f"], *, test_to_train: float) -> TestResult:
    """Student's t with the variance of overlapping training sets: sd(d) √(1/f + n_test / n_train) in the denominator.

    `test_to_train` counts what is drawn into folds (`splits.units_tested`). Undefined (NaN) on fewer than three folds.

    Source: Nadeau and Bengio 2003, doi:10.1023/A:1024068626366.
    """
    return _t_test(first, second, 1 / len(first) + test_to_train)


def holm(p_values: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """P-values adjusted for their number, so that one below α among them all has a chance of α at most.

        p₍ᵢ₎ -> max over j ≤ i of min(1, (k - j + 1) p₍ⱼ₎)          p₍₁₎ ≤ … ≤ p₍ₖ₎

    NaN stays NaN and is not counted.

    Source: Holm 1979, Scandinavian Journal of Statistics 6:65-70.

    >>> holm(np.array([0.04, 0.01, np.nan, 0.03])).tolist()
    [0.06, 0.03, nan, 0.06]
    """
    adjusted = np.full(p_values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(p_values[tested], kind="stable")]
    times = np.arange(order.size, 0, -1)
    adjusted[order] = np.maximum.accumulate(np.minimum(1.0, times * p_values[order]))
    return adjusted


def friedman_nemenyi(errors: Float[np.ndarray, "f k"], *, alpha: float = 0.05) -> Ranking:
    """Rank k models on f folds by error, lowest first.

    Models whose mean ranks differ by more than the critical difference differ at level alpha. Friedman's test is
    undefined (NaN) where all models are equally good on every fold.

    Source: Demšar 2006, JMLR 7:1-30.

    Raises:
        TableError: if there are fewer than three models or two folds.
    """
    folds, models = errors.shape
    if models < 3 or folds < 2:
        message = f"Friedman's test needs at least 3 models and 2 folds, got {models} and {folds}"
        raise TableError(message)
    nothing = float("nan"), float("nan")
    found = TestResult(*(nothing if not np.ptp(errors, axis=1).any() else stats.friedmanchisquare(*errors.T)))
    critical_range = stats.studentized_range.ppf(1 - alpha, models, np.inf) / np.sqrt(2)
    return Ranking(
        TestResult(float(found.statistic), float(found.p_value)),
        stats.rankdata(errors, axis=1).mean(axis=0),
        float(critical_range * np.sqrt(models * (models + 1) / (6 * folds))),
    )


def two_way_bootstrap(
    first: Float[np.ndarray, " m"],
    second: Float[np.ndarray, " m"],
    samples: Int[np.ndarray, " m"],
    compounds: Int[np.ndarray, " m"],
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """RMSE of the first errors minus RMSE of the second, with an interval over lines and drugs.

    Lines and drugs are drawn with replacement, each on its own; a row counts as often as its line times its drug was
    drawn (the pigeonhole bootstrap). Rows of one drug share a potency error, so drawing single rows would give an
    interval that is far too narrow. Pass zeros as the second errors for the interval of one RMSE.

    Source: Owen 2007, doi:10.1214/07-AOAS122.
    """
    line, row = np.unique(samples, return_inverse=True)
    drug, column = np.unique(compounds, return_inverse=True)
    shape = line.size, drug.size
    cell = row * drug.size + column
    squares = [
        np.bincount(cell, weights=errors.astype(np.float64) ** 2, minlength=line.size * drug.size).reshape(shape)
        for errors in (first, second)
    ]
    count = np.bincount(cell, minlength=line.size * drug.size).reshape(shape).astype(np.float64)
    generator = np.random.default_rng(seed)
    lines = generator.multinomial(line.size, np.full(line.size, 1 / line.size), size=draws).astype(np.float64)
    drugs = generator.multinomial(drug.size, np.full(drug.size, 1 / drug.size), size=draws).astype(np.float64)
    total = ((lines @ count) * drugs).sum(axis=1)
    sums = [((lines @ grid) * drugs).sum(axis=1) for grid in squares]
    filled = total > 0
    differences = np.sqrt(sums[0][filled] / total[filled]) - np.sqrt(sums[1][filled] / total[filled])
    estimate = float(np.sqrt(squares[0].sum() / count.sum()) - np.sqrt(squares[1].sum() / count.sum()))
    low, high = np.quantile(differences, [(1 - level) / 2, (1 + level) / 2])
    return Interval(estimate, float(low), float(high))


def gap_closed(model_rmse: float, naive_rmse: float, floor_rmse: float) -> float:
    """Share of the squared error between mean effects and the noise floor that a model removes.

        (mean effects² - model²) / (mean effects² - floor²)

    NaN for a model below the floor: it shows that the floor does not hold for its question. The floor of repeats from
    different screens is none for a model that has learnt the errors which the compounds of one screen share.

    >>> round(gap_closed(1.0, 1.2, 0.8), 2), gap_closed(0.7, 1.2, 0.8)
    (0.55, nan)

    Raises:
        TableError: if the floor is not below the naive error.
    """
    if not floor_rmse < naive_rmse:
        message = f"the noise floor {floor_rmse:.3f} is not below the naive RMSE {naive_rmse:.3f}: there is no gap"
        raise TableError(message)
    if model_rmse < floor_rmse:
        return float("nan")
    return (naive_rmse**2 - model_rmse**2) / (naive_rmse**2 - floor_rmse**2)


def _t_test(first: Float[np.ndarray, " f"], second: Float[np.ndarray, " f"], scale: float) -> TestResult:
    difference = first.astype(np.float64) - second.astype(np.float64)
    sd = float(difference.std(ddof=1)) if difference.size >= FEWEST_FOLDS else float("nan")
    if not sd > 0:
        return TestResult(float("nan"), float("nan"))
    statistic = float(difference.mean() / (sd * np.sqrt(scale)))
    return TestResult(statistic, float(2 * stats.t.sf(abs(statistic), difference.size - 1)))
