import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from drugripple.evaluation.metrics import (
    by_group,
    calibration_intercept,
    calibration_slope,
    concordance,
    interaction_rmse,
    mae,
    pcc,
    pcc_by_group,
    r2,
    ranks_within,
    rmse,
    score,
    spearman,
)

RNG = np.random.default_rng(5)
Y = RNG.normal(2, 3, 211)
YHAT = np.round(0.5 * Y + RNG.normal(0, 1, 211), 1)  # rounded: ties


def test_hand_numbers():
    """Errors 1, -1, 2, 0: squares 1, 1, 4, 0, mean 1.5; absolute mean 1."""
    y, yhat = np.array([2.0, 1.0, 5.0, 4.0]), np.array([1.0, 2.0, 3.0, 4.0])
    assert rmse(y, yhat) == pytest.approx(1.5**0.5)
    assert mae(y, yhat) == 1.0
    assert r2(y, yhat) == pytest.approx(1 - 6 / 10)
    assert pcc(y, yhat) == pytest.approx(5 / 50**0.5)


def test_agreement_with_scikit_learn_and_scipy():
    assert rmse(Y, YHAT) == pytest.approx(sk.root_mean_squared_error(Y, YHAT), rel=1e-12)
    assert mae(Y, YHAT) == pytest.approx(sk.mean_absolute_error(Y, YHAT), rel=1e-12)
    assert r2(Y, YHAT) == pytest.approx(sk.r2_score(Y, YHAT), rel=1e-12)
    assert pcc(Y, YHAT) == pytest.approx(stats.pearsonr(Y, YHAT).statistic, rel=1e-12)
    assert spearman(Y, YHAT) == pytest.approx(stats.spearmanr(Y, YHAT).statistic, rel=1e-12)
    line = stats.linregress(YHAT, Y)
    assert calibration_slope(Y, YHAT) == pytest.approx(line.slope, rel=1e-12)
    assert calibration_intercept(Y, YHAT) == pytest.approx(line.intercept, rel=1e-12)


def test_concordance_equals_the_count_over_all_pairs():
    y, yhat = np.round(Y[:60]), np.round(YHAT[:60])
    credit = pairs = 0.0
    for i in range(60):
        for j in range(i):
            if y[i] != y[j]:
                pairs += 1
                product = (y[i] - y[j]) * (yhat[i] - yhat[j])
                credit += 1.0 if product > 0 else 0.5 if product == 0 else 0.0
    assert concordance(y, yhat) == pytest.approx(credit / pairs, abs=1e-12)


def test_undefined_is_nan_never_zero():
    flat = np.full(5, 0.1)
    varied = np.arange(5.0)
    for metric in (pcc, spearman, calibration_slope, calibration_intercept):
        assert np.isnan(metric(varied, flat))
    for metric in (pcc, spearman, r2, concordance):
        assert np.isnan(metric(flat, varied))
    assert concordance(varied, flat) == 0.5
    empty = np.zeros(0)
    assert all(np.isnan(metric(empty, empty)) for metric in (rmse, mae, r2, pcc, spearman, concordance))


def test_float32_input_is_computed_in_float64():
    y = np.full(100_000, 1000.1, dtype=np.float32)
    yhat = (y + np.float32(0.25)).astype(np.float32)
    assert rmse(y, yhat) == pytest.approx(float(np.float64(yhat[0]) - np.float64(y[0])), rel=1e-12)


def test_groups_under_ten_rows_are_left_out():
    group = np.array([3] * 9 + [1] * 10)
    names, values = by_group(Y[:19], YHAT[:19], group, pcc)
    assert names.tolist() == [1]
    assert values[0] == pytest.approx(stats.pearsonr(Y[9:19], YHAT[9:19]).statistic)


