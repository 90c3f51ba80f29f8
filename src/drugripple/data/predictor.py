"""The one protocol of everything that learns responses and predicts them."""

from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable
from drugripple.genes.space import GeneSpace


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


@runtime_checkable
class Resumable(Protocol):
    """A predictor whose fit takes long enough to be kept between epochs."""

    fit_state: Path | None
    """The file that keeps the fit, so that a killed one goes on and ends with the same weights; None keeps nothing."""


@runtime_checkable
class ReadsGenes(Protocol):
    """A fitted predictor that says which genes it reads; of another, any gene of the training table may be read."""

    @property
    def genes(self) -> GeneSpace:
        """What a sample has to measure."""


@runtime_checkable
class Selective(Protocol):
    """A fitted predictor that answers for some compounds alone, and refuses all others."""

    def answers(self, compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
        """Which compounds it answers for."""


@runtime_checkable
class Noting(Protocol):
    """Something fitted that has a word to say of some compounds before it answers for them."""

    def notes(self, compounds: CompoundTable) -> tuple[str, ...]:
        """What whoever asks should know, as sentences; often nothing."""


def answered(model: object, compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
    """Which compounds a fitted model answers for: all of them, unless it is selective."""
    return model.answers(compounds) if isinstance(model, Selective) else np.ones(len(compounds), dtype=bool)
