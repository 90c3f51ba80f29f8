"""Settings of the optimiser, of when training stops and of who is told, without importing torch."""

from enum import StrEnum

from pydantic import Field, model_validator

from drugripple.config import Record
from drugripple.model.settings import Precision


class TrainingSettings(Record):
    """Optimiser and stopping rule. The defaults are those of the authors' fine-tuning code."""

    learning_rate: float = Field(1e-4, gt=0)
    weight_decay: float = Field(1e-5, ge=0)
    batch: int = Field(128, gt=1)
    max_epochs: int = Field(1000, gt=0)
    patience: int = Field(20, gt=0)
    """Number of epochs without an improvement of the validation loss after which training stops."""
    min_improvement: float = Field(0.0, ge=0, lt=1)
    """Share by which the validation loss must fall below that of the last improvement to count as one (at 0 an equal
    loss counts). The weights kept are those of the lowest loss in any case."""
    cosine_epochs: int = Field(20, ge=0)
    """Number of epochs over which the rate falls by a cosine to `final_rate`; 0 keeps it."""
    final_rate: float = Field(1e-5, ge=0)
    precision: Precision = Precision.FLOAT32
    device: str = "auto"
    compiled: bool = False
    """Whether to compile the step (torch.compile), on a GPU with CUDA graphs; for a truly frozen backbone only."""
    cuda_graphs: bool = True
    """Whether to capture a step on a GPU as written and replay it, in fine-tuning; it changes no result but by
    rounding."""

    @model_validator(mode="after")
    def _rates_in_order(self) -> "TrainingSettings":
        if self.cosine_epochs and self.final_rate > self.learning_rate:
            message = f"final_rate {self.final_rate} is above learning_rate {self.learning_rate}"
            raise ValueError(message)
        return self


class LoggerName(StrEnum):
    """Where a run's losses go beside its own files."""

    NONE = "none"
    TENSORBOARD = "tensorboard"
    WANDB = "wandb"
    MLFLOW = "mlflow"


class LoggedRun(Record):
    """A run that a logger may follow."""

    logger: LoggerName = Field(LoggerName.NONE, exclude=True)
    """Logger that follows the training: tensorboard, wandb or mlflow; it changes no result and is never kept in
    run.toml."""
