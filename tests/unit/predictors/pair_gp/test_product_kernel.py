from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from tests.unit.predictors.conftest import rows

from drugripple.errors import TableError, TrainingError
from drugripple.predictors.distances import distances_among, shifted_distances
from drugripple.predictors.grid_solver import solve_grid
from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
from drugripple.predictors.pair_gp.kernels import (
    bandwidth,
    compound_kernel,
    compound_kernel_to,
    label_cosine,
    same_label,
)
from drugripple.predictors.pair_gp.kronecker import CompleteGrid, Eigen, Scales
from drugripple.predictors.pair_gp.likelihood import fit_scales
from drugripple.predictors.pair_gp.product_kernel import ProductKernel


def radial(values):
    squared = distances_among(values.astype(np.float64))
    return np.exp(-squared / bandwidth(squared))


def test_kernels_are_positive_semidefinite_with_unit_diagonal(world):
    for kernel in (radial(world.expression.values), compound_kernel(world.compounds)):
        assert np.diag(kernel) == pytest.approx(1)
        assert np.linalg.eigvalsh(kernel).min() > -1e-9


def test_scale_is_the_median_distance_of_the_training_samples():
    """Samples at 0, 3 and 4: distances 3, 4, 1 have the median 3, so samples 0 and 1 have exp(-1/2)."""
    kernel = radial(np.array([[0.0], [3.0], [4.0]]))
    assert kernel[0, 1] == pytest.approx(np.exp(-0.5))
    assert kernel[0, 2] == pytest.approx(np.exp(-16 / 18))


def test_entries_to_another_table_are_those_of_one_table_of_both(world):
    rows = np.arange(3), np.arange(3, 7)
    whole = compound_kernel(world.compounds)
    parts = [world.compounds.take(part) for part in rows]
    assert compound_kernel_to(*parts) == pytest.approx(whole[np.ix_(*rows)])
    values = world.expression.values.astype(np.float64)
    assert shifted_distances(values[:3], values[3:]) == pytest.approx(distances_among(values)[:3, 3:], abs=1e-9)


def test_squared_distances_are_those_of_the_definition():
    values = np.random.default_rng(0).normal(size=(5, 3)) + 100
    dense = ((values[:, None] - values[None]) ** 2).sum(-1)
    assert distances_among(values) == pytest.approx(dense, abs=1e-9)


