"""Would an ensemble predict better than the default model alone? Validation rows choose the weights, test rows judge.

    python -m runs.default_members --data ../shared/data

Folds 0 and 1 of GDSC2 with split seed 7, which no published score uses. Weights are not negative, sum to 1 and
lower the squared error of the validation rows most. Writes results/default_model/members.csv. Two cores: half an hour.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.catalogue import BASELINES
from drugripple.recipes.folds import divide, measured_rows
from drugripple.sources.study_settings import StudySettings

MEMBERS = ("default", "product_kernel_gp", "svm", "lightgbm")
FOLDS = (0, 1)
SUM_WEIGHT = 1e4
"""Weight of the equation that the weights' sum is 1."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--results", type=Path, default=Path("results/default_model/members.csv"))
    parser.add_argument("--members", nargs="+", choices=MEMBERS, default=MEMBERS, help="`default` first")
    parser.add_argument(
        "--schemes", nargs="+", choices=[one.value for one in Scheme], default=[one.value for one in Scheme]
    )
    parser.add_argument("--folds", nargs="+", type=int, default=FOLDS)
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    folds = divide(rows, SplitSettings(folds=10, seed=7), list(Scheme))
    found = []
    for scheme in map(Scheme, options.schemes):
        for number in options.folds:
            train, valid, test = (
                rows.table.take(part)
                for part in (folds[scheme][number].train, folds[scheme][number].valid, folds[scheme][number].test)
            )
            judged, chosen = [], []
            for name in options.members:
                model = BASELINES[name].maker(options.data)()
                if name == "default":  # what chooses weights must not have learnt from the rows that choose
                    model.settings = model.settings.model_copy(update={"refit": False})
                model.fit(train, valid, seed=0)
                chosen.append(model.predict(valid.pairs))
                judged.append(model.predict(test.pairs))
            equations = np.vstack([np.stack(chosen, axis=1), np.full(len(options.members), SUM_WEIGHT)])
            weights, _ = nnls(equations, np.append(valid.values.astype(np.float64), SUM_WEIGHT))
            row = {"scheme": scheme.value, "fold": number, "alone": rmse(test.values, judged[0])}
            row |= {"together": rmse(test.values, np.stack(judged, axis=1) @ weights)}
            found.append(row | {f"weight_{name}": w for name, w in zip(options.members, weights, strict=True)})
            print(pd.DataFrame(found).round(4).to_string(), flush=True)
            options.results.parent.mkdir(parents=True, exist_ok=True)
            pd.DataFrame(found).round(4).to_csv(options.results, index=False)


if __name__ == "__main__":
    main()
