"""Condition-specific gene-gene attention in its exact linear-time form."""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

from drugripple.genes.prior import InteractionPrior
from drugripple.model.settings import Apply, PerturbationSettings
from drugripple.model.sparse import SymmetricSparse


class GeneAttention(nn.Module):
    """Attention scores between genes that are themselves the weights of a linear layer.

        Q = g * W_gene + D * W_comp                                     [b g h]   (row i is gene i)
        A = Q Qᵀ/√h + w P + I                                           [b g g]
        matvec:  A g        = Q (Qᵀ g)/√h + w P g + g                   [b g]
        rowsum:  g * (A 1)  = g * (Q (Σ_k q_k)/√h + w P 1 + 1)          [b g]

    `forward` builds neither A nor Q: with z = Qᵀ g = (g*g) W_gene + (D*g) W_comp,
    Q z = g * (z W_geneᵀ) + D * (z W_compᵀ), so one row costs O(g h + edges) instead of O(g² h).

    Source: paper section 3.1.2. Differs: the 1/√h and the identity are the authors' code's, not the text's;
    `rowsum` is what that code computes instead of A g.
    """

    def __init__(self, prior: InteractionPrior, settings: PerturbationSettings) -> None:
        """Weights for the genes of a prior (an empty prior is a network without one)."""
        super().__init__()
        genes = len(prior.genes)
        self.apply_as = settings.apply
        self.scale = 1 / math.sqrt(settings.hidden) if settings.score_scale == "sqrt_hidden" else 1.0
        self.self_loop = 1.0 if settings.self_loops else 0.0
        spread = 1 / math.sqrt(settings.hidden) if settings.init == "scaled" else 1.0
        self.w_gene = nn.Parameter(torch.randn(genes, settings.hidden) * spread)
        self.w_comp = nn.Parameter(torch.randn(genes, settings.hidden) * spread)
        weight = torch.tensor(settings.prior_weight)
        self.prior_weight = nn.Parameter(weight) if settings.learn_prior_weight else weight.item()
        self.prior = SymmetricSparse(prior, by_degree=settings.prior_norm == "degree")

    def forward(
        self,
        basal: Float[Tensor, "b g"],
        compound: Float[Tensor, "b g"],
        visible: Float[Tensor, "#b g"] | None = None,
    ) -> Float[Tensor, "b g"]:
        """The attended expression of each condition.

        `visible` (1 or 0) hides genes as if they were not in the panel; `basal` and `compound` must be 0 there.
        """
        if self.apply_as is Apply.MATVEC:
            attended = self.spread(self.project(basal, compound, basal), basal, compound) + self.neighbours(basal)
        else:
            ones = torch.ones_like(basal[:1]) if visible is None else visible
            z = self.project(basal, compound, ones)
            attended = basal * (self.spread(z, basal, compound) + self.neighbours(ones))
        return attended if visible is None else attended * visible

    def project(
        self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"], values: Float[Tensor, "#b g"]
    ) -> Float[Tensor, "b h"]:
        """Qᵀ v, scaled."""
        return ((basal * values) @ self.w_gene + (compound * values) @ self.w_comp) * self.scale

    def spread(
        self, z: Float[Tensor, "b h"], basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]
    ) -> Float[Tensor, "b g"]:
        """Q z."""
        return basal * (z @ self.w_gene.T) + compound * (z @ self.w_comp.T)

    def neighbours(self, values: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """(w P + I) v: the part of A v that depends on no condition."""
        return self.prior_weight * self.prior(values) + self.self_loop * values

    def queries(self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]) -> Float[Tensor, "b g h"]:
        """Q itself, for looking at: the low-rank factor of A."""
        return basal.unsqueeze(-1) * self.w_gene + compound.unsqueeze(-1) * self.w_comp

    def weights(self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]) -> Float[Tensor, "b g g"]:
        """A itself, for looking at: memory grows with b g²."""
        q = self.queries(basal, compound)
        loops = self.self_loop * torch.eye(len(self.w_gene), dtype=q.dtype, device=q.device)
        return q @ q.mT * self.scale + (self.prior_weight * self.prior.dense() + loops).to(q)
