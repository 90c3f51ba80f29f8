"""Intervals that hold: by kind of pair, whatever the errors' distribution, and where low responses are predicted."""

import numpy as np
import pytest

from drugripple.data.pair_kind import KINDS, PairKind
from drugripple.errors import TrainingError
from drugripple.evaluation.conformal import (
    ConformalIntervals,
    PredictedPairs,
    _by_compound,
    calibrated_elsewhere,
    score_intervals,
)


def drawn(size, seed, *, harder=0.0):
    """Errors whose scale is known up to a factor that differs by kind, and rises towards low predictions."""
    generator = np.random.default_rng(seed)
    kind = generator.integers(0, len(KINDS), size)
    mean, deviation = generator.normal(size=size), np.exp(generator.normal(size=size))
    error = deviation * (1 + kind) * np.exp(-harder * mean) * generator.standard_t(3, size)
    return error, PredictedPairs(mean, deviation, kind, generator.integers(0, 1000, size))


def one_kind(size, kind=PairKind.NEW_COMPOUND, compounds=1):
    """Pairs of some compounds in turn."""
    number = np.full(size, KINDS.index(kind))
    return PredictedPairs(np.linspace(-1, 1, size), np.ones(size), number, np.arange(size) % compounds)


def of_compounds(seed, *, harder=0.05, size=30_000, compounds=30):
    """Errors of a known compound are so much larger than those of the one before it."""
    predicted = one_kind(size, PairKind.NEW_SAMPLE, compounds)
    return (1 + harder) ** predicted.compound * np.random.default_rng(seed).normal(size=size), predicted


def test_the_factor_is_the_order_statistic_of_the_formula():
    error = np.random.default_rng(0).permutation(np.arange(1.0, 200.0))
    intervals = ConformalIntervals.fit(error, one_kind(199))
    assert intervals.half_width(one_kind(1), 0.9) == 180.0
    assert intervals.half_width(one_kind(1), 0.5) == 100.0
    assert intervals.half_width(one_kind(1), 0.9999) == np.inf


@pytest.mark.parametrize("harder", [0.0, 0.7])
@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_unseen_pairs_of_every_kind_are_covered_whatever_the_distribution(level, harder):
    intervals = ConformalIntervals.fit(*drawn(20_000, 0, harder=harder))
    error, predicted = drawn(20_000, 1, harder=harder)
    half = intervals.half_width(predicted, level)
    for number in range(len(KINDS)):
        own = predicted.kind == number
        assert (np.abs(error) <= half)[own].mean() == pytest.approx(level, abs=0.03)


def test_new_compounds_that_are_predicted_low_are_covered_as_well_as_the_others():
    """One factor for all would cover the hard ones too seldom."""
    intervals = ConformalIntervals.fit(*drawn(40_000, 0, harder=0.7))
    error, predicted = drawn(40_000, 1, harder=0.7)
    inside = np.abs(error) <= intervals.half_width(predicted, 0.9)
    new = predicted.kind >= 2
    for low, high in ((-9, -1), (-1, 0), (0, 1), (1, 9)):
        here = new & (low <= predicted.mean) & (predicted.mean < high)
        assert inside[here].mean() == pytest.approx(0.9, abs=0.03)


def test_every_known_compound_is_covered_as_well_as_the_others():
    """One factor for all would cover the first always and the last too seldom."""
    intervals = ConformalIntervals.fit(*of_compounds(0))
    error, predicted = of_compounds(1)
    inside = np.abs(error) <= intervals.half_width(predicted, 0.9)
    coverage = np.bincount(predicted.compound, inside) / np.bincount(predicted.compound)
    assert coverage.min() > 0.86
    assert coverage.max() < 0.94


def test_a_known_compound_without_scores_is_as_hard_as_the_average():
    error, predicted = of_compounds(0)
    intervals = ConformalIntervals.fit(error, predicted)
    asked = one_kind(3, PairKind.NEW_SAMPLE)._replace(compound=np.array([30, 99, -1]))
    assert np.unique(intervals.half_width(asked, 0.9)) == intervals.factors[1, 1800]


