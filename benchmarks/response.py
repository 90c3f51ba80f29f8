"""Fine-tuning and prediction with a frozen backbone: 900 lines, 230 compounds, chemical conditions given."""

import time
from functools import partial

import torch
from torch.nn import functional as F

from benchmarks.clock import shortest
from benchmarks.dense import networks
from benchmarks.world import conditions, expression, prior
from drugripple.config import TrainingSettings
from drugripple.model.predictor import GridPredictor
from drugripple.recipes.ledger import BenchmarkRecord
from drugripple.recipes.predict import PAIRS_AT_ONCE
from drugripple.training.response import ResponseInputs, ResponseRows, finetune

LINES, COMPOUNDS = 900, 230
DENSE_ROWS = 64
EPOCHS = 6


def finetune_rows(genes=978, rows=10_240, batch=1024, lines=LINES, compounds=COMPOUNDS):
    yield _finetune("finetune_rows", genes, rows, batch, lines, compounds)


def finetune_rows_bf16(genes=978, rows=10_240, batch=1024, lines=LINES, compounds=COMPOUNDS):
    yield _finetune("finetune_rows_bf16", genes, rows, batch, lines, compounds, precision="bfloat16")


def predict_pairs(genes=978, samples=34, compounds=COMPOUNDS):
    fast, plain = networks(prior(genes))
    basal, compound = expression(samples, genes), conditions(compounds, genes)
    at_once = max(1, PAIRS_AT_ONCE // compounds)
    predictor = GridPredictor(fast, compound)

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
    yield BenchmarkRecord("predict_pairs", pairs / seconds, "pairs/s", pairs / seconds / dense, against, genes, pairs)


def _finetune(name, genes, rows, batch, lines, compounds, precision="float32"):
    fast, plain = networks(prior(genes))
    draw = torch.Generator().manual_seed(3)
    basal = expression(lines, genes)
    width = fast.backbone.settings.molecule.width
    inputs = ResponseInputs(
        basal,
        torch.randn(compounds, width, generator=draw),
        torch.full((compounds,), 10.0),
        torch.full((compounds,), 72.0),
    )
    table = ResponseRows(
        torch.randint(lines, (rows,), generator=draw),
        torch.randint(compounds, (rows,), generator=draw),
        torch.randn(rows, generator=draw),
    )
    few = ResponseRows(table.sample[:2], table.treatment[:2], table.target[:2])
    some = min(DENSE_ROWS, rows)
    step = _dense_step(plain, basal, conditions(compounds, genes), table, some)
    step()
    dense_times = []

    def after_epoch(_epoch):
        start = time.perf_counter()
        step()
        dense_times.append(time.perf_counter() - start)

    settings = TrainingSettings(batch=batch, max_epochs=EPOCHS, patience=EPOCHS, precision=precision, device="cpu")
    history = finetune(fast, inputs, table, few, settings, seed=0, on_epoch=after_epoch)
    seconds = min(epoch.seconds for epoch in history.epochs)
    dense = some / min(dense_times)
    value = rows / seconds
    against = f"plain layers with dense attention, {some} rows at once, {dense:.4g} rows/s"
    return BenchmarkRecord(name, value, "rows/s", value / dense, against, genes, rows)


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
