import numpy as np
import pytest

from drugripple.data.synthetic import synthetic_world
from drugripple.evaluation.jobs import Job, keep_predictions
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from runs.network_beside import WEIGHTS, beside, chosen_by_others


def test_a_fold_has_no_say_in_its_own_weight():
    errors = [[1.0, 1.5, 4.0], [3.0, 2.0, 1.0], [3.0, 2.0, 1.0]]
    assert chosen_by_others(errors) == [2, 1, 1]


@pytest.fixture
def folder(tmp_path):
    """The default model errs by +1, the network's two seeds by -3 in the mean: weight 1/4 takes the error away."""
    world = synthetic_world(0, genes=24, lines=12, compounds=12).response
    folds = make_folds(world.sample_row, world.compound_row, Scheme.MIXED, folds=3)
    for number, fold in enumerate(folds):
        test = world.take(fold.test)
        for name, seed, error in (("default", 0, 1.0), ("csg2a_best", 0, -1.0), ("csg2a_best", 1, -5.0)):
            job = Job(name, Scheme.MIXED, number, seed)
            keep_predictions(job, fold, test, test.values + error, 1.0, tmp_path)
    return tmp_path


def test_the_weight_that_takes_the_error_away_is_found(folder):
    found = beside(folder, "csg2a_best", Scheme.MIXED, folds=3)
    assert found["seeds"].tolist() == [2, 2, 2]
    np.testing.assert_allclose(found["default"], 1)
    np.testing.assert_allclose(found["alone"], 3)
    np.testing.assert_allclose(found["weight"], 0.25)
    np.testing.assert_allclose(found["both"], 0, atol=1e-9)
    assert 0.25 in WEIGHTS.round(9)


def test_what_is_not_finished_has_no_row(folder):
    Job("csg2a_best", Scheme.MIXED, 2, 0).path(folder).unlink()
    found = beside(folder, "csg2a_best", Scheme.MIXED, folds=3)
    assert found["seeds"].tolist() == [1, 1, 1]
    np.testing.assert_allclose(found["alone"], 5)
    Job("csg2a_best", Scheme.MIXED, 2, 1).path(folder).unlink()
    assert beside(folder, "csg2a_best", Scheme.MIXED, folds=3).empty
    assert beside(folder, "csg2a_best", Scheme.CELL_BLIND, folds=3).empty
