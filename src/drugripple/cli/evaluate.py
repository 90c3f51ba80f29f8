"""The verbs that ask how good a model is, and whether that can be trusted: benchmark, tune, audit, ceiling."""

import math
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.cli.run_flags import run_verb
from drugripple.config import make_run
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.tune.settings import TuneRun
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.study_settings import StudySettings
from drugripple.sources.user.response_units import ResponseUnit

if TYPE_CHECKING:
    from drugripple.recipes.benchmark.run import JobDone
    from drugripple.recipes.tune.run import Trial

LEAKS_FOUND, JOBS_FAILED = 3, 4

app = typer.Typer(rich_markup_mode=None)


@app.command()
@run_verb(BenchmarkRun)
def benchmark(
    run: BenchmarkRun,
    only_model: Annotated[
        list[str] | None, typer.Option(help="Train only this model of the run now; repeat for several.")
    ] = None,
    only_scheme: Annotated[list[Scheme] | None, typer.Option(help="The same for a scheme.")] = None,
    only_fold: Annotated[list[int] | None, typer.Option(help="The same for a fold.")] = None,
    report_only: Annotated[bool, typer.Option("--report-only", help="Train nothing; report what is finished.")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Train only; no report this time.")] = False,
) -> None:
    """Cross-validate models on the same folds and report.

    Goes on where it was stopped; exits 4 if a job fails.
    """
    from drugripple.recipes.benchmark.run import failures, run_benchmark, train_benchmark

    part = run.narrowed(models=only_model or (), schemes=only_scheme or (), folds=only_fold or ())
    with progress_bar() as bar:

        def on_job(step: "JobDone") -> None:
            bar.update("jobs", step.done, step.total)
            job = step.job
            bar.line(f"{step.done}/{step.total} {job.model} {job.scheme} fold {job.fold}{_left(step.seconds_left)}")

        if no_report:
            outcome, written = train_benchmark(run, part=part, on_job=on_job), run.out
        else:
            command = shlex.join(["drugripple", *sys.argv[1:]])
            done = run_benchmark(run, part=part, command=command, report_only=report_only, on_job=on_job)
            outcome, written = done.outcome, done.report
    for failure in failures(outcome):
        print_note(failure)
    print_result(str(written))
    if outcome.failed:
        raise SystemExit(JOBS_FAILED)


@app.command()
@run_verb(TuneRun)
def tune(run: TuneRun) -> None:
    """Search the settings of a network on validation rows.

    Never looks at test rows; goes on where it was stopped.
    """
    from drugripple.recipes.tune.run import tune as search

    with progress_bar() as bar:

        def on_trial(trial: "Trial") -> None:
            bar.update("trials", trial.number, trial.total)
            ended = "pruned" if math.isnan(trial.value) else f"validation RMSE {trial.value:.4f}"
            drawn = ", ".join(f"{key} {value}" for key, value in trial.draw.items())
            bar.line(f"{trial.number}/{trial.total} {ended}: {drawn}")

        done = search(run, on_trial=on_trial)
    print_note(f"lowest validation RMSE {done.rmse:.4f} of {len(done.trials)} trials")
    print_result(str(done.folder / "best.toml"))


@app.command()
def audit(
    files: Annotated[
        list[Path], typer.Argument(help="Split files: csv, tsv, Parquet or xlsx; one, or one for each role.")
    ],
    scheme: Annotated[
        Scheme | None, typer.Option(help="What the split claims; read from the file, or found by its names.")
    ] = None,
    lines: Annotated[
        Path | None, typer.Option(help="Table with further names of cell lines, such as a list of models.")
    ] = None,
    card: Annotated[Path | None, typer.Option(help="Checkpoint whose pretraining is audited too.")] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder of the tidy layout, whose rows the `row_id` of a split file counts.")
    ] = None,
    dataset: Annotated[Dataset, typer.Option(help="Whose rows, of those in `data`.")] = Dataset.GDSC2,
    responses: Annotated[Path | None, typer.Option(help="Your own responses, whose rows it counts.")] = None,
    expression: Annotated[Path | None, typer.Option(help="Expression of their samples.")] = None,
    compounds: Annotated[Path | None, typer.Option(help="Structures of their compounds.")] = None,
    unit: Annotated[ResponseUnit | None, typer.Option(help="What the values are.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for audit.json and audit.csv.")] = None,
) -> None:
    """Look for leaks in anybody's split.

    Repeats, twins, synonyms, analogues, and what pretraining had seen. Exits 3 if there are any.
    """
    from drugripple.recipes.audit import as_text, audit_splits

    keys = {"responses": responses, "expression": expression, "compounds": compounds, "unit": unit, "data": data}
    study = _study({**keys, "dataset": dataset}) if data is not None or responses is not None else None
    report = audit_splits(files, study=study, card=card, scheme=scheme, lines=lines, out=out)
    print_result(as_text(report))
    if not report.clean:
        raise SystemExit(LEAKS_FOUND)


@app.command()
def ceiling(
    data: Annotated[Path | None, typer.Option(help="Folder of the tidy layout with GDSC1 and GDSC2.")] = None,
    responses: Annotated[Path | None, typer.Option(help="Your own responses instead, with repeats.")] = None,
    expression: Annotated[Path | None, typer.Option(help="Expression of their samples.")] = None,
    compounds: Annotated[Path | None, typer.Option(help="Structures of their compounds.")] = None,
    unit: Annotated[ResponseUnit | None, typer.Option(help="What the values are.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for ceiling.json.")] = None,
    draws: Annotated[int, typer.Option(min=1, help="Of the bootstrap over drugs.")] = 1000,
    seed: int = 0,
) -> None:
    """Estimate from real repeats how good a perfect model could look.

    Says how noisy one measurement is from one screen to another.
    """
    from drugripple.recipes.ceiling import ceiling as estimate

    keys = {"data": data, "responses": responses, "expression": expression, "compounds": compounds, "unit": unit}
    report = estimate(_study(keys), out=out, draws=draws, seed=seed)
    print_table(
        report.table(),
        f"best attainable for {report.measure.label}, by source of repeats (estimate, 95 % interval over drugs)",
    )
    for assumption in report.assumptions:
        print_note(assumption)


def _study(keys: Mapping[str, object]) -> StudySettings:
    given = {key: value for key, value in keys.items() if value is not None}
    return make_run(StudySettings, given, "the command line")


def _left(seconds: float) -> str:
    """How much longer, in words.

    >>> _left(59.0), _left(3600.0), _left(float("nan"))
    ('; 59 s left', '; 1 h 0 min left', '')
    """
    if math.isnan(seconds):
        return ""
    if seconds < 90:
        return f"; {seconds:.0f} s left"
    minutes = round(seconds / 60)
    return f"; {minutes} min left" if minutes < 60 else f"; {minutes // 60} h {minutes % 60} min left"
