"""Inputs of the right size: random expression and conditions, and a prior with as many edges as STRING's."""

import numpy as np
import torch

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.training.response import ResponseInputs, ResponseRows

STRING_EDGES = {978: 1_771, 5_778: 24_000, 10_167: 57_092}
"""Edges with a combined score above 900 among the landmark, the GDSC (about) and the BING genes."""


def prior(genes):
    rng = np.random.default_rng(0)
    wanted = STRING_EDGES.get(genes, 2 * genes)
    drawn = np.sort(rng.integers(genes, size=(2 * wanted, 2)), axis=1)
    edges = np.unique(drawn[drawn[:, 0] < drawn[:, 1]], axis=0)
    chosen = np.sort(rng.permutation(len(edges))[:wanted])
    return InteractionPrior(GeneSpace(tuple(f"G{i}" for i in range(genes))), edges[chosen], "random, as many as STRING")


def expression(rows, genes):
    return torch.randn(rows, genes, generator=torch.Generator().manual_seed(1))


def conditions(rows, genes):
    """Non-negative, as what the condition encoder gives."""
    return torch.randn(rows, genes, generator=torch.Generator().manual_seed(2)).relu()


def responses(net, rows, lines, compounds, seed=3):
    """What a response network reads, measured rows of it, and two rows that stand in for validation."""
    draw = torch.Generator().manual_seed(seed)
    inputs = ResponseInputs(
        expression(lines, len(net.genes)),
        torch.randn(compounds, net.backbone.settings.molecule.width, generator=draw),
        torch.full((compounds,), 10.0),
        torch.full((compounds,), 72.0),
    )
    table = ResponseRows(
        torch.randint(lines, (rows,), generator=draw),
        torch.randint(compounds, (rows,), generator=draw),
        torch.randn(rows, generator=draw),
    )
    return inputs, table, ResponseRows(table.sample[:2], table.treatment[:2], table.target[:2])
