"""The multi-trait Gaussian process with intervals that hold, and with what was measured, for comparison.

ŷ ± q_k d_k sd      q_k, d_k: conformal factor of the kind of pair k, and difficulty (`evaluation/conformal.py`)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int

from drugripple.data.measure import Measure
from drugripple.data.pair_kind import KINDS, LEVEL, PairKind
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.errors import CheckpointError
from drugripple.evaluation.conformal import ConformalIntervals, PredictedPairs
from drugripple.evaluation.metrics import pcc_by_group
from drugripple.predictors.multi_trait_gp.fitted import Columns
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.problem import canonical_rows
from drugripple.predictors.saving import read_saved, write_saved

PREDICTOR = "predictor"
"""The folder of the Gaussian process in the folder of a saved one."""


@dataclass(frozen=True)
class Calibration:
    """What is known beside the model. Axes: n training sample, c training compound, in the model's order."""

    intervals: ConformalIntervals
    measured: Float32[np.ndarray, "n c"]
    """Mean measured response; NaN where there is none."""
    tissue: tuple[str, ...]
    """Tissue of each sample, blank where unknown."""
    names: tuple[str, ...]
    """Names of the compounds."""
    correlation: Float[np.ndarray, " c"]
    """Pearson correlation of predicted and measured response over samples that the fit had not seen."""
    number: Int[np.ndarray, " c"]
    """Samples behind it."""
    tested_um: Float[np.ndarray, " c"]
    """Highest concentration that was tested, micromolar; NaN where unknown."""


class Interval(NamedTuple):
    """Predictions with intervals. Axis: m pair."""

    mean: Float[np.ndarray, " m"]
    deviation: Float[np.ndarray, " m"]
    """Standard deviation of one new measurement, as the model computes it."""
    half_width: Float[np.ndarray, " m"]
    kind: Int[np.ndarray, " m"]
    """Place in `data.pair_kind.KINDS`."""


class CalibratedPredictor:
    """A fitted multi-trait Gaussian process and its calibration."""

    def __init__(self, predictor: MultiTraitGP, calibration: Calibration) -> None:
        """Keep both."""
        self.predictor, self.calibration = predictor, calibration

    @property
    def name(self) -> str:
        """Name of the model in tables."""
        return self.predictor.name

    @property
    def measure(self) -> Measure | None:
        """What is predicted."""
        return self.predictor.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair."""
        return self.predictor.predict(pairs)

    def predict_interval(self, pairs: Pairs, *, level: float = LEVEL, columns: Columns | None = None) -> Interval:
        """Predicted response of every pair, with an interval that covers a new measurement with probability `level`.

        The promise is that of each compound of training on average over samples, and of all new compounds together, for
        samples and compounds like those of the calibration.

        Args:
            pairs: what is asked.
            level: of the intervals.
            columns: what is known of the compounds of `pairs.canonical()` (`MultiTraitGP.columns`), if at hand.
        """
        traits, (asked, place) = self.predictor.traits, pairs.canonical()
        found = columns or self.predictor.columns(asked.compounds)
        mean, deviation = (values[place] for values in traits.predict_with_sd(asked, found))
        kind = traits.kind(asked, found)[place]
        predicted = PredictedPairs(mean, deviation, kind, found.place[asked.compound_row][place])
        return Interval(mean, deviation, self.calibration.intervals.half_width(predicted, level), kind)

    def condition(self, responses: ResponseTable) -> "CalibratedPredictor":
        """The same model, knowing some measurements of its user's samples besides (`MultiTraitGP.condition`)."""
        return CalibratedPredictor(self.predictor.condition(responses), self.calibration)

    def save(self, folder: Path) -> None:
        """Write it as a folder, replaced as a whole.

        Raises:
            OutputError: if the system refuses a write.
        """
        write_saved(
            folder, type(self), self.name, self.measure, {}, self.calibration,
            add=lambda part: self.predictor.save(part / PREDICTOR),
        )  # fmt: skip

    @classmethod
    def load(cls, folder: Path) -> "CalibratedPredictor":
        """Read what `save` wrote.

        Raises:
            CheckpointError: if the folder holds no such model, or a damaged one.
        """
        calibration = read_saved(folder, cls, Calibration).learnt
        made = cls(MultiTraitGP.load(folder / PREDICTOR), calibration)
        traits = made.predictor.traits
        expected = (len(traits.kernel.samples), len(traits.compounds))
        if calibration.measured.shape != expected:
            message = f"{folder} calibrates a model of {calibration.measured.shape} pairs, and holds one of {expected}"
            raise CheckpointError(message)
        return made


