from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid, TraitCovariances
from drugripple.predictors.multi_trait_gp.expectation_maximisation import (
    Filling,
    covariance_steps,
    second_moments,
    updated,
)
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.prior import CovariancePrior, prior_shape
from drugripple.predictors.pair_gp.kronecker import Eigen


def last(steps, number):
    return next(islice(steps, number, None))


def correlation(one, other):
    upper = np.triu_indices(len(one), 1)
    return np.corrcoef(one[upper], other[upper])[0, 1]


def flat_prior(compounds, weight):
    shape = prior_shape(np.eye(compounds), common=0.0, similar=0.0)
    return CovariancePrior(shape, 0.5 * shape, 0.3, weight, weight)


def simulated(samples, compounds, missing, seed=5):
    """Structured G and H: two different partitions of the compounds into classes."""
    generator = np.random.default_rng(seed)
    first, second = np.arange(compounds) % 2, np.arange(compounds) // (compounds // 2)
    shared = 0.2 * np.eye(compounds) + 0.9 * (first[:, None] == first)
    own = 0.1 * np.eye(compounds) + 0.6 * (second[:, None] == second)
    features = generator.standard_normal((samples, 6))
    kernel = features @ features.T / 6
    root = np.linalg.cholesky
    g = features @ generator.standard_normal((6, compounds)) @ root(shared).T / np.sqrt(6)
    h = generator.standard_normal((samples, compounds)) @ root(own).T
    y = g + h + 0.5 * generator.standard_normal((samples, compounds))
    count = (generator.random(y.shape) > missing).astype(float)
    return (
        kernel,
        TraitCovariances(shared, own, np.full(compounds, 0.25)),
        ResponseGrid(np.where(count > 0, y, 0), count),
    )


def test_second_moments_are_those_of_the_dense_posterior():
    """A complete grid of 4 x 3, where the posterior of g and of h + e has 12 dimensions."""
    generator = np.random.default_rng(2)
    roots = [generator.standard_normal((size, size + 1)) for size in (4, 3, 3)]
    kernel, shared, own = (root @ root.T for root in roots)
    covariances = TraitCovariances(shared, own, np.array([0.3, 0.5, 0.2]))
    y = generator.standard_normal((4, 3))
    prior_g, prior_r = np.kron(kernel, shared), np.kron(np.eye(4), covariances.rest)
    gain = prior_g @ np.linalg.inv(prior_g + prior_r)
    g, left = gain @ y.ravel(), y.ravel() - gain @ y.ravel()
    spread = prior_g - gain @ prior_g
    second_g = (np.outer(g, g) + spread).reshape(4, 3, 4, 3)
    second_r = (np.outer(left, left) + spread).reshape(4, 3, 4, 3)
    found = second_moments(CompleteGrid(Eigen.of(kernel), covariances), y)
    np.testing.assert_allclose(found.shared, np.einsum("ik,ijkl->jl", np.linalg.inv(kernel), second_g) / 4, atol=1e-8)
    np.testing.assert_allclose(found.rest, np.einsum("ijil->jl", second_r) / 4, atol=1e-8)


def test_a_step_never_lowers_the_likelihood_of_a_complete_grid():
    kernel, _, grid = simulated(40, 6, missing=0.0)
    eigen = Eigen.of(kernel)
    prior = flat_prior(6, weight=0.0)
    covariances, y = prior.start(), grid.values.ravel()
    likelihoods = []
    for _ in range(8):
        total = np.kron(kernel, covariances.shared) + np.kron(np.eye(40), covariances.rest)
        likelihoods.append(-np.linalg.slogdet(total)[1] - y @ np.linalg.solve(total, y))
        moments = second_moments(CompleteGrid(eigen, covariances), grid.values)
        covariances = updated(covariances, moments, prior, samples=40, noise_floor=1e-6)
    assert np.all(np.diff(likelihoods) > -1.0)
    assert likelihoods[-1] > likelihoods[0] + 20


@pytest.mark.parametrize("filling", list(Filling))
def test_both_covariances_are_recovered_from_simulated_responses(filling):
    kernel, truth, grid = simulated(400, 8, missing=0.25)
    found = last(
        covariance_steps(Eigen.of(kernel), grid, flat_prior(8, weight=5.0), filling=filling, noise_floor=0.05), 30
    )
    assert correlation(found.covariances.shared, truth.shared) > 0.85
    assert correlation(found.covariances.own, truth.own) > 0.9
    assert correlation(found.covariances.shared, truth.own) < 0.5


def test_drawing_recovers_the_size_of_the_rest_where_half_the_grid_is_missing():
    kernel, truth, grid = simulated(600, 6, missing=0.5)
    steps = covariance_steps(
        Eigen.of(kernel), grid, flat_prior(6, weight=1.0), filling=Filling.DRAW, noise_floor=0.01, tolerance=1e-3
    )
    found = np.mean([step.covariances.rest for step in islice(steps, 30, 50)], axis=0)
    np.testing.assert_allclose(found, truth.rest, atol=0.2)


@pytest.mark.parametrize("filling", list(Filling))
def test_hidden_values_change_nothing(filling):
    kernel, _, grid = simulated(30, 4, missing=0.3)
    poisoned = replace(grid, values=np.where(grid.measured, grid.values, 1e6))
    clean = last(covariance_steps(Eigen.of(kernel), grid, flat_prior(4, 5.0), filling=filling, seed=1), 3)
    other = last(covariance_steps(Eigen.of(kernel), poisoned, flat_prior(4, 5.0), filling=filling, seed=1), 3)
    assert np.array_equal(clean.posterior.mean, other.posterior.mean)
    assert np.array_equal(clean.mean, other.mean)


def test_order_of_samples_and_compounds_does_not_matter():
    kernel, _, grid = simulated(30, 6, missing=0.3)
    rows, columns = np.random.default_rng(1).permutation(30), np.random.default_rng(2).permutation(6)
    turned = ResponseGrid(grid.values[np.ix_(rows, columns)], grid.count[np.ix_(rows, columns)])
    straight = last(covariance_steps(Eigen.of(kernel), grid, flat_prior(6, 5.0), tolerance=1e-10), 4)
    permuted = last(
        covariance_steps(Eigen.of(kernel[np.ix_(rows, rows)]), turned, flat_prior(6, 5.0), tolerance=1e-10), 4
    )
    np.testing.assert_allclose(permuted.posterior.mean, straight.posterior.mean[np.ix_(rows, columns)], atol=1e-7)
    np.testing.assert_allclose(
        permuted.covariances.shared, straight.covariances.shared[np.ix_(columns, columns)], atol=1e-7
    )
