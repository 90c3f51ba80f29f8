"""Graph convolutions and poolings from torch-geometric, which the extra `peers` brings.

GCN    x'_i = Σ_j x_j W / √(d_i d_j) + b           j over neighbours and i itself, d their degrees
GAT    x'_i = Σ_j α_ij W x_j + b                   α = softmax_j LeakyReLU(a·W x_i + a'·W x_j)
GIN    x'_i = MLP(x_i + Σ_j x_j)                   j over neighbours
"""

import warnings
from importlib.util import find_spec

from torch import nn

from drugripple.errors import ConfigError


def can_convolve() -> bool:
    """Whether torch-geometric is installed."""
    return find_spec("torch_geometric") is not None


def gcn(wide: int, out: int) -> nn.Module:
    """Symmetrically normalised convolution with self-loops and a bias (Kipf and Welling 2017)."""
    return _layers().GCNConv(wide, out)


def gat(wide: int, out: int, *, heads: int = 1, dropout: float = 0.0) -> nn.Module:
    """Attention over neighbours and oneself, heads side by side (Veličković et al. 2018)."""
    return _layers().GATConv(wide, out, heads=heads, dropout=dropout)


def gin(wide: int, out: int) -> nn.Module:
    """A perceptron of a node and the sum of its neighbours (Xu et al. 2019), ε = 0."""
    return _layers().GINConv(nn.Sequential(nn.Linear(wide, out), nn.ReLU(), nn.Linear(out, out)))


def _layers():  # type: ignore[no-untyped-def]  # the package has no stubs
    """The package, imported when a layer is made because that takes seconds.

    Raises:
        ConfigError: if it is not installed.
    """
    if not can_convolve():
        message = "this peer convolves graphs, which needs torch-geometric; install drugripple[peers]"
        raise ConfigError(message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # it compiles classes with torch.jit as it is imported
        import torch_geometric.nn
    return torch_geometric.nn