def test_few_pairs_of_a_compound_tell_little_of_its_difficulty():
    hard = [
        _by_compound(np.repeat([1.0, 3.0], [1000, number]), np.repeat([0, 1], [1000, number]), 2)[1]
        for number in (0, 1, 20, 100)
    ]
    assert hard[0] == 1
    assert hard == sorted(hard)
    assert hard[1] < 1.1
    assert hard[3] > 2


def test_new_compounds_do_not_know_the_difficulty_of_their_numbers():
    error, predicted = of_compounds(0)
    new = predicted._replace(kind=np.full(len(error), 2))
    assert np.allclose(ConformalIntervals.fit(error, new).compounds, 1)


def test_few_compounds_tell_of_no_difficulty():
    """What a handful of compounds is missed by says little of others that are predicted alike."""
    error, predicted = drawn(20_000, 0, harder=0.7)
    few, more = (ConformalIntervals.fit(error, predicted._replace(compound=np.arange(20_000) % n)) for n in (39, 40))
    assert np.allclose(few.difficulty, 1)
    assert not np.allclose(more.difficulty[2:], 1)


def test_the_order_of_pairs_does_not_matter():
    error, predicted = drawn(5000, 0, harder=0.7)
    mixed = np.random.default_rng(1).permutation(5000)
    one = ConformalIntervals.fit(error, predicted)
    other = ConformalIntervals.fit(error[mixed], predicted.take(mixed))
    for name in ("factors", "difficulty", "compounds"):
        assert np.allclose(getattr(one, name), getattr(other, name))


def test_an_interval_is_made_of_the_other_folds():
    """Poisoned errors of a fold widen the intervals of the others, never its own."""
    error, predicted = drawn(4000, 0)
    fold = np.arange(4000) % 4
    poisoned = np.where(fold == 2, 1e6, error)
    for number, (own, fitted) in enumerate(calibrated_elsewhere(poisoned, predicted, fold)):
        assert own.tolist() == (fold == number).tolist()
        assert (fitted.half_width(predicted.take(own), 0.9).max() > 1e3) == (number != 2)


def test_errors_of_zero_make_intervals_of_zero():
    intervals = ConformalIntervals.fit(np.zeros(400), one_kind(400, compounds=400))
    assert intervals.half_width(one_kind(9), 0.9).tolist() == [0.0] * 9


def test_widths_that_follow_the_error_are_said_to():
    error, predicted = drawn(20_000, 2)
    half = ConformalIntervals.fit(error, predicted).half_width(predicted, 0.9)
    told = score_intervals(error, half)
    constant = score_intervals(error, np.full(len(error), 3.0) + 1e-9 * np.arange(len(error)))
    assert told.informative > 0.3 > abs(constant.informative)
    assert told.pairs == 20_000


def test_a_kind_that_was_never_seen_borrows_all_scores():
    error, predicted = drawn(1000, 3)
    predicted = predicted._replace(compound=np.arange(1000) % 10)
    intervals = ConformalIntervals.fit(error, predicted._replace(kind=np.full(1000, 2)))
    assert np.array_equal(intervals.factors[3], intervals.factors[2])
    assert np.allclose(intervals.factors[0], intervals.factors[2], rtol=0.1)


def test_too_few_pairs_are_refused():
    with pytest.raises(TrainingError, match="at least 100 pairs"):
        ConformalIntervals.fit(np.ones(3), one_kind(3))


@pytest.mark.parametrize("missing", ["error", "mean"])
def test_a_missing_number_is_refused(missing):
    error, predicted = np.ones(200), one_kind(200)
    (error if missing == "error" else predicted.mean)[7] = np.nan
    with pytest.raises(TrainingError, match="no number missing"):
        ConformalIntervals.fit(error, predicted)
