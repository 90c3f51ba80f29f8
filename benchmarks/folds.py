"""Whole folds: one to its early stop, and several at once in each way there is."""

import multiprocessing
import time

import torch

from benchmarks.clock import shortest
from benchmarks.data import gdsc2, residual_network
from benchmarks.dense import networks
from benchmarks.world import prior, responses
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.splits import make_folds
from drugripple.predictors.csg2a import fit_network
from drugripple.training.response import finetune
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord

TRAINING = TrainingSettings(
    learning_rate=1e-3, final_rate=1e-5, cosine_epochs=12, batch=2048, max_epochs=100, patience=3,
    min_improvement=0.002, precision="bfloat16",
)  # fmt: skip
LINES, COMPOUNDS = 900, 230


def mixed_fold_seconds(training=TRAINING):
    """A mixed fold of GDSC2 until three epochs lower the validation loss by less than 0.2 %; needs the data folder."""
    table, backbone = gdsc2()
    fold = make_folds(table.sample_row, table.compound_row, Scheme.MIXED)[0]
    train, valid, test = (table.take(rows) for rows in (fold.train, fold.valid, fold.test))
    start = time.perf_counter()
    fitted = fit_network(residual_network(training), train, valid, backbone, seed=0)
    seconds = time.perf_counter() - start
    reached = rmse(test.values.astype("f8"), fitted.predict(test.pairs))
    how = f"{len(fitted.history.epochs)} epochs, test RMSE {reached:.3f}"
    yield BenchmarkRecord("mixed_fold_seconds", seconds, "s", None, how, len(backbone.genes), len(train))


def folds_at_once(folds=2, genes=978, rows=20_480, epochs=3, start_method="spawn"):
    """Folds a minute as processes with a thread each, against one after another with every thread.

    Also the products of the head's first layer with the weights of all folds stacked, against one fold after another:
    what training them as one network could gain.
    """
    threads = torch.get_num_threads()
    job = (genes, rows, epochs)
    one_by_one = sum(_seconds(*job, seed) for seed in range(folds))
    context = multiprocessing.get_context(start_method)
    start = time.perf_counter()
    workers = [context.Process(target=_alone, args=(*job, seed, max(1, threads // folds))) for seed in range(folds)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    together = time.perf_counter() - start - _start_up(context)
    speed = 60 * folds / together
    yield BenchmarkRecord(
        "folds_at_once", speed, "short folds/min", one_by_one / together,
        f"one after another with {threads} threads", genes, rows * epochs,
    )  # fmt: skip
    stacked, inputs = torch.randn(folds, 512, 512), torch.randn(folds, 1024, 512)
    quick, slow = shortest(
        lambda: torch.bmm(inputs, stacked), lambda: [a @ b for a, b in zip(inputs, stacked, strict=True)], seconds=2.0
    )
    flops = 2 * stacked.numel() * 1024 / 1e9
    yield BenchmarkRecord(
        "folds_stacked", flops / quick, "GFLOP/s", slow / quick, f"{folds} products in turn", None, 1024
    )


def _seconds(genes, rows, epochs, seed):
    fast, _ = networks(prior(genes), dense=False)
    inputs, table, few = responses(fast, rows, LINES, COMPOUNDS, seed)
    settings = TrainingSettings(batch=2048, max_epochs=epochs, patience=epochs, device="cpu")
    start = time.perf_counter()
    finetune(fast, inputs, table, few, settings, seed=seed)
    return time.perf_counter() - start


def _alone(genes, rows, epochs, seed, threads):
    torch.set_num_threads(threads)
    _seconds(genes, rows, epochs, seed)


def _start_up(context):
    """Seconds of starting a process that imports all this and does nothing."""
    start = time.perf_counter()
    worker = context.Process(target=torch.get_num_threads)
    worker.start()
    worker.join()
    return time.perf_counter() - start
