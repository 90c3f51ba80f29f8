"""What the machine can do at most: its rate of matrix products, and how much of it each hot path reaches.

The multiply-adds of a hot path are those of its dense matrix products, counted by torch while it runs; sparse products,
norms and everything else count as nothing, so that a share says how far the path is from being matrix products alone.
"""

import re
from functools import partial

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.clock import shortest
from benchmarks.dense import networks
from benchmarks.molecules import library
from benchmarks.response import LOW_RANK
from benchmarks.world import conditions, expression
from drugripple.data.molecule_batch import collate
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.attention import GeneAttention
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer, encode
from drugripple.model.products import AS_TORCH_IS
from drugripple.model.settings import PerturbationSettings
from drugripple.training.response import ResponseInputs, ResponseRows, finetune
from drugripple.training.settings import TrainingSettings
from tools.ledger import BenchmarkRecord
from tools.pages.measured import variant

SIZE = 2048
DTYPES = torch.float32, torch.bfloat16


def matrix_rates(size=SIZE, device="cpu"):
    """Square matrix products in both precisions; a repeat after other benchmarks shows how steady the machine is.

    On a CPU also as torch multiplies in single precision when left alone.
    """
    single, half = ([torch.randn(size, size).to(device, dtype) for _ in range(2)] for dtype in DTYPES)
    runs = [partial(_multiply, *single), partial(_multiply, *half)]
    if not single[0].is_cuda and hasattr(torch.backends.mkldnn, "matmul"):
        runs.append(partial(_multiply_as_torch_would, *single))
    rates = [2 * size**3 / seconds / 1e9 for seconds in shortest(*runs, seconds=3.0)]
    for name, rate in zip(("matrix_gflops", "matrix_gflops_bf16", "matrix_gflops_torch"), rates, strict=False):
        yield BenchmarkRecord(name, rate, "GFLOP/s", rows=size)


def _multiply(one, other):
    one @ other
    if one.is_cuda:
        torch.cuda.synchronize()


def _multiply_as_torch_would(one, other):
    """What `quick_products` changes is as it was, meanwhile."""
    setting = torch.backends.mkldnn.matmul
    held, setting.fp32_precision = setting.fp32_precision, AS_TORCH_IS
    one @ other
    setting.fp32_precision = held


def share(record, rates):
    """The share of the matrix rate that a measurement reached, or nothing for what is not counted.

    `rates` maps `matrix_gflops` and `matrix_gflops_bf16` to what was measured in the same run.
    """
    base = record.name.removesuffix("_bf16")
    if base not in FLOPS:
        return None
    half = record.name.endswith("_bf16") or "bfloat16" in variant(record)
    top = rates["matrix_gflops_bf16" if half else "matrix_gflops"]
    each = FLOPS[base](record)
    reached = 100 * record.value * each / 1e9 / top
    told = f"{each / 2e6:.4g} million multiply-adds each, of {top:.4g} GFLOP/s; {record.ratio_to}"
    return BenchmarkRecord(
        f"{record.name}_share", reached, "% of the matrix rate", None, told, record.genes, record.rows
    )


def count(run):
    """Floating-point operations (two a multiply-add) of the dense matrix products that a call does."""
    attention = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    backward = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
    with FlopCounterMode(display=False, custom_mapping={attention: _attended, backward: _attended_back}) as counter:
        run()
    return counter.get_total_flops()


def _no_prior(genes):
    """Sparse products are not counted, and torch would count them as dense ones."""
    return InteractionPrior.empty(GeneSpace(tuple(f"G{i}" for i in range(genes))))


def _attended(query, key, *_, **__):
    batch, heads, rows, width = query
    return 4 * batch * heads * rows * key[2] * width


def _attended_back(_gradient, query, key, *_, **__):
    """Five products where forward has two: the scores are computed again."""
    return _attended(query, key) * 5 // 2


def _attention(record, backward):
    rows = 8
    layer = GeneAttention(_no_prior(record.genes), PerturbationSettings())
    basal, compound = expression(rows, record.genes), conditions(rows, record.genes).requires_grad_(backward)

    def run():
        attended = layer(basal, compound)
        if backward:
            attended.sum().backward()

    return count(run) / rows


def _pairs(record, samples=4, compounds=230):
    net, _ = networks(_no_prior(record.genes))
    predictor = GridPredictor(net, conditions(compounds, record.genes))
    basal = expression(samples, record.genes)
    return count(lambda: predictor(basal)) / (samples * compounds)


def _finetuned(record, batch=1024, lines=900, compounds=230, **changes):
    """What a second step adds to one: a run's own preparations cancel out. The record tells batch and masks."""
    told = re.search(r"batch (\d+)", record.ratio_to)
    batch = int(told[1]) if told else batch
    masks = "entity" if "mask for every entity" in variant(record) else "row"
    one, two = (
        _epoch(record.genes, rows, batch, lines, compounds, dropout_of=masks, **changes) for rows in (batch, 2 * batch)
    )
    return (two - one) / batch


def _epoch(genes, rows, batch, lines, compounds, **changes):
    net, _ = networks(_no_prior(genes), dense=False, **changes)
    width = net.backbone.settings.molecule.width
    inputs = ResponseInputs(
        expression(lines, genes), torch.zeros(compounds, width), torch.ones(compounds), torch.ones(compounds)
    )
    draw = torch.Generator().manual_seed(3)
    table = ResponseRows(
        torch.randint(lines, (rows,), generator=draw),
        torch.randint(compounds, (rows,), generator=draw),
        torch.randn(rows, generator=draw),
    )
    few = ResponseRows(table.sample[:2], table.treatment[:2], table.target[:2])
    settings = TrainingSettings(batch=batch, max_epochs=1, patience=1, device="cpu")
    return count(lambda: finetune(net, inputs, table, few, settings, seed=0))


def _encoded(record, backward, config=None):
    graphs = library(record.rows).graphs
    mat = MoleculeAttentionTransformer(config or MatConfig()).eval()

    def run():
        if backward:
            mat(collate(graphs)).sum().backward()
        else:
            encode(mat, graphs)

    return count(run) / len(graphs)


FLOPS = {
    "attention_forward": partial(_attention, backward=False),
    "attention_backward": partial(_attention, backward=True),
    "predict_pairs": _pairs,
    "finetune_rows": _finetuned,
    "finetune_rows_5778": partial(_finetuned, **LOW_RANK),
    "mat_molecules": partial(_encoded, backward=False),
    "mat_molecules_backward": partial(_encoded, backward=True),
}
"""Of a row, pair or molecule of these benchmarks."""
