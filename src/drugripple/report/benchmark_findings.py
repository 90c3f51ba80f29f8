"""What a benchmark found, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from drugripple.evaluation.scoreboard import Scoreboard
from drugripple.evaluation.splits import Scheme
from drugripple.predictors.catalogue import PaperRow
from drugripple.report.findings import LearningCurve

if TYPE_CHECKING:
    import pandas as pd


class ModelNote(NamedTuple):
    """What a model is, and the name of the paper's row that is its own or its namesake's, if there is one."""

    model: str
    citation: str
    namesake: str = ""


class Setting(NamedTuple):
    """What the folds are of."""

    dataset: str
    rows: int
    lines: int
    compounds: int
    folds: Mapping[Scheme, int]
    """How many folds each scheme was to have."""
    replicates: str
    validation: str
    note: str
    """What else keeps lines or compounds together; blank where nothing does."""


@dataclass(frozen=True)
class BenchmarkFindings:
    """Everything the report shows; scores come from the predictions on disk alone."""

    title: str
    setting: Setting
    models: tuple[ModelNote, ...]
    published: Mapping[str, PaperRow]
    """The paper's rows, by the paper's names."""
    board: Scoreboard
    curves: Mapping[str, Mapping[str, LearningCurve]]
    """By network, and by what it is a curve of (a scheme and its first fold)."""
    audit: "pd.DataFrame"
    """Columns of `AuditReport.table`; no row where nothing was found."""
    audited: str
    """What was audited, as a sentence."""
    ceiling: "pd.DataFrame | None"
    ceiling_note: str
    """Its assumptions, or why there is none."""
    provenance: Mapping[str, str]
