"""A question as the page puts it to the worker, and its answer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, Int

from drugripple.app.catalogue import known_compounds
from drugripple.app.limits import Limits
from drugripple.app.written import uploaded_compounds
from drugripple.data.measure import Measure
from drugripple.data.pair_kind import LEVEL
from drugripple.data.tables import CompoundTable
from drugripple.errors import TableError, counted
from drugripple.predict.default import DefaultModel
from drugripple.predict.own_samples import OwnSamples
from drugripple.predict.sample_map import SampleMap
from drugripple.runtime.progress import Progress


@dataclass(frozen=True)
class Answer:
    """All that the pages of one question show. Axes: a sample, c compound, n training sample, k known compound."""

    table: pd.DataFrame
    """The predictions, as `DefaultModel.predict` returns them, samples outermost."""
    notes: tuple[str, ...]
    measure: Measure
    level: float
    asked: OwnSamples
    """The samples as they were read."""
    compounds: CompoundTable
    map: SampleMap
    training: tuple[str, ...]
    """Names of the training samples."""
    tissue: tuple[str, ...]
    column: Int[np.ndarray, " c"]
    """Which column of `measured` a compound has; -1 for a new one."""
    measured: Float32[np.ndarray, "n k"]
    """What was measured in training; NaN where nothing was."""

    @property
    def similarity(self) -> Float[np.ndarray, "a n"]:
        """Correlation of expression with every training sample."""
        return self.asked.domain.correlation

    @property
    def annotated(self) -> bool:
        """Whether targets or mechanisms are known."""
        return bool(self.table[["target", "mechanism"]].astype(bool).to_numpy().any())

    @property
    def samples(self) -> tuple[str, ...]:
        """Names as the user calls them."""
        return self.asked.names


@dataclass(frozen=True)
class Question:
    """Which samples and which compounds: a file, or names of training."""

    samples: Path | tuple[str, ...]
    compounds: Path | tuple[str, ...]
    level: float = LEVEL

    @property
    def files(self) -> tuple[Path, ...]:
        """What was uploaded for it."""
        return tuple(given for given in (self.samples, self.compounds) if isinstance(given, Path))

    def answer(self, model: DefaultModel, limits: Limits, progress: Progress) -> Answer:
        """Predict every sample with every compound.

        Raises:
            DrugrippleError: if a file cannot be used, or holds more than the limits allow.
        """
        progress("reading", 0, 0)
        asked = model.samples(self.samples if isinstance(self.samples, Path) else tuple(dict.fromkeys(self.samples)))
        which = self.compounds
        compounds = (
            uploaded_compounds(which, model.training_compounds, model.named_compounds)
            if isinstance(which, Path)
            else known_compounds(model, which)
        )
        _require_within(len(asked), len(compounds), limits)
        table = model.ask(asked, compounds, level=self.level, progress=progress).table()
        progress("drawing", 0, 0)
        return _answer(model, asked, compounds, table, self.level)


def _answer(
    model: DefaultModel, asked: OwnSamples, compounds: CompoundTable, table: pd.DataFrame, level: float
) -> Answer:
    traits, calibration = model.calibrated.predictor.traits, model.calibrated.calibration
    place = traits.places(compounds)
    known = np.flatnonzero(place >= 0)
    column = np.full(len(compounds), -1, dtype=np.int64)
    column[known] = np.arange(len(known))
    return Answer(
        table=table,
        notes=tuple(table.attrs["notes"]),
        measure=model.measure,
        level=level,
        asked=asked,
        compounds=compounds,
        map=SampleMap.of(traits, asked.expression),
        training=traits.kernel.samples,
        tissue=calibration.tissue,
        column=column,
        measured=calibration.measured[:, place[known]],
    )


def _require_within(samples: int, compounds: int, limits: Limits) -> None:
    for number, most, what in (
        (samples, limits.samples, "sample"),
        (compounds, limits.compounds, "compound"),
        (samples * compounds, limits.pairs, "pair"),
    ):
        if number > most:
            message = (
                f"these are {counted(number, what)}, and this page answers at most {most:,} at a time; ask about "
                "fewer, or use the command `drugripple predict`, which has no such limit"
            )
            raise TableError(message)
