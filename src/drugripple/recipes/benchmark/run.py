"""`drugripple benchmark`: models x schemes x folds x seeds as jobs, predictions on disk, then the report."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from drugripple.config import write_run
from drugripple.evaluation.jobs import Job, Outcome, crossval, finished_jobs, jobs_of, read_predictions
from drugripple.recipes.benchmark.average import average_finished
from drugripple.recipes.benchmark.folds import Material, prepare
from drugripple.recipes.benchmark.report import find, write_report
from drugripple.recipes.benchmark.settings import BenchmarkRun, keep_settings, makers
from drugripple.recipes.run_folder import RUN_FILE, growing_folder
from drugripple.report.benchmark_findings import BenchmarkFindings
from drugripple.runtime.outputs import files_below
from drugripple.runtime.workers import worker_pool


class JobDone(NamedTuple):
    """One more job has ended, well or not."""

    job: Job
    done: int
    total: int
    seconds_left: float
    """NaN before anything can be said."""


class Benchmark(NamedTuple):
    """What a benchmark left behind."""

    folder: Path
    outcome: Outcome
    report: Path
    """The HTML file."""
    findings: BenchmarkFindings


@dataclass
class Forecast:
    """Time left, from the time that finished jobs took: of the same model and scheme, else of any."""

    left: dict[tuple[str, str], int]
    at_a_time: int
    took: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def seconds(self) -> float:
        """Seconds until all jobs are done; NaN before the first one is.

        >>> forecast = Forecast({("rf", "mixed"): 3, ("svm", "mixed"): 1}, 2)
        >>> forecast.took["rf", "mixed"] += [10.0, 20.0]
        >>> forecast.seconds()
        30.0
        """
        every = [seconds for several in self.took.values() for seconds in several]
        if not every:
            return float("nan")
        expected = (
            count * float(np.mean(self.took[kind] if self.took.get(kind) else every))
            for kind, count in self.left.items()
        )
        return sum(expected) / self.at_a_time


def run_benchmark(
    run: BenchmarkRun,
    *,
    part: BenchmarkRun | None = None,
    command: str = "drugripple benchmark",
    report_only: bool = False,
    on_job: Callable[[JobDone], None] = lambda _: None,
) -> Benchmark:
    """Do every job that is not finished yet, then write the report of all that are; a failing job stops no other.

    Args:
        run: models, schemes and folds of the report.
        part: which of them to train now, if not all (`run.narrowed`).
        command: what the report names as the way to repeat it.
        report_only: train nothing.
        on_job: called after each job.

    Raises:
        ConfigError: if a network's settings are wrong, or `run.out` holds something else under the same names.
        SourceError: if the data are not there.
        SplitError: if folds cannot be made, or predictions in `run.out` are of another split.
        TableError: if there is nothing to report.
    """
    with growing_folder(run, run.out, inputs=_inputs(run)):
        material = prepare(run)
        write_run(run, run.out / RUN_FILE)
        outcome = Outcome((), (), ()) if report_only else run_jobs(part or run, material, on_job=on_job)
        average_finished(run, material)
        found = find(run, material, command=command)
        report = write_report(found, run.out)
        return Benchmark(run.out, outcome, report, found)


def train_benchmark(
    run: BenchmarkRun, *, part: BenchmarkRun | None = None, on_job: Callable[[JobDone], None] = lambda _: None
) -> Outcome:
    """As `run_benchmark`, without a report."""
    with growing_folder(run, run.out, inputs=_inputs(run)):
        material = prepare(run)
        write_run(run, run.out / RUN_FILE)
        return run_jobs(part or run, material, on_job=on_job)


def _inputs(run: BenchmarkRun) -> list[Path]:
    return [run.data, *files_below(run.data / "gdsc"), *(Path(network.backbone) for network in run.network)]


def run_jobs(run: BenchmarkRun, material: Material, *, on_job: Callable[[JobDone], None] = lambda _: None) -> Outcome:
    """As `run_benchmark`, without the report, on rows and folds in memory."""
    models = makers(run)
    keep_settings(run)
    folds = material.folds_of(run)
    wanted = jobs_of(models, folds, seeds=run.seeds, only=run.only)
    done_before = finished_jobs(run.out, wanted, folds)
    forecast = Forecast(defaultdict(int), run.workers)
    for job in set(wanted) - set(done_before):
        forecast.left[job.model, job.scheme] += 1
    for job in done_before:
        forecast.took[job.model, job.scheme].append(read_predictions(run.out, job).seconds)

    def done(job: Job, number: int, total: int) -> None:
        kind = (job.model, job.scheme)
        forecast.left[kind] -= 1
        if job.path(run.out).exists():
            forecast.took[kind].append(read_predictions(run.out, job).seconds)
        on_job(JobDone(job, number, total, forecast.seconds()))

    with worker_pool(run.backend, run.workers, address=run.address, shared=(material.table,)):
        return crossval(
            material.table, folds, models, run.out,
            seeds=run.seeds, only=run.only, workers=run.workers, on_done=done,
        )  # fmt: skip


def failures(outcome: Outcome) -> tuple[str, ...]:
    """One line for each job that failed: which, why, and where its traceback is."""
    return tuple(
        f"failed: {job.model} {job.scheme} fold {job.fold} seed {job.seed}: {reason} (see {details})"
        for job, reason, details in outcome.failed
    )
