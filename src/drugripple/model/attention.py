"""Condition-specific gene-gene attention in its exact linear-time form."""

import math
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor, nn

from drugripple.genes.prior import InteractionPrior
from drugripple.model.settings import Apply, Initialisation, PerturbationSettings, PriorNorm, ScoreScale
from drugripple.model.sparse import SymmetricSparse

if TYPE_CHECKING:
    import scipy.sparse as sp


class GeneAttention(nn.Module):
    """Attention scores between genes that are themselves the weights of a linear layer.

        Q = g * W_gene + D * W_comp                                     [b g h]   (row i is gene i)
        A = s Q Qᵀ + w P + I,   s = 1/√h                                [b g g]
        matvec:  A g        = s Q (Qᵀ g) + w P g + g                    [b g]
        rowsum:  g * (A 1)  = g * (s Q (Qᵀ 1) + w P 1 + 1)              [b g]

    `forward` builds neither A nor Q. Two plain matrix products apply Qᵀ, two more apply Q, so that one condition costs
    O(g h + edges) instead of O(g² h).

    Source: paper section 3.1.2. Differs: the 1/√h and the identity are the authors' code's, not the text's;
    `rowsum` is what that code computes instead of A g.
    """

    def __init__(self, prior: InteractionPrior, settings: PerturbationSettings) -> None:
        """Draw weights for the genes of a prior (an empty prior is attention without a network)."""
        super().__init__()
        genes = len(prior.genes)
        self.apply_as = settings.apply
        self.scale = 1 / math.sqrt(settings.hidden) if settings.score_scale is ScoreScale.SQRT_HIDDEN else 1.0
        self.self_loop = 1.0 if settings.self_loops else 0.0
        deviation = 1 / math.sqrt(settings.hidden) if settings.init is Initialisation.SCALED else 1.0
        self.w_gene = nn.Parameter(torch.randn(genes, settings.hidden) * deviation)
        self.w_comp = nn.Parameter(torch.randn(genes, settings.hidden) * deviation)
        weight = torch.tensor(settings.prior_weight)
        self.prior_weight = nn.Parameter(weight) if settings.learn_prior_weight else weight.item()
        self.prior = SymmetricSparse(prior, by_degree=settings.prior_norm is PriorNorm.DEGREE)

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
            attended = self.apply_scores(basal, basal, compound)
        else:
            ones = torch.ones_like(basal[:1]) if visible is None else visible
            attended = basal * self.apply_scores(ones, basal, compound)
        return attended if visible is None else attended * visible

    def apply_scores(
        self, values: Float[Tensor, "#b g"], basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]
    ) -> Float[Tensor, "b g"]:
        """A v = s Q (Qᵀ v) + (w P + I) v."""
        z = self.apply_qt(values, basal, compound) * self.scale
        return self.apply_q(z, basal, compound) + self.apply_prior(values)

    def apply_qt(
        self, values: Float[Tensor, "#b g"], basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]
    ) -> Float[Tensor, "b h"]:
        """Qᵀ v = (g * v) W_gene + (D * v) W_comp."""
        return (basal * values) @ self.w_gene + (compound * values) @ self.w_comp

    def apply_q(
        self, z: Float[Tensor, "b h"], basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]
    ) -> Float[Tensor, "b g"]:
        """Q z = g * (z W_geneᵀ) + D * (z W_compᵀ)."""
        return basal * (z @ self.w_gene.T) + compound * (z @ self.w_comp.T)

    def apply_prior(self, values: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """(w P + I) v: the part of A v that is the same in every condition."""
        return self.prior_weight * self.prior(values) + self.self_loop * values

    def query_factor(self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]) -> Float[Tensor, "b g h"]:
        """Q itself, the low-rank factor of A, for looking at: memory grows with b g h."""
        return basal.unsqueeze(-1) * self.w_gene + compound.unsqueeze(-1) * self.w_comp

    def fixed_scores(self) -> "sp.csr_matrix":
        """The matrix w P + I itself, in double precision, for looking at."""
        import scipy.sparse as sp  # not needed to predict

        return float(self.prior_weight) * self.prior.matrix() + self.self_loop * sp.eye(len(self.w_gene), format="csr")

    def attention_matrix(self, basal: Float[Tensor, "b g"], compound: Float[Tensor, "b g"]) -> Float[Tensor, "b g g"]:
        """A itself, for looking at: memory grows with b g²."""
        q = self.query_factor(basal, compound)
        loops = self.self_loop * torch.eye(len(self.w_gene), dtype=q.dtype, device=q.device)
        return q @ q.mT * self.scale + (self.prior_weight * self.prior.dense() + loops).to(q)
