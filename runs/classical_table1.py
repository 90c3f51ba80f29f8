"""Table 1 of the classical baselines: GDSC2, four schemes, ten folds, repeats grouped.

    bash runs/classical_table1.sh          everything, in order of cost; resumes where it stopped

One call trains the models named and, with --summarise, writes results/table1/ from the predictions on disk.
"""

import argparse
import json
import math
import os
import sys
import warnings
from pathlib import Path

import pandas as pd

from drugripple.baselines.catalogue import BASELINES
from drugripple.evaluation.compound_twins import molecule_numbers
from drugripple.evaluation.crossval import Job, crossval, read_predictions, score_predictions
from drugripple.evaluation.splitfile import read_splits, response_digest, write_splits
from drugripple.evaluation.splits import Scheme, make_folds
from drugripple.evaluation.statistics import corrected_t, friedman_nemenyi, gap_closed, paired_t, two_way_bootstrap
from drugripple.recipes.ledger import ResultRow, append_results
from drugripple.sources.tidy import read_gdsc

KEPT = (  # noqa: SIM905
    "rmse pcc mae spearman r2 concordance calibration_slope per_drug_pcc_mean per_drug_pcc_median "
    "per_drug_pcc_share_above_0.3 per_drug_spearman_mean per_line_pcc_mean interaction_rmse "
    "residual_pcc residual_r2 seconds"
).split()

