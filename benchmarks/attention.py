"""The gene attention layer alone."""

import torch

from benchmarks.clock import shortest
from benchmarks.dense import DenseAttention
from benchmarks.world import conditions, expression, prior
from drugripple.model.attention import GeneAttention
from drugripple.model.settings import PerturbationSettings
from tools.ledger import BenchmarkRecord

SIZES = ((978, 256, (1, 64)), (10_167, 32, (1,)))
"""Genes, rows at once in our form (what fits the cache), and in the dense form, each of which is a record.

One map of 10,167 genes is 413 MB; one of 978 is 4 MB, so that the dense form is quicker row by row than in the batches
of 64 and more that networks train in.
"""


def attention_forward(sizes=SIZES):
    for genes, rows, dense_rows in sizes:
        layer, plain = _layers(genes)
        with torch.no_grad():
            yield from _records(
                "attention_forward", genes, rows, dense_rows, _forward(layer, genes), _forward(plain, genes)
            )


def attention_backward(sizes=SIZES):
    """Forward and backward."""
    for genes, rows, dense_rows in sizes:
        layer, plain = _layers(genes)
        yield from _records(
            "attention_backward", genes, rows, dense_rows, _backward(layer, genes), _backward(plain, genes)
        )


def _layers(genes):
    torch.manual_seed(0)
    layer = GeneAttention(prior(genes), PerturbationSettings())
    return layer, DenseAttention(layer)


def _forward(layer, genes):
    def run(rows):
        basal, compound = expression(rows, genes), conditions(rows, genes)
        return lambda: layer(basal, compound)

    return run


def _backward(layer, genes):
    def run(rows):
        basal, compound = expression(rows, genes), conditions(rows, genes).requires_grad_()
        return lambda: layer(basal, compound).square().mean().backward()

    return run


def _records(name, genes, rows, dense_rows, ours, dense):
    quick, *long = shortest(ours(rows), *(dense(some) for some in dense_rows))
    fast = rows / quick
    for some, seconds in zip(dense_rows, long, strict=True):
        slow = some / seconds
        against = f"dense formula, {some} rows at once, {slow:.4g} rows/s"
        yield BenchmarkRecord(name, fast, "rows/s", fast / slow, against, genes, rows)
