from dataclasses import replace

import numpy as np
import pytest
from sklearn import linear_model
from sklearn.kernel_ridge import KernelRidge

from drugripple.data.effects import known_sides
from drugripple.predictors.boosting import ResidualBoosting
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.classical import Forest, Ridge, SupportVector
from drugripple.predictors.features import components, landmarks_and_bits, pair_counts


def rows(table, condition):
    return table.take(np.flatnonzero(condition))


def test_features_of_a_row_are_its_line_beside_its_compound(world):
    features = landmarks_and_bits(world)
    wide = features.rows(world.pairs)
    assert wide.shape == (len(world), features.line.shape[1] + features.drug.shape[1])
    assert wide[17].tolist() == [*features.line[world.sample_row[17]], *features.drug[world.compound_row[17]]]


def test_scaling_and_bits_come_from_training_rows_only(world):
    train = rows(world, (world.sample_row < 6) & (world.compound_row < 3))
    features = landmarks_and_bits(train)
    assert np.median(features.line[:6], axis=0) == pytest.approx(0, abs=1e-6)
    assert (np.ptp(features.drug[:3], axis=0) > 0).all()


def test_components_are_orthogonal_scores_of_training_lines(world):
    train = rows(world, world.sample_row < 9)
    scores = components(train, lines=3, drugs=2).line[:9].astype(np.float64)
    gram = scores.T @ scores
    assert gram == pytest.approx(np.diag(np.diag(gram)), abs=1e-3)
    centred = world.expression.values[:9] - world.expression.values[:9].mean(axis=0)
    assert np.sqrt(np.diag(gram)) == pytest.approx(np.linalg.svd(centred, compute_uv=False)[:3], rel=1e-4)


def test_ridge_through_counts_is_scikit_learns_ridge_on_the_wide_rows(world):
    train = rows(world, world.sample_row < 10)
    ours = Ridge(penalties=(7.0,))
    ours.fit(train, train, seed=0)
    wide = landmarks_and_bits(train).rows(train.pairs).astype(np.float64)
    theirs = linear_model.Ridge(alpha=7.0).fit(wide, train.values)
    test = rows(world, world.sample_row >= 10)
    guess = theirs.predict(landmarks_and_bits(train).rows(test.pairs).astype(np.float64))
    assert ours.predict(test.pairs) == pytest.approx(guess, abs=1e-4)


def test_ridge_takes_the_penalty_that_validation_prefers(world):
    train, valid = rows(world, world.sample_row < 9), rows(world, world.sample_row >= 9)
    model = Ridge()
    model.fit(train, valid, seed=0)
    assert model.penalty == min(model.errors, key=model.errors.get)
    assert len(set(model.errors.values())) == 5


def test_product_back_end_is_kernel_ridge_on_the_concatenated_features(world):
    train, test = rows(world, world.sample_row < 9), rows(world, world.sample_row >= 9)
    ours = SupportVector(c=(10.0,), width=(1.0,))
    ours.fit(train, train, seed=0)
    features = landmarks_and_bits(train)
    wide, spread = features.rows(train.pairs).astype(np.float64), 0.0
    for side, used in ((features.line, 9), (features.drug, 7)):
        spread += side[:used].astype(np.float64).var(axis=0).sum()
    mean = train.values.mean()
    theirs = KernelRidge(kernel="rbf", gamma=1 / spread, alpha=1 / 20).fit(wide, train.values - mean)
    assert ours.predict(test.pairs) == pytest.approx(mean + theirs.predict(features.rows(test.pairs)), abs=5e-3)


@pytest.mark.parametrize("back_end", ["product", "exact", "nystroem"])
def test_every_support_vector_back_end_beats_the_mean(world, back_end):
    train, test = rows(world, world.sample_row % 4 != 0), rows(world, world.sample_row % 4 == 0)
    model = SupportVector(back_end=back_end)
    model.fit(train, test, seed=0)
    assert ((model.predict(test.pairs) - test.values) ** 2).mean() < 0.7 * test.values.var()
    assert len(model.errors) == 6


def test_forest_is_reproducible_and_beats_the_mean(world):
    train, test = rows(world, world.sample_row % 4 != 0), rows(world, world.sample_row % 4 == 0)
    guesses = []
    for _ in range(2):
        model = Forest(trees=30, tree_rows=0.9, split_features=0.5, jobs=1)
        model.fit(train, train, seed=3)
        guesses.append(model.predict(test.pairs))
    assert guesses[0].tolist() == guesses[1].tolist()
    assert ((guesses[0] - test.values) ** 2).mean() < 0.7 * test.values.var()


@pytest.mark.parametrize(
    ("hidden", "sides"),
    [("none", ["sample", "compound"]), ("line", ["compound"]), ("drug", ["sample"]), ("both", [])],
)
def test_only_effects_that_validation_can_look_up_are_taken_out(world, hidden, sides):
    line, drug = world.sample_row >= 10, world.compound_row >= 5
    valid = {"none": (world.sample_row + world.compound_row) % 5 == 0, "line": line, "drug": drug, "both": line & drug}[
        hidden
    ]
    train = {"none": ~valid, "line": ~line, "drug": ~drug, "both": ~line & ~drug}[hidden]
    assert list(known_sides(rows(world, train), rows(world, valid))) == sides


def test_boosting_learns_what_the_effects_leave(world):
    big = world.take(np.tile(np.arange(len(world)), 20))
    rest = big.values + 2.0 * (big.expression.values[big.sample_row, 1] > 0) * (big.compound_row % 2)
    table = replace(big, values=rest)
    model = ResidualBoosting(trees=40, threads=1)
    model.fit(table, table, seed=0)
    effects = model.effects.predict(table.pairs)
    assert ((model.predict(table.pairs) - rest) ** 2).mean() < 0.6 * ((effects - rest) ** 2).mean()


def test_pair_counts_count(world):
    twice = world.take(np.array([0, 0, 8]))
    assert pair_counts(twice)[0, 0] == 2
    assert pair_counts(twice).sum() == 3


def test_rows_of_the_paper_are_those_of_its_table():
    assert BASELINES["rf"].paper.disjoint.rmse == 2.906
    assert BASELINES["svm"].paper.drug_blind.pcc == 0.520
    assert BASELINES["mean_effects"].paper is None
