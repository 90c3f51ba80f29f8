"""Compounds that training lacks, measured in a few samples.

    y_i = μ + f_i·β + r_i + e_i       μ ~ N(m, v)             mean of the compound (`MeanHead`)
                                      f_i ~ N(f̂_i, Cov_i)     g + h of sample i over the training compounds
                                      β ~ N(B, p l s / z S⁻¹)  how the compound follows the training compounds
                                      r ~ N(0, l R)           what these do not tell
                                      e_i ~ N(0, noise)

B, l and S are those of `DeviationHead`, s = s_G + s_H the mean variances of G and H, z the mean of f̂ᵀS⁻¹f̂ over the
training samples. If a covariance of compounds has an inverse-Wishart prior of shape S, then β has this prior: structure
says what a compound follows, and measurements correct it. So the prior covariance of two samples' responses to the
compound, without noise, is

    v + l [p s φ_i·φ_i' + (1 - p) s_G K_ii'] + δ_ii' (l o_i + BᵀCov_iB)        φ_i = S^-½ f̂_i / √z
    o_i = (1 - p) s_H + p max(s_G K_ii + s_H - s |φ_i|², 0)

and k measurements condition it by one system of size k, whatever sample is asked about. o fills up the variance that a
sample lacks whose f is hardly known, to that of a compound that was not measured.

Compounds differ in how far their responses spread, so the variance that the measurements leave is multiplied by

    τ = (ν + Q) / (ν + k - 1)       Q = (y - f̂B - μ̂)'D⁻¹(y - f̂B - μ̂)

D is the covariance of the measurements, μ̂ the mean that fits them best: τ is 1 if they spread as expected.

Source: Shah, Wilson and Ghahramani 2014 (Student's t process). Differs: v, which says how the means of compounds
differ, takes no part in Q, since about μ̂ what all measurements share does not count. f of different samples counts as
independent given training, the product of f and β as normal, and a measurement of one such compound tells nothing of
another compound.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.linalg import cho_solve, solve_triangular

FOLLOWED = 0.5
"""p: share of the variance left that goes with what the training compounds do. Chosen with split seed 7, where new
compounds measured in 1 to 100 samples had about the same error with 0.3 to 0.85."""
SPREAD_WEIGHT = 10
"""ν: measurements that the expected spread counts for. Chosen with split seed 7, where 5 to 40 made hardly a
difference."""
TINY = 1e-12
"""Smallest mean square of a profile, where training tells of no deviations."""


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

    def covariance(
        self,
        rest: "Rest",
        standings: "Standings",
        similarity: Float[np.ndarray, "k k"],
        own: Float[np.ndarray, " k"],
    ) -> Float[np.ndarray, "k k"]:
        """Covariance of the responses of some samples before any was measured; `own` is what each has of its own."""
        return self.variance + self.left * rest.between(similarity, standings, standings) + np.diag(own)


class Update(NamedTuple):
    """What measurements of compounds change. Axes: a sample, b compound."""

    mean: Float[np.ndarray, "a b"]
    """Added to the mean."""
    variance: Float[np.ndarray, "a b"]
    """Taken from the variance."""
    spread: Float[np.ndarray, " b"]
    """τ, by which the variance left is multiplied; 1 for a compound that was not measured."""

    @classmethod
    def none(cls, samples: int, compounds: int) -> "Update":
        """Nothing changes."""
        return cls(np.zeros((samples, compounds)), np.zeros((samples, compounds)), np.ones(compounds))


@dataclass(frozen=True)
class Standings:
    """Samples among which a compound is told of. Axes: a sample, c training compound."""

    profile: Float[np.ndarray, "a c"]
    """φ."""
    itself: Float[np.ndarray, " a"]
    """K_ii."""

    def take(self, rows: Int[np.ndarray, " k"]) -> "Standings":
        """Some samples."""
        return Standings(self.profile[rows], self.itself[rows])


@dataclass(frozen=True)
class Rest:
    """What the training compounds do not tell of a compound, for l = 1. Axes: a, k sample, c training compound."""

    shared: float
    """s_G."""
    own: float
    """s_H."""
    root: Float[np.ndarray, "c c"]
    """√z S^½, a lower triangle."""

    @classmethod
    def of(
        cls, shared: float, own: float, shape: Float[np.ndarray, "c c"], deviations: Float[np.ndarray, "n c"]
    ) -> "Rest":
        """Measure profiles in units of those of the training samples, whose f̂ is given."""
        root = np.linalg.cholesky(shape)
        lengths = (solve_triangular(root, deviations.T, lower=True) ** 2).sum(axis=0)
        return cls(shared, own, root * np.sqrt(max(float(lengths.mean()), TINY)))

    def profiles(self, deviations: Float[np.ndarray, "a c"]) -> Float[np.ndarray, "a c"]:
        """φ of samples, from f̂."""
        return solve_triangular(self.root, deviations.T, lower=True).T

    def between(
        self, similarity: Float[np.ndarray, "a k"], one: Standings, other: Standings
    ) -> Float[np.ndarray, "a k"]:
        """Covariance of different samples."""
        followed = (self.shared + self.own) * (one.profile @ other.profile.T)
        return FOLLOWED * followed + (1 - FOLLOWED) * self.shared * similarity

    def alone(self, samples: Standings) -> Float[np.ndarray, " a"]:
        """o of samples."""
        return (1 - FOLLOWED) * self.own + FOLLOWED * np.maximum(-self._beyond(samples), 0)

    def excess(self, samples: Standings) -> Float[np.ndarray, " a"]:
        """What the variance of samples has beyond s_G K_ii + s_H, that of a compound that was not measured."""
        return FOLLOWED * np.maximum(self._beyond(samples), 0)

    def _beyond(self, samples: Standings) -> Float[np.ndarray, " a"]:
        followed = (self.shared + self.own) * (samples.profile**2).sum(axis=1)
        return followed - self.shared * samples.itself - self.own


@dataclass(frozen=True)
class ToldPosterior:
    """The system of one compound, solved. Axis: k measured sample."""

    told: ToldCompound
    rest: Rest
    standings: Standings
    """Where the distinct samples stand, in the order of `told.averaged`."""
    own: Float[np.ndarray, " k"]
    """l o_i + BᵀCov_iB: further variance of each sample."""
    factor: Float[np.ndarray, "k k"]
    """L with LLᵀ = covariance of the measurements."""
    weights: Float[np.ndarray, " k"]
    """Inverse covariance of the measurements times what they were beyond what was expected."""
    spread: float
    """τ."""

    @classmethod
    def solve(
        cls,
        told: ToldCompound,
        rest: Rest,
        standings: Standings,
        similarity: Float[np.ndarray, "k k"],
        deviations: Float[np.ndarray, " k"],
        variance: Float[np.ndarray, " k"],
        noise: float,
    ) -> "ToldPosterior":
        """Condition a compound on its measurements.

        Args:
            told: the compound.
            rest: what the training compounds do not tell of any.
            standings: of its distinct samples, in the order of `told.averaged`.
            similarity: K of these.
            deviations: f̂·B of these.
            variance: BᵀCov_iB of these.
            noise: variance of one measurement.
        """
        own = told.left * rest.alone(standings) + variance
        factor = np.linalg.cholesky(told.covariance(rest, standings, without_negative(similarity), own + noise))
        beyond = told.averaged()[1] - told.mean - deviations
        weights = cho_solve((factor, True), beyond)
        return cls(told, rest, standings, own, factor, weights, _spread(beyond, weights, factor))

    def update(
        self, asked: Standings, similarity: Float[np.ndarray, "a k"], same: Bool[np.ndarray, "a k"]
    ) -> tuple[Float[np.ndarray, " a"], Float[np.ndarray, " a"]]:
        """What the measurements add to the mean of some samples, and take from their variance.

        Args:
            asked: the samples.
            similarity: K of these with the measured samples.
            same: whether one is the measured sample itself.
        """
        between = self.told.left * self.rest.between(similarity, asked, self.standings)
        across = self.told.variance + between + np.where(same, self.own, 0.0)
        solved = solve_triangular(self.factor, across.T, lower=True)
        return across @ self.weights, (solved**2).sum(axis=0) - self.told.left * self.rest.excess(asked)


def _spread(
    beyond: Float[np.ndarray, " k"], weights: Float[np.ndarray, " k"], factor: Float[np.ndarray, "k k"]
) -> float:
    """How far measurements spread about their own mean, to what was expected of them: τ.

    >>> beyond = np.array([1.0, 5.0])
    >>> round(_spread(beyond, beyond, np.eye(2)), 4)  # (10 + 8) / (10 + 1)
    1.6364
    """
    squares = beyond @ weights - weights.sum() ** 2 / cho_solve((factor, True), np.ones(len(beyond))).sum()
    return float((SPREAD_WEIGHT + squares) / (SPREAD_WEIGHT + len(beyond) - 1))


def without_negative(similarity: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k k"]:
    """The similarity without negative eigenvalues, which samples with different genes may bring."""
    values, vectors = np.linalg.eigh(similarity)
    return (vectors * np.maximum(values, 0)) @ vectors.T
