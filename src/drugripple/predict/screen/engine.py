"""What a screen asks of a model, of whichever kind it is."""

from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float, Float32, Int

from drugripple.data.measure import Measure
from drugripple.predict.screen.compounds import Rejections


class ScreenSamples(NamedTuple):
    """The samples as a model reads them: what every worker is given. Axes: n sample, g gene."""

    names: tuple[str, ...]
    values: Float[np.ndarray, "n g"]
    genes: tuple[str, ...] = ()
    """Blank where the model says which."""
    known_as: tuple[str, ...] = ()
    """What the model calls each; blank where it knows no sample by name."""


class ScreenInput(NamedTuple):
    """The samples of a screen, and what is predicted of them."""

    samples: ScreenSamples
    measure: Measure
    notes: tuple[str, ...]
    """What was found, assumed or left out, for the user to read."""


class Block(NamedTuple):
    """Predictions of some rows of a library. Axes: n sample, t usable row."""

    rows: Int[np.ndarray, " t"]
    """Places of the usable rows among the given rows."""
    smiles: tuple[str, ...]
    """Parent SMILES of each usable row."""
    seen: Bool[np.ndarray, " t"]
    """Whether the model was trained on the compound of each row."""
    dose_um: Float32[np.ndarray, " t"]
    """Dose of each row in micromolar; NaN, as `hours` is, where the model reads neither."""
    hours: Float32[np.ndarray, " t"]
    values: Float32[np.ndarray, "n t"]
    rejections: Rejections
    """Reasons why the other rows cannot be used, by their place."""
    percentile: Float[np.ndarray, "n t"] | None = None
    """Percent of the training samples that are predicted a lower value; where compounds are ordered by selectivity."""

    @classmethod
    def without_rows(cls, samples: int, rejections: Rejections) -> "Block":
        """The block of rows none of which can be used."""
        none = np.zeros(0, dtype=np.float32)
        places, nothing = np.zeros(0, dtype=np.int64), np.zeros((samples, 0), dtype=np.float32)
        return cls(places, (), np.zeros(0, dtype=bool), none, none, nothing, rejections)


class Rates(NamedTuple):
    """How quick one worker was with a sample of the library."""

    molecules: float
    """Molecules per second, from a row of text to what the model reads of it."""
    pairs: float
    rejections: Rejections
    """Reasons why some of the sampled rows cannot be used, by their place."""


@runtime_checkable
class ScreenEngine(Protocol):
    """A loaded model with the samples of a screen."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the samples."""

    @property
    def at_once(self) -> int:
        """Rows of the library that `block` is given at most."""

    def block(self, library: pa.Table) -> Block:
        """Predict every sample with some rows of a library, as `library_rows` reads them."""

    def rates(self, sampled: pa.Table, library: int, seconds: float) -> Rates:
        """Measure the rates on sampled rows of a library of so many, for about so many seconds."""

    def block_bytes(self) -> int:
        """Most memory that a block takes."""
