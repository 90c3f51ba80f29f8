import numpy as np
import pytest

from drugripple.errors import GeneSpaceError, TableError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.maps import AttentionMap
from drugripple.interpretation.pairs import top_pairs, top_pairs_lowrank

THREE = GeneSpace(("TP53", "MDM2", "EGFR"))
PRIOR = InteractionPrior(THREE, np.array([[0, 1]]), "by hand")
MAP = AttentionMap(THREE, np.array([[99.0, 1.0, 5.0], [1.0, 99.0, -7.0], [5.0, -7.0, 99.0]]), "m", 1)


def rows(table):
    return list(zip(table["gene_a"], table["gene_b"], table["score"], table["in_prior"], table["rank"], strict=True))


def test_pairs_come_highest_first_without_the_diagonal():
    assert rows(top_pairs(MAP, 2, prior=PRIOR)) == [("TP53", "EGFR", 5.0, False, 1), ("TP53", "MDM2", 1.0, True, 2)]


def test_asking_for_more_pairs_than_exist_gives_all():
    assert top_pairs(MAP, 1000)["score"].tolist() == [5.0, 1.0, -7.0]


def test_the_diagonal_comes_when_asked_for():
    assert rows(top_pairs(MAP, 1, exclude_diagonal=False))[0][:3] == ("TP53", "TP53", 99.0)


@pytest.mark.parametrize("k", [0, -1])
def test_no_pair_is_refused(k):
    with pytest.raises(TableError, match=f"got k = {k}"):
        top_pairs(MAP, k)


def test_ties_are_ranked_by_gene_position():
    genes = GeneSpace(("D", "C", "B", "A"))
    table = top_pairs(AttentionMap(genes, np.ones((4, 4)), "flat", 1), 4)
    assert list(zip(table["gene_a"], table["gene_b"], strict=True)) == [("D", "C"), ("D", "B"), ("D", "A"), ("C", "B")]


@pytest.mark.parametrize("block", [1, 2, 5, 23, 64])
@pytest.mark.parametrize("k", [1, 11, 10_000])
def test_the_blockwise_ranking_is_the_dense_one_ties_included(block, k):
    """Whole numbers and h = 4 make both exact, and most scores tie."""
    genes = GeneSpace(tuple(f"G{i}" for i in range(23)))
    edges = np.array([[0, 1], [3, 7], [5, 22]])
    prior = InteractionPrior(genes, edges, "by hand")
    q = np.random.default_rng(0).integers(-2, 3, size=(23, 4)).astype(np.float32)
    dense = q.astype(float) @ q.T.astype(float) / 2 + np.eye(23)
    for a, b in edges:
        dense[a, b] += 1
        dense[b, a] += 1
    slow = top_pairs(AttentionMap(genes, dense, "dense", 1), k, prior=prior)
    assert rows(top_pairs_lowrank(q, prior, k, block)) == rows(slow)
    assert len(slow) == min(k, 253)


def test_the_ranking_is_that_of_a_full_sort():
    genes = GeneSpace(tuple(f"G{i}" for i in range(37)))
    half = np.random.default_rng(2).normal(size=(37, 5))
    scores = half @ half.T
    found = top_pairs(AttentionMap(genes, scores, "m", 1), 50)
    everything = sorted(((scores[i, j], f"G{i}", f"G{j}") for i in range(37) for j in range(i)), reverse=True)
    assert found["score"].tolist() == pytest.approx([score for score, _, _ in everything[:50]])
    assert [{a, b} for a, b in zip(found["gene_a"], found["gene_b"], strict=True)] == [
        {a, b} for _, a, b in everything[:50]
    ]


def test_a_factor_of_other_genes_is_refused():
    with pytest.raises(GeneSpaceError, match="Q has 2 rows, but the prior's space has 3 genes"):
        top_pairs_lowrank(np.ones((2, 4)), PRIOR, 1)


def test_a_damaged_factor_is_refused():
    with pytest.raises(TableError, match="1 NaN or infinite values"):
        top_pairs_lowrank(np.array([[1.0], [np.nan], [1.0]]), PRIOR, 1)


def test_the_fixed_part_moves_known_pairs():
    found = top_pairs_lowrank(np.zeros((3, 4)), PRIOR, 1, fixed=2.5 * PRIOR.adjacency())
    assert rows(found) == [("TP53", "MDM2", 2.5, True, 1)]


@pytest.mark.slow
def test_ten_thousand_genes_never_hold_the_full_map():
    """The full map would take 827 MB in double precision."""
    import tracemalloc

    genes = GeneSpace(tuple(f"G{i}" for i in range(10_167)))
    prior = InteractionPrior(genes, np.array([[0, 1]]), "by hand")
    q = np.random.default_rng(0).normal(size=(10_167, 64)).astype(np.float32)
    tracemalloc.start()
    table = top_pairs_lowrank(q, prior, 1000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(table) == 1000
    assert peak < 100e6
