"""One vector per graph from those of its atoms."""

import torch
from jaxtyping import Float
from torch import Tensor

from drugripple.predictors.peers.entities import GraphBatch


def sum_pool(x: Float[Tensor, "v h"], batch: GraphBatch) -> Float[Tensor, "c h"]:
    """The sum over the atoms of each graph."""
    return x.new_zeros(len(batch), x.shape[1]).index_add(0, batch.graph, x)


def mean_pool(x: Float[Tensor, "v h"], batch: GraphBatch) -> Float[Tensor, "c h"]:
    """The mean over the atoms of each graph."""
    atoms = torch.bincount(batch.graph, minlength=len(batch)).to(x.dtype)
    return sum_pool(x, batch) / atoms[:, None]


def max_pool(x: Float[Tensor, "v h"], batch: GraphBatch) -> Float[Tensor, "c h"]:
    """The maximum over the atoms of each graph."""
    lowest = x.new_full((len(batch), x.shape[1]), -torch.inf)
    return lowest.scatter_reduce(0, batch.graph[:, None].expand_as(x), x, "amax")
