"""A map of samples: the first principal components of the model's own similarity of samples."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.linalg import eigh

from drugripple.data.tables import ExpressionTable
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits


@dataclass(frozen=True)
class SampleMap:
    """Places of samples in a plane. Axes: n training sample, a sample asked about."""

    training: Float[np.ndarray, "n 2"]
    own: Float[np.ndarray, "a 2"]
    share: tuple[float, float]
    """Part of the training samples' variance that each axis shows."""

    @classmethod
    def of(cls, traits: FittedTraits, expression: ExpressionTable) -> "SampleMap":
        """Place samples among those of training.

        K v = λ v,    training: v √λ,    own: k(own, training) v / √λ

        Source: Schölkopf, Smola and Müller 1998, doi:10.1162/089976698300017467 (kernel principal components).

        Raises:
            GeneSpaceError: if they share too few genes with the training samples.
        """
        kernel = traits.kernel.matrix
        n = len(kernel)
        values, vectors = eigh(kernel, subset_by_index=[max(n - 2, 0), n - 1])
        values, vectors = np.maximum(values[::-1], 1e-12), vectors[:, ::-1]
        vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])])
        shares = (values / max(float(np.trace(kernel)), 1e-12)).tolist()
        training, own = vectors * np.sqrt(values), traits.kernel.rows(expression) @ vectors / np.sqrt(values)
        return cls(_plane(training), _plane(own), (float(shares[0]), float(shares[1]) if len(shares) > 1 else 0.0))


def _plane(places: Float[np.ndarray, "k d"]) -> Float[np.ndarray, "k 2"]:
    """With a second axis of zeros where one training sample has only one."""
    return np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
