"""Gaussian systems on a grid of samples x compounds of which only some pairs were measured.

On the complete grid the covariance is

    K = pair_variance A ⊗ B + sample_variance A' ⊗ 11ᵀ + compound_variance 11ᵀ ⊗ B'

where A and A' share the eigenvectors of the sample similarity, B and B' those of the compound similarity. So the
smoother S = K (K + noise)⁻¹ is exact: two eigendecompositions, and one small system for the effects. Nothing larger
than the grid or than (samples + compounds)² is ever built.

With pairs missing, the posterior mean solves f = S (y where measured, f elsewhere). `solve_grid` does so by conjugate
gradients with S as the preconditioner: the condition number is at most one over the smallest measured share, whatever
the kernels and the noise.

Source: Pahikkala et al. 2013, doi:10.1007/s10994-012-5340-7, and Cichonska et al. 2018 (pairwiseMKL),
doi:10.1093/bioinformatics/bty277, for pairwise kernels; Stegle et al. 2011 (NIPS) for the two eigendecompositions.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.linalg import cho_factor, cho_solve

NOTHING = 1e-12
"""Stands for a variance of zero."""


@dataclass(frozen=True)
class Scales:
    """Hyper-parameters of the pair Gaussian process; a share is the part of a variance that similarity explains."""

    sample_variance: float
    sample_share: float
    compound_variance: float
    compound_share: float
    pair_variance: float
    pair_sample_share: float
    pair_compound_share: float
    noise: float
    """Variance of one measurement."""


class Eigen(NamedTuple):
    """Eigenvalues and eigenvectors of a similarity."""

    values: Float[np.ndarray, " k"]
    vectors: Float[np.ndarray, "k k"]

    @classmethod
    def of(cls, kernel: Float[np.ndarray, "k k"]) -> "Eigen":
        """Eigendecomposition; what rounding made negative is zero."""
        values, vectors = np.linalg.eigh(kernel)
        return cls(np.maximum(values, 0), vectors)

    def mixed(self, share: float) -> Float[np.ndarray, " k"]:
        """Eigenvalues of `share` of the similarity and the rest of the identity."""
        return share * self.values + 1 - share


@dataclass(frozen=True)
class CompleteGrid:
    """The covariance of every pair of some samples and compounds."""

    sample: Eigen
    compound: Eigen
    scales: Scales

    @property
    def noise(self) -> Float[np.ndarray, " c"]:
        """Variance of one measurement, the same for every compound."""
        return np.full(len(self.compound.values), self.scales.noise)

    @cached_property
    def _spectrum(self) -> Float[np.ndarray, "n c"]:
        s = self.scales
        return (
            s.pair_variance
            * np.outer(self.sample.mixed(s.pair_sample_share), self.compound.mixed(s.pair_compound_share))
            + s.noise
        )

    @cached_property
    def _ones(self) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " c"]]:
        return self.sample.vectors.sum(axis=0), self.compound.vectors.sum(axis=0)

    @cached_property
    def _priors(self) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " c"]]:
        s = self.scales
        return (
            np.maximum(s.sample_variance, NOTHING) * self.sample.mixed(s.sample_share),
            np.maximum(s.compound_variance, NOTHING) * self.compound.mixed(s.compound_share),
        )

    @cached_property
    def _effects(self) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, "n c"], tuple[np.ndarray, bool]]:
        """Capacitance matrix of both effects (Woodbury): diagonal sample block, cross block, factored complement."""
        (p, q), inverse, priors = self._ones, 1 / self._spectrum, self._priors
        sample = 1 / priors[0] + inverse @ q**2
        compound = 1 / priors[1] + p**2 @ inverse
        cross = p[:, None] * q[None, :] * inverse
        return sample, cross, cho_factor(np.diag(compound) - cross.T @ (cross / sample[:, None]))

    def smooth(self, grid: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """Posterior mean of complete values: K (K + noise)⁻¹ Y."""
        scaled = self._solve(self.sample.vectors.T @ grid @ self.compound.vectors)
        return grid - self.scales.noise * (self.sample.vectors @ scaled @ self.compound.vectors.T)

    def precondition(self, residual: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """(K⁻¹ + 1 / noise)⁻¹ of a residual."""
        return self.scales.noise * self.smooth(residual)

    def deviance(self, rotated: Float[np.ndarray, "n c"]) -> float:
        """-2 log likelihood of complete values Y, up to a constant, given as Uᵀ Y V in both eigenbases."""
        sample, _, (factor, _) = self._effects
        determinant = (
            np.log(self._spectrum).sum()
            + np.log(sample).sum()
            + 2 * np.log(np.diag(factor)).sum()
            + sum(np.log(prior).sum() for prior in self._priors)
        )
        return float(determinant + (rotated * self._solve(rotated)).sum())

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, "n c"]:
        """Noise-free values of every pair, drawn from the prior."""
        samples, compounds = self._priors
        rotated = np.sqrt(self._spectrum - self.scales.noise) * generator.standard_normal(self._spectrum.shape)
        u = self.sample.vectors @ (np.sqrt(samples) * generator.standard_normal(samples.size))
        v = self.compound.vectors @ (np.sqrt(compounds) * generator.standard_normal(compounds.size))
        return self.sample.vectors @ rotated @ self.compound.vectors.T + u[:, None] + v[None, :]

    def _solve(self, rotated: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "n c"]:
        """(K + noise)⁻¹ in both eigenbases."""
        (p, q), (sample, cross, complement) = self._ones, self._effects
        scaled = rotated / self._spectrum
        of_sample = scaled @ q
        of_compound = cho_solve(complement, p @ scaled - cross.T @ (of_sample / sample))
        of_sample = (of_sample - cross @ of_compound) / sample
        return scaled - (np.outer(of_sample, q) + np.outer(p, of_compound)) / self._spectrum
