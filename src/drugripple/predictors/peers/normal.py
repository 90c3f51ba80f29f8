"""Independent normals as Dr.VAE has them between its layers. Axes: b row, d dimension."""

import math
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

WIDEST = 20.0
"""Log variances of a network stay within this bound, beyond which a divergence overflows in single precision."""


class Normal(NamedTuple):
    """One normal per row and dimension."""

    mean: Float[Tensor, "b d"]
    log_variance: Float[Tensor, "b d"]

    @classmethod
    def standard(cls, like: Float[Tensor, "b d"]) -> "Normal":
        """N(0, I)."""
        return cls(torch.zeros_like(like), torch.zeros_like(like))

    @classmethod
    def bounded(cls, mean: Float[Tensor, "b d"], log_variance: Float[Tensor, "b d"]) -> "Normal":
        """The normal that a network says, its log variance held within the bound."""
        return cls(mean, log_variance.clamp(-WIDEST, WIDEST))

    def take(self, rows: Int[Tensor, " k"]) -> "Normal":
        """The normals of some rows."""
        return Normal(self.mean[rows], self.log_variance[rows])

    def draw(self) -> Float[Tensor, "b d"]:
        """One draw, through which gradients flow."""
        return self.mean + torch.exp(self.log_variance / 2) * torch.randn_like(self.mean)

    def log_density(self, x: Float[Tensor, "b d"]) -> Float[Tensor, " b"]:
        """log p(x) of each row."""
        squared = (x - self.mean).square() * torch.exp(-self.log_variance)
        return -0.5 * (math.log(2 * math.pi) + self.log_variance + squared).sum(dim=1)

    def divergence(self, other: "Normal") -> Float[Tensor, " b"]:
        """KL[self ‖ other] of each row, in nats.

        >>> Normal(torch.ones(1, 1), torch.zeros(1, 1)).divergence(Normal.standard(torch.ones(1, 1))).item()
        0.5
        """
        ratio = torch.exp(self.log_variance - other.log_variance)
        away = (self.mean - other.mean).square() * torch.exp(-other.log_variance)
        return 0.5 * (ratio + away - 1 - self.log_variance + other.log_variance).sum(dim=1)


class NormalBlock(nn.Module):
    """A normal whose mean and log variance are read from one hidden layer; variances begin at e⁻²."""

    def __init__(self, wide: int, hidden: int, out: int) -> None:
        """Three maps with bias."""
        super().__init__()
        self.hidden = nn.Sequential(nn.Linear(wide, hidden), nn.ELU())
        self.mean, self.log_variance = nn.Linear(hidden, out), nn.Linear(hidden, out)

    def forward(self, x: Float[Tensor, "b w"]) -> Normal:
        """The normal of every row."""
        h = self.hidden(x)
        return Normal.bounded(self.mean(h), self.log_variance(h) - 2)
