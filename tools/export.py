r"""A finished benchmark folder as rows of results/results.csv and, where asked for, a copy of its report.

    python -m tools.export out/table1 --experiment table1 --report results/table1 \
        --command "drugripple benchmark runs/table1.toml"

The folder is what `drugripple benchmark` left; nothing is trained.
"""

import argparse
import math
import shutil
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from drugripple.config import read_run
from drugripple.evaluation.jobs import JobBoard, origin_of
from drugripple.evaluation.scoreboard import scoreboard
from drugripple.evaluation.split_file import response_digest
from drugripple.recipes.benchmark.folds import prepare_folds
from drugripple.recipes.benchmark.run import board_of
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.runtime.provenance import Origin, commit
from tools.ledger import ResultRow, append_results

RESULTS = Path("results/results.csv")
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
"""Metrics of the scoreboard that are kept, and their names in results.csv."""
NOT_RECORDED = "not recorded"
"""Hardware of predictions that were written before it was kept, or elsewhere."""
REPORT_FILES = ("report.html", "report.md", "card.json", "per_fold.csv", "comparison.csv", "run.toml")


def main(arguments: list[str] | None = None) -> None:
    """Export the folder that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="the `out` of a benchmark run")
    parser.add_argument("--experiment", required=True, help="name of these rows in the table of results")
    parser.add_argument("--command", help="how to repeat the run, if not by its run.toml")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--report", type=Path, help="folder that gets a copy of the report and its tables")
    options = parser.parse_args(arguments)
    command = options.command or f"drugripple benchmark {options.folder / 'run.toml'}"
    export(options.folder, experiment=options.experiment, command=command, results=options.results)
    if options.report is not None:
        copy_report(options.folder, options.report)


def export(folder: Path, *, experiment: str, command: str, results: Path = RESULTS) -> list[ResultRow]:
    """Add the scores of every finished job of a benchmark folder to the table of results.

    Raises:
        ConfigError: if the folder has no usable run.toml.
        TableError: if no job of it is finished.
    """
    run = read_run(folder / "run.toml", BenchmarkRun, out=folder)
    folds = prepare_folds(run)
    jobs = board_of(run, folds)
    board = scoreboard(jobs, folds.table, reference=run.reference)
    digest = response_digest(folds.table)
    origins = origins_of(jobs)
    rows = result_rows(board.per_fold, run, origins, experiment=experiment, digest=digest, command=command)
    append_results(results, rows)
    return rows


def origins_of(board: JobBoard) -> dict[tuple[str, str, int], Origin]:
    """What the folds of each model, scheme and seed were computed on and by.

    Where a fold does not say by which commit, it is the present one.
    """
    origins: dict[tuple[str, str, int], list[Origin]] = {}
    now = commit()
    for job in board.finished:
        found = origin_of(board.folder, job)
        known = Origin(found.hardware or NOT_RECORDED, found.commit or now)
        origins.setdefault((job.model, job.scheme.value, job.seed), []).append(known)
    return {key: Origin.of_several(several) for key, several in origins.items()}


def result_rows(
    per_fold: pd.DataFrame,
    run: BenchmarkRun,
    origins: Mapping[tuple[str, str, int], Origin],
    *,
    experiment: str,
    digest: str,
    command: str,
) -> list[ResultRow]:
    """One row per model, scheme, seed and metric: mean and deviation over folds; NaN where any fold is undefined."""
    job = ["model", "scheme", "seed"]
    scored = {key: int(part["n"].sum()) for key, part in per_fold[per_fold["metric"] == "rmse"].groupby(job)}
    kept = per_fold[per_fold["metric"].isin(list(METRICS))]
    stated = {settings.label: (settings.name, settings.variant) for settings in run.network}
    stated |= {variant.label: (variant.of, variant.name) for variant in run.variant}
    rows = []
    for (model, scheme, seed, metric), group in kept.groupby([*job, "metric"], sort=False):
        values = group["value"]
        defined = bool(values.notna().all())
        name, variant = stated.get(str(model), (str(model), ""))
        rows.append(
            ResultRow(
                experiment, name, variant, str(scheme), len(group), int(str(seed)), METRICS[str(metric)],
                float(values.mean()) if defined else math.nan,
                float(values.std(ddof=1)) if defined and len(group) > 1 else math.nan,
                scored[model, scheme, seed], digest, command,
                **origins[str(model), str(scheme), int(str(seed))]._asdict(),
            )
        )  # fmt: skip
    return rows


def copy_report(folder: Path, into: Path) -> None:
    """Copy a benchmark's report, its figures and its tables."""
    into.mkdir(parents=True, exist_ok=True)
    for name in REPORT_FILES:
        shutil.copyfile(folder / name, into / name)
    shutil.copytree(folder / "report", into / "report", dirs_exist_ok=True)


if __name__ == "__main__":
    main()
