import numpy as np
import pytest

from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.multi_trait_gp.covariance import CompleteGrid
from drugripple.predictors.multi_trait_gp.new_samples import NewSamples
from drugripple.predictors.multi_trait_gp.next_experiments import most_informative
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior, conditioned, correction
from drugripple.predictors.pair_gp.kronecker import Eigen

from .conftest import covariance_matrix, make_world


def with_a_new_sample(missing, seed=0):
    """A world of 11 training samples, the similarity of a twelfth, and the dense posterior of all twelve."""
    world = make_world(samples=11, missing=missing, seed=seed)
    big = covariance_matrix(np.random.default_rng(seed + 1), 12)
    world = world._replace(kernel=big[:11, :11])
    c = len(world.covariances.noise)
    signal = np.kron(big, world.covariances.shared) + np.kron(np.eye(12), world.covariances.own)
    seen = np.flatnonzero(world.grid.count.ravel() > 0)
    inner = signal[np.ix_(seen, seen)] + np.diag(np.tile(world.covariances.noise, 11)[seen])
    mean = signal[:, seen] @ np.linalg.solve(inner, world.grid.values.ravel()[seen])
    left = signal - signal[:, seen] @ np.linalg.solve(inner, signal[seen])
    posterior = TraitPosterior.solve(
        Eigen.of(world.kernel), world.covariances, np.zeros(c), world.grid, tolerance=1e-12
    )
    return posterior, big, mean.reshape(12, c), left.reshape(12, c, 12, c)


def covariance_of_new(posterior, kernel):
    new = NewSamples.of(posterior, len(posterior.mean))
    return new.covariance(posterior.samples, kernel[11, :11], kernel[11, 11])


def exact_variance(posterior, row, own_similarity, compound, *, sample=None):
    """Variance of g + h of one pair, whatever is missing: one linear system. `row` is its likeness to training."""
    shared, own = posterior.covariances.shared, posterior.covariances.own
    across = np.outer(row, shared[compound])
    if sample is not None:
        across[sample] += own[compound]
    across = np.where(posterior.measured, across, 0.0)
    complete = CompleteGrid(posterior.samples, posterior.covariances)
    found = solve_grid(complete, across, posterior.measured.astype(np.float64), tolerance=1e-10)
    return own_similarity * shared[compound, compound] + own[compound, compound] - (across * found.weights).sum()


def test_mean_of_a_new_sample_is_that_of_the_dense_gaussian_process():
    posterior, kernel, mean, _ = with_a_new_sample(missing=0.3)
    found = NewSamples.of(posterior, len(posterior.mean)).responses(kernel[11:, :11])
    np.testing.assert_allclose(found[0] - posterior.mean, mean[11], atol=1e-7)
    np.testing.assert_allclose(posterior.deviations, mean[:11], atol=1e-7)


def test_covariances_are_those_of_the_dense_gaussian_process_where_nothing_is_missing():
    posterior, kernel, _, left = with_a_new_sample(missing=0.0)
    np.testing.assert_allclose(covariance_of_new(posterior, kernel), left[11, :, 11], atol=1e-6)
    for sample in (0, 7):
        np.testing.assert_allclose(posterior.covariance_of_known(sample), left[sample, :, sample], atol=1e-6)


def test_exact_variances_are_those_of_the_dense_gaussian_process_whatever_is_missing():
    posterior, kernel, _, left = with_a_new_sample(missing=0.3)
    for compound in range(5):
        new = exact_variance(posterior, kernel[11, :11], kernel[11, 11], compound)
        assert new == pytest.approx(left[11, compound, 11, compound], abs=1e-6)
        known = exact_variance(posterior, kernel[3, :11], kernel[3, 3], compound, sample=3)
        assert known == pytest.approx(left[3, compound, 3, compound], abs=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_variances_are_near_the_dense_ones_where_a_third_is_missing(seed):
    posterior, kernel, _, left = with_a_new_sample(missing=0.3, seed=seed)
    new = covariance_of_new(posterior, kernel)
    np.testing.assert_allclose(np.diag(new), np.diag(left[11, :, 11]), rtol=0.2)
    for sample in range(11):
        found, exact = np.diag(posterior.covariance_of_known(sample)), np.diag(left[sample, :, sample])
        np.testing.assert_allclose(found, exact, rtol=0.35)
        assert found.mean() == pytest.approx(exact.mean(), rel=0.12)


def test_measuring_a_new_sample_is_conditioning_the_dense_gaussian_process():
    """Two measurements of the twelfth sample, beside a complete grid of eleven."""
    posterior, kernel, mean, left = with_a_new_sample(missing=0.0)
    seen, measured = np.array([1, 4]), np.array([2.0, -1.0])
    noise = posterior.covariances.noise
    cov = left[11, :, 11]
    gain = cov[:, seen] @ np.linalg.inv(cov[np.ix_(seen, seen)] + np.diag(noise[seen]))
    found = covariance_of_new(posterior, kernel)
    np.testing.assert_allclose(
        correction(found, noise, seen, measured - mean[11, seen]), gain @ (measured - mean[11, seen]), atol=1e-6
    )
    np.testing.assert_allclose(conditioned(found, noise, seen), cov - gain @ cov[seen], atol=1e-6)


def test_the_first_compound_chosen_leaves_the_least_variance():
    covariance, noise = covariance_matrix(np.random.default_rng(4), 7), np.full(7, 0.2)
    left = [np.trace(conditioned(covariance, noise, np.array([j]))) for j in range(7)]
    chosen = most_informative(covariance, noise, 3)
    assert chosen[0] == np.argmin(left)
    assert len(set(chosen.tolist())) == 3


def test_only_allowed_compounds_are_chosen():
    covariance, noise = covariance_matrix(np.random.default_rng(4), 5), np.full(5, 0.2)
    allowed = np.array([False, True, False, True, False])
    assert set(most_informative(covariance, noise, 5, allowed=allowed).tolist()) == {1, 3}
