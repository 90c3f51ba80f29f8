"""What repeat measurements on both sides are worth: mixed GDSC2 folds, repeats kept apart against repeats let fall.

python runs/replicate_leak.py
"""

import argparse
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.baselines.catalogue import BASELINES
from drugripple.evaluation.compound_twins import molecule_numbers
from drugripple.evaluation.crossval import Job, crossval, read_predictions
from drugripple.evaluation.metrics import pcc, rmse
from drugripple.evaluation.splits import Replicates, Scheme, make_folds
from drugripple.sources.tidy import read_gdsc


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DRUGRIPPLE_DATA", "../shared/data")))
    parser.add_argument("--work", type=Path, default=Path("out/replicate_leak"))
    parser.add_argument("--out", type=Path, default=Path("results/table1/replicate_leak.csv"))
    parser.add_argument("--models", default="additive,svm,product_kernel_gp")
    parser.add_argument("--folds", default="0,1,2,3,4")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    table = read_gdsc(options.data, "GDSC2").table
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    _, which, count = np.unique(table.sample_row * 1000 + molecules, return_inverse=True, return_counts=True)
    repeated = count[which] > 1
    rows = []
    for policy in (Replicates.GROUP, Replicates.KEEP):
        folds = {Scheme.MIXED: make_folds(table.sample_row, molecules, Scheme.MIXED, seed=0, replicates=policy)}
        names = options.models.split(",")
        numbers = [int(number) for number in options.folds.split(",")]
        crossval(
            table, folds, {name: BASELINES[name].make for name in names}, options.work / policy.value, only=numbers
        )
        for name in names:
            for number in numbers:
                path = options.work / policy.value
                found = read_predictions(path, Job(name, Scheme.MIXED, number))
                for part, chosen in (("all rows", slice(None)), ("repeated pairs", repeated[found.row_id])):
                    y, yhat = found.y[chosen], found.yhat[chosen]
                    rows.append((policy.value, name, part, number, len(y), rmse(y, yhat), pcc(y, yhat)))
    frame = pd.DataFrame(rows, columns=["replicates", "model", "part", "fold", "rows", "rmse", "pcc"])
    summary = frame.groupby(["part", "model", "replicates"], sort=False).agg(
        folds=("fold", "size"),
        rows=("rows", "sum"),
        rmse=("rmse", "mean"),
        rmse_sd=("rmse", "std"),
        pcc=("pcc", "mean"),
        pcc_sd=("pcc", "std"),
    )
    options.out.parent.mkdir(parents=True, exist_ok=True)
    summary.round(4).to_csv(options.out)
    print(summary.round(3).to_string())


if __name__ == "__main__":
    main()
