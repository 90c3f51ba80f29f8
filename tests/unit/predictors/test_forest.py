import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from drugripple.errors import CheckpointError
from drugripple.predictors.forest import Forest, GrownTrees

from .conftest import rows


def test_forest_is_reproducible_and_beats_the_mean(world):
    train, test = rows(world, world.sample_row % 4 != 0), rows(world, world.sample_row % 4 == 0)
    guesses = []
    for _ in range(2):
        model = Forest(trees=30, tree_rows=0.9, split_features=0.5, jobs=1)
        model.fit(train, train, seed=3)
        guesses.append(model.predict(test.pairs))
    assert guesses[0].tolist() == guesses[1].tolist()
    assert ((guesses[0] - test.values) ** 2).mean() < 0.7 * test.values.var()


def test_trees_as_arrays_predict_as_scikit_learns():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(61, 5)).astype(np.float32), rng.normal(size=61)
    forest = RandomForestRegressor(7, max_features=0.5, random_state=0).fit(x, y)
    asked = rng.normal(size=(43, 5)).astype(np.float32)
    assert GrownTrees.of(forest.estimators_).predict(asked) == pytest.approx(forest.predict(asked), abs=1e-12)


@pytest.mark.parametrize("children", [[1, 0, 2], [1, 3, 2], [0, 2, 2]])
def test_nodes_that_would_be_walked_in_circles_or_out_of_their_tree_are_refused(children):
    """Two trees: nodes 0 to 1, and node 2; a child in front of its parent, and children in the other tree."""
    number = np.arange(3)
    with pytest.raises(CheckpointError, match="3 nodes of 2 trees do not form trees"):
        GrownTrees(np.array([0, 2]), np.array(children), number + (number == 0), 0 * number, 0.0 * number, 0.0 * number)
