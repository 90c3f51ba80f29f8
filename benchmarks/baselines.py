"""Seconds to train on the same rows, and the error on the same others: ours beside the classical models.

GDSC2 where the data folder is there, else the synthetic world; rows are dealt at random, so that every line and
compound of the test is known. The error says what the seconds buy; scores of whole folds are in results/results.csv.
"""

import time
from typing import NamedTuple

import numpy as np
import torch

from benchmarks.data import data_folder, gdsc2
from drugripple.data.response import ResponseTable
from drugripple.data.synthetic import synthetic_world
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import PerturbationSettings
from drugripple.model.shipped import fresh_network
from drugripple.predictors.boosting import ResidualBoosting
from drugripple.predictors.csg2a import fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.forest import Forest
from drugripple.predictors.naive import MeanEffects
from drugripple.predictors.ridge import Ridge
from drugripple.predictors.support_vector import Loss, SupportVector
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord

ROWS, HELD_OUT = 20_000, 2_000
EXACT_ROWS = 5_000
TRAINING = TrainingSettings(
    learning_rate=1e-3, final_rate=1e-5, cosine_epochs=12, batch=1024, max_epochs=12, patience=12, device="cpu"
)
"""Few and large steps, cut at twelve epochs."""


class Task(NamedTuple):
    train: ResponseTable
    valid: ResponseTable
    test: ResponseTable
    backbone: PerturbationNet
    source: str


def fit_seconds(rows=ROWS, held_out=HELD_OUT, training=TRAINING):
    """The network (on what mean effects leave, encoding of the compounds included), and what it has to beat."""
    threads = torch.get_num_threads()
    task = _task(rows, held_out)
    models = {
        "csg2a": _Network(task.backbone, training),
        "lightgbm": ResidualBoosting(threads=threads),
        "rf": Forest(jobs=threads),
        "svm": SupportVector(),
        "ridge": Ridge(),
        "mean_effects": MeanEffects(),
    }
    for name, model in models.items():
        yield from _fitted(name, model, task)


def fit_seconds_svr_exact(rows=EXACT_ROWS, held_out=HELD_OUT, training=TRAINING):
    """scikit-learn's ε-SVR, whose time grows with the square of the rows and more, and ours on as many rows."""
    task = _task(rows, held_out)
    machine = SupportVector(loss=Loss.EXACT, c=(10.0,), width=(1.0,), rows=rows)
    yield from _fitted("csg2a_beside_svr", _Network(task.backbone, training), task)
    yield from _fitted("svr_exact", machine, task)


class _Network:
    def __init__(self, backbone, training):
        self.backbone, self.settings = backbone, NetworkSettings(training=training, target="residual")

    def fit(self, train, valid, *, seed):
        self.fitted = fit_network(self.settings, train, valid, self.backbone, seed=seed)

    def predict(self, pairs):
        return self.fitted.predict(pairs)


def _fitted(name, model, task):
    start = time.perf_counter()
    model.fit(task.train, task.valid, seed=0)
    seconds = time.perf_counter() - start
    error = float(np.sqrt(np.mean((model.predict(task.test.pairs) - task.test.values) ** 2)))
    genes, rows = len(task.train.expression.genes), len(task.train)
    yield BenchmarkRecord(f"fit_seconds_{name}", seconds, "s", None, task.source, genes, rows)
    yield BenchmarkRecord(f"fit_rmse_{name}", error, "ln IC50", None, task.source, genes, len(task.test))


def _task(rows, held_out):
    if data_folder() is None:
        world = synthetic_world(0, genes=300, lines=200, compounds=24)
        table, source = world.response, "synthetic world"
        backbone = fresh_network(world.prior, PerturbationSettings(), seed=0)
    else:
        (table, backbone), source = gdsc2(), "GDSC2"
    drawn = np.random.default_rng(0).permutation(len(table))
    rows = min(rows, len(table) - 2 * held_out)
    if rows < 1:
        message = f"{len(table)} rows are too few to hold out {held_out} for validation and for the test"
        raise ValueError(message)
    parts = np.split(drawn[: rows + 2 * held_out], [rows, rows + held_out])
    return Task(*(table.take(np.sort(part)) for part in parts), backbone, source)
