"""What does each other model add to the default one? Validation rows choose how much it counts, test rows judge.

    python -m runs.default_members --data ../shared/data --schemes mixed --folds 0

Folds of GDSC2 with split seed 7, which no published score uses. No model has learnt from the validation rows. Beside
each model alone the weight of its mean with the default is the one that lowers the squared error of the validation
rows most, between 0 and 1; all of them together have weights that are not negative and sum to 1. Rows of schemes and
folds that were run join those in results/default_model/members.csv. Two to three minutes of processor time a fold.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.optimize import nnls

from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.autoencoder import ResponseAutoencoder
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.multi_trait_gp import MultiTraitGP
from drugripple.recipes.folds import divide, measured_rows
from drugripple.runtime.atomic import write_csv
from drugripple.sources.study_settings import StudySettings

BASE, MEMBERS, ALL = "default", ("product_kernel_gp", "lightgbm", "svm", "autoencoder"), "all"
SUM_WEIGHT = 1e4
"""Weight of the equation that the weights' sum is 1."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--results", type=Path, default=Path("results/default_model/members.csv"))
    parser.add_argument(
        "--schemes", nargs="+", choices=[one.value for one in Scheme], default=[one.value for one in Scheme]
    )
    parser.add_argument("--folds", nargs="+", type=int, default=(0, 1, 2))
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    folds = divide(rows, SplitSettings(folds=10, seed=7), list(Scheme))
    for scheme in map(Scheme, options.schemes):
        for number in options.folds:
            fold = folds[scheme][number]
            train, valid, test = (rows.table.take(part) for part in (fold.train, fold.valid, fold.test))
            told = {name: _answers(name, options.data, train, valid, test) for name in (BASE, *MEMBERS)}
            found = pd.DataFrame(
                [_row(name, (BASE, name), told, valid, test) for name in MEMBERS]
                + [_row(ALL, (BASE, *MEMBERS), told, valid, test)]
            )
            found.insert(0, "fold", number)
            found.insert(0, "scheme", scheme.value)
            _join(options.results, found)
            print(found.round(4).to_string(), flush=True)


def _answers(
    name: str, data: Path, train: ResponseTable, valid: ResponseTable, test: ResponseTable
) -> tuple[Float[np.ndarray, " v"], Float[np.ndarray, " t"]]:
    """Of the validation and of the test rows, by a model that learnt from neither."""
    model: Predictor = BASELINES[name].maker(data)()
    if isinstance(model, MultiTraitGP | ResponseAutoencoder):
        model.settings = model.settings.model_copy(update={"refit": False})
    model.fit(train, valid, seed=0)
    return model.predict(valid.pairs), model.predict(test.pairs)


def _row(
    member: str,
    models: tuple[str, ...],
    told: dict[str, tuple[np.ndarray, np.ndarray]],
    valid: ResponseTable,
    test: ResponseTable,
) -> dict[str, object]:
    """Errors of the default model alone, and of its weighted mean with others."""
    on_valid, on_test = (np.stack([told[name][part] for name in models], axis=1) for part in (0, 1))
    equations = np.vstack([on_valid, np.full(len(models), SUM_WEIGHT)])
    weights, _ = nnls(equations, np.append(valid.values.astype(np.float64), SUM_WEIGHT))
    return {
        "member": member,
        "alone": rmse(test.values, told[member][1]) if member in told else float("nan"),
        "weight": float(weights[1:].sum()),
        "valid_default": rmse(valid.values, on_valid[:, 0]),
        "valid_mean": rmse(valid.values, on_valid @ weights),
        "test_default": rmse(test.values, on_test[:, 0]),
        "test_mean": rmse(test.values, on_test @ weights),
    }


def _join(results: Path, found: pd.DataFrame) -> None:
    """Put the rows of one fold of one scheme among those in a file, in the order of schemes and folds."""
    if results.exists():
        before = pd.read_csv(results)
        same = (before["scheme"] == found["scheme"].iloc[0]) & (before["fold"] == found["fold"].iloc[0])
        found = pd.concat([before[~same], found])
    order = {one.value: place for place, one in enumerate(Scheme)}
    place = found["scheme"].map(order) * 1000 + found["fold"]
    results.parent.mkdir(parents=True, exist_ok=True)
    write_csv(results, found.assign(place=place).sort_values("place", kind="stable").drop(columns="place").round(4))


if __name__ == "__main__":
    main()
