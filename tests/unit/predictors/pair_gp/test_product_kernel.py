from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone

from drugripple.errors import TableError, TrainingError
from drugripple.predictors.pair_gp.gaussian_process import PairGaussianProcess
from drugripple.predictors.pair_gp.kernels import compound_kernel, label_cosine, rbf, same_label, squared_distances
from drugripple.predictors.pair_gp.kronecker import CompleteGrid, Eigen, Scales, conjugate_gradients
from drugripple.predictors.pair_gp.likelihood import fit_scales
from drugripple.predictors.pair_gp.product_kernel import ProductKernel, pairs_of


def rows(table, condition):
    return table.take(np.flatnonzero(condition))


def test_kernels_are_positive_semidefinite_with_unit_diagonal(world):
    seen = np.ones(13, dtype=bool)
    for kernel in (rbf(world.expression.values, seen), compound_kernel(world.compounds)):
        assert np.diag(kernel) == pytest.approx(1)
        assert np.linalg.eigvalsh(kernel).min() > -1e-9


def test_rbf_scale_is_the_median_distance_of_the_fitted_lines():
    """Lines at 0, 3, 4 and 100: fitted distances 3, 4, 1 have the median 3, so lines 0 and 1 have exp(-1/2)."""
    kernel = rbf(np.array([[0.0], [3.0], [4.0], [100.0]]), np.array([True, True, True, False]))
    assert kernel[0, 1] == pytest.approx(np.exp(-0.5))
    assert kernel[0, 2] == pytest.approx(np.exp(-16 / 18))


def test_squared_distances_are_those_of_the_definition():
    values = np.random.default_rng(0).normal(size=(5, 3)) + 100
    dense = ((values[:, None] - values[None]) ** 2).sum(-1)
    assert squared_distances(values) == pytest.approx(dense, abs=1e-9)


def test_unknown_labels_are_similar_to_nothing():
    assert same_label(["x", "X ", "", "Unclassified"]).tolist() == [
        [1, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]
    assert label_cosine(["A, B, C", "c"])[0, 1] == pytest.approx(1 / 3**0.5)


def test_marginal_likelihood_finds_the_planted_scales_with_two_pairs_in_five_missing():
    rng = np.random.default_rng(1)
    values, drugs = rng.normal(size=(120, 6)), rng.normal(size=(60, 4))
    line, drug = rbf(values, np.ones(120, bool)), rbf(drugs, np.ones(60, bool))
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
    assert found.pair_line_share == pytest.approx(planted.pair_line_share, abs=0.05)
    assert found.pair_drug_share == pytest.approx(planted.pair_drug_share, abs=0.08)
    assert found.drug_variance > 2 * found.line_variance


def test_regressor_follows_scikit_learn_conventions():
    kernel = np.eye(3)
    process = PairGaussianProcess(kernel, kernel, tolerance=1e-3)
    assert set(process.get_params()) == {"line_kernel", "drug_kernel", "scales", "solver", "tolerance"}
    other = clone(process).set_params(solver="em")
    assert (other.solver, process.solver) == ("em", "cg")
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
    with pytest.raises(TableError, match="1 pairs for kernels of 2 lines and 2 compounds"):
        PairGaussianProcess(np.eye(2), np.eye(2)).fit(np.array([[2, 0]]), np.array([1.0]))


def test_system_that_cannot_be_solved_in_time_is_an_error():
    eigen = Eigen.of(np.eye(3))
    complete = CompleteGrid(eigen, eigen, Scales(*[1.0] * 7, 0.1))
    count = np.array([[1.0, 0, 1], [0, 1, 0], [1, 1, 0]])
    with pytest.raises(TrainingError, match="after 1 steps; 1e-12 was asked"):
        conjugate_gradients(complete, count * np.arange(9.0).reshape(3, 3), count, tolerance=1e-12, limit=1)


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


def test_other_lines_than_those_of_the_fit_are_refused(world):
    model = ProductKernel()
    model.fit(world, world, seed=0)
    pairs = world.pairs.take(np.flatnonzero(world.sample_row < 5))
    fewer = replace(pairs, expression=world.expression.take(np.arange(5)))
    with pytest.raises(TableError, match="knows 13 lines and 7 compounds"):
        model.predict(fewer)


def test_deviation_is_larger_for_an_unseen_line_and_compound(world):
    train = rows(world, (world.sample_row < 9) & (world.compound_row < 5))
    model = ProductKernel()
    model.fit(train, train, seed=0)
    mean, sd = model.predict_with_sd(world.pairs, samples=64)
    assert mean == pytest.approx(model.predict(world.pairs))
    seen = (world.sample_row < 9) & (world.compound_row < 5)
    unseen = (world.sample_row >= 9) & (world.compound_row >= 5)
    assert sd[unseen].mean() > sd[seen].mean()
    assert pairs_of(train.pairs).shape == (45, 2)
