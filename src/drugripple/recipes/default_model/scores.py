"""What the model is worth on pairs that it had not seen, one row per kind of pair."""

import numpy as np
import pandas as pd

from drugripple.data.pair_kind import KINDS, LEVEL
from drugripple.data.response import ResponseTable
from drugripple.evaluation.conformal import calibrated_elsewhere, score_intervals
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.metrics import pcc, pcc_by_group, rmse
from drugripple.predictors.calibrated import OutOfFold


def score_kinds(table: ResponseTable, unseen: OutOfFold, *, level: float = LEVEL) -> pd.DataFrame:
    """RMSE, correlations, and coverage of intervals that were calibrated without the fold they are scored on.

    Columns kind, pairs, rmse, pcc, per_drug_pcc, coverage, width, informative: the last is the Spearman correlation
    of an interval's width with the absolute error.
    """
    y, compound = table.values[unseen.row], table.compound_row[unseen.row]
    error = y - unseen.mean
    half_width = np.zeros(len(error))
    predicted = unseen.predicted(molecule_numbers(table.compounds)[table.compound_row])
    for own, intervals in calibrated_elsewhere(error, predicted, unseen.fold):
        half_width[own] = intervals.half_width(predicted.take(own), level)
    rows = []
    for number, kind in enumerate(KINDS):
        here = np.flatnonzero(unseen.kind == number)
        if not here.size:
            continue
        found = score_intervals(error[here], half_width[here])
        _, within = pcc_by_group(y[here], unseen.mean[here], compound[here])
        rows.append(
            {
                "kind": kind.value,
                "pairs": found.pairs,
                "rmse": rmse(y[here], unseen.mean[here]),
                "pcc": pcc(y[here], unseen.mean[here]),
                "per_drug_pcc": float(np.nanmean(within)) if np.isfinite(within).any() else float("nan"),
                "coverage": found.coverage,
                "width": found.width,
                "informative": found.informative,
            }
        )
    return pd.DataFrame(rows)
