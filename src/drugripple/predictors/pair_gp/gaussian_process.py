"""A Gaussian process over pairs: a line effect, a compound effect and their product, in one exact posterior.

    y[l, d] = mean + u[l] + v[d] + f[l, d] + noise / √repeats
    u ~ N(0, line_variance  (ρ K + (1 - ρ) I))            K [n n] similarity of lines
    v ~ N(0, drug_variance  (ρ' C + (1 - ρ') I))          C [c c] similarity of compounds
    f ~ N(0, pair_variance  (ρ₁ K + (1 - ρ₁) I) ⊗ (ρ₂ C + (1 - ρ₂) I))

A line or compound that was never measured gets its effect through K or C: kernel ridge, with the posterior's weights.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator, RegressorMixin

from drugripple.errors import TableError
from drugripple.predictors.pair_gp.kronecker import CompleteGrid, Eigen, Scales, conjugate_gradients, impute
from drugripple.predictors.pair_gp.likelihood import fit_scales


@dataclass(frozen=True)
class Observed:
    """Measured pairs, repeats averaged. Axes: n line, c compound, both of training only."""

    lines: Int[np.ndarray, " n"]
    drugs: Int[np.ndarray, " c"]
    mean: float
    values: Float[np.ndarray, "n c"]
    """Mean of the repeats minus the overall mean; 0 where nothing was measured."""
    count: Float[np.ndarray, "n c"]


def observe(pairs: Int[np.ndarray, "m 2"], y: Float[np.ndarray, " m"]) -> Observed:
    """Lay measurements out on the grid of the lines and compounds that occur."""
    lines, row = np.unique(pairs[:, 0], return_inverse=True)
    drugs, column = np.unique(pairs[:, 1], return_inverse=True)
    shape = (lines.size, drugs.size)
    cell = row * drugs.size + column
    count = np.bincount(cell, minlength=lines.size * drugs.size).reshape(shape).astype(np.float64)
    mean = float(y.mean(dtype=np.float64))
    total = np.bincount(cell, weights=y.astype(np.float64) - mean, minlength=count.size).reshape(shape)
    return Observed(lines, drugs, mean, total / np.maximum(count, 1), count)


class PairGaussianProcess(RegressorMixin, BaseEstimator):
    """scikit-learn regressor on pairs: X [m 2] holds the row of the line and the row of the compound in the kernels.

    Hyper-parameters left at None are fitted by marginal likelihood. Only pairs enter, so that whole kernels over all
    lines and compounds may be given: nothing of an unmeasured one but its similarity is used.
    """

    def __init__(
        self,
        line_kernel: Float[np.ndarray, "n n"],
        drug_kernel: Float[np.ndarray, "c c"],
        *,
        scales: Scales | None = None,
        solver: Literal["cg", "em"] = "cg",
        tolerance: float = 1e-4,
    ) -> None:
        """Keep the kernels and settings, unchecked until `fit`."""
        self.line_kernel = line_kernel
        self.drug_kernel = drug_kernel
        self.scales = scales
        self.solver = solver
        self.tolerance = tolerance

    def fit(self, X: Int[np.ndarray, "m 2"], y: Float[np.ndarray, " m"]) -> "PairGaussianProcess":
        """Solve the exact linear system of the measured pairs by conjugate gradients.

        Raises:
            TableError: if a pair is not in the kernels.
            TrainingError: if the system cannot be solved to the tolerance.
        """
        if (
            len(X) == 0
            or X.min() < 0
            or X[:, 0].max() >= len(self.line_kernel)
            or X[:, 1].max() >= len(self.drug_kernel)
        ):
            message = (
                f"{len(X)} pairs for kernels of {len(self.line_kernel)} lines and {len(self.drug_kernel)} compounds: "
                "every pair needs a row in both, and one pair is the least"
            )
            raise TableError(message)
        self.observed_ = observe(X, y)
        seen = self.observed_
        line = Eigen.of(self.line_kernel[np.ix_(seen.lines, seen.lines)])
        drug = Eigen.of(self.drug_kernel[np.ix_(seen.drugs, seen.drugs)])
        self.scales_ = self.scales or fit_scales(line, drug, seen.values, seen.count)
        self._complete = CompleteGrid(line, drug, self.scales_)
        self.weights_, self.iterations_ = self._solve(seen.values, self.tolerance)
        self.grid_ = self._spread(self.weights_) + self.observed_.mean
        return self

    def predict(self, X: Int[np.ndarray, "m 2"]) -> Float[np.ndarray, " m"]:
        """Posterior mean of the response."""
        return self.grid_[X[:, 0], X[:, 1]]

    def predict_with_sd(
        self, X: Int[np.ndarray, "m 2"], *, samples: int = 32, seed: int = 0
    ) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
        """Posterior mean, and the standard deviation of one new measurement.

        The deviation is that of `samples` exact posterior draws (Matheron's rule): its own relative error is about
        1/√(2 samples).
        """
        variance = self.posterior_variance(samples=samples, seed=seed) + self.scales_.noise
        return self.predict(X), np.sqrt(variance[X[:, 0], X[:, 1]])

    def posterior_variance(self, *, samples: int = 32, seed: int = 0) -> Float[np.ndarray, "n c"]:
        """Variance of the noise-free response of every pair of the kernels, from exact posterior draws."""
        generator = np.random.default_rng(seed)
        scales, seen = self.scales_, self.observed_
        n, c = len(self.line_kernel), len(self.drug_kernel)
        roots = [
            _root(mixed(kernel, share))
            for kernel, share in (
                (self.line_kernel, scales.line_share),
                (self.drug_kernel, scales.drug_share),
                (self.line_kernel, scales.pair_line_share),
                (self.drug_kernel, scales.pair_drug_share),
            )
        ]
        total = np.zeros((n, c))
        for _ in range(samples):
            draw = np.sqrt(scales.pair_variance) * roots[2] @ generator.standard_normal((n, c)) @ roots[3].T
            draw += np.sqrt(scales.line_variance) * (roots[0] @ generator.standard_normal(n))[:, None]
            draw += np.sqrt(scales.drug_variance) * (roots[1] @ generator.standard_normal(c))[None, :]
            noise = generator.standard_normal(seen.count.shape) * np.sqrt(scales.noise / np.maximum(seen.count, 1))
            measured = np.where(seen.count > 0, draw[np.ix_(seen.lines, seen.drugs)] + noise, 0)
            total += (draw - self._spread(self._solve(measured, max(self.tolerance, 1e-3))[0])) ** 2
        return total / samples

    def _solve(self, values: Float[np.ndarray, "n c"], tolerance: float) -> tuple[Float[np.ndarray, "n c"], int]:
        """Weight of every pair of the training grid, and the iterations it took."""
        solve = impute if self.solver == "em" else conjugate_gradients
        solution = solve(self._complete, values, self.observed_.count, tolerance=tolerance)
        return solution.weights, solution.iterations

    def _spread(self, weights: Float[np.ndarray, "n c"]) -> Float[np.ndarray, "a b"]:
        """Covariance of every pair with the measured ones, times their weights."""
        scales, seen = self.scales_, self.observed_
        to = {}
        for name, kernel, chosen, share in (
            ("line", self.line_kernel, seen.lines, scales.line_share),
            ("drug", self.drug_kernel, seen.drugs, scales.drug_share),
            ("pair_line", self.line_kernel, seen.lines, scales.pair_line_share),
            ("pair_drug", self.drug_kernel, seen.drugs, scales.pair_drug_share),
        ):
            to[name] = share * kernel[:, chosen]
            to[name][chosen, np.arange(chosen.size)] += 1 - share
        return (
            scales.pair_variance * (to["pair_line"] @ weights @ to["pair_drug"].T)
            + scales.line_variance * (to["line"] @ weights.sum(axis=1))[:, None]
            + scales.drug_variance * (to["drug"] @ weights.sum(axis=0))[None, :]
        )


def mixed(kernel: Float[np.ndarray, "k k"], share: float) -> Float[np.ndarray, "k k"]:
    """`share` of a similarity, the rest of the identity."""
    return share * kernel + (1 - share) * np.eye(len(kernel))


def _root(kernel: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k k"]:
    values, vectors = np.linalg.eigh(kernel)
    return vectors * np.sqrt(np.maximum(values, 0))