class OutOfFold(NamedTuple):
    """Predictions of pairs by fits that had not seen them. Axis: m pair, several times in different kinds."""

    row: Int[np.ndarray, " m"]
    """Row of the response table."""
    fold: Int[np.ndarray, " m"]
    kind: Int[np.ndarray, " m"]
    mean: Float[np.ndarray, " m"]
    deviation: Float[np.ndarray, " m"]

    @classmethod
    def joined(cls, parts: Sequence["OutOfFold"]) -> "OutOfFold":
        """Several as one."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def predicted(self, compound: Int[np.ndarray, " n"]) -> PredictedPairs:
        """What intervals are made from; `compound` numbers the compound of every row of the response table."""
        return PredictedPairs(self.mean, self.deviation, self.kind, compound[self.row])

    def take(self, rows: np.ndarray) -> "OutOfFold":
        """Some pairs."""
        return OutOfFold(*(column[rows] for column in self))


def calibrate(
    predictor: MultiTraitGP, table: ResponseTable, unseen: OutOfFold, tested_um: dict[str, float]
) -> CalibratedPredictor:
    """Calibrate a predictor that was fitted to a table, by predictions of the table's rows out of fold.

    Args:
        predictor: fitted to all rows.
        table: the rows.
        unseen: predictions by fits of parts of them.
        tested_um: highest tested concentration by parent SMILES, micromolar, where it is known.

    Raises:
        TrainingError: if there are too few predictions for intervals.
    """
    error = table.values[unseen.row] - unseen.mean
    traits = predictor.traits
    parents = [molecule.parent for molecule in traits.compounds.molecules]
    column = traits.places(table.compounds)[table.compound_row]
    asked, sample, compound = canonical_rows(table)
    place = {parent: row for row, parent in enumerate(asked.compounds.smiles)}
    order = [place[parent] for parent in parents]
    grid = ResponseGrid.of(sample, compound, table.values, (len(asked.expression), len(asked.compounds)))
    measured = np.where(grid.measured, grid.values, np.nan)[:, order].astype(np.float32)
    correlation, number = _correlations(table, unseen, column, len(parents))
    return CalibratedPredictor(
        predictor,
        Calibration(
            ConformalIntervals.fit(error, unseen.predicted(column)),
            measured,
            asked.expression.tissue or ("",) * len(asked.expression),
            tuple(asked.compounds.names[row] for row in order),
            correlation,
            number,
            np.array([tested_um.get(parent, np.nan) for parent in parents]),
        ),
    )


def _correlations(
    table: ResponseTable, unseen: OutOfFold, column: Int[np.ndarray, " n"], columns: int
) -> tuple[Float[np.ndarray, " c"], Int[np.ndarray, " c"]]:
    """Correlation within each compound over samples that were new to the fit, and how many there were.

    `column` says of every row of the table which of so many compounds it is of.
    """
    new = unseen.take(np.flatnonzero(unseen.kind == KINDS.index(PairKind.NEW_SAMPLE)))
    pairs = np.unique(np.stack([column[new.row], table.sample_row[new.row]]), axis=1)
    correlation = np.full(columns, np.nan)
    groups, found = pcc_by_group(table.values[new.row], new.mean, column[new.row])
    correlation[groups] = found
    return correlation, np.bincount(pairs[0], minlength=columns)
