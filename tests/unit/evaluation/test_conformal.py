import numpy as np
import pytest

from drugripple.data.pair_kind import KINDS
from drugripple.errors import TrainingError
from drugripple.evaluation.conformal import ConformalIntervals, score_intervals


def drawn(size, seed, *, tail=1.0):
    """Errors whose scale is known up to a factor that differs by kind."""
    generator = np.random.default_rng(seed)
    kind = generator.integers(0, len(KINDS), size)
    deviation = np.exp(generator.normal(size=size))
    error = deviation * (1 + kind) * tail * generator.standard_t(3, size)
    return error, deviation, kind


def test_the_factor_is_the_order_statistic_of_the_formula():
    error = np.arange(1.0, 200.0)
    intervals = ConformalIntervals.fit(error, np.ones(199), np.zeros(199, dtype=np.int64))
    one, kind = np.ones(1), np.zeros(1, dtype=np.int64)
    assert intervals.half_width(one, kind, 0.9) == 180.0
    assert intervals.half_width(one, kind, 0.5) == 100.0
    assert intervals.half_width(one, kind, 0.9999) == np.inf


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9])
def test_unseen_pairs_of_every_kind_are_covered_whatever_the_distribution(level):
    intervals = ConformalIntervals.fit(*drawn(20_000, 0))
    error, deviation, kind = drawn(20_000, 1)
    half = intervals.half_width(deviation, kind, level)
    for number in range(len(KINDS)):
        inside = np.abs(error[kind == number]) <= half[kind == number]
        assert inside.mean() == pytest.approx(level, abs=0.03)


def test_widths_that_follow_the_error_are_said_to():
    error, deviation, kind = drawn(20_000, 2)
    told = score_intervals(error, ConformalIntervals.fit(error, deviation, kind).half_width(deviation, kind, 0.9))
    constant = score_intervals(error, np.full(len(error), 3.0) + 1e-9 * np.arange(len(error)))
    assert told.informative > 0.3 > abs(constant.informative)
    assert told.pairs == 20_000


def test_a_kind_that_was_never_seen_borrows_all_scores():
    error, deviation, _ = drawn(1000, 3)
    intervals = ConformalIntervals.fit(error, deviation, np.zeros(1000, dtype=np.int64))
    assert np.array_equal(intervals.factors[3], intervals.factors[0])


def test_too_few_pairs_are_refused():
    with pytest.raises(TrainingError, match="at least 100 pairs"):
        ConformalIntervals.fit(np.ones(3), np.ones(3), np.zeros(3, dtype=np.int64))
