"""Beside the default model's scores: exposure of its compounds, and whether a curve per compound would help.

    python -m runs.default_checks --data ../shared/data --out out/default_model

Writes to results/default_model:

    exposure.csv        error for compounds that are in LINCS, on which MiniMol was pretrained, and for the others
    recalibration.csv   error after a curve of the prediction was fitted to the other folds' errors, per compound

It reads the predictions that `runs/default_model.py` left in `out`, or makes them. A minute beyond them.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression

from drugripple.chem.identity import identity_groups, identity_marks
from drugripple.chem.molecule import Molecule
from drugripple.data.pair_kind import KINDS, PairKind
from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Replicates
from drugripple.predictors.calibrated import OutOfFold
from drugripple.recipes.folds import measured_rows
from drugripple.sources.study_settings import StudySettings
from runs.default_model import keep, predictions, within

LINCS = Path("molecules/lincs_compounds.parquet")
RIDGE = 30.0
"""Rows that count against every term of a cubic: an error is believed in so far as more rows than these show it."""
FEWEST = 30
"""Rows of a compound in the other folds below which its predictions stay as they are."""

NOTHING = Molecule("", "")
"""Of a compound that is looked up by its name and its InChIKey."""

Curve = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""From predictions and measurements of some rows, and predictions of others: what is to be said of the others."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    unseen = predictions(rows, options.data, options.out, options.workers)
    keep("exposure", exposure(rows.table, unseen, options.data))
    keep("recalibration", recalibration(rows.table, unseen))


def exposure(table: ResponseTable, unseen: OutOfFold, data: Path) -> pd.DataFrame:
    """Scores of new compounds in LINCS and outside it, by structure or by name."""
    known = pd.read_parquet(data / LINCS, columns=["compound", "inchikey"])
    in_lincs = listed(table, known)[table.compound_row[unseen.row]]
    y, found = table.values[unseen.row], []
    for kind in (PairKind.NEW_COMPOUND, PairKind.NEW_BOTH):
        for label, chosen in {"in LINCS": in_lincs, "not in LINCS": ~in_lincs}.items():
            here = np.flatnonzero((unseen.kind == KINDS.index(kind)) & chosen)
            compound = table.compound_row[unseen.row[here]]
            part = pd.DataFrame({"y": y[here], "yhat": unseen.mean[here], "compound": compound})
            means = part.groupby("compound")[["y", "yhat"]].mean()
            found.append(
                {"kind": kind.value, "compounds": label, "number": len(means), "rmse": rmse(y[here], unseen.mean[here])}
                | {"rmse_of_means": rmse(means["y"].to_numpy(), means["yhat"].to_numpy())}
                | {"sd_of_means": float(means["y"].std(ddof=0)), "per_drug_pcc": within(part)}
            )
    return pd.DataFrame(found)


def listed(table: ResponseTable, known: pd.DataFrame) -> np.ndarray:
    """Whether each compound of a table is on a list, by structure or by name."""
    theirs = [
        frozenset({str(key)[:14], *identity_marks(NOTHING, [str(name)])} - {NOTHING.parent, NOTHING.key})
        for name, key in zip(known["compound"], known["inchikey"], strict=True)
    ]
    ours = [
        identity_marks(molecule, [name])
        for molecule, name in zip(table.compounds.molecules, table.compounds.names, strict=True)
    ]
    group = identity_groups([*ours, *theirs])
    return np.isin(group[: len(ours)], group[len(ours) :])


def recalibration(table: ResponseTable, unseen: OutOfFold) -> pd.DataFrame:
    """RMSE of each kind, plain and after every curve, and in how many folds the curve lowers it."""
    y, found = table.values[unseen.row].astype(np.float64), []
    compound = table.compound_row[unseen.row]
    for number, kind in enumerate((PairKind.KNOWN, PairKind.NEW_SAMPLE)):
        here = np.flatnonzero(unseen.kind == number)
        for name, curve in {"cubic": cubic, "monotone": monotone}.items():
            bent = curved(y[here], unseen.mean[here], compound[here], unseen.fold[here], curve)
            by_fold = [
                (rmse(y[here][part], unseen.mean[here][part]), rmse(y[here][part], bent[part]))
                for part in (unseen.fold[here] == fold for fold in np.unique(unseen.fold[here]))
            ]
            plain, after = np.mean(by_fold, axis=0)
            wins = sum(later < before for before, later in by_fold)
            found.append({"kind": kind.value, "curve": name, "rmse": plain, "curved": after, "folds_better": wins})
    return pd.DataFrame(found)


def curved(y: np.ndarray, yhat: np.ndarray, compound: np.ndarray, fold: np.ndarray, curve: Curve) -> np.ndarray:
    """Each fold's predictions after a curve per compound that the other folds' predictions were fitted to."""
    found = yhat.copy()
    for one in np.unique(compound).tolist():
        own = np.flatnonzero(compound == one)
        for part in np.unique(fold[own]).tolist():
            other, here = own[fold[own] != part], own[fold[own] == part]
            if len(other) >= FEWEST:
                found[here] = curve(yhat[other], y[other], yhat[here])
    return found


def cubic(yhat: np.ndarray, y: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """The prediction plus a cubic of it, fitted to the errors with a ridge."""
    middle, spread = yhat.mean(), max(float(yhat.std()), 1e-6)
    powers, wanted = (np.vander((values - middle) / spread, 4) for values in (yhat, asked))
    return asked + wanted @ np.linalg.solve(powers.T @ powers + RIDGE * np.eye(4), powers.T @ (y - yhat))


def monotone(yhat: np.ndarray, y: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """What a rising step function of the prediction says."""
    return IsotonicRegression(out_of_bounds="clip").fit(yhat, y).predict(asked)


if __name__ == "__main__":
    main()
