"""The Molecule Attention Transformer: from atoms, bonds and distances to one vector per molecule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.graph import FEATURES, MolGraph
from drugripple.data.molecule_batch import MolBatch, collate, each_once
from drugripple.errors import ConfigError
from drugripple.model.mat.attention import attend_fused, attend_written_out
from drugripple.model.mat.norm import UnbiasedNorm
from drugripple.model.mat.packing import Packing, Prepared, SizeGroup, packing, size_batches
from drugripple.model.mat.pooling import pool
from drugripple.model.products import quick_products
from drugripple.model.settings import MatSettings, Pooling, Precision

CPU_NODES = 768
"""Number of nodes that `encode` takes at once on a CPU, whose cache holds 3 MiB of states at the published width."""
GPU_NODES = 16_384
"""Number of nodes that `encode` takes at once elsewhere."""


@dataclass(frozen=True)
class MatConfig:
    """Size and constants of the network; the defaults are the published checkpoint's.

    Raises:
        ConfigError: if the width does not divide by the number of heads.
    """

    d_atom: int = FEATURES
    d_model: int = 1024
    layers: int = 8
    heads: int = 16
    lambda_attention: float = 0.33
    lambda_distance: float = 0.33
    slope: float = 0.1
    """Slope of the feed-forward layer's leaky ReLU below zero."""
    dropout: float = 0.0
    pooling: Pooling = Pooling.MEAN

    def __post_init__(self) -> None:
        """Check that heads share the width evenly."""
        if self.d_model % self.heads:
            message = f"d_model {self.d_model} does not divide by {self.heads} heads; choose a multiple"
            raise ConfigError(message)

    @property
    def lambda_adjacency(self) -> float:
        """The weight of bonds: what the two others leave of 1."""
        return 1 - self.lambda_attention - self.lambda_distance

    @classmethod
    def of(cls, size: MatSettings, pooling: Pooling = Pooling.MEAN) -> "MatConfig":
        """A network of some size, with the published constants."""
        return cls(d_model=size.width, layers=size.layers, heads=size.heads, pooling=pooling)


class MoleculeAttentionTransformer(nn.Module):
    """A pre-norm transformer whose attention also sees bonds and distances.

        x = Embed(atoms)                                                               [b a d]
        x = x + Attention(Norm(x));  x = x + LeakyReLU(Linear(Norm(x)))                [b a d]   each layer
        vector = mean over real nodes of Norm(x)                                       [b d]

    Padding is left out of every layer (`Packing`), and the first layer's queries, keys and values are computed once for
    each distinct row of atom features.

    Parameters carry the names and shapes of the published checkpoint, its generator left out.

    Source: Maziarka et al. 2020, arXiv:2002.08264, and its released code. Differs: the read-out behind the pooling is
    left to the caller, as in the paper's condition encoder.
    """

    def __init__(self, config: MatConfig) -> None:
        """Draw Xavier-uniform matrices."""
        super().__init__()
        self.config = config
        self.src_embed = _Embedding(config)
        self.encoder = _Encoder(config)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(self, molecules: MolBatch, prepared: Prepared | None = None) -> Float[Tensor, "b d"]:
        """Encode molecules, one vector per molecule.

        `prepared` is what `prepare` gave for these molecules in the present mode; it spares finding that out again.
        """
        return pool(self.nodes(molecules, prepared), molecules, self.config.pooling)

    def nodes(self, molecules: MolBatch, prepared: Prepared | None = None) -> Float[Tensor, "b a d"]:
        """The last state of every node; the states of padding mean nothing."""
        packed, atoms, node_index = prepared or self.prepare(molecules)
        return packed.unpack(self.encoder(self.src_embed(atoms), packed, node_index))

    def prepare(self, molecules: MolBatch) -> Prepared:
        """What can be found out of molecules before any weight is used; on a GPU this waits for it."""
        packed = _pack(molecules)
        atoms = packed.pack(molecules.atoms)
        if self.training and self.config.dropout > 0:
            return Prepared(packed, atoms, None)
        return Prepared(packed, *torch.unique(atoms, dim=0, return_inverse=True))

    def encode_embedded(self, embedded: Float[Tensor, "b a d"], molecules: MolBatch) -> Float[Tensor, "b a d"]:
        """The last state of every node, from embeddings that the caller changed (masked pretraining)."""
        packed = _pack(molecules)
        return packed.unpack(self.encoder(packed.pack(embedded), packed))


class Attending(NamedTuple):
    """Molecules that attend together."""

    group: SizeGroup
    bias: Float[Tensor, "k a a"]
    """The fixed part of their attention weights, as `structural_bias` makes it."""


