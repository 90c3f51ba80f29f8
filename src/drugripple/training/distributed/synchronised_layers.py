"""Layers whose result for a row depends on the whole batch, where the batch is spread over processes."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from drugripple.model.dropout import Dropout
from drugripple.training.distributed.process_group import ProcessGroup


class BatchRows:
    """Where this process's rows stand in the current batch.

    The training step sets it and the layers read it, because a layer's signature has no room for it.
    """

    def __init__(self) -> None:
        """Start with an empty batch."""
        self.rows: Int[Tensor, " b"] = torch.empty(0, dtype=torch.int64)
        self.total = 0

    def set(self, rows: Int[Tensor, " b"], total: int) -> None:
        """Say which rows of the current batch, which has `total` rows, belong to this process."""
        self.rows, self.total = rows, total


@contextmanager
def synchronise_layers(net: nn.Module, group: ProcessGroup, batch_rows: BatchRows) -> Iterator[None]:
    """Inside, batch norms and dropouts of a network act as if the rows of all processes stood in one batch.

    Parameters and running statistics stay the same tensors under the same names.
    """
    if group.size == 1:
        yield
        return
    replaced: list[tuple[nn.Module, str, nn.Module]] = []
    for parent in list(net.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm1d):
                replaced.append((parent, name, child))
                setattr(parent, name, SynchronisedBatchNorm(child, group, batch_rows))
            elif isinstance(child, Dropout):
                replaced.append((parent, name, child))
                setattr(parent, name, SynchronisedDropout(child, batch_rows))
    try:
        yield
    finally:
        for parent, name, child in replaced:
            setattr(parent, name, child.train(parent.training))


class SynchronisedBatchNorm(nn.BatchNorm1d):
    """Batch norm over the rows of all processes, on any device.

    mean = Σ_r Σ_i x / B;   variance = Σ_r Σ_i (x - mean)² / B;   y = (x - mean) / √(variance + ε) w + b    [b g]

    Source: Ioffe & Szegedy 2015, arXiv:1502.03167. Differs: torch's own SyncBatchNorm refuses a CPU.
    """

    def __init__(self, alone: nn.BatchNorm1d, group: ProcessGroup, batch_rows: BatchRows) -> None:
        """Take over the parameters and statistics of a batch norm of one process."""
        super().__init__(alone.num_features, alone.eps, alone.momentum)
        self.weight, self.bias = alone.weight, alone.bias
        self.running_mean, self.running_var = alone.running_mean, alone.running_var
        self.num_batches_tracked = alone.num_batches_tracked
        self.group, self.batch_rows = group, batch_rows
        self.train(alone.training)

    def forward(self, input: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:  # noqa: A002
        """Normalise; while training the running statistics move as torch's do."""
        if not self.training:
            return super().forward(input)
        total, wide = self.batch_rows.total, input.to(torch.promote_types(input.dtype, torch.float32))
        mean = self.group.sum(wide.sum(0)) / total
        centred = wide - mean
        variance = self.group.sum(centred.square().sum(0)) / total
        self._follow(mean.detach(), variance.detach() * total / (total - 1))
        normal = centred * torch.rsqrt(variance + self.eps) * self.weight
        return (normal if self.bias is None else normal + self.bias).to(input.dtype)

    def _follow(self, mean: Float[Tensor, " g"], variance: Float[Tensor, " g"]) -> None:
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        for tracked, seen in ((self.running_mean, mean), (self.running_var, variance)):
            if tracked is not None:
                tracked.lerp_(seen, self.momentum or 0.0)


class SynchronisedDropout(nn.Module):
    """Dropout that drops of each row what one process would drop: it draws for the whole batch and keeps its rows."""

    def __init__(self, alone: Dropout, batch_rows: BatchRows) -> None:
        """Take over the rate of a dropout of one process."""
        super().__init__()
        self.alone, self.batch_rows = alone, batch_rows
        self.train(alone.training)

    def forward(self, values: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """Zero some values and scale the others up while training; change nothing in evaluation mode."""
        if not self.training or not self.alone.threshold:
            return values
        factor = self.alone(values.new_ones(self.batch_rows.total, values.shape[1]))
        return values * factor[self.batch_rows.rows.to(values.device)]
