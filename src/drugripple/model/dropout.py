"""Dropout that needs a quarter of the random bits on a CPU."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

DRAWS = 1 << 16
"""Number of values that 16 random bits can take; rates are rounded to 1/65,536."""


class Dropout(nn.Module):
    """Dropout as `torch.nn.Dropout`, which draws 16 bits per value on a CPU instead of a Bernoulli variate.

    >>> torch.manual_seed(0) and Dropout(0.25).train()(torch.ones(4, 500)).mean().round().item()
    1.0
    """

    def __init__(self, rate: float) -> None:
        """Make a layer that drops a share of values."""
        super().__init__()
        self.rate = rate
        self.threshold = round(rate * DRAWS)

    def forward(self, values: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Zero some values and scale the others up while training; change nothing in evaluation mode."""
        if not self.training or not self.threshold:
            return values
        if values.device.type != "cpu" or torch.compiler.is_compiling():
            return F.dropout(values, self.rate)
        draws = torch.empty((values.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        bits = draws.view(torch.int16)[: values.numel()].view(values.shape)
        kept = (bits >= self.threshold - DRAWS // 2).to(values.dtype)
        return values * kept.mul_(DRAWS / (DRAWS - self.threshold))
