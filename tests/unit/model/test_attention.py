import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.attention import GeneAttention
from drugripple.model.settings import Apply, PerturbationSettings


def prior(genes, *edges):
    space = GeneSpace(tuple(f"G{i}" for i in range(genes)))
    return InteractionPrior(space, np.array(edges, dtype=np.int64).reshape(-1, 2), "by hand")


def two_genes(apply, **options):
    attention = GeneAttention(prior(2), PerturbationSettings(hidden=1, apply=apply, **options))
    with torch.no_grad():
        attention.w_gene.fill_(1.0)
        attention.w_comp.zero_()
    return attention


@pytest.mark.parametrize(("apply", "expected"), [(Apply.MATVEC, (11.0, 33.0)), (Apply.ROWSUM, (5.0, 39.0))])
def test_hand_computed(apply, expected):
    """g = (1, 3), Q = g, A = [[1, 3], [3, 9]] + I: A g = (2+9, 3+30); row sums (5, 13), g * (A 1) = (5, 39)."""
    attended = two_genes(apply)(torch.tensor([[1.0, 3.0]]), torch.zeros(1, 2))
    torch.testing.assert_close(attended, torch.tensor([expected]))


def test_without_self_loops_the_identity_is_gone():
    """A = [[1, 3], [3, 9]]: A g = (10, 30)."""
    attended = two_genes(Apply.MATVEC, self_loops=False)(torch.tensor([[1.0, 3.0]]), torch.zeros(1, 2))
    torch.testing.assert_close(attended, torch.tensor([[10.0, 30.0]]))


def test_compound_enters_the_queries():
    """g = (1, 0), D = (0, 2), w = 1: Q = (1, 2), A = [[1, 2], [2, 4]] + I, A g = (2, 2)."""
    attention = two_genes(Apply.MATVEC)
    with torch.no_grad():
        attention.w_comp.fill_(1.0)
    attended = attention(torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]]))
    torch.testing.assert_close(attended, torch.tensor([[2.0, 2.0]]))


def test_scores_are_divided_by_the_root_of_the_width():
    """Width 4, Q = (1,1,1,1) and (3,3,3,3): QQᵀ/2 = [[2, 6], [6, 18]], plus I, times (1, 3) = (21, 63)."""
    attention = GeneAttention(prior(2), PerturbationSettings(hidden=4))
    with torch.no_grad():
        attention.w_gene.fill_(1.0)
        attention.w_comp.zero_()
    attended = attention(torch.tensor([[1.0, 3.0]]), torch.zeros(1, 2))
    torch.testing.assert_close(attended, torch.tensor([[21.0, 63.0]]))


def test_partners_weighted_by_degree():
    """Path 0-1-2: degrees 1, 2, 1, so each edge weighs 1/√2; P (1, 1, 1) = (0.7071, 1.4142, 0.7071), plus I."""
    settings = PerturbationSettings(prior_norm="degree")
    fixed = GeneAttention(prior(3, (0, 1), (1, 2)), settings).apply_prior(torch.ones(1, 3))
    torch.testing.assert_close(fixed, torch.tensor([[1.70711, 2.41421, 1.70711]]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("changes", [{}, {"prior_norm": "degree"}, {"self_loops": False}, {"prior_weight": 0.5}])
def test_the_fixed_scores_are_what_the_layer_adds(changes):
    attention = GeneAttention(prior(5, (0, 1), (1, 2), (1, 4)), PerturbationSettings(**changes)).double()
    added = attention.apply_prior(torch.eye(5).double()).detach().numpy()
    np.testing.assert_allclose(attention.fixed_scores().toarray(), added, rtol=1e-6)


def test_prior_weight_can_be_learnt():
    attention = GeneAttention(prior(3, (0, 1)), PerturbationSettings(learn_prior_weight=True))
    attention(torch.randn(2, 3), torch.randn(2, 3)).sum().backward()
    assert attention.prior_weight.grad != 0


def test_scores_are_symmetric_and_of_low_rank_without_a_prior():
    attention = GeneAttention(prior(11), PerturbationSettings(hidden=3, self_loops=False)).double()
    scores = attention.attention_matrix(torch.randn(1, 11).double(), torch.randn(1, 11).double())[0]
    torch.testing.assert_close(scores, scores.T)
    assert torch.linalg.matrix_rank(scores) == 3


def test_wrong_gene_count_is_refused():
    with pytest.raises(TypeCheckError):
        GeneAttention(prior(5), PerturbationSettings())(torch.randn(2, 5), torch.randn(2, 4))
