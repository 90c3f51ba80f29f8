"""`drugripple benchmark` and `drugripple tune`: every model on every fold, and settings worth putting there."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.choices import DataDir, Out
from drugripple.cli.console import result, say, watching

if TYPE_CHECKING:
    from drugripple.recipes.benchmark.run import JobDone
    from drugripple.recipes.tune.run import Trial

JOBS_FAILED = 4
RunFile = Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run; docs/benchmark.md lists its keys.")]


def benchmark(
    run: RunFile,
    out: Out = None,
    data_dir: DataDir = None,
    workers: Annotated[int | None, typer.Option(help="Jobs at a time; wins over the run file.", min=1)] = None,
    model: Annotated[list[str] | None, typer.Option(help="Run only this model now; repeat for several.")] = None,
    scheme: Annotated[list[str] | None, typer.Option(help="Run only this scheme now; repeat for several.")] = None,
    fold: Annotated[list[int] | None, typer.Option(help="Run only this fold now; repeat for several.")] = None,
    report_only: Annotated[bool, typer.Option("--report-only", help="Train nothing; report what is finished.")] = False,
    no_report: Annotated[bool, typer.Option("--no-report", help="Train only; no report this time.")] = False,
) -> None:
    """Cross-validate models on the same folds and report. Goes on where it was stopped; exits 4 if a job fails."""
    from drugripple.config import read_run
    from drugripple.recipes.benchmark.run import failures, run_benchmark, train_benchmark
    from drugripple.recipes.benchmark.settings import BenchmarkRun

    settings = read_run(run, BenchmarkRun, out=out, data=data_dir, workers=workers)
    with watching() as watch:

        def told(step: "JobDone") -> None:
            watch.progress("jobs", step.done, step.total)
            job = step.job
            text = f"{step.done}/{step.total} {job.model} {job.scheme} fold {job.fold}{_left(step.seconds_left)}"
            watch.bars.console.print(text, highlight=False)

        part = settings.narrowed(models=model or (), schemes=scheme or (), folds=fold or ())
        if no_report:
            outcome, written = train_benchmark(settings, part=part, on_job=told), settings.out
        else:
            done = run_benchmark(
                settings, part=part, command=f"drugripple benchmark {run}", report_only=report_only, on_job=told
            )
            outcome, written = done.outcome, done.report
    for line in failures(outcome):
        say(line)
    result(str(written))
    if outcome.failed:
        raise SystemExit(JOBS_FAILED)


def tune(
    run: RunFile,
    out: Out = None,
    data_dir: DataDir = None,
    trials: Annotated[int | None, typer.Option(help="Wins over the run file.", min=1)] = None,
) -> None:
    """Search a network's settings on validation rows, never on test rows. Goes on where it was stopped."""
    from drugripple.config import read_run
    from drugripple.recipes.tune.run import TuneRun
    from drugripple.recipes.tune.run import tune as search

    settings = read_run(run, TuneRun, out=out, data=data_dir, trials=trials)
    with watching() as watch:

        def told(trial: "Trial") -> None:
            watch.progress("trials", trial.number, trial.total)
            ended = "pruned" if math.isnan(trial.value) else f"validation RMSE {trial.value:.4f}"
            text = f"{trial.number}/{trial.total} {ended}: {', '.join(f'{k} {v}' for k, v in trial.draw.items())}"
            watch.bars.console.print(text, highlight=False)

        done = search(settings, on_trial=told)
    say(f"lowest validation RMSE {done.rmse:.4f} of {len(done.trials)} trials")
    result(str(done.folder / "best.toml"))


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
