"""A Gaussian process over pairs: a sample effect, a compound effect and their product, in one exact posterior.

    y[s, c] = mean + u[s] + v[c] + f[s, c] + noise / √repeats
    u ~ N(0, sample_variance    (ρ K + (1 - ρ) I))            K [n n] similarity of samples
    v ~ N(0, compound_variance  (ρ' C + (1 - ρ') I))          C [c c] similarity of compounds
    f ~ N(0, pair_variance      (ρ₁ K + (1 - ρ₁) I) ⊗ (ρ₂ C + (1 - ρ₂) I))

A sample or compound that was never measured gets its effect through K or C: kernel ridge, with the posterior's weights.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from sklearn.base import BaseEstimator, RegressorMixin

from drugripple.errors import TableError
from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.pair_gp.kronecker import CompleteGrid, Eigen, Scales
from drugripple.predictors.pair_gp.likelihood import fit_scales
from drugripple.predictors.pair_gp.posterior import PairPosterior, Relation, covariances_times


@dataclass(frozen=True)
class Observed:
    """Measured pairs, repeats averaged. Axes: n sample, c compound, both of training only."""

    samples: Int[np.ndarray, " n"]
    compounds: Int[np.ndarray, " c"]
    mean: float
    values: Float[np.ndarray, "n c"]
    """Mean of the repeats minus the overall mean; 0 where nothing was measured."""
    count: Float[np.ndarray, "n c"]


def observe(pairs: Int[np.ndarray, "m 2"], y: Float[np.ndarray, " m"]) -> Observed:
    """Lay measurements out on the grid of the samples and compounds that occur."""
    samples, row = np.unique(pairs[:, 0], return_inverse=True)
    compounds, column = np.unique(pairs[:, 1], return_inverse=True)
    shape = (samples.size, compounds.size)
    cell = row * compounds.size + column
    count = np.bincount(cell, minlength=samples.size * compounds.size).reshape(shape).astype(np.float64)
    mean = float(y.mean(dtype=np.float64))
    total = np.bincount(cell, weights=y.astype(np.float64) - mean, minlength=count.size).reshape(shape)
    return Observed(samples, compounds, mean, total / np.maximum(count, 1), count)


class PairGaussianProcess(RegressorMixin, BaseEstimator):
    """scikit-learn regressor on pairs: X [m 2] holds the row of the sample and that of the compound in the kernels.

    Hyper-parameters left at None are fitted by marginal likelihood. Only pairs enter, so that whole kernels over all
    samples and compounds may be given: nothing of an unmeasured one but its similarity is used.
    """

    def __init__(
        self,
        sample_kernel: Float[np.ndarray, "n n"],
        compound_kernel: Float[np.ndarray, "c c"],
        *,
        scales: Scales | None = None,
        tolerance: float = 1e-4,
    ) -> None:
        """Keep the kernels and settings, unchecked until `fit`."""
        self.sample_kernel = sample_kernel
        self.compound_kernel = compound_kernel
        self.scales = scales
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
            or X[:, 0].max() >= len(self.sample_kernel)
            or X[:, 1].max() >= len(self.compound_kernel)
        ):
            message = (
                f"{len(X)} pairs for kernels of {len(self.sample_kernel)} samples and {len(self.compound_kernel)} "
                "compounds: every pair needs a row in both, and one pair is the least"
            )
            raise TableError(message)
        self.observed_ = observe(X, y)
        seen = self.observed_
        samples = Eigen.of(self.sample_kernel[np.ix_(seen.samples, seen.samples)])
        compounds = Eigen.of(self.compound_kernel[np.ix_(seen.compounds, seen.compounds)])
        self.scales_ = self.scales or fit_scales(samples, compounds, seen.values, seen.count)
        self.complete_ = CompleteGrid(samples, compounds, self.scales_)
        found = solve_grid(self.complete_, seen.values, seen.count, tolerance=self.tolerance)
        self.iterations_ = found.iterations
        self.posterior_ = PairPosterior(self.scales_, seen.mean, found.weights)
        self.grid_ = self.posterior_.grid(*self._relations())
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
        scales, seen, relations = self.scales_, self.observed_, self._relations()
        n, c = len(self.sample_kernel), len(self.compound_kernel)
        roots = [
            _root(mixed(kernel, share))
            for kernel, share in (
                (self.sample_kernel, scales.sample_share),
                (self.compound_kernel, scales.compound_share),
                (self.sample_kernel, scales.pair_sample_share),
                (self.compound_kernel, scales.pair_compound_share),
            )
        ]
        total = np.zeros((n, c))
        for _ in range(samples):
            draw = np.sqrt(scales.pair_variance) * roots[2] @ generator.standard_normal((n, c)) @ roots[3].T
            draw += np.sqrt(scales.sample_variance) * (roots[0] @ generator.standard_normal(n))[:, None]
            draw += np.sqrt(scales.compound_variance) * (roots[1] @ generator.standard_normal(c))[None, :]
            noise = generator.standard_normal(seen.count.shape) * np.sqrt(scales.noise / np.maximum(seen.count, 1))
            measured = np.where(seen.count > 0, draw[np.ix_(seen.samples, seen.compounds)] + noise, 0)
            found = solve_grid(self.complete_, measured, seen.count, tolerance=max(self.tolerance, 1e-3))
            total += (draw - covariances_times(scales, *relations, found.weights)) ** 2
        return total / samples

    def _relations(self) -> tuple[Relation, Relation]:
        """All samples and all compounds of the kernels, beside those that were measured."""
        sides = (self.sample_kernel, self.observed_.samples), (self.compound_kernel, self.observed_.compounds)
        return tuple(Relation(kernel[:, chosen], _place(chosen, len(kernel))) for kernel, chosen in sides)  # type: ignore[return-value]


def mixed(kernel: Float[np.ndarray, "k k"], share: float) -> Float[np.ndarray, "k k"]:
    """`share` of a similarity, the rest of the identity."""
    return share * kernel + (1 - share) * np.eye(len(kernel))


def _place(chosen: Int[np.ndarray, " n"], total: int) -> Int[np.ndarray, " k"]:
    place = np.full(total, -1)
    place[chosen] = np.arange(chosen.size)
    return place


def _root(kernel: Float[np.ndarray, "k k"]) -> Float[np.ndarray, "k k"]:
    values, vectors = np.linalg.eigh(kernel)
    return vectors * np.sqrt(np.maximum(values, 0))
