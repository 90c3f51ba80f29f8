"""What half precision costs in accuracy when predicting: the same network and test rows, in float32 and bfloat16.

    python -m runs.half_precision --data ../shared/data --run my_cell_blind_run

RUN is a folder that `drugripple finetune` made. Rows go to results/results.csv (experiment
`half_precision`): the root mean square and the largest difference of ln IC50, and the RMSE against the measured values.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import read_run
from drugripple.predict.model import load_network
from drugripple.recipes.finetune import FinetuneRun
from drugripple.runtime.digest import folder_digest
from drugripple.sources.public.tidy import read_gdsc
from tools.ledger import ResultRow, append_results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    run = read_run(options.run / "run.toml", FinetuneRun)
    rows = pd.read_parquet(options.run / "predictions.parquet")
    table = read_gdsc(options.data, run.dataset).table
    lines = [i for i, name in enumerate(table.expression.samples) if name in set(rows["sample"])]
    expression = table.expression.take(np.array(lines))
    at = pd.MultiIndex.from_frame(rows[["sample", "compound"]])
    predicted = {}
    for precision in ("float32", "bfloat16"):
        model = load_network(options.run, precision=precision)
        basal, treatments = model.samples(expression).z, model.treatments(table.compounds)
        parts = [value for _, value in model.grid(basal, expression.samples, treatments, model.conditions(treatments))]
        grid = pd.DataFrame(np.concatenate(parts), index=list(expression.samples), columns=list(table.compounds.ids))
        predicted[precision] = grid.stack().loc[at].to_numpy()
    difference = predicted["bfloat16"] - predicted["float32"]
    figures = {"rms_difference": float(np.sqrt(np.mean(difference**2))), "largest": float(np.abs(difference).max())} | {
        f"rmse_{precision}": float(np.sqrt(np.mean((rows["y"] - values) ** 2)))
        for precision, values in predicted.items()
    }
    digest = folder_digest(options.data / "gdsc")
    command = f"python -m runs.half_precision --run {options.run.name}"
    append_results(
        Path("results/results.csv"),
        [
            ResultRow("half_precision", "csg2a", run.network.preset.value, run.scheme.value, 1, run.seed, metric, value,
                      float("nan"), len(rows), digest, command)
            for metric, value in figures.items()
        ],
    )  # fmt: skip
    print(pd.Series(figures).to_string())


if __name__ == "__main__":
    main()
