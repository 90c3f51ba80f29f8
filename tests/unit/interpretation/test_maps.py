import tracemalloc

import numpy as np
import pytest
import scipy.sparse as sp

from drugripple.errors import GeneSpaceError, TableError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.maps import (
    AttentionMap,
    correlate,
    cosine,
    hub_bias,
    mean_from_factors,
    running_mean,
    subtract,
    subtract_mean,
)

THREE = GeneSpace(("TP53", "MDM2", "EGFR"))
PRIOR = InteractionPrior(THREE, np.array([[0, 1]]), "by hand")


def space(size):
    return GeneSpace(tuple(f"G{i}" for i in range(size)))


def a_map(upper, label="m", diagonal=(1.0, 1.0, 1.0)):
    """A map of three genes from its scores (01, 02, 12)."""
    scores = np.diag(np.array(diagonal))
    scores[np.triu_indices(3, 1)] = upper
    return AttentionMap(THREE, np.triu(scores) + np.triu(scores, 1).T, label, 1)


def test_a_matrix_that_is_not_symmetric_is_refused():
    with pytest.raises(TableError, match=r"map 'm' is not symmetric: two mirrored scores differ by 0\.5"):
        AttentionMap(space(2), np.array([[1.0, 2.0], [2.5, 1.0]]), "m", 1)


def test_single_precision_rounding_is_not_refused():
    AttentionMap(space(2), np.array([[9.0, 2.0], [2.0000002, 1.0]]), "m", 1)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_refused(bad):
    with pytest.raises(TableError, match="NaN or infinite"):
        AttentionMap(space(2), np.array([[1.0, bad], [bad, 1.0]]), "m", 1)


def test_a_map_of_other_genes_is_refused():
    with pytest.raises(GeneSpaceError, match="2 genes"):
        AttentionMap(space(2), np.eye(3), "m", 1)


def test_the_mean_weighs_every_condition_once():
    """Conditions with score 1, 2 and 6, in blocks of two and one: mean 3."""
    blocks = [np.full((2, 1, 1), 0.0), np.full((1, 1, 1), 6.0)]
    blocks[0][:, 0, 0] = (1.0, 2.0)
    mean = running_mean(iter(blocks), space(1), "mean")
    assert mean.scores.tolist() == [[3.0]]
    assert mean.conditions == 3


def test_the_mean_of_nothing_is_refused():
    with pytest.raises(TableError, match="'empty' has no condition to average over"):
        running_mean([], THREE, "empty")


def test_the_mean_holds_one_block_at_a_time():
    genes, size = space(101), 101 * 101 * 8

    def blocks():
        for seed in range(50):
            half = np.random.default_rng(seed).normal(size=(2, 101, 7))
            yield half @ half.transpose(0, 2, 1)

    tracemalloc.start()
    running_mean(blocks(), genes, "mean")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 * size  # fifty blocks of two would be a hundred


def test_the_mean_from_factors_is_the_mean_of_the_maps():
    q = np.random.default_rng(0).normal(size=(5, 3, 2))
    adjacency = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    maps = [row @ row.T / 2**0.5 + 0.5 * adjacency + np.eye(3) for row in q]
    fixed = sp.csr_matrix(0.5 * adjacency + np.eye(3))
    fast = mean_from_factors([q[:2], q[2:]], PRIOR, "fast", fixed=fixed)
    np.testing.assert_allclose(fast.scores, sum(maps) / 5, rtol=1e-12)
    assert fast.conditions == 5


def test_comparison_is_pearson_over_pairs_of_different_genes():
    """Upper triangles (1, 2, 3), (2, 4, 6) and (3, 2, 1); the diagonals disagree and do not count."""
    maps = [a_map((1.0, 2.0, 3.0)), a_map((2.0, 4.0, 6.0), diagonal=(9.0, 0.0, 5.0)), a_map((3.0, 2.0, 1.0))]
    np.testing.assert_allclose(correlate(maps), [[1, 1, -1], [1, 1, -1], [-1, -1, 1]], atol=1e-12)


