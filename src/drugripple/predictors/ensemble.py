"""The weighted mean of other predictors.

    ŷ = Σ_k w_k ŷ_k / Σ_k w_k      ŷ_k  prediction of member k, w_k its weight

Models that err differently correct one another; the mean of a network and a Gaussian process is better than either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError, ConfigError
from drugripple.predictors.saving import load, read_saved, write_saved

MEMBERS = "members"
"""The folder with a numbered folder for each member."""


@dataclass(frozen=True)
class Shares:
    """The weights of the members, in their order."""

    weights: tuple[float, ...]


class Ensemble:
    """Predictors whose weighted mean is a predictor; they may be fitted together, or each beforehand.

    Args:
        members: two or more.
        weights: of the members, above zero; equal where none are given.
        name: what the card of a saved one calls it.

    Raises:
        ConfigError: if there are fewer than two members, weights do not fit, or fitted members differ in measure.

    >>> from drugripple.predictors import GlobalMean, MeanEffects
    >>> Ensemble([GlobalMean(), MeanEffects()], [1.0, 3.0]).weights
    (1.0, 3.0)
    """

    def __init__(self, members: Sequence[Predictor], weights: Sequence[float] = (), *, name: str = "ensemble") -> None:
        """Keep the members."""
        self.members = tuple(members)
        self.weights = tuple(float(weight) for weight in weights) or (1.0,) * len(self.members)
        self.name = name
        if len(self.members) < 2 or len(self.weights) != len(self.members) or not min(self.weights) > 0:
            message = (
                f"an ensemble of {len(self.members)} members with weights {list(self.weights)}: give two members or "
                "more, and to each a weight above 0"
            )
            raise ConfigError(message)
        self.measure: Measure | None = self._common_measure()

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Fit every member on the same rows with the same seed."""
        for member in self.members:
            member.fit(train, valid, seed=seed)
        self.measure = train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """The weighted mean of the members' predictions, each for new samples and compounds by its own rule."""
        return weighted_mean([member.predict(pairs) for member in self.members], self.weights)

    def save(self, folder: Path) -> None:
        """Write it as a folder that holds the folders of its members."""

        def add_members(part: Path) -> None:
            for number, member in enumerate(self.members):
                member.save(part / MEMBERS / str(number))

        write_saved(
            folder, type(self), self.name, self.measure, {"name": self.name}, Shares(self.weights), add=add_members
        )

    @classmethod
    def load(cls, folder: Path) -> "Ensemble":
        """Read what `save` wrote.

        Raises:
            CheckpointError: if the folder holds no ensemble, or a damaged one.
        """
        saved = read_saved(folder, cls, Shares)
        members = [load(folder / MEMBERS / str(number)) for number in range(len(saved.learnt.weights))]
        try:
            return cls(members, saved.learnt.weights, name=str(saved.settings["name"]))
        except (ConfigError, KeyError) as error:
            message = f"{folder} holds members that are no ensemble ({error}); save it again"
            raise CheckpointError(message) from error

    def _common_measure(self) -> Measure | None:
        measures = [member.measure for member in self.members]
        if len(set(measures)) > 1:
            told = ", ".join(str(measure) if measure else "not fitted" for measure in measures)
            message = f"the members of an ensemble predict different things ({told}); give members of one measure"
            raise ConfigError(message)
        return measures[0]


def weighted_mean(
    predictions: Sequence[Float[np.ndarray, " m"]], weights: Sequence[float] = ()
) -> Float[np.ndarray, " m"]:
    """The mean of several models' predictions; equal weights where none are given.

    >>> weighted_mean([np.array([1.0, 2.0]), np.array([5.0, 2.0])], [3.0, 1.0]).tolist()
    [2.0, 2.0]
    """
    shares = tuple(weights) or (1.0,) * len(predictions)
    total = np.zeros(len(predictions[0]))
    for prediction, share in zip(predictions, shares, strict=True):
        total = total + share * prediction
    return total / sum(shares)
