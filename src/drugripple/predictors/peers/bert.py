"""The encoder of DeepTTA and DeepCoVDR: BERT's layer, with ReLU and with the norms behind the sums.

    x ← LN(x + drop(W_o attention(x)))         8 heads, padding masked
    x ← LN(x + drop(W_b ReLU(W_a x)))

Source: Devlin et al. 2019, doi:10.18653/v1/N19-1423.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-12
"""Of the norms."""


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

    def forward(self, x: Float[Tensor, "b t d"], real: Bool[Tensor, "b t"]) -> Float[Tensor, "b t d"]:
        """Attention of a stream to itself."""
        return self.attend(self.query(x), self.key(x), self.value(x), real)


class Residual(nn.Module):
    """What follows attention: its map, and the two layers of every token, each added and normed."""

    def __init__(self, wide: int, inner: int, dropout: float) -> None:
        """Three maps and two norms."""
        super().__init__()
        self.out, self.up, self.down = nn.Linear(wide, wide), nn.Linear(wide, inner), nn.Linear(inner, wide)
        self.first, self.second = nn.LayerNorm(wide, eps=EPSILON), nn.LayerNorm(wide, eps=EPSILON)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Float[Tensor, "b t d"], attended: Float[Tensor, "b t d"]) -> Float[Tensor, "b t d"]:
        """The stream with what attention found."""
        x = self.first(x + self.drop(self.out(attended)))
        return self.second(x + self.drop(self.down(torch.relu(self.up(x)))))


class EncoderLayer(nn.Module):
    """One layer over one stream."""

    def __init__(self, wide: int, heads: int, inner: int, dropout: float) -> None:
        """Attention and what follows it."""
        super().__init__()
        self.attention = SelfAttention(wide, heads, dropout)
        self.residual = Residual(wide, inner, dropout)

    def forward(self, x: Float[Tensor, "b t d"], real: Bool[Tensor, "b t"]) -> Float[Tensor, "b t d"]:
        """The stream one layer on; padding is carried along and never attended to."""
        return self.residual(x, self.attention(x, real))
