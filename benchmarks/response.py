"""Fine-tuning and prediction with a frozen backbone: 900 lines, 230 compounds, chemical conditions given."""

import time
from functools import partial

import torch
from torch.nn import functional as F

from benchmarks.clock import shortest
from benchmarks.dense import networks
from benchmarks.world import conditions, expression, prior, responses
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.settings import Precision
from drugripple.predict.model import PAIRS_AT_ONCE
from drugripple.training.response import finetune
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord

LINES, COMPOUNDS = 900, 230
DENSE_ROWS = 64
EPOCHS = 6
LOW_RANK = {"output": "change", "output_rank": 256}
BATCHES = (1024, 2048, 4096)


def finetune_rows(genes=978, rows=20_480, batches=BATCHES, lines=LINES, compounds=COMPOUNDS):
    """With a dropout mask for every row, as the paper, and with one a step for every line and compound."""
    for masks in ("row", "entity"):
        yield _finetune("finetune_rows", genes, rows, batches, lines, compounds, masks)


def finetune_rows_bf16(genes=978, rows=20_480, batches=BATCHES, lines=LINES, compounds=COMPOUNDS):
    for masks in ("row", "entity"):
        yield _finetune("finetune_rows_bf16", genes, rows, batches, lines, compounds, masks, "bfloat16")


def finetune_rows_5778(genes=5_778, rows=8_192, batches=(2048, 4096), lines=LINES, compounds=COMPOUNDS):
    """Every gene of the GDSC array, behind an output layer of rank 256; a dense map would take 134 MB a row."""
    for precision in ("float32", "bfloat16"):
        yield _finetune(
            "finetune_rows_5778", genes, rows, batches, lines, compounds, "row", precision, dense=False, **LOW_RANK
        )


def predict_pairs(genes=978, samples=34, compounds=COMPOUNDS):
    yield _predict("predict_pairs", "float32", genes, samples, compounds)


def predict_pairs_bf16(genes=978, samples=34, compounds=COMPOUNDS):
    yield _predict("predict_pairs_bf16", "bfloat16", genes, samples, compounds)


def _predict(name, precision, genes, samples, compounds):
    fast, plain = networks(prior(genes))
    basal, compound = expression(samples, genes), conditions(compounds, genes)
    at_once = max(1, PAIRS_AT_ONCE // compounds)
    predictor = GridPredictor(fast, compound, Precision(precision))

    def ours():
        for part in basal.split(at_once):
            predictor(part)

    sizes = (1, min(DENSE_ROWS, samples, compounds))
    plain.eval()
    with torch.no_grad():
        dense_runs = (partial(plain.respond, basal[:some], compound[:some]) for some in sizes)
        seconds, *long = shortest(ours, *dense_runs)
    dense, some = max((some / time_each, some) for some, time_each in zip(sizes, long, strict=True))
    pairs = samples * compounds
    against = f"plain layers with dense attention, {some} rows at once, {dense:.4g} pairs/s"
    return BenchmarkRecord(name, pairs / seconds, "pairs/s", pairs / seconds / dense, against, genes, pairs)


def _finetune(name, genes, rows, batches, lines, compounds, masks, precision="float32", *, dense=True, **changes):
    """The best of some batch sizes, beside the dense formula in the same minutes."""
    fast, plain = networks(prior(genes), dense=dense, dropout_of=masks, **changes)
    inputs, table, few = responses(fast, rows, lines, compounds)
    some = min(DENSE_ROWS, rows)
    dense_times = []
    step = _dense_step(plain, inputs.basal, conditions(compounds, genes), table, some) if dense else None
    if step:
        step()

    def after_epoch(_epoch):
        if step:
            start = time.perf_counter()
            step()
            dense_times.append(time.perf_counter() - start)

    found = []
    for batch in batches:
        settings = TrainingSettings(batch=batch, max_epochs=EPOCHS, patience=EPOCHS, precision=precision, device="cpu")
        history = finetune(fast, inputs, table, few, settings, seed=0, on_epoch=after_epoch)
        found.append((rows / min(epoch.seconds for epoch in history.epochs), batch))
    value, batch = max(found)
    how = f"batch {batch}, {precision}, a dropout mask for every {masks}"
    if not dense:
        return BenchmarkRecord(name, value, "rows/s", None, how, genes, rows)
    slow = some / min(dense_times)
    against = f"plain layers with dense attention, {some} rows at once, {slow:.4g} rows/s; ours: {how}"
    return BenchmarkRecord(name, value, "rows/s", value / slow, against, genes, rows)


def _dense_step(plain, basal, compound, table, rows):
    plain.train()
    trained = [parameter for parameter in plain.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(trained, fused=True)
    sample, treatment = table.sample[:rows], table.treatment[:rows]

    def step():
        loss = F.mse_loss(plain.respond(basal[sample], compound[treatment]).ln_ic50, table.target[:rows])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()

    return step
