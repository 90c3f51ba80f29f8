"""What becomes of a model whose training rows hold bounds: GDSC2 with every value above its tested range as a bound.

    python -m runs.bounds --data ../shared/data

Writes results/bounds.csv. The multi-trait GP learns from the published values, from the highest tested concentration in
place of what lies above it (`bounds = "as_measured"`), and without these rows (`bounds = "leave_out"`). Test rows are
the published values, the same for all: RMSE over all of them and within the tested range, PCC within a drug.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.evaluation.splits import Fold
from drugripple.predictors.multi_trait_gp import MultiTraitGP
from drugripple.recipes.folds import divide, measured_rows
from drugripple.sources.public.tested_range import read_tested_um
from drugripple.sources.study_settings import StudySettings
from runs.default_model import within

FOLDS = 3
RESULT = Path("results") / "bounds.csv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    tested = read_tested_um(options.data, "GDSC2", rows.table.compounds)
    highest = np.log([tested.get(parent, np.inf) for parent in rows.table.compounds.smiles])[rows.table.compound_row]
    found = [
        {"scheme": scheme.value, "training": way} | scores(rows.table, highest, fold, way)
        for scheme in (Scheme.MIXED, Scheme.CELL_BLIND)
        for fold in divide(rows, SplitSettings(folds=10, seed=0), [scheme])[scheme][:FOLDS]
        for way in ("published", "as_measured", "leave_out")
    ]
    means = pd.DataFrame(found).groupby(["scheme", "training"], sort=False).mean().assign(folds=FOLDS).reset_index()
    means.to_csv(RESULT, index=False, float_format="%.6g")
    print(means.to_string())


def scores(table: ResponseTable, highest: np.ndarray, fold: Fold, way: str) -> dict[str, float]:
    """What the model says of the test rows, after training on bounds."""
    parts = []
    for rows in (fold.train, fold.valid):
        beyond = table.values[rows] > highest[rows]
        if way == "leave_out":
            parts.append(table.take(rows[~beyond]))
            continue
        part = table.take(rows)
        values = np.minimum(part.values, highest[rows]) if way == "as_measured" else part.values
        parts.append(ResponseTable.of(part.expression, part.compounds, part.sample_row, part.compound_row, values))
    model = MultiTraitGP(name="multi_trait_gp")
    model.fit(*parts, seed=0)
    test, inside = table.take(fold.test), table.values[fold.test] <= highest[fold.test]
    answer = model.predict(test.pairs)
    print(fold.scheme, way, rmse(test.values, answer), flush=True)
    told = pd.DataFrame({"compound": test.compound_row, "y": test.values, "yhat": answer}).astype(float)
    return {
        "beyond": float(np.mean(~inside)),
        "rmse": rmse(test.values, answer), "per_drug_pcc": within(told),
        "rmse_inside": rmse(test.values[inside], answer[inside]), "per_drug_pcc_inside": within(told[inside]),
    }  # fmt: skip


if __name__ == "__main__":
    main()
