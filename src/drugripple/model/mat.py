"""Molecule Attention Transformer: from atoms, bonds and distances to one vector a molecule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.graph import FEATURES, MolGraph
from drugripple.data.batch import MolBatch, collate
from drugripple.errors import ConfigError


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
    """Of the feed-forward layer's leaky ReLU."""
    dropout: float = 0.0
    pooling: Literal["mean", "mean_atoms", "dummy"] = "mean"
    """Mean over the dummy node and atoms (as the publications), over atoms alone, or the dummy node's state."""

    def __post_init__(self) -> None:
        """Check that heads share the width evenly."""
        if self.d_model % self.heads:
            message = f"d_model {self.d_model} does not divide by {self.heads} heads; choose a multiple"
            raise ConfigError(message)

    @property
    def lambda_adjacency(self) -> float:
        """The weight that the two others leave."""
        return 1 - self.lambda_attention - self.lambda_distance

    @classmethod
    def small(cls) -> "MatConfig":
        """The size of the weights that travel with the package."""
        return cls(d_model=192, layers=6, heads=6)


class MoleculeAttentionTransformer(nn.Module):
    """A pre-norm transformer whose attention also sees bonds and distances.

        x = Embed(atoms)                                                               [b a d]
        x = x + Attention(Norm(x));  x = x + LeakyReLU(Linear(Norm(x)))                [b a d]   each layer
        vector = mean over real nodes of Norm(x)                                       [b d]

    Parameters carry the names and shapes of the published checkpoint, its generator left out.

    Source: Maziarka et al. 2020, arXiv:2002.08264, and its released code. Differs: the read-out behind the pooling is
    left to the caller, as in the paper's condition encoder.
    """

    def __init__(self, config: MatConfig) -> None:
        """A network with fresh weights: Xavier-uniform matrices."""
        super().__init__()
        self.config = config
        self.src_embed = _Embedding(config)
        self.encoder = _Encoder(config)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(self, molecules: MolBatch) -> Float[Tensor, "b d"]:
        """One vector a molecule."""
        return pool(self.nodes(molecules), molecules, self.config.pooling)

    def nodes(self, molecules: MolBatch) -> Float[Tensor, "b a d"]:
        """The last state of every node; those of padding mean nothing."""
        return self.encoder(self.src_embed(molecules.atoms), molecules)

    def encode_embedded(self, embedded: Float[Tensor, "b a d"], molecules: MolBatch) -> Float[Tensor, "b a d"]:
        """The last state of every node, from embeddings that the caller changed (masked pretraining)."""
        return self.encoder(embedded, molecules)


class UnbiasedNorm(nn.Module):
    """a (x - mean) / (std + ε) + b with the standard deviation that divides by n - 1, and ε beside it."""

    def __init__(self, width: int, epsilon: float = 1e-6) -> None:
        """Unit scale and no shift."""
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(width))
        self.b_2 = nn.Parameter(torch.zeros(width))
        self.epsilon = epsilon

    def forward(self, x: Float[Tensor, "*b d"]) -> Float[Tensor, "*b d"]:
        """Normalised over the last axis."""
        variance, mean = torch.var_mean(x, dim=-1, keepdim=True, correction=1)
        return self.a_2 * ((x - mean) / (variance.sqrt() + self.epsilon)) + self.b_2


class MoleculeAttention(nn.Module):
    """Self-attention plus fixed weights from distances and bonds, shared by all heads.

        W = λ_a softmax(Q Kᵀ / √d_k) + λ_d exp(-distance) + λ_g bonded / (Σ_j bonded + ε)      [b h a a]
        out = Linear(W V)                                                                       [b a d]

    Without dropout W is never built: W V = λ_a SDPA(Q, K, V) + bias V, with one matrix product for all heads.
    """

    def __init__(self, config: MatConfig) -> None:
        """Query, key, value and output layers, in the checkpoint's order."""
        super().__init__()
        self.config = config
        self.linears = nn.ModuleList(nn.Linear(config.d_model, config.d_model) for _ in range(4))

    def forward(
        self, x: Float[Tensor, "b a d"], bias: Float[Tensor, "b a a"], keys: Tensor | None
    ) -> Float[Tensor, "b a d"]:
        """Mixed node states; `keys` is True at real nodes, broadcastable to [b h a a], or absent without padding."""
        value = self.linears[2](x)
        q, k, v = (self._heads(state) for state in (self.linears[0](x), self.linears[1](x), value))
        weight = self.config.lambda_attention
        if self.training and self.config.dropout > 0:
            scores = q @ k.mT / q.shape[-1] ** 0.5
            scores = scores if keys is None else scores.masked_fill(~keys, -torch.inf)
            attention = F.dropout(weight * scores.softmax(-1) + bias.unsqueeze(1), self.config.dropout)
            mixed = (attention @ v).transpose(1, 2).flatten(2)
        else:
            attended = F.scaled_dot_product_attention(q, k, v, attn_mask=keys)
            mixed = torch.baddbmm(attended.transpose(1, 2).flatten(2), bias, value, beta=weight)
        return self.linears[3](mixed)

    def _heads(self, state: Float[Tensor, "b a d"]) -> Float[Tensor, "b h a k"]:
        return state.unflatten(-1, (self.config.heads, -1)).transpose(1, 2)


