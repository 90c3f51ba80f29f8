"""Loggers of a training's losses, through the interface of lightning-fabric; a run has none unless it names one."""

import importlib.util
import logging
import math
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from drugripple.errors import ConfigError
from drugripple.training.settings import LoggerName

if TYPE_CHECKING:
    from lightning_fabric.loggers import Logger

    from drugripple.training.history import Epoch

PROJECT = "drugripple"
"""Name of the project (Weights & Biases) or experiment (MLflow) that runs are filed under."""

LOGS = "logs"
"""Folder, inside a run's own, for what a logger writes on this machine."""

PACKAGES: Mapping[LoggerName, tuple[str, ...]] = {
    LoggerName.TENSORBOARD: ("lightning_fabric", "tensorboard|tensorboardX"),
    LoggerName.WANDB: ("pytorch_lightning", "wandb"),
    LoggerName.MLFLOW: ("pytorch_lightning", "mlflow"),
}
"""Packages that a logger needs, by the name that Python imports; either of two with a bar between."""


class RunLog:
    """What a run tells its logger; without one it says nothing."""

    def __init__(self, logger: "Logger | None" = None, *, settings_at_end: bool = False) -> None:
        """A log that passes everything on to a logger; TensorBoard takes settings only together with scores."""
        self.logger, self.settings_at_end = logger, settings_at_end
        self.told: dict[str, JsonValue] = {}
        self.step = 0

    def settings(self, settings: Mapping[str, JsonValue]) -> None:
        """Pass on the settings of the run."""
        self.told = dict(settings)
        if self.logger is not None and not self.settings_at_end:
            self.logger.log_hyperparams(self.told)

    def epoch(self, epoch: "Epoch", *, prefix: str = "") -> None:
        """Pass on the losses of an epoch, as `train_loss`, `valid_loss` and `seconds` of its number, from 1."""
        losses = {"train_loss": epoch.train_loss, "valid_loss": epoch.valid_loss, "seconds": epoch.seconds}
        self.step = epoch.number + 1
        self._values({prefix + name: value for name, value in losses.items()})

    def beside(self, on_epoch: "Callable[[Epoch], None]") -> "Callable[[Epoch], None]":
        """What is called after each epoch, and then this log."""

        def both(epoch: "Epoch") -> None:
            on_epoch(epoch)
            self.epoch(epoch)

        return both

    def scores(self, scores: Mapping[str, float]) -> None:
        """Pass on what the run has come to, at its last epoch; undefined scores are left out."""
        finite = {name: value for name, value in scores.items() if math.isfinite(value)}
        if self.logger is not None and self.settings_at_end:
            self.logger.log_hyperparams(self.told, finite, step=self.step)
        else:
            self._values(finite)

    def _values(self, values: Mapping[str, float]) -> None:
        if self.logger is not None:
            self.logger.log_metrics(dict(values), step=self.step)


@contextmanager
def run_log(name: LoggerName, out: Path, run: str) -> Iterator[RunLog]:
    """The log of a run for the length of a block; the logger is told whether the block ended well.

    Args:
        name: which logger.
        out: the run's folder; files go to `logs` inside it.
        run: the run's name in the logger.

    Raises:
        ConfigError: if a package that the logger needs is not installed.
    """
    if name is LoggerName.NONE:
        yield RunLog()
        return
    refuse_absent(name)
    logger = _logger(name, out / LOGS, run)
    ended = "failed"
    try:
        yield RunLog(logger, settings_at_end=name is LoggerName.TENSORBOARD)
        ended = "success"
    finally:
        logger.finalize(ended)
        _close(name)


def missing_packages(name: LoggerName) -> list[str]:
    """The packages that a logger needs and that are not installed, by the names that pip knows."""
    return [
        wanted.split("|")[0].replace("_", "-")
        for wanted in PACKAGES.get(name, ())
        if all(importlib.util.find_spec(one) is None for one in wanted.split("|"))
    ]


def refuse_absent(name: LoggerName) -> None:
    """Refuse a logger whose packages are not installed.

    Raises:
        ConfigError: naming the packages and how to install them.
    """
    if missing := missing_packages(name):
        message = (
            f"logger = '{name}' needs {' and '.join(missing)}, which is not installed: "
            f"pip install 'drugripple[{name}]', or leave logger out"
        )
        raise ConfigError(message)


def _logger(name: LoggerName, folder: Path, run: str) -> "Logger":
    logging.getLogger("lightning_fabric.utilities.rank_zero").setLevel(logging.WARNING)
    if name is LoggerName.TENSORBOARD:
        from lightning_fabric.loggers import TensorBoardLogger

        return TensorBoardLogger(folder, name=run, version="", default_hp_metric=False)
    folder.mkdir(parents=True, exist_ok=True)
    if name is LoggerName.WANDB:
        from pytorch_lightning.loggers import WandbLogger

        return WandbLogger(project=PROJECT, name=run, save_dir=folder)
    from pytorch_lightning.loggers import MLFlowLogger

    server = os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{(folder / 'mlflow.db').resolve()}"
    return MLFlowLogger(experiment_name=PROJECT, run_name=run, tracking_uri=server)


def _close(name: LoggerName) -> None:
    """End the run of a service that would otherwise take the next one's numbers."""
    if name is LoggerName.WANDB:
        import wandb

        wandb.finish()
