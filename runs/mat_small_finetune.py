"""Is pretrained MAT-small worth more in fine-tuning than random weights, or than fingerprints? Unseen GDSC2 compounds.

    python -m runs.mat_small_finetune --data ../shared/data --out out/mat_small_finetune

The whole network (fresh, residual target) is trained on drug-blind folds with each encoder in front; everything else is
the same. Means over folds go to results/results.csv (experiment `mat_small`, models `finetune_ENCODER`), the folds to
results/mat_small/finetune.csv. Finished folds are not redone.
"""

import argparse
import json
from pathlib import Path

import pandas as pd

from drugripple.config import make_run
from drugripple.recipes.finetune import FinetuneRun, run_finetune
from drugripple.runtime.digest import folder_digest
from runs import FAST, METRICS
from tools.ledger import ResultRow, append_results

ENCODERS = ("mat-small", "mat-random", "morgan")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5, help="of the ten, from the first")
    options = parser.parse_args()
    found = pd.concat(measure(encoder, fold, options) for fold in range(options.folds) for encoder in ENCODERS)
    found = pd.concat([found, process(options.folds)])
    found.to_csv("results/mat_small/finetune.csv", index=False, float_format="%.5f")
    digest = folder_digest(options.data / "gdsc")
    command = f"python -m runs.mat_small_finetune --folds {options.folds}"
    by = found.groupby(["model", "metric"])
    append_results(
        Path("results/results.csv"),
        [
            ResultRow("mat_small", model, "", "drug_blind", options.folds, 0, metric, group["value"].mean(),
                      group["value"].std(), int(group["n"].sum()), digest, command)
            for (model, metric), group in by
        ],
    )  # fmt: skip


def process(folds):
    """Scores of the pair Gaussian process on the same folds, from the run of Table 1."""
    table = pd.read_csv("results/table1/per_fold.csv").query("model == 'product_kernel_gp' and scheme == 'drug_blind'")
    return pd.DataFrame(
        [
            {
                "model": "product_kernel_gp",
                "fold": row.fold,
                "metric": short,
                "value": getattr(row, metric),
                "n": row.rows,
            }
            for row in table[table["fold"] < folds].itertuples()
            for short, metric in METRICS.items()
        ]
    )


def measure(encoder, fold, options):
    """Scores of one encoder and of mean effects on one fold."""
    out = options.out / f"{encoder}-{fold}"
    if not (out / "metrics.json").exists():
        settings = {
            "data": options.data, "out": out, "scheme": "drug_blind", "fold": fold,
            "network": {
                "backbone": "random", "encoder": encoder, "target": "residual", "training": FAST,
                "response": {"dropout_of": "entity"},
            },
        }  # fmt: skip
        run_finetune(make_run(FinetuneRun, settings, encoder))
    scores = pd.DataFrame(json.loads((out / "metrics.json").read_text())).set_index(["model", "metric"])
    own = f"finetune_{encoder}".replace("-", "_")
    return pd.DataFrame(
        [
            {"model": own if model == "csg2a" else model, "fold": fold, "metric": short,
             "value": scores.loc[(model, metric), "value"], "n": scores.loc[(model, metric), "n"]}
            for model in (("csg2a", "mean_effects") if encoder == ENCODERS[0] else ("csg2a",))
            for short, metric in METRICS.items()
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
