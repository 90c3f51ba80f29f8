from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from drugripple.errors import TrainingError
from drugripple.predictors.grid_refined import solve_grid_refined
from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid
from drugripple.predictors.multi_trait_gp.expectation_maximisation import posterior_draw
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.pair_gp.kronecker import Eigen


def dense(world):
    """Covariance of every pair with every other, and the rows that were measured."""
    n = len(world.kernel)
    signal = np.kron(world.kernel, world.covariances.shared) + np.kron(np.eye(n), world.covariances.own)
    return signal, np.flatnonzero(world.grid.count.ravel() > 0)


def noise_of(world, rows):
    return (np.tile(world.covariances.noise, len(world.kernel)) / np.maximum(world.grid.count.ravel(), 1))[rows]


def test_posterior_mean_with_missing_pairs_is_that_of_the_dense_gaussian_process(world):
    signal, rows = dense(world)
    weights = np.linalg.solve(
        signal[np.ix_(rows, rows)] + np.diag(noise_of(world, rows)), world.grid.values.ravel()[rows]
    )
    found = solve_grid(
        CompleteGrid(Eigen.of(world.kernel), world.covariances), world.grid.values, world.grid.count, tolerance=1e-12
    )
    np.testing.assert_allclose(found.mean.ravel(), signal[:, rows] @ weights, atol=1e-8)
    np.testing.assert_allclose(found.weights.ravel()[rows], weights, atol=1e-7)


@pytest.mark.parametrize("repeats", [1, np.arange(1, 6)], ids=["once", "repeated"])
def test_steps_in_single_precision_end_at_the_answer_of_double(world, repeats):
    """The guess of what was not measured is poisoned: it is a start, and no measurement."""
    complete, count = CompleteGrid(Eigen.of(world.kernel), world.covariances), world.grid.count * repeats
    exact = solve_grid(complete, world.grid.values, count, tolerance=1e-13)
    filled = np.where(count > 0, world.grid.values, 3.0)
    found = solve_grid_refined(complete, complete.in_single(), world.grid.values, count, tolerance=1e-12, filled=filled)
    np.testing.assert_allclose(found.mean, exact.mean, atol=1e-9)
    np.testing.assert_allclose(found.weights, exact.weights, atol=1e-9)


def test_too_few_refined_steps_are_refused(world):
    complete = CompleteGrid(Eigen.of(world.kernel), world.covariances)
    values, count = world.grid.values, world.grid.count
    with pytest.raises(TrainingError, match="after 2 steps"):
        solve_grid_refined(complete, complete.in_single(), values, count, tolerance=1e-13, filled=values, limit=2)


def test_repeats_weigh_as_their_count(world):
    counted = world._replace(grid=replace(world.grid, count=world.grid.count * np.arange(1, 6)))
    signal, rows = dense(counted)
    weights = np.linalg.solve(
        signal[np.ix_(rows, rows)] + np.diag(noise_of(counted, rows)), counted.grid.values.ravel()[rows]
    )
    found = solve_grid(
        CompleteGrid(Eigen.of(world.kernel), world.covariances),
        counted.grid.values,
        counted.grid.count,
        tolerance=1e-12,
    )
    np.testing.assert_allclose(found.mean.ravel(), signal[:, rows] @ weights, atol=1e-8)


def test_weights_carry_the_posterior_to_known_samples(world):
    """f = K w G + w H, the form that predictions take."""
    found = solve_grid(
        CompleteGrid(Eigen.of(world.kernel), world.covariances), world.grid.values, world.grid.count, tolerance=1e-12
    )
    carried = world.kernel @ found.weights @ world.covariances.shared + found.weights @ world.covariances.own
    np.testing.assert_allclose(carried, found.mean, atol=1e-8)


def test_a_value_hidden_by_a_count_of_zero_changes_nothing(world):
    complete = CompleteGrid(Eigen.of(world.kernel), world.covariances)
    poisoned = np.where(world.grid.count > 0, world.grid.values, 1e6)
    clean = solve_grid(complete, world.grid.values, world.grid.count, tolerance=1e-8)
    assert np.array_equal(solve_grid(complete, poisoned, world.grid.count, tolerance=1e-8).mean, clean.mean)


def test_smoothing_a_complete_grid_is_the_dense_smoother(world):
    signal, _ = dense(world)
    noise = np.diag(np.tile(world.covariances.noise, len(world.kernel)))
    complete = CompleteGrid(Eigen.of(world.kernel), world.covariances)
    expected = signal @ np.linalg.solve(signal + noise, world.truth.ravel())
    np.testing.assert_allclose(complete.smooth(world.truth).ravel(), expected, atol=1e-9)


def test_posterior_draws_have_the_dense_posterior_mean_and_variance(world):
    signal, rows = dense(world)
    within = signal[np.ix_(rows, rows)] + np.diag(noise_of(world, rows))
    posterior = multivariate_normal(
        signal[:, rows] @ np.linalg.solve(within, world.grid.values.ravel()[rows]),
        signal
        - signal[:, rows] @ np.linalg.solve(within, signal[rows])
        + np.diag(np.tile(world.covariances.noise, 11)),
    )
    complete = CompleteGrid(Eigen.of(world.kernel), world.covariances)
    found = solve_grid(complete, world.grid.values, world.grid.count, tolerance=1e-10)
    generator = np.random.default_rng(3)
    draws = np.stack(
        [posterior_draw(complete, found, world.grid.measured, generator, tolerance=1e-6).ravel() for _ in range(2000)]
    )
    np.testing.assert_allclose(draws.mean(axis=0), posterior.mean, atol=0.1)
    np.testing.assert_allclose(draws.var(axis=0), np.diag(posterior.cov), rtol=0.15)


def test_too_few_iterations_are_refused(world):
    complete = CompleteGrid(Eigen.of(world.kernel), world.covariances)
    with pytest.raises(TrainingError, match="after 1 steps"):
        solve_grid(complete, world.grid.values, world.grid.count, tolerance=1e-12, limit=1)


def test_repeats_are_averaged_whatever_their_order():
    sample, compound = np.array([1, 0, 1]), np.array([0, 1, 0])
    values = np.array([0.1, 5.0, 0.3])
    grid = ResponseGrid.of(sample, compound, values, (2, 2))
    assert grid.count.tolist() == [[0, 1], [2, 0]]
    assert grid.values.tolist() == [[0, 5.0], [0.2, 0]]
    again = ResponseGrid.of(sample[::-1], compound[::-1], values[::-1], (2, 2))
    assert np.array_equal(grid.values, again.values)
