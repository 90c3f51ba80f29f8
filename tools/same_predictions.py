r"""Whether two versions of the source predict the same: every model on one fold a scheme, on the same rows.

    python -m tools.same_predictions BEFORE/src AFTER/src --data ../shared/data --out out/same_predictions

Each version runs in a process of its own and keeps what it predicted, so a second call only adds what is missing;
delete `OUT/after` (or `OUT/before`) to run a version again. Compared are the predictions of the folds' test rows:

* `kept`: trained and tested without the compounds whose identity changed between the versions (`--without`). Here the
  two must agree.
* `all`: the whole table. Here the scores show what the change of identity does.

Networks see one epoch of 20,000 rows, and ensembles of trees are small: what differs shows as well, and sooner.
"""

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import numpy as np
import pandas as pd

CHANGED = ("Obatoclax Mesylate", "EHT-1864", "GSK2110183B", "Afuresertib", "Sepantronium bromide")
"""Compounds of GDSC2 that are salts or share a parent with another."""
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
FORMER = {"mean_effects": "additive"}
"""Names that models had before."""
FOLDS = 10


class Wanted(NamedTuple):
    """What one version is asked to predict."""

    data: Path
    dataset: str
    folder: Path
    schemes: tuple[str, ...]
    fold: int
    models: tuple[str, ...]
    without: tuple[str, ...]
    rows: tuple[str, ...]


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
    parser.add_argument("--without", nargs="*", default=list(CHANGED), help="names of compounds that `kept` leaves out")
    parser.add_argument("--rows", nargs="+", choices=["kept", "all"], default=["kept", "all"])
    parser.add_argument("--compare-only", action="store_true")
    options = parser.parse_args(arguments)
    for version in ("before", "after"):
        wanted = Wanted(
            options.data.resolve(), options.dataset, (options.out / version).resolve(), tuple(options.schemes),
            options.fold, tuple(options.models), tuple(options.without), tuple(options.rows),
        )  # fmt: skip
        if not options.compare_only:
            run_version(getattr(options, version).resolve(), wanted)
    table = compare(options.out, options.schemes, options.models)
    table.to_csv(options.out / "comparison.csv", index=False, float_format="%.6g")
    print(table.to_string(index=False))


def run_version(source: Path, wanted: Wanted) -> None:
    """Predict with one version in a process of its own.

    Raises:
        CalledProcessError: if it fails.
    """
    wanted.folder.mkdir(parents=True, exist_ok=True)
    request = json.dumps(
        {key: str(value) if isinstance(value, Path) else value for key, value in wanted._asdict().items()}
    )
    environment = os.environ | {"PYTHONPATH": str(source), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, __file__, "--as-version", request], env=environment, check=True)


def compare(out: Path, schemes: Sequence[str], models: Sequence[str]) -> pd.DataFrame:
    """Columns scheme, rows, model, folds_same, difference (the largest), rmse and pcc per compound of each version."""
    found = []
    for scheme in schemes:
        for rows in ("kept", "all"):
            for model in models:
                paths = [out / version / scheme / rows / f"{model}.npz" for version in ("before", "after")]
                if not all(path.exists() for path in paths):
                    continue
                before, after = (dict(np.load(path)) for path in paths)
                row: dict[str, object] = {"scheme": scheme, "rows": rows, "model": model, "n": before["y"].size}
                row["folds_same"] = bool(np.array_equal(before["row_id"], after["row_id"])) and str(
                    before["fold_digest"]
                ) == str(after["fold_digest"])
                row["difference"] = float(np.abs(before["yhat"] - after["yhat"]).max())
                for version, one in (("before", before), ("after", after)):
                    row[f"rmse_{version}"] = float(np.sqrt(((one["yhat"] - one["y"]) ** 2).mean()))
                    row[f"per_drug_pcc_{version}"] = _pcc_per_compound(one)
                found.append(row)
    return pd.DataFrame(found)


def _pcc_per_compound(one: dict[str, np.ndarray]) -> float:
    """Mean correlation within a compound; 0 for one whose predictions are all equal."""
    values = []
    for compound in np.unique(one["compound"]):
        y, yhat = (one[name][one["compound"] == compound] for name in ("y", "yhat"))
        flat = y.size < 3 or np.ptp(yhat) < 1e-9
        values.append(0.0 if flat else float(np.corrcoef(y, yhat)[0, 1]))
    return float(np.mean(values))


