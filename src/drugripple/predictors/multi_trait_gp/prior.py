"""Where the covariances of compounds start and what they are pulled towards: chemistry and annotation."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.predictors.multi_trait_gp.covariance import TraitCovariances


class CovariancePrior(NamedTuple):
    """Inverse-Wishart priors of G and H. Axis: c compound."""

    shared: Float[np.ndarray, "c c"]
    """G₀."""
    own: Float[np.ndarray, "c c"]
    """H₀."""
    noise: float
    """Variance of one measurement that the fit starts with."""
    shared_weight: float
    """ν_G: how many samples G₀ counts for."""
    own_weight: float
    """ν_H: how many samples H₀ counts for."""

    def start(self) -> TraitCovariances:
        """The covariances before anything was learnt."""
        return TraitCovariances(self.shared, self.own, np.full(len(self.shared), self.noise))


def prior_shape(
    similarity: Float[np.ndarray, "c c"], *, common: float = 0.5, similar: float = 0.3
) -> Float[np.ndarray, "c c"]:
    """`common` + `similar` x similarity + the rest of the identity: a correlation of compounds, from what is known.

    >>> prior_shape(np.array([[1.0, 0.5], [0.5, 1.0]])).round(2).tolist()
    [[1.0, 0.65], [0.65, 1.0]]
    """
    return common + similar * similarity + (1 - common - similar) * np.eye(len(similarity))
