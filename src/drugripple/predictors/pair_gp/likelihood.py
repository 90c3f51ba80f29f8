"""Hyper-parameters of the pair Gaussian process by exact marginal likelihood, through two eigendecompositions.

On a complete grid the likelihood is closed (`CompleteGrid.deviance`). Pairs that were not measured are drawn from their
posterior under the current hyper-parameters, and the two steps alternate (stochastic EM): filling in the posterior mean
instead would make the noise look too small.
"""

import numpy as np
from jaxtyping import Bool, Float
from scipy.optimize import minimize

from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.pair_gp.kronecker import CompleteGrid, Eigen, Scales

LOG_BOUND = (-10.0, 6.0)
SHARE_BOUND = (-6.0, 6.0)  # a share between 0.0025 and 0.9975
BOUNDS = [LOG_BOUND, SHARE_BOUND, LOG_BOUND, SHARE_BOUND, LOG_BOUND, SHARE_BOUND, SHARE_BOUND, LOG_BOUND]
ROUNDS = 5
STEPS = 12
SWEEPS = 20


def fit_scales(
    sample: Eigen,
    compound: Eigen,
    values: Float[np.ndarray, "n c"],
    count: Float[np.ndarray, "n c"],
    *,
    seed: int = 0,
) -> Scales:
    """Scales of centred values on a grid, some of it not measured (count 0)."""
    generator = np.random.default_rng(seed)
    observed = count > 0
    x = _start(values, observed)
    for _ in range(ROUNDS):
        complete = CompleteGrid(sample, compound, _scales(x))
        filled = np.where(observed, values, posterior_draw(complete, values, count, generator))
        rotated = sample.vectors.T @ filled @ compound.vectors
        found = minimize(
            lambda y, r: CompleteGrid(sample, compound, _scales(y)).deviance(r) / r.size,
            x,
            args=(rotated,),
            method="L-BFGS-B",
            bounds=BOUNDS,
            options={"maxiter": STEPS},
        )
        x = found.x
    return _scales(x)


def posterior_draw(
    complete: CompleteGrid,
    values: Float[np.ndarray, "n c"],
    count: Float[np.ndarray, "n c"],
    generator: np.random.Generator,
) -> Float[np.ndarray, "n c"]:
    """New measurements of every pair, given the measured ones: a prior draw, corrected by what it missed (Matheron)."""
    noise = complete.scales.noise
    prior = complete.draw(generator)
    seen = prior + generator.standard_normal(values.shape) * np.sqrt(noise / np.maximum(count, 1))
    missed = np.where(count > 0, values - seen, 0)
    corrected = prior + solve_grid(complete, missed, count, tolerance=1e-3).mean
    return corrected + np.sqrt(noise) * generator.standard_normal(values.shape)


def _start(values: Float[np.ndarray, "n c"], observed: Bool[np.ndarray, "n c"]) -> Float[np.ndarray, " 8"]:
    """Variances of least-squares effects; half of what they leave is noise; half of everything is similarity."""
    row, column = np.zeros(len(values)), np.zeros(values.shape[1])
    for _ in range(SWEEPS):
        column = np.where(observed, values - row[:, None], 0).sum(axis=0) / observed.sum(axis=0)
        row = np.where(observed, values - column[None, :], 0).sum(axis=1) / observed.sum(axis=1)
    rest = (values - row[:, None] - column[None, :])[observed].var() / 2
    variances = np.log(np.maximum([row.var(), column.var(), rest, rest], 1e-4))
    return np.array([variances[0], 0, variances[1], 0, variances[2], 0, 0, variances[3]])


def _scales(x: Float[np.ndarray, " 8"]) -> Scales:
    variance = np.exp(x)
    share = 1 / (1 + np.exp(-x))
    return Scales(
        *(
            float(v)
            for v in (variance[0], share[1], variance[2], share[3], variance[4], share[5], share[6], variance[7])
        )
    )
