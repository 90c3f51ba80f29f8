"""The findings of a benchmark, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from drugripple.data.measure import Measure
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import Scoreboard
from drugripple.predictors.method import PaperRow
from drugripple.report.findings import LearningCurve

if TYPE_CHECKING:
    import pandas as pd


class ModelNote(NamedTuple):
    """What a model is, and which row of the paper's table has its name, if any."""

    model: str
    citation: str
    namesake: str = ""


class Setting(NamedTuple):
    """The rows and folds behind the scores of a benchmark."""

    dataset: str
    measure: Measure
    rows: int
    samples: int
    compounds: int
    folds: Mapping[Scheme, int]
    """Number of folds that each scheme was to have."""
    replicates: str
    validation: str
    note: str
    """What keeps samples or compounds together beyond the scheme; blank if nothing does."""


@dataclass(frozen=True)
class BenchmarkFindings:
    """Everything that a benchmark's report shows; scores come from the predictions on disk alone."""

    title: str
    setting: Setting
    models: tuple[ModelNote, ...]
    published: Mapping[str, PaperRow]
    """Rows of the paper's table, under the paper's names."""
    elsewhere: Mapping[str, PaperRow]
    """Rows printed in later papers, under names that say where from."""
    board: Scoreboard
    capped: Mapping[tuple[str, Scheme], int]
    """Number of trainings of a model in a scheme that ended at their cap of epochs, if there are any."""
    exposed: frozenset[tuple[str, Scheme]]
    """Models whose pretraining had seen compounds or cell lines that a test of the scheme claims to be new."""
    curves: Mapping[str, Mapping[str, LearningCurve]]
    """Learning curves by network, and by scheme and fold."""
    trainings: "pd.DataFrame"
    """One row per training with a learning curve, with the columns of `recipes.benchmark.convergence.trainings`."""
    audit: "pd.DataFrame"
    """Findings of the leak audit, with the columns of `AuditReport.table`; empty if there are none."""
    audited: str
    """What was audited, as a sentence."""
    ceiling: "pd.DataFrame | None"
    ceiling_note: str
    """The assumptions behind the noise ceiling, or why there is none."""
    provenance: Mapping[str, str]
