"""The network as a predictor for cross-validation: fits on one fold's rows, predicts another's."""

from pathlib import Path

import numpy as np
from jaxtyping import Float

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import TrainingError
from drugripple.predictors.csg2a import FittedNetwork, backbone_of, fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings


class NetworkPredictor:
    """A response network that is made anew for every fold.

    Args:
        settings: what it is made of and how it is trained.
        data: tidy folder with the interaction prior and the landmark genes; read for a random backbone.
    """

    def __init__(self, settings: NetworkSettings, data: Path | None) -> None:
        """Remember how to make it."""
        self.settings, self.data = settings, data
        self.fitted: FittedNetwork | None = None
        """The trained network with its learning curve, once `fit` has run."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Train until the validation rows stop improving; best epoch restored."""
        backbone = backbone_of(self.settings, self.data, train.expression.genes, seed=seed)
        self.fitted = fit_network(self.settings, train, valid, backbone, seed=seed)

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted ln IC50 of every pair.

        Raises:
            TrainingError: before `fit`.
        """
        if self.fitted is None:
            message = "the network has not been trained; call fit first"
            raise TrainingError(message)
        return self.fitted.predict(pairs)
