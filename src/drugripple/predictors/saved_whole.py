"""A predictor that two things make whole: the parameters of its constructor, and one dataclass of what it learnt."""

import inspect
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Generic, TypeVar, get_type_hints

import numpy as np
from jaxtyping import Float
from pydantic import TypeAdapter

from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError
from drugripple.predictors.saving import LearntT, read_saved, require_fitted, write_saved

WholeT = TypeVar("WholeT", bound="SavedWhole[Any]")
"""Any class of this kind. Not `Self`, which the checker of shapes takes in decorated classes alone."""


class SavedWhole(ABC, Generic[LearntT]):
    """What such predictors share: they are saved and loaded by their parameters and by what they learnt.

    A class of this kind keeps each parameter of its constructor as an attribute of the same name. `fit` sets `learnt`
    and `measure`.
    """

    name: str
    """Name in tables, run files and folders of predictions."""
    learns: type[LearntT]
    """The dataclass of what it learns."""
    learnt: LearntT | None = None
    """What it learnt; None before it is fitted."""
    measure: Measure | None = None
    """What it predicts; None before it is fitted."""

    @abstractmethod
    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows."""

    @abstractmethod
    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair, in the measure of the training rows."""

    def require_learnt(self) -> LearntT:
        """What it learnt.

        Raises:
            TrainingError: before it is fitted.
        """
        return require_fitted(self.learnt, self.name)

    def save(self, folder: Path | str) -> None:
        """Write it as a folder, replaced as a whole.

        Raises:
            TrainingError: before it is fitted.
            OutputError: if the system refuses a write; an older folder stays as it was.
        """
        learnt, hints = self.require_learnt(), get_type_hints(type(self).__init__)
        parameters = inspect.signature(type(self)).parameters
        settings = {key: TypeAdapter(hints[key]).dump_python(getattr(self, key), mode="json") for key in parameters}
        write_saved(folder, type(self), self.name, self.measure, settings, learnt)

    @classmethod
    def load(cls: type[WholeT], folder: Path | str) -> WholeT:
        """Read what `save` wrote.

        Raises:
            CheckpointError: if the folder holds no such predictor, or a damaged one.
        """
        saved, hints = read_saved(folder, cls, cls.learns), get_type_hints(cls.__init__)
        try:
            predictor = cls(**{key: TypeAdapter(hints[key]).validate_python(v) for key, v in saved.settings.items()})
        except (KeyError, TypeError, ValueError) as error:
            message = f"{folder}: the settings of {cls.__name__} are not ones that it takes ({error}); train it again"
            raise CheckpointError(message) from error
        predictor.learnt, predictor.measure = saved.learnt, saved.measure
        return predictor
