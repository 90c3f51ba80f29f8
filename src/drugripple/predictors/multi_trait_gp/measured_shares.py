"""What a prediction is made of: how much every measured pair weighs in it.

    g + h of sample s over weights b of the compounds = Σ_ij a_ij (y_ij - m_j)
    a = (C + N)⁻¹ q,    q = k_s ⊗ G b,  and e_s ⊗ H b besides where s is a training sample

a_ij says how far the answer would move if pair ij had been measured one unit higher: the model is linear in what was
measured. Predictions come from a solver with a tolerance, weights from one that is exact to rounding, so that sums of
shares differ from predictions by what that tolerance left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32

from drugripple.predictors.grid_refined import solve_grid_refined
from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid, SingleGrid, TraitCovariances
from drugripple.predictors.multi_trait_gp.derivatives import GeneDerivatives
from drugripple.predictors.multi_trait_gp.new_samples import NewSamples
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior
from drugripple.predictors.pair_gp.kronecker import Eigen

EXACT = 1e-8
"""Relative residual of the weights: a sum of shares is then right to six decimals and more."""


class MeanSlopes(NamedTuple):
    """Changes with genes on average over the training samples. Axes: g gene, c training compound, n sample."""

    compounds: Float[np.ndarray, "g c"]
    """Mean slopes of every training compound."""
    rotated: Float32[np.ndarray, "g n"]
    """(Uᵀ change)ᵀ."""


@dataclass(frozen=True)
class TeachingGrid:
    """The measurements that answer a question. Axes: n sample, w column, the training compounds first."""

    samples: Eigen
    covariances: TraitCovariances
    mean: Float[np.ndarray, " w"]
    weights: Float[np.ndarray, "n w"]
    """C⁻¹ (g + h)."""
    measured: Bool[np.ndarray, "n w"]
    gamma: Float[np.ndarray, " q"]
    back: Float[np.ndarray, "q c"]
    """γ and T⁻¹ of a grid without gaps that tells as much."""
    further: tuple[str, ...] = ()
    """Names of the columns behind the training compounds."""

    @classmethod
    def behind(cls, own: TraitPosterior, new: NewSamples, *, trained: bool) -> "TeachingGrid":
        """What answers for training samples, or for others."""
        wider = new.grid
        if trained or wider is None:
            full = own.informed_grid
            return cls(own.samples, own.covariances, own.mean, own.weights, own.measured, full.gamma, full.back)
        return cls(
            own.samples, wider.covariances, wider.mean, wider.weights, wider.measured, new.gamma, new.back,
            wider.further,
        )  # fmt: skip

    @cached_property
    def centred(self) -> Float[np.ndarray, "n w"]:
        """Measured less the column's mean, to the solver's tolerance; 0 where nothing was measured."""
        values, vectors = self.samples
        shared = vectors @ (values[:, None] * (vectors.T @ self.weights)) @ self.covariances.shared
        found = shared + self.weights @ (self.covariances.own + np.diag(self.covariances.noise))
        return np.where(self.measured, found, 0.0)

    def along(self, columns: Float[np.ndarray, "c q"]) -> Float[np.ndarray, "n q"]:
        """What one unit of similarity to each training sample adds to some weighted sums of compounds: w G b."""
        return self.weights @ (self.covariances.shared @ self._padded(columns))

    def chance_deviation(
        self, along: Callable[[Float[np.ndarray, "n q"]], Float[np.ndarray, "g q"]], column: Float[np.ndarray, " c"]
    ) -> Float[np.ndarray, " g"]:
        """Standard deviation of changesᵀ w G b, if expression told nothing of the measurements.

        `along` multiplies changesᵀ with its argument; it is asked in single precision, since squares are added up.
        """
        return self.chance_of(along(self.samples.vectors.astype(np.float32)), column)

    def chance_of(
        self, rotated: Float32[np.ndarray, "g n"], column: Float[np.ndarray, " c"]
    ) -> Float[np.ndarray, " g"]:
        """Standard deviation as in `chance_deviation`, from (Uᵀ change)ᵀ.

        In UᵀYT the measurements of such a world have variance 1 + γ where the model expects 1 + λγ, so that

            variance = Σ_k (Uᵀ change)_k² Σ_q (γ T⁻¹b)_q² (1 + γ_q) / (1 + λ_k γ_q)²

        Exact on a grid without gaps whose rows are drawn apart; dealing rows to other samples comes to the same.
        """
        pulled = (self.gamma * (self.back @ column)) ** 2 * (1 + self.gamma)
        by_eigenvalue = (pulled / (1 + np.outer(self.samples.values, self.gamma)) ** 2).sum(axis=1)
        return np.sqrt(rotated.astype(np.float64) ** 2 @ by_eigenvalue)

    def mean_slopes(self, found: GeneDerivatives) -> "MeanSlopes":
        """What is the same for every sample and compound; kept for the last set of genes."""
        kept, genes = self._mean_slopes, found.genes.digest
        if genes not in kept:
            kept.clear()
            kept[genes] = MeanSlopes(
                found.mean_along(self.along(np.eye(self.back.shape[1]))),
                found.mean_along(self.samples.vectors.astype(np.float32)),
            )
        return kept[genes]

    @cached_property
    def _mean_slopes(self) -> dict[str, "MeanSlopes"]:
        return {}

    def share_weights(
        self, similarity: Float[np.ndarray, " n"], column: Float[np.ndarray, " c"], sample: int | None
    ) -> Float[np.ndarray, "n w"]:
        """The weight a of every measured pair; 0 where nothing was measured.

        Args:
            similarity: of the sample to the training samples.
            column: weights b of the training compounds.
            sample: which training sample it is, if it is one.
        """
        b = self._padded(column[:, None])[:, 0]
        across = np.outer(similarity, self.covariances.shared @ b)
        if sample is not None:
            across[sample] += self.covariances.own @ b
        grid, single = self._smoothers
        found = solve_grid_refined(
            grid, single, np.where(self.measured, across, 0.0), self.measured.astype(np.float64),
            tolerance=EXACT, filled=across,
        )  # fmt: skip
        return np.where(self.measured, found.weights, 0.0)

    @cached_property
    def _smoothers(self) -> tuple[CompleteGrid, SingleGrid]:
        grid = CompleteGrid(self.samples, self.covariances)
        return grid, grid.in_single()

    def _padded(self, columns: Float[np.ndarray, "c q"]) -> Float[np.ndarray, "w q"]:
        return np.pad(columns, ((0, len(self.mean) - len(columns)), (0, 0)))