def structural_bias(molecules: MolBatch, config: MatConfig) -> Float[Tensor, "b a a"]:
    """λ_d exp(-distance) + λ_g bonded / (Σ_j bonded + ε): constant over layers and heads, 0 at padded keys."""
    real = molecules.mask.unsqueeze(1)
    near = torch.exp(-molecules.distance) * real
    bonded = molecules.bonded.to(near.dtype)
    neighbours = bonded / (bonded.sum(-1, keepdim=True) + 1e-6)
    return config.lambda_distance * near + config.lambda_adjacency * neighbours


def pool(
    nodes: Float[Tensor, "b a d"], molecules: MolBatch, pooling: Literal["mean", "mean_atoms", "dummy"]
) -> Float[Tensor, "b d"]:
    """One vector from the states of a molecule's nodes."""
    if pooling == "dummy":
        return nodes[:, 0]
    counted = molecules.mask.to(nodes.dtype)
    if pooling == "mean_atoms":
        counted = torch.cat([torch.zeros_like(counted[:, :1]), counted[:, 1:]], dim=1)
    return torch.bmm(counted.unsqueeze(1), nodes).squeeze(1) / counted.sum(1, keepdim=True)


def encode(
    mat: MoleculeAttentionTransformer,
    graphs: Sequence[MolGraph],
    *,
    batch_size: int = 64,
    device: torch.device | str | None = None,
) -> Float[Tensor, "c d"]:
    """Vectors of many molecules in their order, without gradients; molecules of one size share a batch.

    Args:
        mat: the network; it moves to `device` and keeps its mode.
        graphs: molecules.
        batch_size: molecules at a time.
        device: where to compute and leave the vectors; where the network is if not given.
    """
    parameter = next(mat.parameters())
    where = torch.device(device) if device is not None else parameter.device
    mat.to(where)
    training = mat.training
    mat.eval()
    vectors = torch.empty(len(graphs), mat.config.d_model, device=where, dtype=parameter.dtype)
    by_size = sorted(range(len(graphs)), key=lambda i: len(graphs[i].atoms))
    with torch.no_grad():
        for start in range(0, len(by_size), batch_size):
            rows = by_size[start : start + batch_size]
            vectors[rows] = mat(collate([graphs[i] for i in rows]).to(where, parameter.dtype))
    mat.train(training)
    return vectors


class _Embedding(nn.Module):
    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.lut = nn.Linear(config.d_atom, config.d_model)
        self.dropout = config.dropout

    def forward(self, atoms: Float[Tensor, "b a f"]) -> Float[Tensor, "b a d"]:
        return F.dropout(self.lut(atoms), self.dropout, self.training)


class _FeedForward(nn.Module):
    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.linears = nn.ModuleList([nn.Linear(config.d_model, config.d_model)])
        self.slope = config.slope

    def forward(self, x: Float[Tensor, "b a d"]) -> Float[Tensor, "b a d"]:
        return F.leaky_relu(self.linears[0](x), self.slope)


class _Sublayer(nn.Module):
    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.norm = UnbiasedNorm(config.d_model)

    def forward(self, x: Float[Tensor, "b a d"]) -> Float[Tensor, "b a d"]:
        return self.norm(x)


class _Layer(nn.Module):
    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.self_attn = MoleculeAttention(config)
        self.feed_forward = _FeedForward(config)
        self.sublayer = nn.ModuleList(_Sublayer(config) for _ in range(2))
        self.dropout = config.dropout

    def forward(
        self, x: Float[Tensor, "b a d"], bias: Float[Tensor, "b a a"], keys: Tensor | None
    ) -> Float[Tensor, "b a d"]:
        x = x + F.dropout(self.self_attn(self.sublayer[0](x), bias, keys), self.dropout, self.training)
        return x + F.dropout(self.feed_forward(self.sublayer[1](x)), self.dropout, self.training)


class _Encoder(nn.Module):
    def __init__(self, config: MatConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.layers))
        self.norm = UnbiasedNorm(config.d_model)

    def forward(self, x: Float[Tensor, "b a d"], molecules: MolBatch) -> Float[Tensor, "b a d"]:
        bias = structural_bias(molecules, self.config)
        keys = None if bool(molecules.mask.all()) else molecules.mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, bias, keys)
        return self.norm(x)
