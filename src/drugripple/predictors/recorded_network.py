"""A network among the predictors of a benchmark: made anew for every fold, with its learning curve kept."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import TrainingError
from drugripple.predictors.csg2a_predictor import NetworkPredictor
from drugripple.predictors.csg2a_settings import NetworkSettings

if TYPE_CHECKING:
    import pandas as pd


class RecordedNetwork:
    """A `NetworkPredictor` whose learning curve cross-validation writes beside its predictions.

    Args:
        settings: what the network is made of and how it is trained.
        data: tidy folder with the interaction prior and the landmark genes.
    """

    def __init__(self, settings: NetworkSettings, data: Path | None) -> None:
        """Remember how to make it."""
        self._network = NetworkPredictor(settings, data)

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Train until the validation rows stop improving."""
        self._network.fit(train, valid, seed=seed)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted ln IC50 of every pair."""
        return self._network.predict(pairs)

    def learning_curve(self) -> "pd.DataFrame":
        """One row an epoch: epoch (from 1), train_loss, valid_loss, seconds.

        Raises:
            TrainingError: before `fit`.
        """
        import pandas as pd

        if self._network.fitted is None:
            message = "the network has not been trained; call fit first"
            raise TrainingError(message)
        return pd.DataFrame(
            [
                {"epoch": e.number + 1, "train_loss": e.train_loss, "valid_loss": e.valid_loss, "seconds": e.seconds}
                for e in self._network.fitted.history.epochs
            ]
        )
