"""Settings of the optimiser and of when training stops, without importing torch."""

from pydantic import Field, model_validator

from drugripple.config import Record
from drugripple.model.settings import Precision


class TrainingSettings(Record):
    """Optimiser and stopping rule. The defaults are the authors' for fine-tuning."""

    learning_rate: float = Field(1e-4, gt=0)
    weight_decay: float = Field(1e-5, ge=0)
    batch: int = Field(128, gt=1)
    max_epochs: int = Field(1000, gt=0)
    patience: int = Field(20, gt=0)
    """Epochs without a gain of the validation loss after which training stops."""
    least_gain: float = Field(0.0, ge=0, lt=1)
    """What counts as a gain: a loss this share or more below the one at the last gain (at 0 an equal loss is one). The
    weights kept are those of the lowest loss, gain or not."""
    cosine_epochs: int = Field(20, ge=0)
    """Epochs over which the rate falls by a cosine to `final_rate`; 0 keeps it."""
    final_rate: float = Field(1e-5, ge=0)
    precision: Precision = Precision.FLOAT32
    device: str = "auto"
    compiled: bool = False
    """Fine-tuning behind a truly frozen backbone only: compile the step (torch.compile), on a GPU with CUDA graphs."""

    @model_validator(mode="after")
    def _rates_in_order(self) -> "TrainingSettings":
        if self.cosine_epochs and self.final_rate > self.learning_rate:
            message = f"final_rate {self.final_rate} is above learning_rate {self.learning_rate}"
            raise ValueError(message)
        return self
