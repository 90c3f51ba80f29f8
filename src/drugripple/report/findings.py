"""The findings of the quickstart, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.errors import TableError, first_five
from drugripple.report.figures import DrugScore

if TYPE_CHECKING:
    import pandas as pd

METRICS = ("rmse", "pcc", "per_drug_pcc")


class Setting(NamedTuple):
    """The numbers of rows, lines, drugs and genes behind the scores."""

    genes: int
    compounds: int
    train_lines: int
    test_lines: int
    train_rows: int
    pretrained: str
    """What the network had learnt before it saw these data, as a clause that follows "It starts from"."""


class LearningCurve(NamedTuple):
    """Mean squared error after each epoch. Axis: e epoch."""

    epochs: Int[np.ndarray, " e"]
    train_mse: Float[np.ndarray, " e"]
    valid_mse: Float[np.ndarray, " e"]


class ExplainedPrediction(NamedTuple):
    """One test row and the interactions behind its prediction. Axis: k gene shown."""

    line: str
    drug: str
    predicted_ln_ic50: float
    measured_ln_ic50: float
    pairs: "pd.DataFrame"
    """Columns gene_a, gene_b, score, in_prior, rank."""
    scores: Float[np.ndarray, "k k"]
    symbols: tuple[str, ...]
    known: Bool[np.ndarray, "k k"]
    moving: "pd.DataFrame"
    """Gene pairs by sensitivity (how much one gene moves the other), with the same columns as `pairs`."""


class Dropped(NamedTuple):
    """Rows, genes or compounds that were left out."""

    what: str
    number: int
    reason: str


class Terms(NamedTuple):
    """Where the data come from and what may be done with them."""

    name: str
    source: str
    terms: str
    citation: str


@dataclass(frozen=True)
class QuickstartResult:
    """Everything that the quickstart's report shows. Axis: m test row.

    Raises:
        TableError: if columns differ in length or a score is missing.
    """

    model: Mapping[str, float]
    """RMSE, PCC and per-drug PCC on the test rows."""
    naive: Mapping[str, float]
    """RMSE, PCC and per-drug PCC of mean effects on the test rows; NaN where undefined."""
    measured: Float[np.ndarray, " m"]
    predicted: Float[np.ndarray, " m"]
    drugs: tuple[str, ...]
    drug_scores: tuple[DrugScore, ...]
    setting: Setting
    learning: LearningCurve
    explained: ExplainedPrediction
    dropped: tuple[Dropped, ...]
    terms: tuple[Terms, ...]
    seconds: float
    hardware: str
    versions: Mapping[str, str]
    command: str

    def __post_init__(self) -> None:
        """Check lengths and scores."""
        if not len(self.measured) == len(self.predicted) == len(self.drugs):
            message = f"{len(self.measured)} measured, {len(self.predicted)} predicted rows of {len(self.drugs)} drugs"
            raise TableError(message)
        for who, scores in (("model", self.model), ("naive", self.naive)):
            missing = [metric for metric in METRICS if metric not in scores]
            if missing:
                message = f"the {who} scores lack {first_five(missing)}; give NaN where a metric is undefined"
                raise TableError(message)
