"""Variances of the pair Gaussian process by marginal likelihood, through two eigendecompositions.

The effects and the completed residual grid are taken apart first; each then has a likelihood in closed form:

    -2 log L(u) = Σᵢ log s(λᵢ) + (Uᵀu)ᵢ² / s(λᵢ),             s = variance (ρλ + 1 - ρ) + noise of an effect
    -2 log L(F) = Σᵢⱼ log s(λᵢ, μⱼ) + (Uᵀ F V)ᵢⱼ² / s(λᵢ, μⱼ),  s = variance (ρ₁λ + 1 - ρ₁)(ρ₂μ + 1 - ρ₂) + noise

Pairs that were not measured are filled with the current posterior mean plus a draw of the noise (stochastic EM): the
mean alone would make the noise look too small.
"""

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import minimize

from drugripple.baselines.kronecker import CompleteGrid, Eigen, Scales, conjugate_gradients

SHARE_BOUND = 6.0  # a share between 0.0025 and 0.9975
BOUNDS = [(-12.0, 6.0), (-SHARE_BOUND, SHARE_BOUND), (-SHARE_BOUND, SHARE_BOUND), (-12.0, 6.0)]
ROUNDS = 4
STEPS_BACK = 20


def fit_scales(
    line: Eigen,
    drug: Eigen,
    values: Float[np.ndarray, "n c"],
    count: Float[np.ndarray, "n c"],
    *,
    seed: int = 0,
) -> Scales:
    """Scales of centred values on a grid, some of it not measured (count 0)."""
    generator = np.random.default_rng(seed)
    observed = count > 0
    row, column = _effects(values, observed)
    rest = np.where(observed, values - row[:, None] - column[None, :], 0)
    spread = float(rest[observed].var())
    of_line = fit_effect(line, row, spread / max(1.0, observed.sum(axis=1).mean()))
    of_drug = fit_effect(drug, column, spread / max(1.0, observed.sum(axis=0).mean()))
    smooth, noise = np.zeros_like(rest), spread / 2
    start = np.array([np.log(spread / 2), 0.0, 0.0, np.log(noise)])
    for _ in range(ROUNDS):
        filled = np.where(observed, rest, smooth + np.sqrt(noise) * generator.standard_normal(rest.shape))
        squared = (line.vectors.T @ filled @ drug.vectors) ** 2
        start = minimize(_pair_loss, start, args=(squared, line, drug), method="L-BFGS-B", bounds=BOUNDS).x
        noise = float(np.exp(start[3]))
        pair = float(np.exp(start[0])), _sigmoid(start[1]), _sigmoid(start[2])
        only_pairs = CompleteGrid(line, drug, Scales(0.0, 0.0, 0.0, 0.0, *pair, noise))
        smooth = conjugate_gradients(only_pairs, rest, observed.astype(np.float64), tolerance=1e-3).mean
    return Scales(*of_line, *of_drug, *pair, noise)


def fit_effect(kernel: Eigen, effect: Float[np.ndarray, " k"], noise: float) -> tuple[float, float]:
    """Variance and similarity share of one effect estimated at every level with a noise of known variance."""
    squared = (kernel.vectors.T @ effect) ** 2

    def loss(x: Float[np.ndarray, " 2"]) -> float:
        variance = np.exp(x[0]) * kernel.mixed(_sigmoid(x[1])) + noise
        return float((np.log(variance) + squared / variance).mean())

    start = np.array([np.log(max(float(effect.var()), 1e-6)), 0.0])
    best = minimize(loss, start, method="L-BFGS-B", bounds=[BOUNDS[0], BOUNDS[1]]).x
    return float(np.exp(best[0])), _sigmoid(best[1])


def _effects(
    values: Float[np.ndarray, "n c"], observed: Bool[np.ndarray, "n c"]
) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " c"]]:
    """Least-squares line and compound effects of the measured pairs."""
    row, column = np.zeros(len(values)), np.zeros(values.shape[1])
    for _ in range(STEPS_BACK):
        column = np.where(observed, values - row[:, None], 0).sum(axis=0) / observed.sum(axis=0)
        row = np.where(observed, values - column[None, :], 0).sum(axis=1) / observed.sum(axis=1)
    return row, column


def _pair_loss(x: Float[np.ndarray, " 4"], squared: Float[np.ndarray, "n c"], line: Eigen, drug: Eigen) -> float:
    variance = np.exp(x[0]) * np.outer(line.mixed(_sigmoid(x[1])), drug.mixed(_sigmoid(x[2]))) + np.exp(x[3])
    return float((np.log(variance) + squared / variance).mean())


def _sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))
