"""A benchmark's scores as rows of results.csv, and as a table for the docs whose figures are marked with their rows."""

import math
import shutil
from pathlib import Path

import pandas as pd

from drugripple.predictors.inputs import write_whole
from drugripple.recipes.benchmark.ledger import ResultRow, append_results
from drugripple.recipes.benchmark.settings import BenchmarkRun, model_and_preset
from drugripple.report.benchmark_findings import BenchmarkFindings

METRICS = {
    "rmse": "rmse",
    "pcc": "pcc",
    "mae": "mae",
    "spearman": "spearman",
    "r2": "r2",
    "concordance": "concordance",
    "calibration_slope": "calibration_slope",
    "per_drug_pcc_mean": "per_drug_pcc",
    "per_drug_pcc_median": "per_drug_pcc_median",
    "per_drug_pcc_share_above_0.3": "per_drug_pcc_share_above_0.3",
    "per_drug_spearman_mean": "per_drug_spearman_mean",
    "per_line_pcc_mean": "per_line_pcc_mean",
    "interaction_rmse": "interaction_rmse",
    "residual_pcc": "residual_pcc",
    "residual_r2": "residual_r2",
    "seconds": "seconds",
}
"""Our metric names and their names in results.csv."""
PUBLISHED_FILES = ("report.html", "report.md", "card.json", "per_fold.csv", "comparison.csv", "run.toml")


def result_rows(per_fold: pd.DataFrame, run: BenchmarkRun, *, digest: str, command: str) -> list[ResultRow]:
    """One row a model, scheme, seed and metric: mean and deviation over folds; NaN where any fold is undefined."""
    kept = per_fold[per_fold["metric"].isin(list(METRICS))]
    rows = []
    for (model, scheme, seed, metric), group in kept.groupby(["model", "scheme", "seed", "metric"], sort=False):
        whole = bool(group["value"].notna().all())
        scored = per_fold[
            (per_fold["model"] == model)
            & (per_fold["scheme"] == scheme)
            & (per_fold["seed"] == seed)
            & (per_fold["metric"] == "rmse")
        ]["n"]
        name, preset = model_and_preset(str(model), run)
        rows.append(
            ResultRow(
                run.experiment, name, preset, str(scheme), len(group), int(str(seed)), METRICS[str(metric)],
                float(group["value"].mean()) if whole else math.nan,
                float(group["value"].std(ddof=1)) if whole and len(group) > 1 else math.nan,
                int(scored.sum()), digest, command,
            )
        )  # fmt: skip
    return rows


def marked_table(rows: list[ResultRow]) -> str:
    """RMSE / PCC / PCC within drugs of every model and scheme, each with the mark of its row of results.csv.

    A cell of fewer folds than the fullest of its scheme says how many.
    """
    found = {(row.model, row.preset, row.scheme, row.metric): row for row in rows if row.seed == rows[0].seed}
    schemes = list(dict.fromkeys(row.scheme for row in rows))
    most = {scheme: max(row.folds for row in rows if row.scheme == scheme) for scheme in schemes}
    lines = ["| model | " + " | ".join(schemes) + " |", "|---" * (len(schemes) + 1) + "|"]
    for model, preset in dict.fromkeys((row.model, row.preset) for row in rows):
        cells = []
        for scheme in schemes:
            several = [found.get((model, preset, scheme, metric)) for metric in ("rmse", "pcc", "per_drug_pcc")]
            folds = max((row.folds for row in several if row is not None), default=most[scheme])
            fewer = "" if folds == most[scheme] else f" ({folds} of {most[scheme]} folds)"
            cells.append(" / ".join(_marked(row) for row in several) + fewer)
        lines.append(f"| {' '.join(filter(None, (model, preset)))} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def publish(run: BenchmarkRun, found: BenchmarkFindings, *, digest: str, command: str) -> tuple[Path, ...]:
    """Add rows to `run.results` and copy the report and its tables to `run.publish`, where they are named."""
    rows = result_rows(found.board.per_fold, run, digest=digest, command=command)
    written = []
    if run.results is not None:
        append_results(run.results, rows)
        written.append(run.results)
    if run.publish is not None:
        run.publish.mkdir(parents=True, exist_ok=True)
        for name in PUBLISHED_FILES:
            shutil.copyfile(run.out / name, run.publish / name)
        shutil.copytree(run.out / "report", run.publish / "report", dirs_exist_ok=True)
        text = marked_table(rows)
        write_whole(run.publish / "table.md", lambda partial: partial.write_text(text, encoding="utf-8"))
        written.append(run.publish)
    return tuple(written)


def _marked(row: ResultRow | None) -> str:
    if row is None or math.isnan(row.mean):
        return "–"
    key = f"{row.experiment}/{row.model}/{row.preset}/{row.scheme}/{row.metric} folds={row.folds} seed={row.seed}"
    return f"{row.mean:.3f}<!--results: {key}-->"
