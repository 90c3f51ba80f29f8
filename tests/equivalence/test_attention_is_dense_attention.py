"""The linear-time layer equals the paper's formula written with the full matrix of scores."""

import numpy as np
import pytest
import torch

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.attention import GeneAttention
from drugripple.model.settings import Apply, PerturbationSettings

GENES, HIDDEN, ROWS = 97, 13, 7


def ring_and_chords(genes):
    pairs = [(i, (i + 1) % genes) for i in range(genes)] + [(i, (i * i + 3) % genes) for i in range(0, genes, 5)]
    names = [f"G{i}" for i in range(genes)]
    return InteractionPrior.from_pairs(GeneSpace(tuple(names)), ((names[a], names[b]) for a, b in pairs), "ring")


def dense(attention, prior, apply, basal, compound):
    """A = QQᵀ/√h + P + I with every matrix built, row by row, straight from the paper."""
    adjacency = torch.from_numpy(prior.adjacency().toarray()).to(basal)
    rows = []
    for g, d in zip(basal, compound, strict=True):
        q = torch.diag(g) @ attention.w_gene + torch.diag(d) @ attention.w_comp
        scores = q @ q.T / HIDDEN**0.5 + adjacency + torch.eye(GENES).to(basal)
        rows.append(scores @ g if apply is Apply.MATVEC else g * scores.sum(1))
    return torch.stack(rows)


@pytest.mark.parametrize("apply", list(Apply))
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-5)])
def test_linear_time_equals_dense(apply, dtype, tolerance):
    torch.manual_seed(0)
    prior = ring_and_chords(GENES)
    attention = GeneAttention(prior, PerturbationSettings(hidden=HIDDEN, apply=apply)).to(dtype)
    basal, compound = torch.randn(ROWS, GENES, dtype=dtype), torch.rand(ROWS, GENES, dtype=dtype)
    expected = dense(attention, prior, apply, basal, compound)
    difference = (attention(basal, compound) - expected).abs().max() / expected.abs().max()
    assert difference < tolerance


@pytest.mark.parametrize("apply", list(Apply))
def test_gradients_equal_those_of_the_dense_form(apply):
    torch.manual_seed(1)
    prior = ring_and_chords(GENES)
    attention = GeneAttention(prior, PerturbationSettings(hidden=HIDDEN, apply=apply)).double()
    basal, compound = (torch.randn(ROWS, GENES).double().requires_grad_() for _ in range(2))
    weights = torch.randn(ROWS, GENES).double()
    inputs = (basal, compound, attention.w_gene, attention.w_comp)
    fast = torch.autograd.grad((attention(basal, compound) * weights).sum(), inputs)
    slow = torch.autograd.grad((dense(attention, prior, apply, basal, compound) * weights).sum(), inputs)
    for ours, theirs in zip(fast, slow, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(("apply", "matters"), [(Apply.ROWSUM, False), (Apply.MATVEC, True)])
def test_which_genes_are_neighbours_matters_only_to_matvec(apply, matters):
    """Under rowsum the prior acts through degrees alone, which a degree-preserving rewiring keeps."""
    torch.manual_seed(2)
    prior = ring_and_chords(GENES)
    rewired = prior.rewired(seed=0)
    assert (prior.degree() == rewired.degree()).all()
    assert len(np.intersect1d(prior.edges @ [GENES, 1], rewired.edges @ [GENES, 1])) < len(prior.edges) / 2
    attention = GeneAttention(prior, PerturbationSettings(hidden=HIDDEN, apply=apply)).double()
    other = GeneAttention(rewired, PerturbationSettings(hidden=HIDDEN, apply=apply)).double()
    other.load_state_dict(attention.state_dict())
    basal, compound = torch.randn(ROWS, GENES).double(), torch.randn(ROWS, GENES).double()
    assert torch.allclose(attention(basal, compound), other(basal, compound), rtol=1e-10) is not matters
