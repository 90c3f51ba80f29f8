"""The grid solver against the same Gaussian process written with one dense covariance over the measured pairs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
from drugripple.predictors.pair_gp.kronecker import CompleteGrid, Eigen, Scales
from drugripple.predictors.pair_gp.likelihood import posterior_draw

LINES, DRUGS = 7, 5
SCALES = Scales(0.8, 0.7, 3.0, 0.4, 1.2, 0.9, 0.6, 0.3)


def kernels(seed):
    rng = np.random.default_rng(seed)
    made = []
    for size in (LINES, DRUGS):
        root = rng.normal(size=(size, size + 2))
        kernel = root @ root.T
        made.append(kernel / np.sqrt(np.outer(np.diag(kernel), np.diag(kernel))))
    return made


def dense_covariance(line, drug, s):
    """Entry by entry, between every two pairs of the full grid."""
    pairs = [(i, j) for i in range(LINES) for j in range(DRUGS)]
    covariance = np.zeros((len(pairs), len(pairs)))
    for a, (i, j) in enumerate(pairs):
        for b, (k, m) in enumerate(pairs):
            same_line, same_drug = float(i == k), float(j == m)
            covariance[a, b] = (
                s.sample_variance * (s.sample_share * line[i, k] + (1 - s.sample_share) * same_line)
                + s.compound_variance * (s.compound_share * drug[j, m] + (1 - s.compound_share) * same_drug)
                + s.pair_variance
                * (s.pair_sample_share * line[i, k] + (1 - s.pair_sample_share) * same_line)
                * (s.pair_compound_share * drug[j, m] + (1 - s.pair_compound_share) * same_drug)
            )
    return covariance


def dense_posterior(line, drug, s, cells, y):
    """Mean and variance of every pair of the grid, given measurements (repeats allowed) of some."""
    covariance = dense_covariance(line, drug, s)
    noisy = covariance[np.ix_(cells, cells)] + s.noise * np.eye(len(cells))
    gain = np.linalg.solve(noisy, covariance[cells]).T
    return gain @ y, np.diag(covariance - gain @ covariance[cells])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(3, 40))
def test_conjugate_gradients_give_the_dense_posterior_also_for_unmeasured_lines_and_compounds(seed, measured):
    rng = np.random.default_rng(seed)
    line, drug = kernels(seed)
    cells = rng.integers(0, LINES * DRUGS, measured)
    y = rng.normal(size=measured) + 5
    process = PairGaussianProcess(line, drug, scales=SCALES, tolerance=1e-11)
    pairs = np.stack([cells // DRUGS, cells % DRUGS], axis=1)
    process.fit(pairs, y)
    mean, _ = dense_posterior(line, drug, SCALES, cells, y - y.mean())
    every = np.stack([np.arange(LINES * DRUGS) // DRUGS, np.arange(LINES * DRUGS) % DRUGS], axis=1)
    assert process.predict(every) == pytest.approx(mean + y.mean(), abs=1e-6)


def test_smoother_of_a_complete_grid_is_the_dense_one():
    line, drug = kernels(8)
    grid = np.random.default_rng(9).normal(size=(LINES, DRUGS))
    covariance = dense_covariance(line, drug, SCALES)
    dense = covariance @ np.linalg.solve(covariance + SCALES.noise * np.eye(LINES * DRUGS), grid.ravel())
    assert CompleteGrid(Eigen.of(line), Eigen.of(drug), SCALES).smooth(grid).ravel() == pytest.approx(dense, abs=1e-10)


def test_effects_without_variance_are_left_out():
    line, drug = kernels(10)
    scales = Scales(0.0, 0.5, 0.0, 0.5, 1.2, 1.0, 1.0, 0.3)
    rng = np.random.default_rng(11)
    cells = rng.permutation(LINES * DRUGS)[:20]
    y = rng.normal(size=20)
    process = PairGaussianProcess(line, drug, scales=scales, tolerance=1e-10)
    process.fit(np.stack([cells // DRUGS, cells % DRUGS], axis=1), y)
    mean, _ = dense_posterior(line, drug, scales, cells, y - y.mean())
    assert process.grid_.ravel() == pytest.approx(mean + y.mean(), abs=1e-5)


def test_posterior_variance_of_draws_is_the_dense_one_within_its_sampling_error():
    line, drug = kernels(12)
    rng = np.random.default_rng(13)
    cells = rng.permutation(LINES * DRUGS)[:18]
    cells = np.append(cells, cells[:2])
    y = rng.normal(size=20)
    process = PairGaussianProcess(line, drug, scales=SCALES)
    process.fit(np.stack([cells // DRUGS, cells % DRUGS], axis=1), y)
    _, variance = dense_posterior(line, drug, SCALES, cells, y)
    drawn = process.posterior_variance(samples=1500, seed=1).ravel()
    assert drawn == pytest.approx(variance, rel=0.2)


def test_weights_carry_the_mean_they_came_with_however_early_the_iteration_stops():
    """Covariance times weights is the mean: otherwise unmeasured pairs would hang on another solution."""
    line, drug = kernels(14)
    rng = np.random.default_rng(15)
    count = rng.integers(0, 3, (LINES, DRUGS)).astype(float)
    values = rng.normal(size=(LINES, DRUGS)) * (count > 0)
    complete = CompleteGrid(Eigen.of(line), Eigen.of(drug), SCALES)
    covariance = dense_covariance(line, drug, SCALES)
    solution = solve_grid(complete, values, count, tolerance=0.3)
    assert solution.iterations < 3
    assert covariance @ solution.weights.ravel() == pytest.approx(solution.mean.ravel(), abs=1e-9)


def test_deviance_of_a_complete_grid_is_that_of_the_dense_normal_density():
    line, drug = kernels(16)
    grid = np.random.default_rng(17).normal(size=(LINES, DRUGS))
    covariance = dense_covariance(line, drug, SCALES) + SCALES.noise * np.eye(LINES * DRUGS)
    density = stats.multivariate_normal(cov=covariance).logpdf(grid.ravel())
    one, other = Eigen.of(line), Eigen.of(drug)
    deviance = CompleteGrid(one, other, SCALES).deviance(one.vectors.T @ grid @ other.vectors)
    assert deviance == pytest.approx(-2 * density - grid.size * np.log(2 * np.pi))


def test_draws_have_the_dense_covariance():
    line, drug = kernels(18)
    complete, generator = CompleteGrid(Eigen.of(line), Eigen.of(drug), SCALES), np.random.default_rng(19)
    drawn = np.array([complete.draw(generator).ravel() for _ in range(20_000)])
    dense = dense_covariance(line, drug, SCALES)
    assert np.cov(drawn.T) == pytest.approx(dense, abs=0.06 * dense.max())


def test_imputed_draws_follow_the_dense_posterior():
    line, drug = kernels(20)
    count = np.ones((LINES, DRUGS))
    count[1:3] = 0
    count[5, 2] = 2
    values = np.random.default_rng(21).normal(size=(LINES, DRUGS)) * (count > 0)
    complete, generator = CompleteGrid(Eigen.of(line), Eigen.of(drug), SCALES), np.random.default_rng(22)
    drawn = np.array([posterior_draw(complete, values, count, generator) for _ in range(3000)])
    cells = np.repeat(np.arange(LINES * DRUGS), count.ravel().astype(int))
    mean, variance = dense_posterior(line, drug, SCALES, cells, values.ravel()[cells])
    assert drawn.mean(axis=0).ravel() == pytest.approx(mean, abs=0.15)
    assert drawn.var(axis=0).ravel() == pytest.approx(variance + SCALES.noise, rel=0.15)
