"""Graph attention over one graph that many samples share, as dense blocks.

    x'_i = Σ_j α_ij W x_j + b        α_i = softmax_j (LeakyReLU(a·W x_j + a'·W x_i) + ln m_ij)

j runs over neighbours and i itself; an edge that is given m times counts m times. What torch-geometric's GATConv
computes edge by edge on as many copies of the graph as there are samples is a few small matrix products here, one per
part of the graph that no edge leaves.

Axes: n sample, v node, p node of a block, f feature.
"""

from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int64
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor, nn
from torch.nn import functional as F

SMALLEST = 32
"""Nodes up to which parts of the graph are put into one block."""


@runtime_checkable
class AttentionLayer(Protocol):
    """What torch-geometric's GATConv of one head learns."""

    att_src: Float[Tensor, "1 1 h"]
    att_dst: Float[Tensor, "1 1 h"]
    bias: Float[Tensor, " h"]
    negative_slope: float

    def lin(self, x: Float[Tensor, "n v f"]) -> Float[Tensor, "n v h"]:
        """The map of every node."""


class SharedGraph(nn.Module):
    """The blocks of a graph; it has nothing to learn."""

    order: Tensor
    back: Tensor

    def __init__(self, edges: Int64[np.ndarray, "2 e"], nodes: int) -> None:
        """Find what hangs together."""
        super().__init__()
        parts = _blocks(edges, nodes)
        linked = np.concatenate([np.zeros(0, dtype=np.int64), *parts])
        alone = np.setdiff1d(np.arange(nodes), linked)
        self.lengths = [len(alone), *map(len, parts)]
        counts = coo_array((np.ones(edges.shape[1]), (edges[1], edges[0])), shape=(nodes, nodes)).tocsr()
        for number, part in enumerate(parts):
            times = counts[part][:, part].toarray()
            np.fill_diagonal(times, 1)
            with np.errstate(divide="ignore"):
                weight = np.log(times).astype(np.float32)
            self.register_buffer(f"weight{number}", torch.from_numpy(weight), persistent=False)
        order = np.concatenate([alone, linked])
        self.register_buffer("order", torch.from_numpy(order), persistent=False)
        self.register_buffer("back", torch.from_numpy(np.argsort(order)), persistent=False)

    def forward(self, layer: AttentionLayer, x: Float[Tensor, "n v f"]) -> Float[Tensor, "n v h"]:
        """What a layer gives every node of every sample."""
        h = layer.lin(x)[:, self.order]
        alone, *parts = h.split(self.lengths, dim=1)
        found = [alone]
        for number, part in enumerate(parts):
            own, to_others = part @ layer.att_dst[0, 0], part @ layer.att_src[0, 0]
            scores = F.leaky_relu(own[:, :, None] + to_others[:, None], layer.negative_slope)
            found.append((scores + self.get_buffer(f"weight{number}")).softmax(dim=-1) @ part)
        return torch.cat(found, dim=1)[:, self.back] + layer.bias


def _blocks(edges: Int64[np.ndarray, "2 e"], nodes: int) -> list[Int64[np.ndarray, " p"]]:
    """Nodes that hang together, small parts in one block; nodes without an edge are in none."""
    graph = coo_array((np.ones(edges.shape[1]), (edges[0], edges[1])), shape=(nodes, nodes))
    label = connected_components(graph, directed=False)[1]
    size = np.bincount(label)
    blocks: list[Int64[np.ndarray, " p"]] = []
    waiting: list[Int64[np.ndarray, " p"]] = []
    for part in np.flatnonzero(size > 1).tolist():
        waiting.append(np.flatnonzero(label == part).astype(np.int64))
        if sum(map(len, waiting)) >= SMALLEST:
            blocks.append(np.concatenate(waiting))
            waiting = []
    return [*blocks, np.concatenate(waiting)] if waiting else blocks
