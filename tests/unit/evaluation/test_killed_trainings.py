"""A training of a cross-validation that was killed goes on from its last epoch, with the same predictions."""

import numpy as np
import pandas as pd
import pytest

from drugripple.config import make_run
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import TrainingError
from drugripple.evaluation.cross_validation import cross_validate
from drugripple.genes.prior import InteractionPrior
from drugripple.predictors.backbone import BackboneSource
from drugripple.predictors.csg2a import NetworkPredictor
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.peers import Peer, published
from drugripple.training import run_state

EPOCHS = 4
SHORT = {"max_epochs": EPOCHS, "patience": EPOCHS, "batch": 64}


class Killed(BaseException):
    """What no `except Exception` stops."""


@pytest.fixture(scope="module")
def table():
    return synthetic_world(0).response


def network():
    settings = {"backbone": "random", "encoder": "morgan", "genes": "all", "training": SHORT}
    prior = InteractionPrior.empty(synthetic_world(0).response.expression.genes)
    return NetworkPredictor(make_run(NetworkSettings, settings, "network"), BackboneSource(interactions=prior))


def peer():
    settings = published("ensemble_mf")
    training = settings.training.model_copy(update=SHORT)
    return Peer("ensemble_mf", settings.model_copy(update={"training": training, "members": 2}))


def slower():
    made = network()
    training = made.settings.training.model_copy(update={"learning_rate": 1e-4})
    return NetworkPredictor(made.settings.model_copy(update={"training": training}), made.source)


def run(make, table, folder):
    made = {"model": make}
    cross_validate(made, table, scheme="mixed", folds=3, folder=folder)
    return [pd.read_parquet(path)["yhat"].to_numpy() for path in sorted(folder.rglob("*.parquet"))]


@pytest.mark.parametrize("make", [network, peer])
def test_a_killed_training_goes_on_with_the_same_predictions(make, table, tmp_path, monkeypatch):
    undisturbed, save, saved = run(make, table, tmp_path / "whole"), run_state.RunState.save, []

    def save_and_die(self, state, epochs):
        save(self, state, epochs)
        saved.append(len(epochs))
        if len(saved) == EPOCHS + 2:
            raise Killed

    monkeypatch.setattr(run_state.RunState, "save", save_and_die)
    with pytest.raises(Killed):
        run(make, table, tmp_path / "killed")
    assert [path.name for path in (tmp_path / "killed").rglob("*.fit_state")] == ["1.fit_state"]
    if make is network:
        with pytest.raises(TrainingError, match=r"1 of 3 trainings failed: .*fold 1: TrainingError"):
            run(slower, table, tmp_path / "killed")
        (told,) = (tmp_path / "killed").rglob("*.error.txt")
        assert "fit_state belongs to a run with other settings (learning_rate)" in told.read_text()
        (tmp_path / "killed/predictions/model/mixed/seed0/2.parquet").unlink()
    saved.clear()
    monkeypatch.setattr(run_state.RunState, "save", lambda *given: (saved.append(len(given[2])), save(*given)))
    again = run(make, table, tmp_path / "killed")
    assert saved == [3, 4, 1, 2, 3, 4]  # the second fold from its third epoch, then the last fold
    assert all(np.array_equal(one, other) for one, other in zip(undisturbed, again, strict=True))
    assert not list((tmp_path / "killed").rglob("*.fit_state"))