def test_per_drug_summary_counts_the_undefined():
    """Three drugs of 10 rows: r = 1, r = -1 and one whose prediction is constant; a fourth has too few rows."""
    ramp = np.arange(10.0)
    y = np.r_[ramp, ramp, ramp, ramp[:9]]
    yhat = np.r_[2 * ramp, -ramp, np.zeros(10), ramp[:9]]
    compounds = np.repeat([0, 1, 2, 3], [10, 10, 10, 9])
    table = score(y, yhat, compounds=compounds, samples=np.tile(np.arange(10), 4)[:39]).set_index("metric")
    assert table.loc["per_drug_pcc_mean", "value"] == pytest.approx(0.0)
    assert table.loc["per_drug_pcc_mean", "n"] == 2
    assert table.loc["per_drug_pcc_undefined", "value"] == 1
    assert table.loc["per_drug_pcc_share_above_0.3", "value"] == pytest.approx(1 / 3)
    assert table.loc["per_drug_rmse_mean", "n"] == 3
    assert np.isnan(table.loc["per_line_pcc_mean", "value"])
    assert table.loc["per_line_pcc_mean", "n"] == 0


def test_residual_metrics_look_at_what_the_mean_effects_leave():
    """y - a = (1, -1, 2), yhat - a = (1, -1, 1): squared error 1 of 6."""
    mean_effects = np.array([10.0, 20.0, 30.0])
    y, yhat = mean_effects + np.array([1, -1, 2]), mean_effects + np.array([1, -1, 1])
    table = score(y, yhat, compounds=np.arange(3), samples=np.arange(3), mean_effects=mean_effects).set_index("metric")[
        "value"
    ]
    assert table["residual_r2"] == pytest.approx(1 - 1 / 6)
    assert table["mean_effects_rmse"] == pytest.approx(2**0.5)
    assert table["residual_pcc"] == pytest.approx(np.corrcoef([1, -1, 2], [1, -1, 1])[0, 1])


def test_interaction_error_forgives_whole_lines_and_compounds_but_not_pairs():
    """On a 2 x 2 grid the interaction of one wrong pair by 4 is 1 in every cell."""
    samples, compounds = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    zero = np.zeros(4)
    assert interaction_rmse(np.array([5.0, 7.0, 6.0, 8.0]), zero, samples, compounds) == pytest.approx(0, abs=1e-12)
    assert interaction_rmse(np.array([4.0, 0, 0, 0]), zero, samples, compounds) == pytest.approx(1.0)


def test_score_of_no_rows_is_nan_everywhere_with_n_zero():
    table = score(*[np.zeros(0)] * 2, compounds=np.zeros(0, int), samples=np.zeros(0, int))
    kept = table[~table["metric"].str.endswith("undefined")]
    assert kept["value"].isna().all()
    assert (table["n"] == 0).all()


def test_ranks_within_groups_are_scipys_in_each_group():
    group = RNG.integers(0, 7, 211)
    ranks = ranks_within(YHAT, group)
    for g in range(7):
        assert ranks[group == g].tolist() == stats.rankdata(YHAT[group == g]).tolist()


def test_per_line_spearman_is_scipys():
    samples = np.arange(211) % 7
    table = score(Y, YHAT, compounds=np.zeros(211, int), samples=samples).set_index("metric")["value"]
    each = [stats.spearmanr(Y[samples == g], YHAT[samples == g]).statistic for g in range(7)]
    assert table["per_line_spearman_mean"] == pytest.approx(np.mean(each))
    assert table["per_line_spearman_median"] == pytest.approx(np.median(each))


def test_groups_at_once_are_groups_one_by_one():
    generator = np.random.default_rng(3)
    group = generator.integers(0, 17, size=400)
    y, yhat = generator.normal(5, 2, size=400), generator.normal(size=400)
    y[group == 2], yhat[group == 5], group[:3] = 4.0, -1.0, 99  # constant on one side; a group that is too small
    names, values = pcc_by_group(y, yhat, group)
    expected_names, expected = by_group(y, yhat, group, pcc)
    assert names.tolist() == expected_names.tolist()
    np.testing.assert_allclose(values, expected, rtol=1e-12)
    assert np.isnan(pcc_by_group(y, yhat, group)[1]).sum() == 2
    assert pcc_by_group(y[:0], yhat[:0], group[:0])[1].size == 0
