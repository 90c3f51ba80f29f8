"""Every baseline as one literal record: name, maker, citation, and the paper's row where it has one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ResponseTable


@runtime_checkable
class Predictor(Protocol):
    """What a baseline can do."""

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from training rows; validation rows may choose among settings, never add to the fit."""

    def predict(self, table: ResponseTable) -> Float[np.ndarray, " m"]:
        """Predicted ln IC50 of every row."""


@dataclass(frozen=True)
class Published:
    """Mean and standard deviation over ten folds, as printed in the paper's Table 1."""

    rmse: float
    rmse_sd: float
    pcc: float
    pcc_sd: float


@dataclass(frozen=True)
class PaperRow:
    """One row of the paper's Table 1."""

    mixed: Published
    cell_blind: Published
    drug_blind: Published
    disjoint: Published


@dataclass(frozen=True)
class Baseline:
    """A baseline: `make()` imports what it needs and returns an unfitted predictor."""

    name: str
    make: Callable[[], Predictor]
    citation: str
    paper: PaperRow | None = None


def _global_mean() -> Predictor:
    from drugripple.baselines.naive import GlobalMean

    return GlobalMean()


def _group_mean(*levels: str) -> Callable[[], Predictor]:
    def make() -> Predictor:
        from drugripple.baselines.naive import GroupMean

        return GroupMean(*levels)

    return make


def _additive() -> Predictor:
    from drugripple.baselines.naive import Additive

    return Additive()


def _nearest_drug() -> Predictor:
    from drugripple.baselines.naive import NearestDrug

    return NearestDrug()


NAIVE = "naive predictors as in DrEval, Nat Commun 2026 17:4238"

BASELINES: dict[str, Baseline] = {
    record.name: record
    for record in (
        Baseline("global_mean", _global_mean, NAIVE),
        Baseline("drug_mean", _group_mean("drug"), NAIVE),
        Baseline("line_mean", _group_mean("line"), NAIVE),
        Baseline("tissue_mean", _group_mean("tissue"), NAIVE),
        Baseline("tissue_drug_mean", _group_mean("tissue x drug", "drug", "tissue"), NAIVE),
        Baseline("additive", _additive, NAIVE),
        Baseline("nearest_drug", _nearest_drug, NAIVE),
    )
}
