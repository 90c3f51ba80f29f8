"""`drugripple tune`: on validation rows alone, pruned, and the same after a kill."""

import signal
import sys
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.processes import start_code

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.config import make_run, read_run
from drugripple.errors import ConfigError, TrainingError
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.folds import divide, measured_rows
from drugripple.recipes.tune import TuneRun, subject, tune
from drugripple.recipes.tune import run as recipe
from drugripple.recipes.tune.space import DEFAULT, space_of

pytest.importorskip("optuna", reason="the extra `search` is absent")

NETWORK = {
    "backbone": "random",
    "response": {"widths": [32, 16]},
    "training": {"batch": 64, "max_epochs": 4, "patience": 4, "learning_rate": 1e-3, "cosine_epochs": 0},
}
SEARCH = {"training.learning_rate": [1e-2, 1e-3, 1e-4, 1e-5], "response.dropout": [0.0, 0.1, 0.3]}


def run_of(tidy_folder, out, **changes):
    settings = {
        "data": str(tidy_folder), "out": str(out), "network": NETWORK, "search": SEARCH, "trials": 7,
        "split": {"folds": 3},
        "startup_trials": 2, "warmup_epochs": 1,
    }  # fmt: skip
    return make_run(TuneRun, settings | changes, "test")


@pytest.fixture(scope="module")
def done(tidy_folder, tmp_path_factory):
    return tune(run_of(tidy_folder, tmp_path_factory.mktemp("tuned")))


def told(trials):
    return trials.drop(columns="seconds")


def test_the_best_trial_is_the_lowest_and_its_settings_are_written(done):
    complete = done.trials[done.trials["state"] == "complete"]
    assert done.rmse == complete["validation_rmse"].min()
    best = read_run(done.folder / "best.toml", NetworkSettings)
    assert best.training.learning_rate == done.best["training.learning_rate"]
    assert best.response.dropout == done.best["response.dropout"]
    assert best.training.max_epochs == 4


def test_trials_try_different_settings(done):
    """The first two are drawn at random: with one seed for all they would be equal."""
    assert len(done.trials.iloc[:2].drop_duplicates(list(SEARCH))) == 2


def test_hopeless_trials_are_pruned(done):
    pruned = done.trials[done.trials["state"] == "pruned"]
    assert 1 <= len(pruned) < len(done.trials)
    assert (pruned["epochs"] < 4).all()
    assert pruned["validation_rmse"].isna().all()


def test_test_rows_are_never_looked_at(done, tidy_folder, tmp_path, monkeypatch):
    def corrupt(*asked):
        rows = measured_rows(*asked)
        wrong = rows.table.values.copy()
        test = divide(rows, SplitSettings(folds=3), [Scheme.MIXED])[Scheme.MIXED][0].test
        wrong[test] = np.random.default_rng(0).normal(50, 20, size=test.size)
        return rows._replace(table=replace(rows.table, values=wrong))

    monkeypatch.setattr(recipe, "measured_rows", corrupt)
    again = tune(run_of(tidy_folder, tmp_path))
    pd.testing.assert_frame_equal(told(again.trials), told(done.trials))


def test_validation_rows_are_looked_at(done, tidy_folder, tmp_path, monkeypatch):
    """Else the test above could not fail."""

    def corrupt(*asked):
        rows = measured_rows(*asked)
        wrong = rows.table.values.copy()
        wrong[divide(rows, SplitSettings(folds=3), [Scheme.MIXED])[Scheme.MIXED][0].valid] += 1
        return rows._replace(table=replace(rows.table, values=wrong))

    monkeypatch.setattr(recipe, "measured_rows", corrupt)
    again = tune(run_of(tidy_folder, tmp_path, trials=1))
    assert again.rmse != done.trials["validation_rmse"].iloc[0]


