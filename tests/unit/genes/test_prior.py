import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.errors import GeneSpaceError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace

GENES = GeneSpace(("TP53", "MDM2", "EGFR", "GRB2", "ALK"))


def test_pairs_become_simple_undirected_edges_within_the_space():
    pairs = [("MDM2", "TP53"), ("TP53", "MDM2"), ("EGFR", "GRB2"), ("EGFR", "EGFR"), ("EGFR", "KRAS")]
    prior = InteractionPrior.from_pairs(GENES, pairs, "by hand")
    assert prior.edges.tolist() == [[0, 1], [2, 3]]
    assert prior.degree().tolist() == [1, 1, 1, 1, 0]
    adjacency = prior.adjacency().toarray()
    assert (adjacency == adjacency.T).all()
    assert adjacency.sum() == 4


@pytest.mark.parametrize(
    ("edges", "complaint"),
    [([[0, 9]], "names gene 9"), ([[1, 0]], "lower gene position first"), ([[2, 2]], "two different genes"),
     ([[0, 1], [0, 1]], "1 edges of the prior repeat")],
)  # fmt: skip
def test_edges_that_are_not_simple_are_refused(edges, complaint):
    with pytest.raises(GeneSpaceError, match=complaint):
        InteractionPrior(GENES, np.array(edges), "wrong")


def test_restriction_renumbers_edges():
    prior = InteractionPrior.from_pairs(GENES, [("TP53", "MDM2"), ("MDM2", "ALK")], "by hand")
    part = prior.restrict(GeneSpace(("ALK", "EGFR", "MDM2")))
    assert part.edges.tolist() == [[0, 2]]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_rewiring_keeps_every_degree_and_stays_simple(seed):
    low, high = np.triu_indices(23, 1)
    chosen = np.sort(np.random.default_rng(seed).choice(len(low), 47, replace=False))
    genes = GeneSpace(tuple(f"G{i}" for i in range(23)))
    prior = InteractionPrior(genes, np.column_stack([low[chosen], high[chosen]]), "random")
    rewired = prior.rewired(seed)
    assert (rewired.degree() == prior.degree()).all()
    assert len(rewired.edges) == 47


def test_the_landmark_prior_has_the_published_size(shared_data):
    """The authors' edge list on the landmark genes: 1,771 edges, 370 isolated genes, largest degree 86."""
    from drugripple.sources.public.tidy import landmark_genes, read_prior

    degree = read_prior(shared_data, landmark_genes(shared_data)).degree()
    assert (degree.sum() // 2, (degree == 0).sum(), degree.max()) == (1771, 370, 86)
