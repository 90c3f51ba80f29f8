from dataclasses import replace

import numpy as np
import pytest

from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.naive import GroupMean, Level, MeanEffects, NearestDrug

from .conftest import rows

NAIVE = ["global_mean", "drug_mean", "line_mean", "tissue_mean", "tissue_drug_mean", "mean_effects", "nearest_drug"]


@pytest.mark.parametrize("name", NAIVE)
def test_prediction_is_finite_for_unseen_lines_and_compounds(world, name):
    train = rows(world, (world.sample_row > 3) & (world.compound_row > 1))
    model = BASELINES[name].make()
    model.fit(train, train, seed=0)
    assert np.isfinite(model.predict(world.pairs)).all()


@pytest.mark.parametrize("name", NAIVE)
def test_only_training_rows_are_learnt_from(world, name):
    train = rows(world, world.sample_row > 3)
    one, other = BASELINES[name].make(), BASELINES[name].make()
    one.fit(train, world, seed=0)
    other.fit(train, replace(world, values=world.values + 100), seed=1)
    assert one.predict(world.pairs).tolist() == other.predict(world.pairs).tolist()


def test_drug_mean_is_the_mean_of_its_training_rows_and_the_global_mean_when_unseen(world):
    train = rows(world, (world.compound_row != 2) & (world.sample_row < 9))
    model = GroupMean((Level.COMPOUND,))
    model.fit(train, train, seed=0)
    guess = model.predict(world.pairs)
    assert guess[world.compound_row == 2] == pytest.approx(train.values.mean())
    assert guess[world.compound_row == 5] == pytest.approx(train.values[train.compound_row == 5].mean())


def test_tissue_mean_within_a_drug_falls_back_to_the_drug(world):
    train = rows(world, ~((world.compound_row == 1) & (world.sample_row % 2 == 1)))
    model = GroupMean((Level.TISSUE_COMPOUND, Level.COMPOUND, Level.TISSUE))
    model.fit(train, train, seed=0)
    guess = model.predict(world.pairs)
    lung_of_1 = (world.compound_row == 1) & (world.sample_row % 2 == 1)
    assert guess[lung_of_1] == pytest.approx(train.values[train.compound_row == 1].mean())
    skin_of_3 = (world.compound_row == 3) & (world.sample_row % 2 == 0)
    assert guess[skin_of_3] == pytest.approx(world.values[skin_of_3].mean())


def test_a_world_of_effects_is_recovered(world):
    line, drug = np.arange(13.0), np.array([0.0, 5, -3, 2, 8, 1, 4])
    table = replace(world, values=line[world.sample_row] + drug[world.compound_row])
    model = MeanEffects()
    model.fit(rows(table, (world.sample_row + world.compound_row) % 5 != 0), table, seed=0)
    assert np.corrcoef(model.predict(table.pairs), table.values)[0, 1] > 0.99


def test_nearest_drug_borrows_from_the_structure_that_is_alike(world):
    """Toluene is unseen and benzene is its nearest neighbour."""
    table = replace(world, values=np.where(world.compound_row >= 3, 9.0, 0.0) + 0.01 * world.sample_row)
    train = rows(table, (world.compound_row >= 1) & (world.compound_row <= 3))
    model = NearestDrug(neighbours=1)
    model.fit(train, train, seed=0)
    toluene = rows(table, world.compound_row == 4)
    assert (model.predict(toluene.pairs) > 6).all()
