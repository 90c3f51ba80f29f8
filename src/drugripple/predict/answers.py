"""What a model of any kind answers, some rows at a time."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from drugripple.errors import TableError
from drugripple.predict.prediction_table import PredictionTable

if TYPE_CHECKING:
    from drugripple.report.document import Report


class Answers(NamedTuple):
    """What a model answers: how many samples and compounds, the notes, and the rows, computed as they are taken."""

    samples: int
    compounds: int
    notes: tuple[str, ...]
    """What was found, assumed or left out, for the user to read."""
    frames: Iterator[pd.DataFrame]
    profiles: Iterator[pd.DataFrame] | None = None
    """A network's predicted expression after treatment, where it was asked for."""
    page: "Callable[[pd.DataFrame], Report] | None" = None
    """The rows as a report for reading, where the default model answers."""

    def table(self) -> PredictionTable:
        """All rows as one table, with the notes in `attrs`; it takes the frames, which are there once.

        Raises:
            TableError: if there is no sample or no compound.
        """
        if not self.samples * self.compounds:
            message = (
                f"there is nothing to predict: {self.samples} samples, {self.compounds} compounds; give some of each"
            )
            raise TableError(message)
        found = PredictionTable(pd.concat(self.frames, ignore_index=True))
        found.attrs["notes"] = list(self.notes)
        return found
