"""Predictors of treated profiles that stage 1 has to beat; profiles are read block by block."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from jaxtyping import Float, Int

from drugripple.chem.fingerprint import morgan
from drugripple.data.tables import PerturbationTable
from drugripple.runtime.mapped import read_rows

RIDGE = 300.0
BLOCK = 2048
"""Profiles read at once."""

Rows = Int[np.ndarray, " k"]
PredictProfiles = Callable[[Rows], np.ndarray]
"""Row numbers to profiles, one row each."""


def no_change(table: PerturbationTable, train: Rows) -> PredictProfiles:
    """The untreated profile."""
    del train
    return lambda rows: read_rows(table.basal.values, table.basal_row[rows])


def training_mean(table: PerturbationTable, train: Rows) -> PredictProfiles:
    """The untreated profile plus the mean change of the training profiles."""
    total = np.zeros(table.treated.shape[1])
    for rows in _blocks(train):
        total += _change(table, rows).sum(axis=0, dtype=np.float64)
    mean, untreated = (total / len(train)).astype(np.float32), no_change(table, train)
    return lambda rows: untreated(rows) + mean


def ridge_on_fingerprints(table: PerturbationTable, train: Rows) -> PredictProfiles:
    """The untreated profile plus a change that is linear in Morgan bits, ln dose and ln time (ridge).

    Bits belong to compounds, so that sums over each compound's profiles stand for the profiles: memory grows with the
    number of compounds, not of profiles.
    """
    bits = morgan(table.compounds.molecules)
    conditions = np.log(np.column_stack([table.dose_um, table.hours]))
    width, compounds = bits.shape[1], len(bits)
    by_compound = np.zeros((compounds, 3 + table.treated.shape[1]))  # Σ w [1, ln dose, ln hours, change]
    rest = np.zeros((3, by_compound.shape[1]))
    for rows in _blocks(train):
        seen = np.column_stack([np.ones(len(rows)), conditions[rows], _change(table, rows)])
        weighted = seen * table.weight[rows, None]
        members = sp.csr_array(
            (np.ones(len(rows)), (table.compound_row[rows], np.arange(len(rows)))), (compounds, len(rows))
        )
        by_compound += members @ weighted
        rest += seen[:, :3].T @ weighted
    gram, target = np.zeros((width + 3, width + 3)), np.zeros((width + 3, table.treated.shape[1]))
    for start in range(0, compounds, BLOCK):
        some, sums = bits[start : start + BLOCK].astype(np.float64), by_compound[start : start + BLOCK]
        gram[:width, :width] += some.T @ (some * sums[:, :1])
        gram[:width, width:] += some.T @ sums[:, :3]
        target[:width] += some.T @ sums[:, 3:]
    gram[width:, :width], gram[width:, width:], target[width:] = gram[:width, width:].T, rest[:, :3], rest[:, 3:]
    slope, intercept = _ridge(gram, target, ones=width)
    untreated = no_change(table, train)

    def predict(rows: Rows) -> np.ndarray:
        change = bits[table.compound_row[rows]].astype(np.float64) @ slope[:width] + conditions[rows] @ slope[width:]
        return untreated(rows) + (change + intercept).astype(np.float32)

    return predict


PROFILE_BASELINES: Mapping[str, Callable[[PerturbationTable, Rows], PredictProfiles]] = {
    "no_change": no_change,
    "training_mean": training_mean,
    "ridge_morgan": ridge_on_fingerprints,
}


def _ridge(
    gram: Float[np.ndarray, "f f"], target: Float[np.ndarray, "f g"], *, ones: int
) -> tuple[Float[np.ndarray, "e g"], Float[np.ndarray, " g"]]:
    """Slopes and intercept from weighted sums of products, the column of ones among them (e is f without it)."""
    total, rest = gram[ones, ones], np.delete(np.arange(len(gram)), ones)
    mean, mean_target = gram[ones, rest] / total, target[ones] / total
    inner = gram[np.ix_(rest, rest)] - total * np.outer(mean, mean)
    outer = target[rest] - total * np.outer(mean, mean_target)
    slope = scipy.linalg.solve(inner + RIDGE * np.eye(len(inner)), outer, assume_a="pos")
    return slope, mean_target - mean @ slope


def _blocks(rows: Rows) -> Iterator[Rows]:
    return (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))


def _change(table: PerturbationTable, rows: Rows) -> Float[np.ndarray, "k g"]:
    return read_rows(table.treated, rows) - read_rows(table.basal.values, table.basal_row[rows])