class MoleculeAttention(nn.Module):
    """Self-attention plus fixed weights from distances and bonds, shared by all heads.

        W = λ_a softmax(Q Kᵀ / √d_k) + λ_d exp(-distance) + λ_g bonded / (Σ_j bonded + ε)      [k h a a]
        out = Linear(W V)                                                                       [n d]

    `model.mat.attention` has the two ways to compute W V.
    """

    def __init__(self, config: MatConfig) -> None:
        """Make query, key, value and output layers, in the order of the published checkpoint."""
        super().__init__()
        self.config = config
        self.linears = nn.ModuleList(nn.Linear(config.d_model, config.d_model) for _ in range(4))

    def forward(
        self, x: Float[Tensor, "u d"], groups: Sequence[Attending], node_index: Int[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n d"]:
        """Mix the states of the n nodes of all groups, one group after the other.

        Where `node_index` is given, row node_index[i] of `x` is the state of node i: equal nodes are projected once.
        """
        x = _as_weights(self.linears[0], x)
        states = [linear(x) for linear in self.linears[:3]]
        if node_index is not None:
            states = [state.index_select(0, node_index) for state in states]
        parts = zip(*(state.split([group.nodes for group, _ in groups]) for state in states), strict=True)
        mixed = [self._mix(part, group, bias) for part, (group, bias) in zip(parts, groups, strict=True)]
        return self.linears[3](torch.cat(mixed))

    def _mix(
        self, states: Sequence[Float[Tensor, "n d"]], group: SizeGroup, bias: Float[Tensor, "k a a"]
    ) -> Float[Tensor, "n d"]:
        config, padded = self.config, [group.pad(state) for state in states]
        dropout = config.dropout if self.training else 0.0
        how = (padded, bias, group.keys, config.heads, config.lambda_attention)
        if bias.device.type == "cpu" or dropout:
            return group.unpad(attend_written_out(*how, dropout))
        return group.unpad(attend_fused(*how))


def structural_bias(molecules: MolBatch, config: MatConfig) -> Float[Tensor, "b a a"]:
    """λ_d exp(-distance) + λ_g bonded / (Σ_j bonded + ε), the same in all layers and heads and 0 at padded keys."""
    real = molecules.mask.unsqueeze(1)
    near = torch.exp(-molecules.distance) * real
    bonded = molecules.bonded.to(near.dtype)
    neighbours = bonded / (bonded.sum(-1, keepdim=True) + 1e-6)
    return config.lambda_distance * near + config.lambda_adjacency * neighbours


def encode(
    mat: MoleculeAttentionTransformer,
    graphs: Sequence[MolGraph],
    *,
    batch_size: int = 64,
    device: torch.device | str | None = None,
    precision: Precision = Precision.FLOAT32,
) -> Float[Tensor, "c d"]:
    """Encode many molecules without gradients, vectors in the order given; molecules of one size share a batch.

    A graph that is given several times is computed once.

    Args:
        mat: the network; it moves to `device` and keeps its mode.
        graphs: the molecules.
        batch_size: molecules at a time; fewer where they are large, so that what a layer holds stays in the cache.
        device: where to compute and leave the vectors; where the network is if not given.
        precision: precision of matrix products; norms and the residual stream are always in the network's own.
    """
    parameter = next(mat.parameters())
    where = torch.device(device) if device is not None else parameter.device
    mat.to(where)
    training = mat.training
    mat.eval()
    parameters = _in_half(mat) if precision is Precision.BFLOAT16 else {}
    distinct, row = each_once(graphs)
    vectors = torch.empty(len(distinct), mat.config.d_model, device=where, dtype=parameter.dtype)
    limit = CPU_NODES if where.type == "cpu" else GPU_NODES
    with torch.no_grad(), quick_products():
        for rows in size_batches([len(graph.atoms) for graph in distinct], most=batch_size, nodes=limit):
            batch = collate([distinct[i] for i in rows]).to(where, parameter.dtype)
            vectors[rows] = torch.func.functional_call(mat, parameters, (batch,))
    mat.train(training)
    return vectors[torch.tensor(row, dtype=torch.long, device=where)]


def _in_half(mat: MoleculeAttentionTransformer) -> dict[str, Tensor]:
    """The network's parameters, with those of the encoder's linear layers in bfloat16."""
    return {
        name: parameter.to(torch.bfloat16) if ".linears." in name else parameter
        for name, parameter in mat.named_parameters()
    }


def _as_weights(layer: nn.Module, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
    """States in the precision of a layer's weights, whatever the precision of the residual stream."""
    return x.to(next(layer.parameters()).dtype)


def _pack(molecules: MolBatch) -> Packing:
    return packing(molecules, one_group=molecules.atoms.device.type != "cpu")


class _Embedding(nn.Module):
    """Linear map from atom features to states; `lut` is the published checkpoint's name."""

    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.lut = nn.Linear(config.d_atom, config.d_model)
        self.dropout = config.dropout

    def forward(self, atoms: Float[Tensor, "*n f"]) -> Float[Tensor, "*n d"]:
        return F.dropout(self.lut(atoms), self.dropout, self.training)


class _FeedForward(nn.Module):
    """One linear layer and a leaky ReLU on each node."""

    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(config.d_model, config.d_model)])
        self.slope = config.slope

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        return F.leaky_relu(self.linears[0](_as_weights(self.linears[0], x)), self.slope)


class _Sublayer(nn.Module):
    """A norm under the published checkpoint's name."""

    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.norm = UnbiasedNorm(config.d_model)

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        return self.norm(x)


class _Layer(nn.Module):
    """Attention and feed-forward layer, each behind a norm and added to its input."""

    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.self_attn = MoleculeAttention(config)
        self.feed_forward = _FeedForward(config)
        self.sublayer = nn.ModuleList(_Sublayer(config) for _ in range(2))
        self.dropout = config.dropout

    def forward(
        self, x: Float[Tensor, "u d"], groups: Sequence[Attending], node_index: Int[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n d"]:
        attended = self.self_attn(self.sublayer[0](x), groups, node_index)
        x = x if node_index is None else x.index_select(0, node_index)
        x = x + F.dropout(attended, self.dropout, self.training)
        return x + F.dropout(self.feed_forward(self.sublayer[1](x)), self.dropout, self.training)


class _Encoder(nn.Module):
    """All layers and the last norm."""

    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.norm = UnbiasedNorm(config.d_model)

    def forward(
        self, x: Float[Tensor, "u d"], packed: Packing, node_index: Int[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n d"]:
        groups = [Attending(group, structural_bias(group.molecules, self.config)) for group in packed.groups]
        for layer in self.layers:
            x, node_index = layer(x.to(self.norm.a_2.dtype), groups, node_index), None
        return self.norm(x)
