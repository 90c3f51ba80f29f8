"""The covariance of the model, and its exact smoother where every pair was measured."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Float32
from scipy.linalg import eigh

from drugripple.predictors.pair_gp.kronecker import Eigen


@dataclass(frozen=True)
class TraitCovariances:
    """What compounds share. Axis: c compound.

    Cov(y of samples i, i' and compounds j, j') = K_ii' G_jj' + [i = i'] (H_jj' + [j = j'] noise_j)
    """

    shared: Float[np.ndarray, "c c"]
    """G: of what similar samples have in common."""
    own: Float[np.ndarray, "c c"]
    """H: of what a sample has of its own, beyond its expression."""
    noise: Float[np.ndarray, " c"]
    """Variance of one measurement."""

    @property
    def rest(self) -> Float[np.ndarray, "c c"]:
        """R = H + noise: the covariance of measurements of a sample of which g is known."""
        return self.own + np.diag(self.noise)


@dataclass(frozen=True)
class SingleGrid:
    """`CompleteGrid` in single precision, which is all that the steps of a refined solution need."""

    vectors: Float32[np.ndarray, "n n"]
    rotation: Float32[np.ndarray, "c c"]
    damped: Float32[np.ndarray, "n c"]
    """1 / (1 + λγ)."""
    noise: Float32[np.ndarray, " c"]

    def smooth(self, grid: Float32[np.ndarray, "n c"]) -> Float32[np.ndarray, "n c"]:
        """Posterior mean of g + h for complete values."""
        rotated = (self.vectors.T @ grid @ self.rotation) * self.damped
        return grid - (self.vectors @ rotated @ self.rotation.T) * self.noise

    def precondition(self, residual: Float32[np.ndarray, "n c"]) -> Float32[np.ndarray, "n c"]:
        """(C⁻¹ + 1 / noise)⁻¹ of a residual."""
        return self.smooth(residual * self.noise)


@dataclass(frozen=True)
class CompleteGrid:
    """All pairs of some samples and compounds. Axes: n sample, c compound.

        K = U diag(λ) Uᵀ;   G t = γ R t, TᵀRT = I, TᵀGT = diag(γ)

    In UᵀYT the entries are independent with variance λγ + 1.

    Source: Stegle et al. 2011 (NIPS 24), the two eigendecompositions; Zhou and Stephens 2014, doi:10.1038/nmeth.2848,
    multi-trait mixed models.
    """

    samples: Eigen
    covariances: TraitCovariances

    @property
    def noise(self) -> Float[np.ndarray, " c"]:
        """Variance of one measurement."""
        return self.covariances.noise

    @cached_property
    def _generalised(self) -> tuple[Float[np.ndarray, " c"], Float[np.ndarray, "c c"]]:
        values, vectors = eigh(self.covariances.shared, self.covariances.rest)
        return np.maximum(values, 0), vectors

    @property
    def gamma(self) -> Float[np.ndarray, " c"]:
        """γ: how much stronger G is than R in every rotated compound."""
        return self._generalised[0]

    @property
    def rotation(self) -> Float[np.ndarray, "c c"]:
        """T."""
        return self._generalised[1]

    @cached_property
    def back(self) -> Float[np.ndarray, "c c"]:
        """T⁻¹ = TᵀR."""
        return self.rotation.T @ self.covariances.rest

    @cached_property
    def signal(self) -> Float[np.ndarray, "n c"]:
        """λγ: the variance of g in every rotated entry, where the rest has variance 1."""
        return np.outer(self.samples.values, self.gamma)

    def rotate(self, grid: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """UᵀYT."""
        return self.samples.vectors.T @ grid @ self.rotation

    def weights(self, grid: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """(C + noise)⁻¹ Y of complete values."""
        return self.samples.vectors @ (self.rotate(grid) / (1 + self.signal)) @ self.rotation.T

    def smooth(self, grid: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """Posterior mean of g + h for complete values: C (C + noise)⁻¹ Y."""
        return grid - self.weights(grid) * self.noise

    def precondition(self, residual: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """(C⁻¹ + 1 / noise)⁻¹ of a residual."""
        return self.smooth(residual * self.noise)

    def in_single(self) -> "SingleGrid":
        """The same smoother in single precision."""
        vectors, rotation, damped, noise = (
            np.ascontiguousarray(part, dtype=np.float32)
            for part in (self.samples.vectors, self.rotation, 1 / (1 + self.signal), self.noise)
        )
        return SingleGrid(vectors, rotation, damped, noise)

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, "n c"]:
        """g + h drawn from the prior."""
        shape = self.signal.shape
        shared = (
            np.sqrt(self.samples.values)[:, None] * generator.standard_normal(shape) @ _root(self.covariances.shared)
        )
        own = generator.standard_normal(shape) @ _root(self.covariances.own)
        return self.samples.vectors @ shared + own


def _root(covariance: Float[np.ndarray, "c c"]) -> Float[np.ndarray, "c c"]:
    """A symmetric root, of a matrix that rounding may have made slightly indefinite."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
