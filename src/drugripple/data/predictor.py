"""The one protocol of everything that learns responses and predicts them."""

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from drugripple.data.pairs import Pairs
from drugripple.data.response import Measure, ResponseTable


@runtime_checkable
class Predictor(Protocol):
    """A model of responses. What it learns goes by sample name, molecule and gene symbol, never by row.

    A predictor that cannot answer for a new sample or compound refuses, or falls back by a rule that it states; it
    never answers for another one.
    """

    measure: Measure | None
    """What it predicts, which is what it was trained on; nothing before it is fitted."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from training rows; validation rows choose among settings, and may then be learnt from too."""

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair, in the measure of the training rows."""

    def save(self, folder: Path) -> None:
        """Write everything that predictions need as a folder, without pickle; a folder of that name is replaced."""

    @classmethod
    def load(cls, folder: Path) -> "Predictor":
        """Read what `save` wrote: predictions are the same to the last bit."""
