"""How the similarity of one sample to the training samples moves with its genes."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int

from drugripple.genes.space import GeneSpace


@dataclass(frozen=True)
class GeneDerivatives:
    """How similarity to the training samples moves with genes. Axes: n training sample, g shared gene.

        change_ig = r_g e_i (f_g - f_ig),    on average over training samples j   r_g Σ_j e_ij (f_jg - f_ig) / n

    both less their mean over i. What is asked are weighted sums of changes over the training samples: the changes
    themselves, a number for each sample and gene, need never be written down.
    """

    genes: GeneSpace
    level: Float[np.ndarray, " g"]
    """Level of each gene in the sample, in deviations among training samples from their mean."""
    rate: Float[np.ndarray, " g"]
    own: Float[np.ndarray, " g"]
    """f of the sample."""
    features: Float[np.ndarray, "n g"]
    single: Float32[np.ndarray, "n g"]
    """The features in single precision, for weights in it."""
    near: Float[np.ndarray, " n"]
    """e of the sample and each training sample."""
    plain: Float[np.ndarray, "n n"]
    """e of the training samples."""

    def along(self, weights: Float[np.ndarray, "n q"]) -> Float[np.ndarray, "g q"]:
        """Weighted sums of the changes per deviation of a gene, the other genes held; as precise as the weights."""
        kind = weights.dtype
        pulled = self.near.astype(kind)[:, None] * (weights - weights.mean(axis=0))
        moved = self.own.astype(kind)[:, None] * pulled.sum(axis=0) - self._beside(weights).T @ pulled
        return self.rate.astype(kind)[:, None] * moved

    def mean_along(self, weights: Float[np.ndarray, "n q"]) -> Float[np.ndarray, "g q"]:
        """Weighted sums of the changes, averaged over the training samples in the sample's place."""
        kind, plain = weights.dtype, self.plain / len(self.plain)
        centred = weights - weights.mean(axis=0)
        pulled = plain.astype(kind, copy=False) @ centred - plain.sum(axis=1).astype(kind)[:, None] * centred
        return self.rate.astype(kind)[:, None] * (self._beside(weights).T @ pulled)

    def _beside(self, weights: Float[np.ndarray, "n q"]) -> Float[np.ndarray, "n g"]:
        """The features, as precise as the weights."""
        return self.single if weights.dtype == np.float32 else self.features


class PairDerivatives(NamedTuple):
    """How similarity to the training samples bends with two genes. Axes: n training sample, p pair of genes."""

    first: Int[np.ndarray, " p"]
    second: Int[np.ndarray, " p"]
    """Places among the genes asked about."""
    change: Float[np.ndarray, "n p"]
    """Second derivative by the deviations of both."""
    mean_change: Float[np.ndarray, "n p"]
    """Mean of the change over the training samples in the sample's place."""
