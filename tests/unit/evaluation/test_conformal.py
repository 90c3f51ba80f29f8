"""Intervals that hold: by kind of pair, whatever the errors' distribution, and where low responses are predicted."""

import numpy as np
import pytest

from drugripple.data.pair_kind import KINDS
from drugripple.errors import TrainingError
from drugripple.evaluation.conformal import (
    ConformalIntervals,
    PredictedPairs,
    calibrated_elsewhere,
    score_intervals,
)


def drawn(size, seed, *, harder=0.0):
    """Errors whose scale is known up to a factor that differs by kind, and rises towards low predictions."""
    generator = np.random.default_rng(seed)
    kind = generator.integers(0, len(KINDS), size)
    mean, deviation = generator.normal(size=size), np.exp(generator.normal(size=size))
    error = deviation * (1 + kind) * np.exp(-harder * mean) * generator.standard_t(3, size)
    return error, PredictedPairs(mean, deviation, kind), generator.integers(0, 1000, size)


def one_kind(size):
    return PredictedPairs(np.linspace(-1, 1, size), np.ones(size), np.zeros(size, dtype=np.int64))


def test_the_factor_is_the_order_statistic_of_the_formula():
    error = np.random.default_rng(0).permutation(np.arange(1.0, 200.0))
    intervals = ConformalIntervals.fit(error, one_kind(199), np.zeros(199, dtype=np.int64))
    assert intervals.half_width(one_kind(1), 0.9) == 180.0
    assert intervals.half_width(one_kind(1), 0.5) == 100.0
    assert intervals.half_width(one_kind(1), 0.9999) == np.inf


@pytest.mark.parametrize("harder", [0.0, 0.7])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_unseen_pairs_of_every_kind_are_covered_whatever_the_distribution(level, harder):
    intervals = ConformalIntervals.fit(*drawn(20_000, 0, harder=harder))
    error, predicted, _ = drawn(20_000, 1, harder=harder)
    half = intervals.half_width(predicted, level)
    for number in range(len(KINDS)):
        own = predicted.kind == number
        assert (np.abs(error) <= half)[own].mean() == pytest.approx(level, abs=0.03)


def test_pairs_that_are_predicted_low_are_covered_as_well_as_the_others():
    """One factor for all would cover the hard ones too seldom."""
    intervals = ConformalIntervals.fit(*drawn(40_000, 0, harder=0.7))
    error, predicted, _ = drawn(40_000, 1, harder=0.7)
    inside = np.abs(error) <= intervals.half_width(predicted, 0.9)
    for low, high in ((-9, -1), (-1, 0), (0, 1), (1, 9)):
        here = (low <= predicted.mean) & (predicted.mean < high)
        assert inside[here].mean() == pytest.approx(0.9, abs=0.03)


def test_few_compounds_tell_of_no_difficulty():
    """What a handful of compounds is missed by says little of others that are predicted alike."""
    error, predicted, _ = drawn(20_000, 0, harder=0.7)
    few = ConformalIntervals.fit(error, predicted, np.arange(20_000) % 39)
    assert np.allclose(few.difficulty, 1)
    assert not np.allclose(ConformalIntervals.fit(error, predicted, np.arange(20_000) % 40).difficulty, 1)


def test_the_order_of_pairs_does_not_matter():
    error, predicted, compound = drawn(5000, 0, harder=0.7)
    mixed = np.random.default_rng(1).permutation(5000)
    one = ConformalIntervals.fit(error, predicted, compound)
    other = ConformalIntervals.fit(error[mixed], predicted.take(mixed), compound[mixed])
    assert np.allclose(one.factors, other.factors)
    assert np.allclose(one.difficulty, other.difficulty)


def test_an_interval_is_made_of_the_other_folds():
    """Poisoned errors of a fold widen the intervals of the others, never its own."""
    error, predicted, compound = drawn(4000, 0)
    fold = np.arange(4000) % 4
    poisoned = np.where(fold == 2, 1e6, error)
    for number, (own, fitted) in enumerate(calibrated_elsewhere(poisoned, predicted, compound, fold)):
        assert own.tolist() == (fold == number).tolist()
        assert (fitted.half_width(predicted.take(own), 0.9).max() > 1e3) == (number != 2)


def test_errors_of_zero_make_intervals_of_zero():
    intervals = ConformalIntervals.fit(np.zeros(400), one_kind(400), np.arange(400))
    assert intervals.half_width(one_kind(9), 0.9).tolist() == [0.0] * 9


def test_widths_that_follow_the_error_are_said_to():
    error, predicted, compound = drawn(20_000, 2)
    half = ConformalIntervals.fit(error, predicted, compound).half_width(predicted, 0.9)
    told = score_intervals(error, half)
    constant = score_intervals(error, np.full(len(error), 3.0) + 1e-9 * np.arange(len(error)))
    assert told.informative > 0.3 > abs(constant.informative)
    assert told.pairs == 20_000


def test_a_kind_that_was_never_seen_borrows_all_scores():
    error, predicted, compound = drawn(1000, 3)
    intervals = ConformalIntervals.fit(error, predicted._replace(kind=np.zeros(1000, dtype=np.int64)), compound)
    assert np.array_equal(intervals.factors[3], intervals.factors[0])


def test_too_few_pairs_are_refused():
    with pytest.raises(TrainingError, match="at least 100 pairs"):
        ConformalIntervals.fit(np.ones(3), one_kind(3), np.zeros(3, dtype=np.int64))


@pytest.mark.parametrize("missing", ["error", "mean"])
def test_a_missing_number_is_refused(missing):
    error, predicted = np.ones(200), one_kind(200)
    (error if missing == "error" else predicted.mean)[7] = np.nan
    with pytest.raises(TrainingError, match="no number missing"):
        ConformalIntervals.fit(error, predicted, np.arange(200))
