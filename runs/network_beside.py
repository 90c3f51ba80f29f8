"""What does attention add to the default model? Predictions of a finished benchmark, averaged with the default's.

    python -m runs.network_beside out/table1

The network's answer is the mean over its seeds. Its weight beside the default model is chosen for each fold on the test
rows of the other folds, so that no fold chooses its own. Writes results/default_model/network_beside.csv: the RMSE of
the default model, of the network and of both, and the weight, by network, scheme and fold. Nothing is trained; seconds.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.evaluation.jobs import Job, read_predictions
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.runtime.atomic import write_csv

DEFAULT, NETWORKS = "default", ("csg2a_drugripple", "csg2a_best")
SEEDS, FOLDS = (0, 1, 2), 10
WEIGHTS = np.arange(0, 1.001, 0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the `out` of the benchmark")
    parser.add_argument("--results", type=Path, default=Path("results/default_model/network_beside.csv"))
    options = parser.parse_args()
    found = pd.concat([beside(options.folder, network, scheme) for network in NETWORKS for scheme in Scheme])
    if found.empty:
        parser.error(f"{options.folder} has no scheme whose folds are all finished by {DEFAULT} and a network")
    write_csv(options.results, found.round(6))
    print(found.groupby(["network", "scheme"]).mean(numeric_only=True).round(4).to_string())


def beside(folder: Path, network: str, scheme: Scheme, folds: int = FOLDS) -> pd.DataFrame:
    """One row a fold, over the seeds that have every fold; empty if none has, or the default model has not."""

    def finished(name: str, seed: int) -> bool:
        return all(Job(name, scheme, fold, seed).path(folder).exists() for fold in range(folds))

    seeds = [seed for seed in SEEDS if finished(network, seed)]
    if not seeds or not finished(DEFAULT, 0):
        return pd.DataFrame()
    errors, rows = [], []
    for fold in range(folds):
        default = read_predictions(folder, Job(DEFAULT, scheme, fold))
        answers = [read_predictions(folder, Job(network, scheme, fold, seed)) for seed in seeds]
        if any(not np.array_equal(answer.row_id, default.row_id) for answer in answers):
            message = f"{network} and {DEFAULT} have other rows in {scheme.value} fold {fold}; they are of two splits"
            raise ValueError(message)
        mean = np.mean([answer.yhat for answer in answers], axis=0)
        errors.append([rmse(default.y, (1 - weight) * default.yhat + weight * mean) for weight in WEIGHTS])
        rows.append((network, scheme.value, fold, len(seeds), errors[-1][0], rmse(default.y, mean)))
    told = pd.DataFrame(rows, columns=["network", "scheme", "fold", "seeds", "default", "alone"])
    chosen = chosen_by_others(errors)
    return told.assign(both=[of[place] for of, place in zip(errors, chosen, strict=True)], weight=WEIGHTS[chosen])


def chosen_by_others(errors: Sequence[Sequence[float]]) -> list[int]:
    """For each fold the place of the weight with the lowest mean error over the other folds."""
    table: Float[np.ndarray, "k w"] = np.asarray(errors)
    return [int((table.sum(axis=0) - own).argmin()) for own in table]


if __name__ == "__main__":
    main()
