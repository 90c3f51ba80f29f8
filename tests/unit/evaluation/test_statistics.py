import numpy as np
import pytest
from scipy import stats

from drugripple.errors import TableError
from drugripple.evaluation.noise_ceiling import noise_ceiling
from drugripple.evaluation.statistics import (
    corrected_t,
    friedman_nemenyi,
    gap_closed,
    holm,
    paired_t,
    two_way_bootstrap,
)

RNG = np.random.default_rng(2)
ONE = RNG.normal(1.0, 0.1, 10)
OTHER = ONE + RNG.normal(0.05, 0.05, 10)


def test_paired_t_is_scipys():
    expected = stats.ttest_rel(ONE, OTHER)
    found = paired_t(ONE, OTHER)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)


def test_correction_shrinks_t_by_1_45_for_ten_folds():
    """√((1/10 + 1/9) / (1/10)) = √(19/9) = 1.453."""
    plain, corrected = paired_t(ONE, OTHER), corrected_t(ONE, OTHER, test_to_train=1 / 9)
    assert plain.statistic / corrected.statistic == pytest.approx((19 / 9) ** 0.5)
    assert corrected.p_value > plain.p_value


def test_equal_errors_have_no_t():
    assert np.isnan(paired_t(ONE, ONE).statistic)
    assert np.isnan(corrected_t(ONE[:1], OTHER[:1], test_to_train=0.1).p_value)


def test_friedman_is_scipys_and_the_critical_difference_is_demsars():
    """Demšar 2006, table 5: q(0.05) for 4 models is 2.569; CD = q √(4·5 / (6·14)) = 1.25."""
    errors = RNG.normal(size=(14, 4)) + np.array([0.0, 0.5, 1.0, 3.0])
    found = friedman_nemenyi(errors)
    expected = stats.friedmanchisquare(*errors.T)
    assert found.friedman.statistic == pytest.approx(expected.statistic)
    assert found.friedman.p_value == pytest.approx(expected.pvalue)
    assert found.critical_difference == pytest.approx(2.569 * (20 / 84) ** 0.5, abs=1e-3)
    assert found.mean_ranks.argmax() == 3
    assert found.mean_ranks.sum() == pytest.approx(10)


def test_friedman_of_two_models_is_refused():
    with pytest.raises(TableError, match="at least 3 models and 2 folds, got 2 and 5"):
        friedman_nemenyi(RNG.normal(size=(5, 2)))


def grid(lines, drugs):
    line, drug = (axis.ravel() for axis in np.meshgrid(np.arange(lines), np.arange(drugs), indexing="ij"))
    return line, drug


def test_bootstrap_estimate_is_the_difference_of_rmses():
    line, drug = grid(13, 7)
    first, second = RNG.normal(size=91) * 2, RNG.normal(size=91)
    found = two_way_bootstrap(first, second, line, drug, draws=200)
    assert found.estimate == pytest.approx((first**2).mean() ** 0.5 - (second**2).mean() ** 0.5)
    assert found.low < found.estimate < found.high


def test_interval_is_wide_where_the_error_belongs_to_the_drug_and_narrow_where_to_the_row():
    """The same error variance, 1, from 20 drugs or from 800 rows."""
    line, drug = grid(40, 20)
    of_drug, of_row = RNG.normal(size=20)[drug], RNG.normal(size=800)
    zero = np.zeros(800)
    wide = two_way_bootstrap(of_drug, zero, line, drug)
    narrow = two_way_bootstrap(of_row, zero, line, drug)
    assert (wide.high - wide.low) > 2 * (narrow.high - narrow.low)


def test_bootstrap_covers_the_truth_as_often_as_it_says():
    """Errors with a drug, a line and a row part: true RMSE √3; 90 % intervals must cover it about 90 % of the time."""
    line, drug = grid(40, 40)
    covered = 0
    for trial in range(150):
        rng = np.random.default_rng(trial)
        errors = rng.normal(size=40)[drug] + rng.normal(size=40)[line] + rng.normal(size=1600)
        found = two_way_bootstrap(errors, np.zeros(1600), line, drug, draws=200, seed=trial, level=0.9)
        covered += found.low <= 3**0.5 <= found.high
    assert 0.82 <= covered / 150 <= 0.98


def test_bootstrap_is_reproducible():
    line, drug = grid(7, 5)
    errors = RNG.normal(size=35)
    assert two_way_bootstrap(errors, errors * 2, line, drug, draws=50, seed=3) == two_way_bootstrap(
        errors, errors * 2, line, drug, draws=50, seed=3
    )


def test_gap_closed_is_0_for_the_naive_and_1_at_the_floor():
    assert gap_closed(1.2, 1.2, 0.8) == 0
    assert gap_closed(0.8, 1.2, 0.8) == pytest.approx(1)
    assert gap_closed(1.3, 1.2, 0.8) < 0
    assert np.isnan(gap_closed(0.79, 1.2, 0.8))
    with pytest.raises(TableError, match="there is no gap"):
        gap_closed(1.0, 0.7, 0.8)


def repeats(noise, bias, drugs=11, pairs=200, spread=2.0, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.normal(0, spread, (drugs, pairs))
    shift = rng.normal(0, bias, (drugs, 1))
    first, second = (truth + rng.normal(0, noise, truth.shape) for _ in range(2))
    return first.ravel(), (second + shift).ravel(), np.repeat(np.arange(drugs), pairs)


def test_planted_noise_is_found_and_drug_bias_does_not_count():
    """Noise sd 0.8, truth sd 2: repeats correlate 4 / 4.64, a perfect model √ of that; of variance 9, √(1 - 0.64/9)."""
    found = noise_ceiling(*repeats(0.8, 1.5), variance=9.0, draws=200)
    assert found.sd.estimate == pytest.approx(0.8, rel=0.03)
    assert found.sd.low < 0.8 < found.sd.high
    assert found.raw_sd > 1.0
    assert found.repeat_pcc.estimate == pytest.approx(4 / 4.64, abs=0.02)
    assert found.per_drug_pcc.estimate == pytest.approx((4 / 4.64) ** 0.5, abs=0.02)
    assert found.pcc.estimate == pytest.approx((1 - 0.64 / 9) ** 0.5, abs=0.005)
    assert (found.pairs, found.drugs) == (2200, 11)


def test_drugs_with_few_repeats_are_left_out():
    first, second, drugs = repeats(0.5, 0.0, drugs=3, pairs=40)
    keep = (drugs != 2) | (np.arange(120) < 85)
    assert noise_ceiling(first[keep], second[keep], drugs[keep], variance=4.0, draws=20).drugs == 2
    with pytest.raises(TableError, match="no drug has 30 repeated pairs, the most is 5"):
        noise_ceiling(first[:5], second[:5], drugs[:5], variance=4.0)


def test_two_folds_are_not_tested():
    assert np.isnan(paired_t(ONE[:2], OTHER[:2]).p_value)
    assert np.isfinite(paired_t(ONE[:3], OTHER[:3]).p_value)


def test_holm_is_statsmodels_recipe_by_hand():
    """Sorted 0.01, 0.02, 0.03, 0.5: times 4, 3, 2, 1 are 0.04, 0.06, 0.06, 0.5, each no less than the one before."""
    np.testing.assert_allclose(holm(np.array([0.03, 0.5, 0.01, 0.02])), [0.06, 0.5, 0.04, 0.06])
    np.testing.assert_allclose(holm(np.array([0.6, np.nan, 0.7])), [1.0, np.nan, 1.0])