def test_unknown_labels_are_similar_to_nothing():
    labels = ["x", "X ", "", "Unclassified"]
    assert same_label(labels, labels).tolist() == [
        [1, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]
    assert label_cosine(["A, B, C"], ["c"])[0, 0] == pytest.approx(1 / 3**0.5)


def test_marginal_likelihood_finds_the_planted_scales_with_two_pairs_in_five_missing():
    rng = np.random.default_rng(1)
    values, drugs = rng.normal(size=(120, 6)), rng.normal(size=(60, 4))
    line, drug = radial(values), radial(drugs)
    planted = Scales(1.0, 0.8, 4.0, 0.5, 2.0, 0.9, 0.7, 0.25)

    def draw(kernel, share):
        return np.linalg.cholesky(share * kernel + (1 - share + 1e-9) * np.eye(len(kernel)))

    grid = np.sqrt(2.0) * draw(line, 0.9) @ rng.normal(size=(120, 60)) @ draw(drug, 0.7).T
    grid += (draw(line, 0.8) @ rng.normal(size=120))[:, None] + 2 * (draw(drug, 0.5) @ rng.normal(size=60))[None, :]
    grid += np.sqrt(0.25) * rng.normal(size=grid.shape)
    count = (rng.random(grid.shape) < 0.6).astype(float)
    found = fit_scales(Eigen.of(line), Eigen.of(drug), grid * count, count)
    assert found.noise == pytest.approx(planted.noise, rel=0.15)
    assert found.pair_variance == pytest.approx(planted.pair_variance, rel=0.15)
    assert found.pair_sample_share == pytest.approx(planted.pair_sample_share, abs=0.05)
    assert found.pair_compound_share == pytest.approx(planted.pair_compound_share, abs=0.08)
    assert found.compound_variance > 2 * found.sample_variance


def test_regressor_follows_scikit_learn_conventions():
    kernel = np.eye(3)
    process = PairGaussianProcess(kernel, kernel, tolerance=1e-3)
    assert set(process.get_params()) == {"sample_kernel", "compound_kernel", "scales", "tolerance"}
    other = clone(process).set_params(tolerance=1e-6)
    assert (other.tolerance, process.tolerance) == (1e-6, 1e-3)
    assert not hasattr(process, "weights_")
    scales = Scales(1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 0.5, 0.1)
    X, y = np.array([[0, 0], [1, 1], [2, 0]]), np.array([1.0, 2.0, 4.0])
    fitted = PairGaussianProcess(kernel, kernel, scales=scales)
    assert fitted.fit(X, y) is fitted
    assert fitted.score(X, y) > 0.9


def test_repeats_weigh_as_often_as_they_were_measured():
    """One pair measured three times as 6 with prior variance 3 and noise 0.3: mean 6 · 3 / (3 + 0.1)."""
    scales = Scales(1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.3)
    X, y = np.array([[0, 0]] * 3 + [[1, 1]] * 3), np.array([6.0] * 3 + [-6.0] * 3)
    process = PairGaussianProcess(np.eye(2), np.eye(2), scales=scales, tolerance=1e-10).fit(X, y)
    assert process.predict(np.array([[0, 0]]))[0] == pytest.approx(6 * 3 / 3.1)


def test_pair_outside_the_kernels_is_refused():
    with pytest.raises(TableError, match="1 pairs for kernels of 2 samples and 2 compounds"):
        PairGaussianProcess(np.eye(2), np.eye(2)).fit(np.array([[2, 0]]), np.array([1.0]))


def test_system_that_cannot_be_solved_in_time_is_an_error():
    eigen = Eigen.of(np.eye(3))
    complete = CompleteGrid(eigen, eigen, Scales(*[1.0] * 7, 0.1))
    count = np.array([[1.0, 0, 1], [0, 1, 0], [1, 1, 0]])
    with pytest.raises(TrainingError, match="after 1 steps; 1e-12 was asked"):
        solve_grid(complete, count * np.arange(9.0).reshape(3, 3), count, tolerance=1e-12, limit=1)


def test_planted_interaction_is_found_in_unseen_lines(world):
    """Gene 0 moves aromatic compounds: in three unseen lines the process ranks better than the compound mean."""
    hidden = world.sample_row >= 10
    train, test = rows(world, ~hidden), rows(world, hidden)
    model = ProductKernel()
    model.fit(train, train, seed=0)
    shuffled = ProductKernel()
    moved = replace(train.expression, values=np.roll(train.expression.values, 3, axis=0))
    broken = replace(train, pairs=replace(train.pairs, expression=moved))
    shuffled.fit(broken, broken, seed=0)
    errors = [((m.predict(test.pairs) - test.values) ** 2).mean() for m in (model, shuffled)]
    assert errors[0] < errors[1]


def test_what_training_knows_is_answered_by_name_and_what_is_new_by_its_similarity(world):
    """A known name with another expression is the known sample; the known expression under a new name is nearly it."""
    train = rows(world, world.sample_row < 9)
    model = ProductKernel()
    model.fit(train, train, seed=0)
    expression, asked = world.expression, world.pairs.take(np.flatnonzero(world.sample_row == 2))
    moved = replace(expression, values=np.roll(expression.values, 1, axis=0))
    renamed = replace(expression, samples=tuple(f"new {name}" for name in expression.samples))
    known, elsewhere, new = (model.predict(replace(asked, expression=table)) for table in (expression, moved, renamed))
    assert known.tolist() == elsewhere.tolist()
    assert 0 < np.abs(known - new).max() < np.ptp(known)


def test_the_mean_of_pairs_is_that_of_the_process_over_everything(world):
    """Training and new samples and compounds in one pair of kernels, with the fitted scales."""
    train = rows(world, (world.sample_row < 9) & (world.compound_row < 5))
    model = ProductKernel(tolerance=1e-10)
    model.fit(train, train, seed=0)
    process, sample, compound = model.learnt.joint(world.pairs.canonical().pairs)
    asked, place = world.pairs.canonical()
    told = process.predict(np.stack([sample[asked.sample_row], compound[asked.compound_row]], axis=1))[place]
    assert model.predict(world.pairs) == pytest.approx(told, abs=1e-3)


def test_deviation_is_larger_for_an_unseen_line_and_compound(world):
    train = rows(world, (world.sample_row < 9) & (world.compound_row < 5))
    model = ProductKernel()
    model.fit(train, train, seed=0)
    mean, sd = model.predict_with_sd(world.pairs, samples=64)
    assert mean == pytest.approx(model.predict(world.pairs))
    seen = (world.sample_row < 9) & (world.compound_row < 5)
    unseen = (world.sample_row >= 9) & (world.compound_row >= 5)
    assert sd[unseen].mean() > sd[seen].mean()
