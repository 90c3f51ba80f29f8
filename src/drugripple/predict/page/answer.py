"""What a page or a report shows of a question: predictions, samples, compounds, and what was measured in training."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, Int

from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.predict.default import DefaultModel
from drugripple.predict.own_samples import OwnSamples
from drugripple.predict.sample_map import SampleMap


@dataclass(frozen=True)
class Answer:
    """All that is shown of one question. Axes: a sample, c compound, n training sample, k known compound."""

    table: pd.DataFrame
    """Predictions, as `DefaultModel.predict` returns them, samples outermost; or the best of them."""
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

    @classmethod
    def of(
        cls, model: DefaultModel, asked: OwnSamples, compounds: CompoundTable, table: pd.DataFrame, level: float
    ) -> "Answer":
        """What is shown of predictions that a model made about samples and compounds."""
        traits, calibration = model.calibrated.predictor.traits, model.calibrated.calibration
        place = traits.places(compounds)
        known = np.flatnonzero(place >= 0)
        column = np.full(len(compounds), -1, dtype=np.int64)
        column[known] = np.arange(len(known))
        return cls(
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
