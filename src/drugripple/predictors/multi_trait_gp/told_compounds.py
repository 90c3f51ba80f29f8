"""Compounds that training lacks, measured in a few samples.

    y_i = μ + f_i·B + r_i + e_i       μ ~ N(m, v)             mean of the compound (`MeanHead`)
                                      f_i ~ N(f̂_i, Cov_i)     g + h of sample i over the training compounds
                                      r ~ N(0, l (s_G K + s_H I))     what the training compounds do not tell
                                      e_i ~ N(0, noise)

B and l are those of `DeviationHead`, s_G and s_H the mean variances of G and H. So the prior covariance of two samples'
responses to the compound, without noise, is

    v + l s_G K_ii' + δ_ii' (l s_H + BᵀCov_iB)

and k measurements condition it exactly by one system of size k, whatever sample is asked about.

Differs: f of different samples counts as independent given training, and a measurement of one such compound tells
nothing of another compound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float
from scipy.linalg import cho_solve, solve_triangular


@dataclass(frozen=True)
class ToldCompound:
    """A compound that training lacks: what was expected of it, and what was measured. Axes: c training, k measured."""

    mean: float
    variance: float
    """Variance of the mean."""
    weights: Float[np.ndarray, " c"]
    """B."""
    left: float
    """l."""
    samples: tuple[str, ...] = ()
    """The sample of every measurement, sorted."""
    values: Float[np.ndarray, " k"] = field(default_factory=lambda: np.zeros(0))

    def with_measurements(self, samples: Sequence[str], values: Float[np.ndarray, " k"]) -> "ToldCompound":
        """The same compound with more measurements, in an order that does not depend on when they came."""
        every = sorted(zip([*self.samples, *samples], [*self.values.tolist(), *values.tolist()], strict=True))
        return replace(self, samples=tuple(name for name, _ in every), values=np.array([value for _, value in every]))

    def averaged(self) -> tuple[tuple[str, ...], Float[np.ndarray, " d"]]:
        """The distinct samples, and the mean of each one's repeats."""
        names, place, number = np.unique(np.array(self.samples), return_inverse=True, return_counts=True)
        return tuple(names.tolist()), np.bincount(place, weights=self.values) / number


class Update(NamedTuple):
    """What measurements of compounds change. Axes: a sample, b compound."""

    mean: Float[np.ndarray, "a b"]
    """Added to the mean."""
    variance: Float[np.ndarray, "a b"]
    """Taken from the variance."""


@dataclass(frozen=True)
class ToldPosterior:
    """The system of one compound, solved. Axis: k measured sample."""

    samples: tuple[str, ...]
    common: float
    """v: prior covariance of any two samples."""
    shared: float
    """l s_G: further covariance of two samples of similarity 1."""
    own: Float[np.ndarray, " k"]
    """l s_H + BᵀCov_iB: further variance of each sample."""
    factor: Float[np.ndarray, "k k"]
    """L with LLᵀ = covariance of the measurements."""
    weights: Float[np.ndarray, " k"]
    """Inverse covariance of the measurements times what they were beyond what was expected."""

    @classmethod
    def solve(
        cls,
        told: ToldCompound,
        similarity: Float[np.ndarray, "k k"],
        deviations: Float[np.ndarray, " k"],
        own: Float[np.ndarray, " k"],
        shared: float,
        noise: float,
    ) -> "ToldPosterior":
        """Condition a compound on its measurements.

        Args:
            told: the compound.
            similarity: of its distinct samples, in the order of `told.averaged`.
            deviations: f̂·B of these.
            own: l s_H + BᵀCov_iB.
            shared: l s_G.
            noise: variance of one measurement.
        """
        samples, values = told.averaged()
        covariance = told.variance + shared * _without_negative(similarity) + np.diag(own + noise)
        factor = np.linalg.cholesky(covariance)
        weights = cho_solve((factor, True), values - told.mean - deviations)
        return cls(samples, told.variance, shared, own, factor, weights)

    def update(
        self, similarity: Float[np.ndarray, "a k"], same: Bool[np.ndarray, "a k"]
    ) -> tuple[Float[np.ndarray, " a"], Float[np.ndarray, " a"]]:
        """What the measurements add to the mean of some samples, and take from their variance.

        Args:
            similarity: to the measured samples.
            same: whether it is the measured sample itself.
        """
        across = self.common + self.shared * similarity + np.where(same, self.own, 0.0)
        told = solve_triangular(self.factor, across.T, lower=True)
        return across @ self.weights, (told**2).sum(axis=0)


def _without_negative(similarity: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k k"]:
    """The similarity without negative eigenvalues, which samples with different genes may bring."""
    values, vectors = np.linalg.eigh(similarity)
    return (vectors * np.maximum(values, 0)) @ vectors.T
