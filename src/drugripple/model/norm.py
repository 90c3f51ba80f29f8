"""The two norms of the networks, as torch's with what we need beside."""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class GeneNorm(nn.LayerNorm):
    """Layer norm over the visible genes of each condition.

    y = (x - mean) / √(variance + ε) * w + b          mean and variance over visible genes     [b g]
    """

    def forward(self, input: Float[Tensor, "*b g"], visible: Float[Tensor, "*#b g"] | None = None) -> Tensor:  # noqa: A002
        """Normalise over all genes, or over those where `visible` is 1; the others become 0."""
        if visible is None:
            return super().forward(input)
        count = visible.sum(-1, keepdim=True)
        centred = (input - input.sum(-1, keepdim=True) / count) * visible
        normal = centred * torch.rsqrt(centred.square().sum(-1, keepdim=True) / count + self.eps)
        bias = 0.0 if self.bias is None else self.bias
        return (normal * self.weight + bias) * visible


class BatchNorm(nn.BatchNorm1d):
    """Batch norm that always keeps running statistics, with or without a bias."""

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor
    momentum: float

    def __init__(self, width: int, *, bias: bool = True) -> None:
        """Scale of one, bias of zero or none."""
        super().__init__(width)
        if not bias:
            self.register_parameter("bias", None)
