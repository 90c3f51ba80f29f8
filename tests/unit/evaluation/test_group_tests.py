"""Tests of two groups against SciPy, formulas by hand, and their own null."""

import numpy as np
import pytest
from scipy import stats

from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.evaluation.group_tests import (
    auroc,
    chance_of_hits,
    permutation_lower,
    van_elteren_lower,
    welch_lower,
    welch_rows,
)


def test_welch_by_hand():
    """Means 1 and 4, variances 1 and 4 over 3: t = -3/√(1/3 + 4/3), ν = (5/3)²/((1/9 + 16/9)/2) = 2.941."""
    found = welch_lower(np.array([0.0, 1.0, 2.0]), np.array([2.0, 4.0, 6.0]))
    assert found.statistic == pytest.approx(-3 / np.sqrt(5 / 3))
    assert found.p_value == pytest.approx(stats.t.cdf(found.statistic, (5 / 3) ** 2 / ((1 / 9 + 16 / 9) / 2)))


def test_welch_of_many_rows_is_scipys():
    rng = np.random.default_rng(3)
    values, first = rng.normal(size=(5, 23)), rng.random((5, 23)) < 0.4
    statistic, p_value = welch_rows(values, first)
    for row in range(5):
        a, b = values[row][first[row]], values[row][~first[row]]
        expected = stats.ttest_ind(a, b, equal_var=False, alternative="less")
        assert (statistic[row], p_value[row]) == pytest.approx((expected.statistic, expected.pvalue))


def test_what_cannot_be_tested_is_undefined():
    assert np.isnan(welch_lower(np.array([1.0]), np.array([2.0, 3.0])).p_value)
    assert np.isnan(welch_lower(np.ones(3), np.ones(4)).p_value)
    assert np.isnan(van_elteren_lower(np.arange(3.0), np.ones(3, dtype=bool), ["a"] * 3).p_value)


def test_adjusted_p_values_by_hand():
    """0.005 x 4/1, 0.03 x 4/2, 0.04 x 4/3, 0.9: monotone from below."""
    found = false_discovery_rate(np.array([0.9, 0.005, 0.04, 0.03]))
    np.testing.assert_allclose(found, [0.9, 0.02, 0.16 / 3, 0.16 / 3])


def test_adjusted_p_values_are_scipys_to_the_last_bit():
    for seed, number in enumerate((1, 2, 17, 400)):
        drawn = np.random.default_rng(seed).random(number) ** 2
        assert np.array_equal(false_discovery_rate(drawn), stats.false_discovery_control(drawn))


def test_auroc_is_mann_whitney_and_its_interval_is_delongs():
    """Placements 1, 1/2 over the positives: variance 1/8; 1/2, 1 over the negatives: 1/8; each over 2 values."""
    found = auroc(np.array([3.0, 1.5]), np.array([2.0, 1.0]))
    assert found.estimate == 0.75
    assert 0.75 - found.low == pytest.approx(1.959964 * np.sqrt(1 / 16 + 1 / 16))
    assert found.high == 1.0


def test_van_elteren_of_one_stratum_is_wilcoxon():
    values = np.random.default_rng(0).normal(size=40).round(1)
    first = np.arange(40) < 17
    expected = stats.mannwhitneyu(
        values[first], values[~first], alternative="less", method="asymptotic", use_continuity=False
    ).pvalue
    assert van_elteren_lower(values, first, ["x"] * 40).p_value == pytest.approx(expected)


def test_a_difference_between_strata_is_not_one_within_them():
    """Each stratum's groups are alike; pooled, the stratum with more responders is the lower one."""
    rng = np.random.default_rng(1)
    strata = ["a"] * 60 + ["b"] * 60
    values = np.concatenate([rng.normal(0, 1, 60), rng.normal(5, 1, 60)])
    first = np.concatenate([np.arange(60) < 50, np.arange(60) < 10])
    assert welch_lower(values[first], values[~first]).p_value < 1e-6
    assert permutation_lower(values, first, draws=500) < 0.01
    assert van_elteren_lower(values, first, strata).p_value > 0.05
    assert permutation_lower(values, first, strata=strata, draws=500) > 0.05


def test_permutation_of_four_values():
    """Of the six ways to pick two of (0, 1, 2, 3), one has a sum of 1: p is near 1/6."""
    found = permutation_lower(np.arange(4.0), np.array([True, True, False, False]), draws=6000)
    assert found == pytest.approx(1 / 6, abs=0.02)


def test_under_the_null_p_values_are_even():
    rng = np.random.default_rng(2)
    first = np.arange(30) < 12
    p_values = [permutation_lower(rng.normal(size=30), first, draws=99, seed=seed) for seed in range(200)]
    assert np.mean(np.array(p_values) <= 0.05) < 0.09


def test_chance_of_hits():
    """P(X ≥ 2) of 13 at 0.05 = 1 - 0.95¹³ - 13 x 0.05 x 0.95¹²."""
    assert chance_of_hits(2, 13) == pytest.approx(1 - 0.95**13 - 13 * 0.05 * 0.95**12)
    assert chance_of_hits(0, 13) == 1.0
