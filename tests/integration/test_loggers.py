"""A run's losses and scores reach the logger that it names, under their own names."""

import json
import struct
from collections import defaultdict

import pandas as pd
import pytest

from drugripple.config import make_run
from drugripple.errors import ConfigError
from drugripple.recipes.finetune import FinetuneRun, run_finetune
from drugripple.training import loggers
from drugripple.training.history import Epoch
from drugripple.training.loggers import RunLog, refuse_absent, run_log
from drugripple.training.settings import LoggerName

needs_tensorboard = pytest.mark.skipif(
    loggers.missing_packages(LoggerName.TENSORBOARD) != [], reason="the extra `tensorboard` is absent"
)


def settings(folder, out, **changes):
    training = {"learning_rate": 3e-3, "batch": 64, "max_epochs": 2, "patience": 2, "cosine_epochs": 0}
    network = {"backbone": "random", "encoder": "morgan", "training": training, "response": {"widths": (16, 8)}}
    return make_run(FinetuneRun, {"data": folder, "out": out, "split": {"folds": 5}, "network": network} | changes, "")


def events(folder):
    """Tag to (step, value) of every scalar in a folder of event files, read by their format (a TFRecord)."""
    from tensorboardX.proto.event_pb2 import Event

    found = defaultdict(list)
    for path in sorted(folder.rglob("events.out.tfevents.*")):
        content, at = path.read_bytes(), 0
        while at < len(content):
            (length,) = struct.unpack("<Q", content[at : at + 8])
            event = Event.FromString(content[at + 12 : at + 12 + length])
            at += 12 + length + 4
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    found[value.tag].append((event.step, value.simple_value))
    return found


@needs_tensorboard
def test_tensorboard_holds_each_epochs_losses_and_the_tests_scores(tidy_folder, tmp_path):
    done = run_finetune(settings(tidy_folder, tmp_path / "run", logger="tensorboard"))
    found = events(done.folder / "logs")
    history = pd.read_csv(done.folder / "history.csv")
    for name in ("train_loss", "valid_loss"):
        assert [step for step, _ in found[name]] == [1, 2]
        assert [value for _, value in found[name]] == pytest.approx(history[name].tolist(), rel=1e-6)
    scores = json.loads((done.folder / "metrics.json").read_text())
    rmse = next(row["value"] for row in scores if (row["model"], row["metric"]) == ("csg2a", "rmse"))
    assert found["test_rmse"] == [(2, pytest.approx(rmse, rel=1e-6))]
    assert "logger" not in (done.folder / "run.toml").read_text()


class Heard:
    """A logger of lightning-fabric's interface that keeps what it is told."""

    def __init__(self):
        self.told = []

    def log_hyperparams(self, params, *args, **kwargs):
        self.told.append(("settings", dict(params)))

    def log_metrics(self, metrics, step=None):
        self.told.append((step, dict(metrics)))

    def finalize(self, status):
        self.told.append(("end", status))


def test_a_logger_hears_settings_epochs_and_scores_in_order():
    heard = Heard()
    log = RunLog(heard)
    log.settings({"seed": 3})
    log.epoch(Epoch(0, 2.0, 1.5, 0.1), prefix="fold_1/")
    log.scores({"test_rmse": 1.25, "test_pcc": float("nan")})
    assert heard.told == [
        ("settings", {"seed": 3}),
        (1, {"fold_1/train_loss": 2.0, "fold_1/valid_loss": 1.5, "fold_1/seconds": 0.1}),
        (1, {"test_rmse": 1.25}),
    ]


@pytest.mark.parametrize(("stop", "status"), [(None, "success"), (KeyboardInterrupt, "failed")])
def test_the_logger_is_told_how_a_run_ended(monkeypatch, tmp_path, stop, status):
    heard = Heard()
    monkeypatch.setattr(loggers, "missing_packages", lambda name: [])
    monkeypatch.setattr(loggers, "_logger", lambda name, folder, run: heard)

    def work():
        with run_log(LoggerName.MLFLOW, tmp_path, "mixed"):
            if stop is not None:
                raise stop

    if stop is None:
        work()
    else:
        with pytest.raises(stop):
            work()
    assert heard.told == [("end", status)]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("tensorboard", "lightning-fabric and tensorboard"), ("wandb", "pytorch-lightning and wandb"),
     ("mlflow", "pytorch-lightning and mlflow")],
)  # fmt: skip
def test_an_absent_package_is_named_before_any_data_are_read(monkeypatch, tmp_path, name, wanted):
    monkeypatch.setattr(loggers.importlib.util, "find_spec", lambda package: None)
    with pytest.raises(ConfigError, match=rf"logger = '{name}' needs {wanted}.*drugripple\[{name}\]"):
        run_finetune(settings(tmp_path / "absent", tmp_path / "run", logger=name))


def test_no_logger_is_the_default_and_needs_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(loggers.importlib.util, "find_spec", lambda package: None)
    assert settings(tmp_path, tmp_path / "run").logger is LoggerName.NONE
    refuse_absent(LoggerName.NONE)
    with run_log(LoggerName.NONE, tmp_path, "run") as log:
        log.scores({"rmse": 1.0})
    assert list(tmp_path.iterdir()) == []
