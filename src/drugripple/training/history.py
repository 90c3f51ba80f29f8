"""What a training went through, and when it has gone on for long enough."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from drugripple.training.settings import TrainingSettings

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows and what it gave."""

    number: int
    """Number of the epoch, from 0."""
    train_loss: float
    """Mean loss over the training rows, each under the weights of its own step."""
    valid_loss: float
    """Loss of the validation rows under the weights at the end of the epoch."""
    seconds: float
    """Time that the epoch took, validation included."""


@dataclass(frozen=True)
class History:
    """A finished training: every epoch; the model holds the weights of the best one."""

    epochs: tuple[Epoch, ...]
    """All epochs in order."""

    @property
    def best(self) -> Epoch:
        """The last epoch with the lowest validation loss (an equal loss counts as an improvement)."""
        return min(reversed(self.epochs), key=lambda epoch: epoch.valid_loss)

    def ended_at_cap(self, settings: TrainingSettings) -> bool:
        """Whether `max_epochs` cut the training before its patience was out: it may not have converged."""
        return not out_of_patience([epoch.valid_loss for epoch in self.epochs], settings)

    def table(self) -> "pd.DataFrame":
        """One row per epoch: epoch (from 1), train_loss, valid_loss, seconds."""
        import pandas as pd

        rows = [(e.number + 1, e.train_loss, e.valid_loss, e.seconds) for e in self.epochs]
        return pd.DataFrame(rows, columns=["epoch", "train_loss", "valid_loss", "seconds"])


def out_of_patience(valid_losses: Sequence[float], settings: TrainingSettings) -> bool:
    """Whether so many epochs have passed without an improvement that a training ends; one loss per epoch, in order."""
    lowest, gained = math.inf, 0
    for number, valid_loss in enumerate(valid_losses):
        if valid_loss <= lowest * (1 - settings.min_improvement):
            lowest, gained = valid_loss, number
    return len(valid_losses) > 0 and len(valid_losses) - 1 - gained >= settings.patience
