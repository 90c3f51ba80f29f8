"""How the cost grows: with genes, rows, compounds and batch. Ours alone, also where the dense formula cannot reach."""

from functools import partial

import torch
from torch.nn import functional as F

from benchmarks.clock import shortest
from benchmarks.dense import networks
from benchmarks.world import conditions, expression, prior, responses
from drugripple.model.attention import GeneAttention
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.settings import PerturbationSettings
from drugripple.training.loop import fit
from drugripple.training.response import finetune
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord

GENES = (482, 978, 2_000, 5_778, 10_167)
RANK = 256
"""Of the output layer where it is not full."""
LINES, COMPOUNDS = 900, 230
SECONDS = 1.5


def cost_by_genes(sizes=GENES, batch=1024, rank=RANK, samples=4, compounds=COMPOUNDS):
    """Attention, fine-tuning with a full and a low-rank output layer, and prediction with the low-rank one."""
    for genes in sizes:
        layer = GeneAttention(prior(genes), PerturbationSettings())
        rows = max(8, 250_000 // genes)
        with torch.no_grad():
            (seconds,) = shortest(
                partial(layer, expression(rows, genes), conditions(rows, genes)), seconds=SECONDS, least=2
            )
        yield BenchmarkRecord("attention_by_genes", rows / seconds, "rows/s", genes=genes, rows=rows)
        for name, low in (("finetune_by_genes", None), ("finetune_by_genes_low_rank", rank)):
            yield BenchmarkRecord(
                name, _finetuned(genes, batch, batch, compounds, low), "rows/s", None, "", genes, batch
            )
        pairs = samples * compounds
        rate = pairs / _predicted(genes, samples, compounds, rank)
        yield BenchmarkRecord("predict_by_genes_low_rank", rate, "pairs/s", genes=genes, rows=pairs)


def cost_by_rows(sizes=(2_048, 8_192, 16_384), genes=978, batch=1024):
    """Seconds of one epoch of fine-tuning."""
    for rows in sizes:
        yield BenchmarkRecord(
            "epoch_by_rows", rows / _finetuned(genes, rows, batch, COMPOUNDS), "s", genes=genes, rows=rows
        )


def cost_by_batch(sizes=(64, 128, 256, 512, 1024, 2048, 4096), genes=978):
    """Fine-tuning; `rows` is the batch."""
    for batch in sizes:
        rate = _finetuned(genes, max(batch, 2_048), batch, COMPOUNDS)
        yield BenchmarkRecord("finetune_by_batch", rate, "rows/s", genes=genes, rows=batch)


def fusing_by_genes(sizes=(482, 978, 2_000), batches=(1024, 4096), lines=LINES, compounds=COMPOUNDS):
    """What the fused path gains over the same network row by row, both with attention in linear time."""
    for genes in sizes:
        for batch in batches:
            ways = (_finetuned, _row_by_row)
            fused, plain = (max(way(genes, 2 * batch, batch, compounds, lines=lines) for _ in range(2)) for way in ways)
            against = f"network row by row, attention in linear time, {plain:.4g} rows/s"
            yield BenchmarkRecord("fusing_by_genes", fused, "rows/s", fused / plain, against, genes, batch)


def cost_by_compounds(sizes=(1, 10, 100, 1_000, 4_000), genes=978, samples=4):
    """Prediction of every pair of four samples; `rows` is the number of compounds."""
    for compounds in sizes:
        rate = samples * compounds / _predicted(genes, samples, compounds, None)
        yield BenchmarkRecord("predict_by_compounds", rate, "pairs/s", genes=genes, rows=compounds)


def _finetuned(genes, rows, batch, compounds, rank=None, lines=LINES, epochs=3):
    """Rows a second in the quickest of some epochs."""
    net, _ = networks(prior(genes), dense=False, output_rank=rank)
    inputs, table, few = responses(net, rows, lines, compounds)
    settings = TrainingSettings(batch=batch, max_epochs=epochs, patience=epochs, device="cpu")
    history = finetune(net, inputs, table, few, settings, seed=0)
    return rows / min(epoch.seconds for epoch in history.epochs)


def _row_by_row(genes, rows, batch, compounds, lines, epochs=3):
    net, _ = networks(prior(genes), dense=False)
    inputs, table, _ = responses(net, rows, lines, compounds)
    compound = conditions(compounds, genes)

    def loss(rows):
        predicted = net.respond(inputs.basal[table.sample[rows]], compound[table.treatment[rows]]).ln_ic50
        return F.mse_loss(predicted, table.target[rows])

    settings = TrainingSettings(batch=batch, max_epochs=epochs, patience=epochs, device="cpu")
    history = fit(net, loss, lambda: 0.0, rows=rows, settings=settings, seed=0)
    return rows / min(epoch.seconds for epoch in history.epochs)


def _predicted(genes, samples, compounds, rank, at_once=1_000):
    """Seconds for all pairs; folding the network, which a screen does once, is not counted."""
    net, _ = networks(prior(genes), dense=False, output_rank=rank)
    basal, compound = expression(samples, genes), conditions(compounds, genes)
    predictors = [GridPredictor(net, part) for part in compound.split(at_once)]

    def run():
        for predictor in predictors:
            for sample in basal.split(max(1, at_once // len(predictor.compound))):
                predictor(sample)

    return shortest(run, seconds=SECONDS, least=2)[0]
