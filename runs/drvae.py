"""Dr.VAE beside others, on the rows of the compounds that it has L1000 profiles of: Table 1's folds, cut to these.

    OMP_NUM_THREADS=1 python -m runs.drvae --data ../shared/data --out out/drvae --folds 3

Every model learns from these rows alone. Compounds that lack profiles, or that a fold hides, have no network, so there
is no drug-blind and no disjoint row. Rows go to results/results.csv (experiment `drvae`); what is finished stays.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from drugripple.config import make_run
from drugripple.evaluation.cross_validation import train_on_folds
from drugripple.evaluation.jobs import JobBoard, jobs_of
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import score_predictions
from drugripple.evaluation.splits import Fold
from drugripple.predictors.catalogue import makers
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.digest import folder_digest
from drugripple.sources.public.l1000.small_set import read_profiles
from runs import METRICS
from tools.ledger import ResultRow, append_results

MODELS = ("mean_effects", "ridge", "svm", "multi_trait_gp", "drvae", "drvae_released")
SCHEMES = (Scheme.MIXED, Scheme.CELL_BLIND)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=3, help="of the ten, from the first")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    settings = {"data": options.data, "out": options.out, "model": MODELS[0], "scheme": SCHEMES}
    made = prepare_folds(make_run(BenchmarkRun, settings, "the command line"))
    table = made.table
    profiles = read_profiles(options.data, redistributable_only=False).table
    profiled = {molecule.key for molecule in profiles.compounds.molecules}
    known = np.array([molecule.key in profiled for molecule in table.compounds.molecules])[table.compound_row]
    folds = cut(made.folds, known)
    models, only = makers(*MODELS, data=options.data), range(options.folds)
    outcome = train_on_folds(table, folds, models, options.out, only=only, workers=options.workers)
    if outcome.failed:
        raise SystemExit("\n".join(f"{one.job.model}, fold {one.job.fold}: {one.reason}" for one in outcome.failed))
    found = score_predictions(JobBoard.look(options.out, folds, jobs_of(models, folds, only=only)), table)
    digest, command = folder_digest(options.data / "gdsc"), f"python -m runs.drvae --folds {options.folds}"
    names = {kept: name for name, kept in METRICS.items()}
    rows = [
        ResultRow("drvae", str(model), "", str(scheme), len(part), 0, names[str(metric)],
                  part["value"].mean(), part["value"].std(), int(part["n"].sum()), digest, command)
        for (model, scheme, metric), part in found.groupby(["model", "scheme", "metric"], sort=False)
        if metric in names
    ]  # fmt: skip
    append_results(Path("results/results.csv"), rows)
    some = found[found["metric"].isin(names)]
    print(some.pivot_table(index="model", columns=["scheme", "metric"], values="value").round(3).to_string())


def cut(folds: Mapping[Scheme, tuple[Fold, ...]], kept: Bool[np.ndarray, " r"]) -> dict[Scheme, tuple[Fold, ...]]:
    """The same folds, of some rows of the table."""

    def of(fold: Fold) -> Fold:
        train, valid, test = (rows[kept[rows]] for rows in (fold.train, fold.valid, fold.test))
        return replace(fold, train=train, valid=valid, test=test)

    return {scheme: tuple(map(of, several)) for scheme, several in folds.items()}


if __name__ == "__main__":
    main()