NAMES = {"per_drug_pcc_mean": "per_drug_pcc"}
REFERENCE, NAIVE_MODEL = "product_kernel_gp", "additive"
FLOOR = 0.832  # noise of one GDSC2 measurement, results/table1/ceiling.json
TEST_TO_TRAIN = 1 / 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("DRUGRIPPLE_DATA", "../shared/data")))
    parser.add_argument("--work", type=Path, default=Path("out/table1"))
    parser.add_argument("--results", type=Path, default=Path("results/table1"))
    parser.add_argument("--models", default="")
    parser.add_argument("--schemes", default=",".join(Scheme))
    parser.add_argument("--folds", default="")
    parser.add_argument("--summarise", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    table = read_gdsc(options.data, "GDSC2").table
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    path = options.work / "splits.parquet"
    if not path.exists():
        made = {scheme: make_folds(table.sample_row, molecules, scheme, seed=0) for scheme in Scheme}
        write_splits(path, made, seed=0)
    splits = read_splits(path, table.sample_row, molecules)
    models = {name: BASELINES[name].make for name in options.models.split(",") if name}
    schemes = [Scheme(name) for name in options.schemes.split(",")]
    outcome = crossval(
        table,
        {scheme: splits.folds[scheme] for scheme in schemes},
        models,
        options.work,
        only=[int(number) for number in options.folds.split(",")] if options.folds else None,
        on_done=lambda job, done, total: print(f"{done}/{total} {job.model} {job.scheme} fold {job.fold}", flush=True),
    )
    for failure in outcome.failed:
        print("failed:", failure.job, failure.reason, "see", failure.details, file=sys.stderr)
    if options.summarise:
        summarise(options, table, splits.digest)
    return 1 if outcome.failed else 0


def summarise(options, table, split_digest) -> None:
    """Per-fold values, summary rows and a card from every finished job."""
    jobs = [
        Job(name, scheme, fold)
        for name in BASELINES
        for scheme in Scheme
        for fold in range(10)
        if Job(name, scheme, fold).path(options.work).exists()
    ]
    scores = score_predictions(options.work, table, jobs)
    options.results.mkdir(parents=True, exist_ok=True)
    kept = scores[scores["metric"].isin(KEPT)]
    wide = kept.pivot_table(index=["model", "scheme", "fold", "seed"], columns="metric", values="value", sort=False)
    rows = scores[scores["metric"] == "rmse"].set_index(["model", "scheme", "fold", "seed"])["n"]
    wide.insert(0, "rows", rows)
    wide[["rows", *KEPT]].round(4).to_csv(options.results / "per_fold.csv")
    digest = response_digest(table)
    summary = []
    for (model, scheme, metric), group in kept.groupby(["model", "scheme", "metric"], sort=False):
        defined = group["value"].dropna()
        whole = len(defined) == len(group)
        summary.append(
            ResultRow(
                experiment="table1",
                model=str(model),
                preset="",
                scheme=str(scheme),
                folds=len(group),
                seed=0,
                metric=NAMES.get(str(metric), str(metric)),
                mean=float(defined.mean()) if whole else math.nan,
                sd=float(defined.std(ddof=1)) if whole and len(defined) > 1 else math.nan,
                n=int(rows.loc[model, scheme].sum()),
                data_digest=digest,
                command="bash runs/classical_table1.sh",
            )
        )
    append_results(options.results / "summary.csv", summary)
    card = {
        "what": "classical baselines, GDSC2, ln IC50 (uM), ten folds, repeats grouped, validation as blind as the test",
        "rows": len(table),
        "cell_lines": len(set(table.sample_row.tolist())),
        "compounds": len(table.compounds),
        "data_digest": digest,
        "split_digest": split_digest,
        "split_seed": 0,
        "folds": {
            f"{model} {scheme}": int(n)
            for (model, scheme), n in kept[kept.metric == "rmse"]
            .groupby(["model", "scheme"], sort=False)
            .size()
            .items()
        },
        "citations": {record.name: record.citation for record in BASELINES.values()},
        "commit": summary[0].commit if summary else "",
        "hardware": summary[0].hardware if summary else "",
        "date": summary[0].date if summary else "",
    }
    (options.results / "classical_card.json").write_text(json.dumps(card, indent=1) + "\n")
    compare(options, table, scores).to_csv(options.results / "comparison.csv", index=False)
    (options.results / "table.md").write_text(as_markdown(kept))


def compare(options, table, scores) -> pd.DataFrame:
    """Every model against the pair process: tests over folds, interval over lines and drugs, gap closed."""
    wide = scores[scores.metric == "rmse"].pivot_table(index=["scheme", "fold"], columns="model", values="value")
    rows = []
    for scheme in Scheme:
        folds = wide.loc[scheme.value].dropna(axis=1)
        if REFERENCE not in folds:
            continue
        pooled = {model: pool(options.work, model, scheme, folds.index) for model in folds}
        ranks = dict(zip(folds.columns, friedman_nemenyi(folds.to_numpy()).mean_ranks, strict=True))
        reference = pooled[REFERENCE]
        for model in folds:
            one = pooled[model]
            row_id = one["row_id"].to_numpy()
            interval = two_way_bootstrap(
                (one["y"] - one["yhat"]).to_numpy(),
                (reference["y"] - reference["yhat"]).to_numpy(),
                table.sample_row[row_id],
                table.compound_row[row_id],
            )
            first, second = folds[model].to_numpy(), folds[REFERENCE].to_numpy()
            naive = folds[NAIVE_MODEL].mean()
            rows.append(
                {
                    "scheme": scheme.value,
                    "model": model,
                    "folds": len(folds),
                    "rmse": folds[model].mean(),
                    "gap_closed": gap_closed(float(folds[model].mean()), float(naive), FLOOR),
                    "mean_rank": ranks[model],
                    "rmse_minus_gp": interval.estimate,
                    "low": interval.low,
                    "high": interval.high,
                    "paired_p": paired_t(first, second).p_value,
                    "corrected_p": corrected_t(first, second, test_to_train=TEST_TO_TRAIN).p_value,
                }
            )
    return pd.DataFrame(rows).round(4)


def pool(work, model, scheme, folds) -> pd.DataFrame:
    """Predictions of all folds under each other."""
    several = [read_predictions(work, Job(model, scheme, int(fold))) for fold in folds]
    return pd.concat([pd.DataFrame({"row_id": p.row_id, "y": p.y, "yhat": p.yhat}) for p in several], ignore_index=True)


def as_markdown(kept) -> str:
    """RMSE, r and r within drugs, each marked with the row of results.csv it comes from; the paper's row beneath."""
    lines = ["| model | " + " | ".join(scheme.value for scheme in Scheme) + " |", "|---" * 5 + "|"]
    means = kept.groupby(["model", "scheme", "metric"])["value"].agg(["mean", "size", lambda v: v.isna().any()])
    for name, record in BASELINES.items():
        cells = []
        for scheme in Scheme:
            shown = []
            for metric in ("rmse", "pcc", "per_drug_pcc_mean"):
                if (name, scheme.value, metric) not in means.index:
                    shown.append("–")
                    continue
                value, size, undefined = means.loc[(name, scheme.value, metric)]
                key = f"table1/{name}//{scheme.value}/{NAMES.get(metric, metric)} folds={int(size)} seed=0"
                shown.append("–" if undefined else f"{value:.3f}<!--results: {key}-->")
            cells.append(" / ".join(shown))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        if record.paper:
            cells = [getattr(record.paper, scheme.value) for scheme in Scheme]
            lines.append(
                "| *its row in the paper* | " + " | ".join(f"{c.rmse:.3f} / {c.pcc:.3f}" for c in cells) + " |"
            )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
