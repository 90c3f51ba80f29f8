import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import median_abs_deviation

from drugripple.errors import TableError
from drugripple.genes.ranks import normal_scores
from drugripple.genes.scaling import RobustScaler

VALUES = np.random.default_rng(0).normal(7, 2, (31, 5))


def test_hand_computed():
    """(1, 2, 4, 8): median 3, deviations (2, 1, 1, 5), MAD 1.5; (8 - 3) / (1.4826 · 1.5) = 2.2483."""
    z = RobustScaler.fit(np.array([[1.0], [2.0], [4.0], [8.0]])).transform(np.array([[8.0]]))
    assert z.item() == pytest.approx(2.2483, abs=1e-4)


def test_robust_deviation_is_scipys():
    scaler = RobustScaler.fit(VALUES)
    assert scaler.scale_ == pytest.approx(median_abs_deviation(VALUES, scale="normal"), rel=1e-5)


@given(st.floats(0.5, 100), st.floats(-50, 50))
def test_affine_changes_of_the_scale_cancel(factor, offset):
    other = VALUES * factor + offset
    z, again = (RobustScaler.fit(x, floor=0.0).transform(x) for x in (VALUES, other))
    np.testing.assert_allclose(again, z, atol=1e-4)


def test_a_constant_gene_becomes_zero():
    values = np.column_stack([VALUES[:, 0], np.full(31, 3.3)])
    scaler = RobustScaler.fit(values)
    assert (scaler.transform(values)[:, 1] == 0).all()


def test_missing_values_do_not_count():
    values = np.array([[1.0], [np.nan], [2.0], [3.0]])
    assert RobustScaler.fit(values).median.tolist() == [2.0]


def test_a_gene_without_any_value_is_refused():
    with pytest.raises(TableError, match="1 genes have no value in any sample"):
        RobustScaler.fit(np.array([[1.0, np.nan], [2.0, np.nan]]))


def test_no_sample_is_refused():
    with pytest.raises(TableError, match="at least one sample"):
        RobustScaler.fit(np.empty((0, 3)))


def test_ranks_within_a_sample_do_not_feel_a_monotone_change_of_scale():
    values = np.random.default_rng(0).gamma(2.0, 50.0, size=(12, 30))
    scaler = RobustScaler.fit(values, ranked=True)
    np.testing.assert_array_equal(scaler.transform(np.log2(values + 1)), scaler.transform(values))
    assert not np.allclose(RobustScaler.fit(values).transform(np.log2(values + 1)), scaler.transform(values))


def test_ranks_are_scaled_by_medians_of_ranks():
    values = np.array([[3.0, 1.0, 2.0], [10.0, 20.0, 30.0], [7.0, 8.0, 9.0]])
    scores = normal_scores(values).astype(float)
    expected = RobustScaler.fit(scores).transform(scores)
    np.testing.assert_array_equal(RobustScaler.fit(values, ranked=True).transform(values), expected)
