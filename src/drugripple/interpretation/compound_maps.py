"""Mean attention maps of a compound over many samples, in closed form: no map of a single sample is ever built.

With Q = g ∘ W + D ∘ V for basal g and condition D, and g varying over samples,

    mean(Q Qᵀ) = E[g gᵀ] ∘ WWᵀ + E[g] Dᵀ ∘ WVᵀ + D E[g]ᵀ ∘ VWᵀ + D Dᵀ ∘ VVᵀ            [g g]

A thousand samples therefore cost as much as one, and a further compound costs one map.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from drugripple.errors import TableError
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.maps import AttentionMap
from drugripple.model.attention import GeneAttention


@dataclass(frozen=True)
class MeanMaps:
    """Attention of one network over the same samples, for any compound. Axes: g gene, h hidden."""

    genes: GeneSpace
    gene_gene: Float[np.ndarray, "g g"]
    """s WWᵀ."""
    gene_compound: Float[np.ndarray, "g g"]
    """s WVᵀ."""
    compound_compound: Float[np.ndarray, "g g"]
    """s VVᵀ."""
    fixed: Float[np.ndarray, "g g"]
    """What every map has: the weighted prior and the identity."""
    mean: Float[np.ndarray, " g"]
    second: Float[np.ndarray, "g g"]
    """E[g gᵀ] over the samples."""
    samples: int

    @classmethod
    def of(cls, attention: GeneAttention, genes: GeneSpace, basal: Float[np.ndarray, "n g"]) -> "MeanMaps":
        """Prepare for some samples, given as the attention layer reads them.

        Raises:
            TableError: if there is no sample.
        """
        if not len(basal):
            message = "a mean map needs at least one sample"
            raise TableError(message)
        w, v = (weight.detach().double().cpu().numpy() for weight in (attention.w_gene, attention.w_comp))
        wide, scale = basal.astype(np.float64), attention.scale
        return cls(
            genes, scale * (w @ w.T), scale * (w @ v.T), scale * (v @ v.T), attention.fixed_scores().toarray(),
            wide.mean(axis=0), wide.T @ wide / len(wide), len(wide),
        )  # fmt: skip

    def learnt(self, condition: Float[np.ndarray, " g"]) -> Float[np.ndarray, "g g"]:
        """The part that depends on samples and compound: no prior, no identity."""
        d = condition.astype(np.float64)
        mixed = np.outer(self.mean, d) * self.gene_compound
        return self.second * self.gene_gene + mixed + mixed.T + np.outer(d, d) * self.compound_compound

    def map(self, condition: Float[np.ndarray, " g"], label: str) -> AttentionMap:
        """The mean map of a compound."""
        return AttentionMap(self.genes, self.learnt(condition) + self.fixed, label, self.samples)
