r"""Whether two versions of the source predict the same: every model on one fold a scheme.

    python -m tools.same_predictions BEFORE/src AFTER/src --data ../shared/data --out out/same_predictions

Each version runs in a process of its own and keeps what it predicted of the fold's test rows, so a second call only
adds what is missing; delete `OUT/after` (or `OUT/before`) to run a version again. Both must have the modules that are
imported here. Networks see one epoch of 20,000 rows, and ensembles of trees are small: what differs shows as well, and
sooner.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from drugripple.data.predictor import Predictor

MODELS = (
    "global_mean", "drug_mean", "line_mean", "tissue_mean", "tissue_drug_mean", "mean_effects", "nearest_drug",
    "product_kernel_gp", "svm", "ridge", "lightgbm", "rf",
)  # fmt: skip
NETWORKS: dict[str, dict[str, object]] = {
    "csg2a shipped, residual": {"backbone": "shipped", "target": "residual"},
    "csg2a random": {"backbone": "random"},
}
TRAINING = {"learning_rate": 1e-3, "batch": 1024, "max_epochs": 1, "patience": 1, "cosine_epochs": 1}
NETWORK_ROWS = 20_000
LIGHTER = {"rf": {"trees": 10}, "lightgbm": {"trees": 100}}
"""Settings of models that would take long."""
FOLDS = 10


class Wanted(NamedTuple):
    """What one version is asked to predict; plain values, for another process."""

    data: str
    dataset: str
    folder: str
    schemes: Sequence[str]
    fold: int
    models: Sequence[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run both versions where predictions are missing, then compare."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.same_predictions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("before", type=Path, help="the `src` folder of one version")
    parser.add_argument("after", type=Path, help="the `src` folder of the other")
    parser.add_argument("--data", type=Path, required=True, help="the tidy folder")
    parser.add_argument("--dataset", default="GDSC2")
    parser.add_argument("--out", type=Path, required=True, help="where predictions are kept")
    parser.add_argument("--schemes", nargs="+", default=["cell_blind", "mixed"])
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--models", nargs="+", default=[*MODELS, *NETWORKS])
    options = parser.parse_args(arguments)
    for version in ("before", "after"):
        folder = (options.out / version).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        wanted = Wanted(
            str(options.data.resolve()), options.dataset, str(folder), options.schemes, options.fold, options.models
        )
        environment = os.environ | {"PYTHONPATH": str(getattr(options, version).resolve()), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, __file__, "--as-version", json.dumps(wanted._asdict())]
        subprocess.run(command, env=environment, check=True)
    table = compare(options.out, options.schemes, options.models)
    table.to_csv(options.out / "comparison.csv", index=False, float_format="%.6g")
    print(table.to_string(index=False))


def compare(out: Path, schemes: Sequence[str], models: Sequence[str]) -> pd.DataFrame:
    """Columns scheme, model, n, folds_same, difference (the largest), and the RMSE of each version."""
    found = []
    for scheme in schemes:
        for model in models:
            before, after = (dict(np.load(out / version / scheme / f"{model}.npz")) for version in ("before", "after"))
            folds_same = all(np.array_equal(before[name], after[name]) for name in ("row_id", "fold_digest"))
            row = {"scheme": scheme, "model": model, "n": before["y"].size, "folds_same": folds_same}
            row["difference"] = float(np.abs(before["yhat"] - after["yhat"]).max())
            for version, one in (("before", before), ("after", after)):
                row[f"rmse_{version}"] = float(np.sqrt(((one["yhat"] - one["y"]) ** 2).mean()))
            found.append(row)
    return pd.DataFrame(found)


def predict_as_this_version(wanted: Wanted) -> None:
    """Train and predict with the version that this process imports, model by model."""
    from drugripple.evaluation.leaks.compound_twins import molecule_numbers
    from drugripple.evaluation.schemes import Scheme
    from drugripple.evaluation.split_file import split_digest
    from drugripple.evaluation.splits import make_folds
    from drugripple.sources.public.tidy import read_gdsc

    table = read_gdsc(Path(wanted.data), wanted.dataset).table
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    for name in wanted.schemes:
        scheme, folder = Scheme(name), Path(wanted.folder, name)
        folder.mkdir(exist_ok=True)
        folds = make_folds(table.sample_row, molecules, scheme, folds=FOLDS)
        fold = folds[wanted.fold]
        for model in wanted.models:
            path = folder / f"{model}.npz"
            if path.exists():
                continue
            predictor = _make(model, Path(wanted.data))
            step = max(1, len(fold.train) // NETWORK_ROWS) if model in NETWORKS else 1
            predictor.fit(table.take(fold.train[::step]), table.take(fold.valid), seed=0)
            found = {"yhat": predictor.predict(table.take(fold.test).pairs), "y": table.values[fold.test]}
            with path.with_suffix(".part").open("wb") as file:
                np.savez(file, row_id=fold.test, fold_digest=split_digest({scheme: folds}), **found)
            path.with_suffix(".part").replace(path)
            print(f"{name}: {model}", flush=True)


def _make(model: str, data: Path) -> "Predictor":
    from drugripple.predictors.catalogue import BASELINES
    from drugripple.predictors.csg2a import network_predictor
    from drugripple.predictors.csg2a_settings import NetworkSettings

    if model in NETWORKS:
        return network_predictor(NetworkSettings.model_validate(NETWORKS[model] | {"training": TRAINING}), data)
    made = BASELINES[model].make()
    for setting, value in LIGHTER.get(model, {}).items():
        setattr(made, setting, value)
    return made


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-version"]:
        sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
        predict_as_this_version(Wanted(**json.loads(sys.argv[2])))
    else:
        main()
