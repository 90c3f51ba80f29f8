"""What repeat measurements on both sides are worth: mixed GDSC2 folds, repeats kept together against falling apart.

    OMP_NUM_THREADS=1 python -m runs.replicate_leak --data ../shared/data --out out/replicate_leak --workers 2

Nine compounds of GDSC2 were screened under two ids. The two policies test different rows, so that the difference of
`mixed` carries the folds' own; `mixed_repeats` is what to look at. Rows go to results/results.csv (experiment
`replicate_leak`; preset `group` or `keep`; scheme `mixed`, and `mixed_repeats` for test rows whose pair was measured
again), folds to results/table1/replicate_leak.csv. What is finished is not redone; the network runs on
`--network-folds` alone.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import make_run
from drugripple.evaluation.jobs import Job, read_predictions
from drugripple.evaluation.metrics import pcc, rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.run import board_of, failures, train_waiting
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.digest import folder_digest
from runs import FAST
from tools.ledger import ResultRow, append_results

MODELS = ("mean_effects", "svm", "product_kernel_gp")
NETWORK = {
    "variant": "residual", "target": "residual", "response": {"dropout_of": "entity"},
    "training": FAST | {"patience": 4},
}  # fmt: skip
POLICIES = ("group", "keep")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5, help="of the ten, from the first")
    parser.add_argument("--network-folds", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    found = pd.concat([measure(policy, options) for policy in POLICIES])
    found.to_csv("results/table1/replicate_leak.csv", index=False, float_format="%.5f")
    digest = folder_digest(options.data / "gdsc")
    command = f"python -m runs.replicate_leak --folds {options.folds} --network-folds {options.network_folds}"
    groups = found.groupby(["scheme", "model", "replicates"], sort=False)
    rows = [
        ResultRow("replicate_leak", model.removesuffix("-residual"), policy, scheme, len(part), 0, metric,
                  part[metric].mean(), part[metric].std(), int(part["rows"].sum()), digest, command)
        for (scheme, model, policy), part in groups
        for metric in ("rmse", "pcc")
    ]  # fmt: skip
    append_results(Path("results/results.csv"), rows)
    print(groups[["rmse", "pcc"]].mean().unstack().round(4).to_string())


def measure(policy: str, options: argparse.Namespace) -> pd.DataFrame:
    """Scores of every model on every fold under one policy; all rows, and rows whose pair was measured again."""
    settings = {
        "data": options.data, "out": options.out / policy, "model": MODELS, "network": [NETWORK],
        "scheme": "mixed", "split": {"replicates": policy}, "workers": options.workers,
    }  # fmt: skip
    run = make_run(BenchmarkRun, settings, policy)
    made = prepare_folds(run)
    board = board_of(run, made)
    folds = dict.fromkeys(MODELS, options.folds)
    if options.network_folds:
        folds[run.network[0].label] = options.network_folds
    for name, several in folds.items():
        outcome = train_waiting(run.narrowed(models=[name], folds=range(several)), made.table, board)
        if outcome.failed:
            raise SystemExit("\n".join(failures(outcome)))
    _, which, count = np.unique(made.table.pairs.number, return_inverse=True, return_counts=True)
    repeated = count[which] > 1
    rows = []
    for name, several in folds.items():
        for number in range(several):
            found = read_predictions(run.out, Job(name, Scheme.MIXED, number))
            for scheme, chosen in (("mixed", slice(None)), ("mixed_repeats", repeated[found.row_id])):
                y, yhat = found.y[chosen], found.yhat[chosen]
                rows.append(
                    {"scheme": scheme, "model": name, "replicates": policy, "fold": number, "rows": len(y),
                     "rmse": rmse(y, yhat), "pcc": pcc(y, yhat)}
                )  # fmt: skip
    return pd.DataFrame(rows)


if __name__ == "__main__":
    main()
