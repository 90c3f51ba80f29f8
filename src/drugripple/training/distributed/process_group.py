"""Processes that train one network together, each on its part of every batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


def _unchanged(tensor: Tensor) -> Tensor:
    return tensor


def _no_wait() -> None:
    pass


@dataclass(frozen=True)
class ProcessGroup:
    """One process's view of all processes that train together; the default is a process on its own.

    Every process draws the same random numbers and makes the same decisions from the same sums. All of them therefore
    hold the same network at every step.
    """

    rank: int = 0
    """Number of this process, from 0."""
    size: int = 1
    """Number of processes."""
    add: Callable[[Tensor], Tensor] = _unchanged
    """Returns the sum over all processes of a tensor of one shape."""
    wait: Callable[[], None] = _no_wait
    """Returns once every process has called it."""

    @property
    def leads(self) -> bool:
        """Whether this process writes files and reports."""
        return self.rank == 0

    def part(self, count: int) -> slice:
        """This process's part of a number of things: neighbours, and as many for each process as division allows.

        >>> [ProcessGroup(rank, 3).part(7) for rank in range(3)]
        [slice(0, 2, None), slice(2, 4, None), slice(4, 7, None)]
        """
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def sum(self, value: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The sum of a value over processes; its gradient is the sum of theirs."""
        return value if self.size == 1 else _Sum.apply(value, self)

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Put the sum over processes into the gradient of every parameter, in one message."""
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        if self.size == 1 or not gradients:
            return
        total = self.add(torch.cat([gradient.flatten() for gradient in gradients]))
        for gradient, part in zip(gradients, total.split([gradient.numel() for gradient in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))


SINGLE_PROCESS = ProcessGroup()
"""A process that trains on its own."""


class _Sum(torch.autograd.Function):
    """The sum over processes. Each process's loss depends on every process's value, so gradients sum up as well."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, group: ProcessGroup) -> Tensor:
        ctx.group = group
        return group.add(value.clone())

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return ctx.group.add(gradients[0].clone()), None
