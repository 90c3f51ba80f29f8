from typing import NamedTuple

import numpy as np
import pytest

from drugripple.predictors.multi_trait_gp.covariance import TraitCovariances
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid


class World(NamedTuple):
    kernel: np.ndarray
    covariances: TraitCovariances
    grid: ResponseGrid
    truth: np.ndarray


def covariance_matrix(generator, size, scale=1.0):
    root = generator.standard_normal((size, size + 2))
    return scale * root @ root.T / (size + 2)


def make_world(samples=11, compounds=5, missing=0.3, seed=0):
    """A grid drawn from the model itself."""
    generator = np.random.default_rng(seed)
    kernel = covariance_matrix(generator, samples)
    covariances = TraitCovariances(
        covariance_matrix(generator, compounds),
        covariance_matrix(generator, compounds, 0.6),
        generator.uniform(0.1, 0.5, compounds),
    )
    full = np.kron(kernel, covariances.shared) + np.kron(np.eye(samples), covariances.own)
    truth = (np.linalg.cholesky(full) @ generator.standard_normal(len(full))).reshape(samples, compounds)
    noisy = truth + generator.standard_normal(truth.shape) * np.sqrt(covariances.noise)
    count = (generator.random(truth.shape) > missing).astype(float)
    return World(kernel, covariances, ResponseGrid(np.where(count > 0, noisy, 0.0), count), truth)


@pytest.fixture
def world():
    return make_world()
