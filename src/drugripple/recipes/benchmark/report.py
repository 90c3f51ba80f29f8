"""The report of a benchmark, from the predictions on disk alone: HTML, Markdown, JSON and the tables behind them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import dotted
from drugripple.errors import SourceError, TableError
from drugripple.evaluation.jobs import Job, JobBoard
from drugripple.evaluation.schemes import Grid, Scheme, Validation
from drugripple.evaluation.scoreboard import scoreboard
from drugripple.evaluation.split_file import response_digest
from drugripple.evaluation.split_settings import CompoundsBy, SamplesBy
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.paper_table1 import ELSEWHERE, NAMESAKES, PUBLISHED
from drugripple.recipes.benchmark.convergence import capped_trainings, trainings
from drugripple.recipes.benchmark.folds import BenchmarkFolds
from drugripple.recipes.benchmark.leaks import audit_benchmark
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.ceiling import CeilingReport, ceiling
from drugripple.report import html, markdown
from drugripple.report.benchmark import benchmark_report
from drugripple.report.benchmark_findings import BenchmarkFindings, ModelNote, Setting
from drugripple.report.findings import LearningCurve
from drugripple.runtime.atomic import write_csv, write_json, write_text
from drugripple.runtime.provenance import commit, hardware, today, versions
from drugripple.sources.public.datasets import Dataset

VALIDATION = {
    Validation.BLIND: "as blind as the test",
    Validation.LENIENT: "less blind than the test in the disjoint scheme",
    Validation.RANDOM: "drawn at random, easier than the test",
}


def collect_findings(run: BenchmarkRun, made: BenchmarkFolds, jobs: JobBoard, *, command: str) -> BenchmarkFindings:
    """The findings of a benchmark, from the jobs that are finished in `run.out`.

    Raises:
        TableError: if nothing is finished yet.
        SplitError: if predictions are of other folds or measurements.
    """
    finished = jobs.finished
    if not finished:
        message = f"no job in {run.out} is finished, so that there is nothing to report; run the benchmark first"
        raise TableError(message)
    ceilings, ceiling_note = _ceiling(run)
    tested = run.test_dataset or run.name
    floor = (
        next((c.sd.estimate for source, c in ceilings.ceilings.items() if source.startswith(f"{tested}, ")), None)
        if ceilings
        else None
    )
    table = made.table
    board = scoreboard(jobs, table, reference=run.reference, floor=floor)
    audited, trained = audit_benchmark(run, made), trainings(run, finished)
    return BenchmarkFindings(
        title=f"Drug response models on {run.studies}",
        setting=Setting(
            run.studies, table.measure, len(table), len(np.unique(table.sample_row)),
            len(np.unique(table.compound_row)),
            {scheme: len({job.fold for job in jobs.jobs if job.scheme is scheme}) for scheme in run.scheme},
            run.split.replicates.value, VALIDATION[run.split.validation], _kept_together(run),
        ),
        models=tuple(_note(name, run) for name in run.names),
        published=PUBLISHED if _as_in_the_paper(run) else {},
        elsewhere=ELSEWHERE if _as_in_the_paper(run) else {},
        board=board,
        capped=capped_trainings(trained),
        exposed=audited.exposed,
        curves=_curves(run, finished),
        trainings=trained,
        audit=audited.table,
        audited=audited.note,
        ceiling=None if ceilings is None else ceilings.table(),
        ceiling_note=ceiling_note,
        provenance={
            "Command": command,
            "Split": f"SHA-256 {made.splits.digest}, seed {made.splits.seed}",
            "Data": f"{run.studies}, SHA-256 {response_digest(table)}",
            "Jobs": f"{len(finished)} finished, model seeds {', '.join(map(str, run.seed))}",
            "Code": commit() or "not in a git checkout",
            "Hardware of this report": hardware(),
            "Date": today(),
        },
    )  # fmt: skip


def write_report(found: BenchmarkFindings, folder: Path) -> Path:
    """Write report.html, report.md, report.json, card.json and five CSV tables; returns the first."""
    report = benchmark_report(found)
    html.write(report, folder / "report.html")
    markdown.write(report, folder / "report.md")
    write_text(folder / "report.json", json.dumps(as_json(found), indent=1, allow_nan=False) + "\n")
    write_json(folder / "card.json", card_of(found))
    tables = {
        "per_fold": wide(found.board.per_fold),
        "summary": found.board.summary,
        "comparison": found.board.comparison,
        "per_drug": found.board.per_drug,
        "trainings": found.trainings,
    }
    for name, frame in tables.items():
        write_csv(folder / f"{name}.csv", frame, float_format="%.6g")
    return folder / "report.html"


def card_of(found: BenchmarkFindings) -> dict[str, object]:
    """The card of a benchmark: setting, progress of each model, citations, provenance and versions."""
    finished = found.board.comparison.groupby("model", sort=False)
    return {
        "title": found.title,
        "setting": _setting(found),
        "finished_folds": {
            str(model): dict(zip(part["scheme"], part["folds"].astype(int).tolist(), strict=True))
            for model, part in finished
        },
        "citations": {note.model: note.citation for note in found.models},
        "provenance": dict(found.provenance),
        "versions": dict(versions()),
    }


def wide(per_fold: pd.DataFrame) -> pd.DataFrame:
    """One row per job and one column per metric, rounded to four decimals."""
    keys = ["model", "scheme", "fold", "seed"]
    table = per_fold.pivot_table(index=keys, columns="metric", values="value", sort=False, dropna=False).dropna(
        how="all"
    )
    rows = per_fold[per_fold["metric"] == "rmse"].set_index(keys)["n"]
    table.insert(0, "rows", rows)
    return table.round(4).reset_index()


def as_json(found: BenchmarkFindings) -> dict[str, object]:
    """The findings as JSON values; NaN becomes null."""
    board = found.board
    return {
        "title": found.title,
        "setting": _setting(found),
        "summary": _records(board.summary),
        "comparison": _records(board.comparison),
        "per_fold": _records(wide(board.per_fold)),
        "ranks": {
            scheme.value: {
                "folds": ranked.folds,
                "mean_rank": dict(zip(ranked.models, ranked.ranking.mean_ranks.tolist(), strict=True)),
                "critical_difference": ranked.ranking.critical_difference,
                "friedman_p": _number(ranked.ranking.friedman.p_value),
            }
            for scheme, ranked in board.rankings.items()
        },
        "published": {
            name: {
                scheme.value: {key: _number(told) for key, told in vars(getattr(row, scheme.value)).items()}
                for scheme in Scheme
            }
            for name, row in (*found.published.items(), *found.elsewhere.items())
        },
        "ended_at_cap": [
            {"model": model, "scheme": scheme.value, "trainings": count}
            for (model, scheme), count in found.capped.items()
        ],
        "exposed_by_pretraining": sorted([model, scheme.value] for model, scheme in found.exposed),
        "audit": {"what": found.audited, "findings": _records(found.audit)},
        "ceiling": {
            "note": found.ceiling_note,
            "sources": [] if found.ceiling is None else _records(found.ceiling),
        },
        "provenance": dict(found.provenance),
    }


def _setting(found: BenchmarkFindings) -> dict[str, object]:
    folds = {scheme.value: number for scheme, number in found.setting.folds.items()}
    return {**found.setting._asdict(), "folds": folds}


def _note(name: str, run: BenchmarkRun) -> ModelNote:
    if name in run.parts:
        return ModelNote(name, f"mean of the predictions of {' and '.join(run.parts[name])}")
    if name in BASELINES:
        return ModelNote(name, BASELINES[name].citation, NAMESAKES.get(name, ""))
    changed = {variant.label: variant for variant in run.variant}
    if name in changed:
        differs = ", ".join(f"{key} = {value}" for key, value in dotted(changed[name].settings).items())
        return ModelNote(name, f"{BASELINES[changed[name].of].citation}; with {differs}")
    named = {settings.label: settings.name for settings in run.network}
    return ModelNote(name, "this project's network, after the CSG2A paper", NAMESAKES.get(named[name], ""))


def _as_in_the_paper(run: BenchmarkRun) -> bool:
    """Whether the paper's numbers compare: they are of GDSC2, and of new lines and molecules without a harder shift."""
    kept = run.split.samples_by, run.split.compounds_by
    return run.studies == Dataset.GDSC2 and run.responses is None and kept == (SamplesBy.SAMPLE, CompoundsBy.MOLECULE)


