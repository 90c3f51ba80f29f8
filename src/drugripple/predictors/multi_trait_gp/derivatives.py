"""How the similarity of one sample to the training samples moves with its genes."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.genes.space import GeneSpace


class GeneDerivatives(NamedTuple):
    """How similarity to the training samples moves with genes. Axes: n training sample, g shared gene."""

    genes: GeneSpace
    level: Float[np.ndarray, " g"]
    """Of the sample, in deviations of the gene among training samples from their mean."""
    change: Float[np.ndarray, "n g"]
    """Change of the similarity per such deviation, the other genes held."""
    mean_change: Float[np.ndarray, "n g"]
    """The same on average over the training samples in the sample's place."""


class PairDerivatives(NamedTuple):
    """How similarity to the training samples bends with two genes. Axes: n training sample, p pair of genes."""

    first: Int[np.ndarray, " p"]
    second: Int[np.ndarray, " p"]
    """Places among the genes asked about."""
    change: Float[np.ndarray, "n p"]
    """Second derivative by the deviations of both."""
    mean_change: Float[np.ndarray, "n p"]
    """The same on average over the training samples in the sample's place."""
