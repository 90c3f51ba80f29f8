"""The encoder of DeepTTA and DeepCoVDR: BERT's layer, with ReLU and with the norms behind the sums.

    x ← LN(x + drop(W_o attention(x)))         8 heads, padding masked
    x ← LN(x + drop(W_b ReLU(W_a x)))

Tokens of several sequences lie one behind the other, without padding: only attention itself pads them.

Source: Devlin et al. 2019, doi:10.18653/v1/N19-1423. Axes: b sequence, t token, s place in the longest sequence.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-12
"""Constant that layer norms add to the variance."""


class Layout(NamedTuple):
    """Which token stands where, once sequences are padded to the longest."""

    real: Bool[Tensor, "b s"]
    """Which places are tokens; the first of every sequence is one."""
    row: Int[Tensor, " t"]
    """The sequence of each token."""
    place: Int[Tensor, " t"]
    first: Int[Tensor, " b"]
    """The first token of each sequence."""

    @classmethod
    def of(cls, real: Bool[Tensor, "b s"]) -> "Layout":
        """Tokens sequence by sequence; no sequence has a gap."""
        row, place = real.nonzero(as_tuple=True)
        lengths = real.sum(dim=1)
        return cls(real, row, place, lengths.cumsum(0) - lengths)

    def pack(self, padded: Float[Tensor, "b s d"]) -> Float[Tensor, "t d"]:
        """The tokens alone."""
        return padded[self.row, self.place]

    def pad(self, x: Float[Tensor, "t d"]) -> Float[Tensor, "b s d"]:
        """Sequences side by side, zeros behind each."""
        return x.new_zeros(*self.real.shape, x.shape[1]).index_put((self.row, self.place), x)


class SelfAttention(nn.Module):
    """Queries, keys and values of one stream, and heads that stay apart until they are laid side by side."""

    def __init__(self, wide: int, heads: int, dropout: float) -> None:
        """Three maps with bias."""
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(wide, wide) for _ in range(3))
        self.heads, self.dropout = heads, dropout

    def split(self, x: Float[Tensor, "b t d"]) -> Float[Tensor, "b h t k"]:
        """Heads apart."""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def attend(
        self,
        query: Float[Tensor, "b q d"],
        key: Float[Tensor, "b t d"],
        value: Float[Tensor, "b t d"],
        real: Bool[Tensor, "b t"],
    ) -> Float[Tensor, "b q d"]:
        """softmax(QKᵀ/√k) V over the tokens that are real."""
        found = F.scaled_dot_product_attention(
            self.split(query), self.split(key), self.split(value), real[:, None, None],
            dropout_p=self.dropout if self.training else 0.0,
        )  # fmt: skip
        return found.transpose(1, 2).flatten(2)

    def forward(self, x: Float[Tensor, "t d"], layout: Layout) -> Float[Tensor, "t d"]:
        """Attention of every token to those of its sequence."""
        query, key, value = (layout.pad(part(x)) for part in (self.query, self.key, self.value))
        return layout.pack(self.attend(query, key, value, layout.real))

    def at_first(self, x: Float[Tensor, "t d"], layout: Layout) -> Float[Tensor, "b d"]:
        """Attention of the first token of each sequence alone."""
        query, key, value = self.query(x[layout.first])[:, None], layout.pad(self.key(x)), layout.pad(self.value(x))
        return self.attend(query, key, value, layout.real)[:, 0]


class Residual(nn.Module):
    """What follows attention: its map, and the two layers of every token, each added and normed."""

    def __init__(self, wide: int, inner: int, dropout: float) -> None:
        """Three maps and two norms."""
        super().__init__()
        self.out, self.up, self.down = nn.Linear(wide, wide), nn.Linear(wide, inner), nn.Linear(inner, wide)
        self.first, self.second = nn.LayerNorm(wide, eps=EPSILON), nn.LayerNorm(wide, eps=EPSILON)
        self.drop = nn.Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "t d"], attended: Float[Tensor, "b d"], row: Int[Tensor, " t"] | None = None
    ) -> Float[Tensor, "t d"]:
        """The stream with what attention found, for each token or, where `row` says which, for its sequence."""
        found = self.out(attended)
        x = self.first(x + self.drop(found if row is None else found[row]))
        return self.second(x + self.drop(self.down(torch.relu(self.up(x)))))


class EncoderLayer(nn.Module):
    """One layer over one stream."""

    def __init__(self, wide: int, heads: int, inner: int, dropout: float) -> None:
        """Attention and what follows it."""
        super().__init__()
        self.attention = SelfAttention(wide, heads, dropout)
        self.residual = Residual(wide, inner, dropout)

    def forward(self, x: Float[Tensor, "t d"], layout: Layout) -> Float[Tensor, "t d"]:
        """The stream one layer on."""
        return self.residual(x, self.attention(x, layout))

    def at_first(self, x: Float[Tensor, "t d"], layout: Layout) -> Float[Tensor, "b d"]:
        """The first token of each sequence one layer on: all that is computed of the last layer if no more is read."""
        return self.residual(x[layout.first], self.attention.at_first(x, layout))