def _kept_together(run: BenchmarkRun) -> str:
    notes = []
    if run.split.samples_by is not SamplesBy.SAMPLE:
        notes.append(f"Samples of one {run.split.samples_by} stay together.")
    if run.split.compounds_by is not CompoundsBy.MOLECULE:
        notes.append(f"Compounds of one group ({run.split.compounds_by}) stay together.")
    if run.split.grid is Grid.FULL:
        notes.append("Every block of the disjoint scheme is tested.")
    return " ".join(notes)


def _ceiling(run: BenchmarkRun) -> tuple[CeilingReport | None, str]:
    try:
        found = ceiling(run, out=run.out)
    except (SourceError, TableError) as error:
        return None, f"No ceiling could be estimated from these data: {error}."
    return found, f"Assumed: {'; '.join(found.assumptions)}."


def _curves(run: BenchmarkRun, jobs: tuple[Job, ...]) -> Mapping[str, Mapping[str, LearningCurve]]:
    """Learning curves of the first finished fold of each network and scheme."""
    curves: dict[str, dict[str, LearningCurve]] = {}
    for job in sorted(jobs, key=lambda job: (job.model, list(Scheme).index(job.scheme), job.seed, job.fold)):
        several = curves.setdefault(job.model, {})
        known = any(key.startswith(f"{job.scheme.value}, ") for key in several)
        if not known and job.curve_path(run.out).exists():
            epochs = pd.read_csv(job.curve_path(run.out))
            several[f"{job.scheme.value}, fold {job.fold}"] = LearningCurve(
                epochs["epoch"].to_numpy(), epochs["train_loss"].to_numpy(), epochs["valid_loss"].to_numpy()
            )
    return {network: several for network, several in curves.items() if several}


def _records(frame: pd.DataFrame) -> list[dict[str, object]]:
    return [{str(key): _number(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _number(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