SCRIPT = """
import sys
from pathlib import Path
from drugripple.config import make_run
from drugripple.recipes.tune import TuneRun, tune
tune(make_run(TuneRun, {settings!r}, "test"), on_trial=lambda trial: trial.number == 3 and Path(sys.argv[1]).touch())
"""


def test_a_killed_search_goes_on_and_ends_the_same(done, tidy_folder, tmp_path):
    run = run_of(tidy_folder, tmp_path)
    settings = run.model_dump(mode="json", exclude_defaults=True)
    process = start_code(SCRIPT.format(settings=settings), tmp_path / "told")
    until = time.monotonic() + 100
    while not (tmp_path / "told").exists() and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.05)
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    steps = []
    again = tune(run, on_trial=steps.append)
    assert 1 <= len(steps) <= 4
    pd.testing.assert_frame_equal(told(again.trials), told(done.trials))


def test_another_search_in_the_same_folder_is_refused_and_leaves_its_run_file(done, tidy_folder):
    before = (done.folder / "run.toml").read_bytes()
    with pytest.raises(ConfigError, match=r"another search \(seed differ"):
        tune(run_of(tidy_folder, done.folder, seed=1))
    assert (done.folder / "run.toml").read_bytes() == before


def test_more_trials_can_be_asked_for_later(tidy_folder, tmp_path):
    tune(run_of(tidy_folder, tmp_path, trials=1))
    more = tune(run_of(tidy_folder, tmp_path, trials=2))
    assert len(more.trials) == 2


def test_a_loss_that_runs_away_is_named_and_ends_nothing(tidy_folder, tmp_path, monkeypatch):
    fit = subject.fit_network

    def runs_away(settings, *rest, **more):
        if settings.training.learning_rate > 1e-3:
            message = "the loss of epoch 1 is not finite"
            raise TrainingError(message)
        return fit(settings, *rest, **more)

    monkeypatch.setattr(subject, "fit_network", runs_away)
    found = tune(run_of(tidy_folder, tmp_path)).trials
    wild = found["training.learning_rate"].astype(float) > 1e-3
    assert wild.any()
    assert (found.loc[wild, "reason"] == "the loss of epoch 1 is not finite").all()
    assert (found.loc[wild, "state"] == "pruned").all()


@pytest.mark.parametrize(
    ("search", "complaint"),
    [
        ({"training.batches": [64]}, "training.batches"),
        ({"training.batch": 64}, "search.training.batch: Input should be a valid tuple"),
        ({"training.batch": []}, "at least 1 item"),
        ({"response.wides": [[1, 2]]}, "wides"),
        ({"target.x": [1]}, "target.x: target is 'residual', not a table of settings"),
    ],
)
def test_a_setting_that_no_network_has_is_told_before_any_work(tidy_folder, tmp_path, search, complaint):
    with pytest.raises(ConfigError, match=complaint):
        tune(run_of(tidy_folder, tmp_path, search=search))
    assert list(tmp_path.iterdir()) == []


def test_the_default_space_leaves_what_a_pretrained_backbone_fixes():
    assert set(space_of(NetworkSettings(backbone="random"), {})) == set(DEFAULT)
    assert not any(key.startswith("perturbation.") for key in space_of(NetworkSettings(), {}))


def test_an_absent_package_is_named(tidy_folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ConfigError, match=r"pip install 'drugripple\[search\]'"):
        tune(run_of(tidy_folder, tmp_path))


def test_the_command_says_where_the_best_settings_are(tidy_folder, tmp_path, capsys):
    (tmp_path / "tune.toml").write_text(
        f'data = "{tidy_folder}"\nout = "{tmp_path / "out"}"\ntrials = 1\n[split]\nfolds = 3\n'
        '[network]\nbackbone = "random"\n[network.training]\nmax_epochs = 1\nbatch = 64\n'
        '[search]\n"training.learning_rate" = [1e-3]\n'
    )
    assert exit_code_of(lambda: app(["tune", str(tmp_path / "tune.toml")])) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "out" / "best.toml")
