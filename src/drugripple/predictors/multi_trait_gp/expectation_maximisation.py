"""Learning the covariances of compounds from responses, a step at a time.

    E   g and h given the measured pairs, as if the grid were complete; what was not measured is filled first
    M   G, H and the noise from the second moments of g, h and e, pulled towards their prior

Source: Dempster, Laird and Rubin 1977; the update through γ and λ is that of Zhou and Stephens 2014,
doi:10.1038/nmeth.2848, supplementary.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.predictors.grid_solver import GridPosterior, solve_grid
from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid, TraitCovariances
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.prior import CovariancePrior
from drugripple.predictors.multi_trait_gp.settings import Filling
from drugripple.predictors.pair_gp.kronecker import Eigen

NOISE_WEIGHT = 20.0
"""How many samples the common noise counts for in the noise of one compound."""


class EMStep(NamedTuple):
    """The model before a step changes its covariances. Axes: n sample, c compound."""

    number: int
    mean: Float[np.ndarray, " c"]
    """m: mean of every compound."""
    covariances: TraitCovariances
    posterior: GridPosterior
    """Posterior of g + h, given these covariances."""


class Moments(NamedTuple):
    """Expected second moments of a complete grid. Axis: c compound."""

    shared: Float[np.ndarray, "c c"]
    """E gᵀK⁻¹g / n."""
    rest: Float[np.ndarray, "c c"]
    """E (h + e)ᵀ(h + e) / n."""


def covariance_steps(
    samples: Eigen,
    grid: ResponseGrid,
    prior: CovariancePrior,
    *,
    filling: Filling = Filling.MEAN,
    noise_floor: float = 0.2,
    tolerance: float = 2e-3,
    seed: int = 0,
) -> Iterator[EMStep]:
    """The model after 0, 1, 2, … steps; the caller stops when it has seen enough."""
    generator = np.random.default_rng(seed)
    measured = grid.measured
    covariances, mean = prior.start(), grid.column_means()
    filled = np.where(measured, grid.values - mean, 0.0)
    number = 0
    while True:
        complete = CompleteGrid(samples, covariances)
        if filling is Filling.SWEEP:
            for _ in range(2):
                filled = np.where(measured, grid.values - mean, complete.smooth(filled))
                mean, filled = mean + filled.mean(axis=0), filled - filled.mean(axis=0)
            posterior = GridPosterior(complete.smooth(filled), complete.weights(filled), 2)
        else:
            centred = np.where(measured, grid.values - mean, 0.0)
            guess = np.where(measured, centred, filled) if number else None
            posterior = solve_grid(complete, centred, measured.astype(np.float64), tolerance=tolerance, filled=guess)
            filled = np.where(measured, centred, posterior.mean)
            shift = filled.mean(axis=0)
            mean, filled = mean + shift, filled - shift
        yield EMStep(number, mean, covariances, posterior)
        if filling is Filling.DRAW:
            missing = posterior_draw(complete, posterior, measured, generator, tolerance=tolerance)
            filled = np.where(measured, filled, missing)
        moments = second_moments(complete, filled)
        if filling is not Filling.DRAW:
            moments = moments._replace(rest=moments.rest + np.diag(covariances.noise * (1 - measured.mean(axis=0))))
        covariances = updated(covariances, moments, prior, samples=len(filled), noise_floor=noise_floor)
        number += 1


def second_moments(complete: CompleteGrid, filled: Float[np.ndarray, "n c"]) -> Moments:
    """What complete, centred values say of g and of the rest: their posterior means squared, and their variances.

    g:      λ_k γ_q / (1 + λ_k γ_q) of Z,  variance  γ_q / (1 + λ_k γ_q)  over √λ_k
    rest:   Z less that,                   variance  λ_k γ_q / (1 + λ_k γ_q)
    """
    rotated = complete.rotate(filled)
    signal, gamma, back = complete.signal, complete.gamma, complete.back
    shared = rotated * np.sqrt(complete.samples.values)[:, None] * gamma / (1 + signal)
    rest = rotated / (1 + signal)
    return Moments(
        back.T @ (shared.T @ shared + np.diag((gamma / (1 + signal)).sum(axis=0))) @ back / len(filled),
        back.T @ (rest.T @ rest + np.diag((signal / (1 + signal)).sum(axis=0))) @ back / len(filled),
    )


def updated(
    before: TraitCovariances, moments: Moments, prior: CovariancePrior, *, samples: int, noise_floor: float
) -> TraitCovariances:
    """The next covariances: R is parted into H and noise as they share it now, then all are pulled to their priors.

    X = R⁻¹R'R⁻¹ - R⁻¹,    H' = H + H X H,    noise' = noise + noise² diag(X)
    """
    inverse = np.linalg.inv(before.rest)
    excess = inverse @ moments.rest @ inverse - inverse
    own = before.own + before.own @ excess @ before.own
    noise = before.noise + before.noise**2 * np.diag(excess)
    noise = (samples * noise + NOISE_WEIGHT * np.median(noise)) / (samples + NOISE_WEIGHT)
    return TraitCovariances(
        _pulled(moments.shared, prior.shared, samples, prior.shared_weight),
        _pulled(own, prior.own, samples, prior.own_weight),
        np.maximum(noise, noise_floor),
    )


def posterior_draw(
    complete: CompleteGrid,
    posterior: GridPosterior,
    measured: np.ndarray,
    generator: np.random.Generator,
    *,
    tolerance: float,
) -> Float[np.ndarray, "n c"]:
    """New measurements of every pair, given the measured ones: a prior draw, corrected by what it missed.

    Source: Matheron's rule, Wilson et al. 2020, arXiv:2002.09309.
    """
    prior = complete.draw(generator)
    noise = np.sqrt(complete.noise)
    seen = np.where(measured, prior + noise * generator.standard_normal(prior.shape), 0.0)
    missed = solve_grid(complete, seen, measured.astype(np.float64), tolerance=tolerance).mean
    return posterior.mean + prior - missed + noise * generator.standard_normal(prior.shape)


def _pulled(
    learnt: Float[np.ndarray, "c c"], prior: Float[np.ndarray, "c c"], samples: int, weight: float
) -> Float[np.ndarray, "c c"]:
    mixed = (samples * learnt + weight * prior) / (samples + weight)
    return (mixed + mixed.T) / 2