def predict_as_this_version(wanted: Wanted) -> None:
    """Train and predict with the version that this process imports, model by model."""
    read = _module("drugripple.sources.public.tidy", "drugripple.sources.tidy").read_gdsc(wanted.data, wanted.dataset)
    table = getattr(read, "table", read)
    values = table.values if hasattr(table, "values") else table.ln_ic50
    splits = _module("drugripple.evaluation.splits")
    twins = _module("drugripple.evaluation.leaks.compound_twins", "drugripple.evaluation.compound_twins")
    digest = _module("drugripple.evaluation.split_file", "drugripple.evaluation.splitfile").split_digest
    molecules = twins.molecule_numbers(table.compounds)[table.compound_row]
    changed = {row for row, name in enumerate(table.compounds.names) if name in wanted.without}
    stays = ~np.isin(table.compound_row, list(changed))
    for name in wanted.schemes:
        scheme = splits.Scheme(name)
        folds = splits.make_folds(table.sample_row, molecules, scheme, folds=FOLDS)
        fold = folds[wanted.fold]
        for label in wanted.rows:
            train, valid, test = (
                rows if label == "all" else rows[stays[rows]] for rows in (fold.train, fold.valid, fold.test)
            )
            for model in wanted.models:
                path = wanted.folder / name / label / f"{model}.npz"
                if path.exists():
                    continue
                predictor = _make(model, wanted)
                step = max(1, len(train) // NETWORK_ROWS) if model in NETWORKS else 1
                predictor.fit(table.take(train[::step]), table.take(valid), seed=0)
                asked = table.take(test)
                yhat = predictor.predict(asked.pairs if hasattr(asked, "pairs") else asked)
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.with_suffix(".part").open("wb") as file:
                    np.savez(
                        file, row_id=test, compound=table.compound_row[test], y=values[test],
                        yhat=np.asarray(yhat, dtype=np.float64), fold_digest=digest({scheme: folds}),
                    )  # fmt: skip
                path.with_suffix(".part").replace(path)
                print(f"{name}, {label}: {model}", flush=True)


def _make(model: str, wanted: Wanted):  # type: ignore[no-untyped-def]
    """An unfitted predictor of whichever version this is."""
    if model in NETWORKS:
        owner = _module(
            "drugripple.predictors.csg2a_settings", "drugripple.predictors.csg2a", "drugripple.recipes.network"
        )
        settings = owner.NetworkSettings.model_validate(NETWORKS[model] | {"training": TRAINING})
        here = _module("drugripple.predictors.csg2a", "drugripple.recipes.network_predictor")
        if hasattr(here, "network_predictor"):
            return here.network_predictor(settings, wanted.data)
        if not hasattr(here, "NetworkPredictor"):
            here = _module("drugripple.predictors.csg2a_predictor")
        return here.NetworkPredictor(settings, wanted.data)
    catalogue = _module("drugripple.predictors.catalogue", "drugripple.baselines.catalogue")
    records = catalogue.CATALOGUE if hasattr(catalogue, "CATALOGUE") else catalogue.BASELINES
    made = records[model if model in records else FORMER[model]].make()
    for setting, value in LIGHTER.get(model, {}).items():
        setattr(made, setting, value)
    return made


def _module(*names: str) -> ModuleType:
    """The first of these modules that this version has."""
    for name in names:
        parent = name.rpartition(".")[0]
        try:
            if importlib.util.find_spec(parent) and importlib.util.find_spec(name):
                return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    message = f"this version has none of {', '.join(names)}; teach tools/same_predictions.py its layout"
    raise ModuleNotFoundError(message)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--as-version"]:
        sys.path = [entry for entry in sys.path if Path(entry or ".").resolve() != Path(__file__).resolve().parent]
        asked = json.loads(sys.argv[2])
        tuples = {key: tuple(asked[key]) for key in ("schemes", "models", "without", "rows")}
        paths = {key: Path(asked[key]) for key in ("data", "folder")}
        predict_as_this_version(Wanted(**(asked | tuples | paths)))
    else:
        main()
