"""The layers between genes and hidden units. Their parts have names, because the fused forms take them apart."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from drugripple.model.dropout import Dropout
from drugripple.model.free_factors import FreeTerms
from drugripple.model.norm import BatchNorm


class Projection(nn.Module):
    """One hidden layer.

    y = Dropout(ReLU(BatchNorm(W x + b)))                              [b w]
    """

    def __init__(
        self, inputs: int, outputs: int, *, dropout: float, linear_bias: bool = True, norm_bias: bool = True
    ) -> None:
        """Draw weights from one width to another."""
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=linear_bias)
        self.norm = BatchNorm(outputs, bias=norm_bias)
        self.dropout = Dropout(dropout)

    def forward(self, values: Float[Tensor, "b i"]) -> Float[Tensor, "b w"]:
        """Project; at least two rows while training (batch norm)."""
        return self.activate(self.linear(values))

    def activate(self, projected: Float[Tensor, "b w"]) -> Float[Tensor, "b w"]:
        """Everything behind W x + b."""
        return self.dropout(torch.relu(self.norm(projected)))


class Head(nn.Module):
    """What reads ln IC50 from the three projections of stage 2 beside each other.

    y = w · Projection₂(Projection₁(features)) + b                     [b]
    """

    def __init__(self, inputs: int, widths: tuple[int, int], *, dropout: float, bias: bool = True) -> None:
        """Draw weights for a number of features and the widths of two hidden layers."""
        super().__init__()
        wide, narrow = widths
        self.first = Projection(inputs, wide, dropout=dropout, linear_bias=bias, norm_bias=bias)
        self.second = Projection(wide, narrow, dropout=dropout, linear_bias=bias, norm_bias=bias)
        self.output = nn.Linear(narrow, 1, bias=bias)

    def forward(self, features: Float[Tensor, "b i"], free: FreeTerms | None = None) -> Float[Tensor, " b"]:
        """Read ln IC50 from features, and from what free vectors add to them."""
        return self.read(self.first.linear(features), free)

    def read(self, projected: Float[Tensor, "b w"], free: FreeTerms | None = None) -> Float[Tensor, " b"]:
        """Everything behind the first linear layer."""
        if free is not None:
            projected = projected + free.hidden.to(projected.dtype)
        answer = self.output(self.second(self.first.activate(projected))).squeeze(-1)
        return answer if free is None else answer + free.product


class LowRankLinear(nn.Module):
    """A linear layer without bias whose matrix is the product of a wide and a narrow one.

    y = W_wide W_narrow x                                              [b g]
    """

    def __init__(self, size: int, rank: int) -> None:
        """Draw weights for a square matrix of a rank."""
        super().__init__()
        self.narrow = nn.Linear(size, rank, bias=False)
        self.wide = nn.Linear(rank, size, bias=False)

    def forward(self, values: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """Apply both matrices in turn."""
        return self.wide(self.narrow(values))
