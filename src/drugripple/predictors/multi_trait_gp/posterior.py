"""What the model knows after training: how samples deviate from the compounds' means, and how surely."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float
from scipy.linalg import cho_factor, cho_solve

from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid, TraitCovariances
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.pair_gp.kronecker import Eigen


@dataclass(frozen=True)
class TraitPosterior:
    """The posterior of g + h on the grid of training samples and compounds. Axes: n sample, c compound, a new sample.

    Means are exact, whatever is missing. For variances a sample counts as if it had told the average of what the
    training samples told; on a grid without gaps that is exact too.
    """

    samples: Eigen
    covariances: TraitCovariances
    mean: Float[np.ndarray, " c"]
    """m: of every compound."""
    deviations: Float[np.ndarray, "n c"]
    """g + h of the training samples."""
    weights: Float[np.ndarray, "n c"]
    """C⁻¹ deviations: carries the posterior to other samples. Up to the tolerance 0 where nothing was measured, but
    what is left there matters: K may magnify it a thousand times."""
    measured: Bool[np.ndarray, "n c"]
    informed: Float[np.ndarray, "c c"]
    """R of a grid without gaps that tells as much as ours: its inverse is the mean of the samples' P_oᵀ R_oo⁻¹ P_o."""

    @classmethod
    def solve(
        cls,
        samples: Eigen,
        covariances: TraitCovariances,
        mean: Float[np.ndarray, " c"],
        grid: ResponseGrid,
        *,
        tolerance: float,
    ) -> "TraitPosterior":
        """The exact posterior under given covariances; an average of repeats counts as one measurement."""
        measured = grid.measured
        centred = np.where(measured, grid.values - mean, 0.0)
        found = solve_grid(
            CompleteGrid(samples, covariances), centred, measured.astype(np.float64), tolerance=tolerance
        )
        informed = averaged_rest(covariances.rest, measured)
        return cls(samples, covariances, mean, found.mean, found.weights, measured, informed)

    def covariance_of_known(self, sample: int) -> Float[np.ndarray, "c c"]:
        """Covariance over compounds of g + h of one training sample.

        As of a new one, from what the other samples tell; then conditioned on the sample's own measurements.
        """
        share = self._known_shares[sample]
        prior = self._back(share / np.maximum(1 - share, 1e-9)) + self.covariances.own
        return conditioned(prior, self.covariances.noise, np.flatnonzero(self.measured[sample]))

    @cached_property
    def informed_grid(self) -> CompleteGrid:
        """A grid without gaps that tells as much as ours."""
        noise = self.covariances.noise
        return CompleteGrid(
            self.samples, TraitCovariances(self.covariances.shared, self.informed - np.diag(noise), noise)
        )

    @cached_property
    def _known_shares(self) -> Float[np.ndarray, "n c"]:
        """Posterior variance of g of every training sample in rotated compounds: Σ_k U_ik² λ_kγ/(1 + λ_kγ)."""
        signal = self.informed_grid.signal
        return self.samples.vectors**2 @ (signal / (1 + signal))

    def _back(self, rotated: Float[np.ndarray, " c"]) -> Float[np.ndarray, "c c"]:
        back = self.informed_grid.back
        return back.T @ (rotated[:, None] * back)


def averaged_rest(rest: Float[np.ndarray, "c c"], measured: Bool[np.ndarray, "n c"]) -> Float[np.ndarray, "c c"]:
    """The inverse of the mean over samples of the inverse of what was measured of them, zero elsewhere.

    With Q = R⁻¹, o measured and m not: P_oᵀ R_oo⁻¹ P_o = Q - Q_·m Q_mm⁻¹ Q_m·

    >>> averaged_rest(np.diag([2.0, 4.0]), np.array([[True, True], [True, False]])).round(6).tolist()
    [[2.0, 0.0], [0.0, 8.0]]
    """
    inverse = np.linalg.inv(rest)
    total = len(measured) * inverse
    patterns, number = np.unique(measured, axis=0, return_counts=True)
    for pattern, times in zip(patterns, number.tolist(), strict=True):
        if not pattern.all():
            across = inverse[:, ~pattern]
            total -= times * across @ np.linalg.solve(across[~pattern], across.T)
    steady = 1e-9 * np.diag(1 / np.diag(rest))
    return np.linalg.inv((total + total.T) / (2 * len(measured)) + steady)


def conditioned(
    covariance: Float[np.ndarray, "c c"], noise: Float[np.ndarray, " c"], seen: np.ndarray
) -> Float[np.ndarray, "c c"]:
    """Covariance that is left when some entries have been measured once."""
    if not seen.size:
        return covariance
    across = covariance[:, seen]
    factor = cho_factor(covariance[np.ix_(seen, seen)] + np.diag(noise[seen]))
    return covariance - across @ cho_solve(factor, across.T)


def correction(
    covariance: Float[np.ndarray, "c c"],
    noise: Float[np.ndarray, " c"],
    seen: np.ndarray,
    surprise: Float[np.ndarray, " k"],
) -> Float[np.ndarray, " c"]:
    """What measuring some entries adds to the mean of all; `surprise` is measured less expected."""
    across = covariance[:, seen]
    factor = cho_factor(covariance[np.ix_(seen, seen)] + np.diag(noise[seen]))
    return across @ cho_solve(factor, surprise)
