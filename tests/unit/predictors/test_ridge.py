import numpy as np
import pytest
from sklearn import linear_model

from drugripple.predictors.features import LandmarksAndBits
from drugripple.predictors.ridge import Ridge, pair_counts

from .conftest import rows


def test_ridge_through_counts_is_scikit_learns_ridge_on_the_wide_rows(world):
    train, test = rows(world, world.sample_row < 10), rows(world, world.sample_row >= 10)
    ours = Ridge(penalties=(7.0,))
    ours.fit(train, train, seed=0)
    features = LandmarksAndBits.fit(train.pairs.compact())
    wide = [features.of(part.pairs).rows(part.pairs).astype(np.float64) for part in (train, test)]
    theirs = linear_model.Ridge(alpha=7.0).fit(wide[0], train.values)
    assert ours.predict(test.pairs) == pytest.approx(theirs.predict(wide[1]), abs=1e-4)


def test_ridge_takes_the_penalty_that_validation_prefers(world):
    train, valid = rows(world, world.sample_row < 9), rows(world, world.sample_row >= 9)
    model = Ridge()
    model.fit(train, valid, seed=0)
    assert model.learnt.penalty == min(model.errors, key=model.errors.get)
    assert len(set(model.errors.values())) == 5


def test_pair_counts_count(world):
    twice = world.pairs.take(np.array([0, 0, 8]))
    assert pair_counts(twice)[0, 0] == 2
    assert pair_counts(twice).sum() == 3
