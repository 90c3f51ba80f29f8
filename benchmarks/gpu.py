"""On a CUDA GPU: an epoch of fine-tuning on GDSC2, the share of the card's matrix rate that it reaches, and the forty
folds of the network in Table 1. The same code as on a CPU; needs the data folder.
"""

import time
from dataclasses import replace

import torch

from benchmarks.data import gdsc2, residual_network
from benchmarks.roofline import matrix_rates, share
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from drugripple.model.settings import Precision
from drugripple.predictors.csg2a import fit_network
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord

TRAINING = TrainingSettings(
    learning_rate=1e-3, final_rate=1e-5, cosine_epochs=12, batch=1024, max_epochs=12, patience=4,
    precision="bfloat16", device="cuda",
)  # fmt: skip
"""Those of Table 1 (runs/table1.toml)."""
SIZE = {"cuda": 8192, "cpu": 512}
"""Of the square products whose rate is the card's; smaller ones do not fill it."""
STEPS = {
    "as written": {"cuda_graphs": False},
    "captured as a CUDA graph": {},
    "compiled": {"compiled": True},
}
WAYS = tuple((precision, step) for step in STEPS for precision in Precision)


def gpu_epoch_seconds(training=TRAINING, world=None, epochs=5):
    """The quickest of some epochs (the first captures or compiles), in each precision and by each kind of step."""
    table, backbone = world or _world(training.device)
    rates = {record.name: record.value for record in matrix_rates(SIZE[training.device], training.device)}
    fold = make_folds(table.sample_row, _molecules(table), Scheme.MIXED)[0]
    train, valid = table.take(fold.train), table.take(fold.valid)
    for precision, step in WAYS:
        changes = {"precision": precision, "max_epochs": epochs, "patience": epochs, **STEPS[step]}
        fitted = fit_network(residual_network(training.model_copy(update=changes)), train, valid, backbone, seed=0)
        seconds = min(epoch.seconds for epoch in fitted.history.epochs)
        how = f"batch {training.batch}, {precision}, {step}, a dropout mask for every entity"
        epoch = BenchmarkRecord("gpu_epoch_seconds", seconds, "s", None, how, len(backbone.genes), len(train))
        yield epoch
        reached = share(replace(epoch, name="finetune_rows", value=len(train) / seconds, unit="rows/s"), rates)
        yield replace(reached, name="gpu_finetune_rows_share")


def gpu_forty_folds_seconds(training=TRAINING, world=None, folds=10):
    """Every fold of every scheme in turn, from the table in memory on; the mean RMSE of each scheme beside it."""
    table, backbone = world or _world(training.device)
    start, told, count = time.perf_counter(), [], 0
    for scheme in Scheme:
        errors = []
        for fold in make_folds(table.sample_row, _molecules(table), scheme, folds=folds):
            train, valid, test = (table.take(rows) for rows in (fold.train, fold.valid, fold.test))
            fitted = fit_network(residual_network(training), train, valid, backbone, seed=0)
            errors.append(rmse(test.values.astype("f8"), fitted.predict(test.pairs)))
        count += len(errors)
        told.append(f"{scheme.value} {sum(errors) / len(errors):.3f}")
    how = f"{count} folds, mean RMSE {', '.join(told)}"
    seconds = time.perf_counter() - start
    yield BenchmarkRecord("gpu_forty_folds_seconds", seconds, "s", None, how, len(backbone.genes), len(table))


def _molecules(table):
    """As Table 1 splits: salts and stereoisomers together."""
    return molecule_numbers(table.compounds)[table.compound_row]


def _world(device):
    if device == "cuda" and not torch.cuda.is_available():
        message = "this needs a CUDA GPU, and there is none"
        raise RuntimeError(message)
    return gdsc2()