def test_comparison_equals_numpy_on_whole_triangles():
    genes = space(31)
    rng = np.random.default_rng(1)
    maps = []
    for i in range(4):
        half = rng.normal(size=(31, 5)).astype(np.float32) + 3
        maps.append(AttentionMap(genes, half @ half.T, f"m{i}", 1))
    upper = [attention.scores[np.triu_indices(31, 1)].astype(np.float64) for attention in maps]
    np.testing.assert_allclose(correlate(maps), np.corrcoef(upper), atol=1e-12)


def test_a_constant_map_correlates_with_nothing():
    assert np.isnan(correlate([a_map((1.0, 2.0, 3.0)), a_map((2.0, 2.0, 2.0))])[0, 1])


def test_maps_of_different_genes_are_not_compared():
    other = AttentionMap(GeneSpace(("A", "B", "C")), np.eye(3), "other", 1)
    with pytest.raises(GeneSpaceError, match="'other' and 'm' are of different genes"):
        correlate([a_map((1.0, 2.0, 3.0)), other])


def test_no_map_is_refused():
    with pytest.raises(TableError, match="at least 1 maps are needed, got 0"):
        correlate([])


def test_the_mean_subtracted_leaves_what_one_map_has_beyond_it():
    """Scores 1 and 3 have the mean 2; what both share is gone."""
    low, high = subtract_mean([a_map((1.0, 7.0, 0.0), "low"), a_map((3.0, 7.0, 0.0), "high")])
    assert (low.scores[0, 1], high.scores[0, 1]) == (-1.0, 1.0)
    assert low.scores[0, 2] == low.scores[2, 2] == 0.0
    assert high.label == "high, minus the mean"


def test_one_map_is_subtracted_from_another():
    left = subtract(a_map((1.0, 7.0, 0.0), "one"), a_map((3.0, 7.0, -2.0), "all"))
    assert left.scores[0, 1] == -2.0
    assert left.scores[1, 2] == 2.0
    assert left.label == "one, minus all"
    with pytest.raises(GeneSpaceError, match="of different genes"):
        subtract(a_map((1.0, 7.0, 0.0)), AttentionMap(space(3), np.eye(3), "m", 1))


def test_one_map_has_no_contrast():
    with pytest.raises(TableError, match="at least 2 maps are needed, got 1"):
        subtract_mean([a_map((1.0, 2.0, 3.0))])


def test_the_cosine_removes_a_genes_size():
    """A_01 = 6, A_00 = 4, A_11 = 9: 6/√36 = 1."""
    attention = AttentionMap(space(2), np.array([[4.0, 6.0], [6.0, 9.0]]), "m", 1)
    np.testing.assert_allclose(cosine(attention).scores, np.ones((2, 2)))


def test_a_gene_without_a_size_has_no_cosine():
    with pytest.raises(TableError, match="'MDM2' has a score with itself of 0"):
        cosine(a_map((1.0, 2.0, 3.0), diagonal=(1.0, 0.0, 1.0)))


def test_one_large_gene_shows_as_hub_bias():
    """Norms 5, 3, 1 and scores -15, -5, -3: mean |scores| 10, 9, 4 in the order of the norms, and of the degrees."""
    attention = a_map((-15.0, -5.0, -3.0), diagonal=(25.0, 9.0, 1.0))
    assert hub_bias(attention, PRIOR).norm == pytest.approx(1.0)
    reverse = a_map((-15.0, -5.0, -3.0), diagonal=(1.0, 9.0, 25.0))
    assert hub_bias(reverse, PRIOR).norm == pytest.approx(-1.0)
    assert hub_bias(attention, PRIOR).degree == pytest.approx(np.sqrt(3) / 2)


def test_hub_bias_is_undefined_without_spread():
    flat = InteractionPrior(THREE, np.empty((0, 2), dtype=np.int64), "empty")
    assert np.isnan(hub_bias(a_map((1.0, 2.0, 3.0)), flat).degree)


def test_hub_bias_needs_the_maps_own_genes():
    other = InteractionPrior(space(3), np.array([[0, 1]]), "by hand")
    with pytest.raises(GeneSpaceError, match="different genes"):
        hub_bias(a_map((1.0, 2.0, 3.0)), other)
