"""`drugripple benchmark`: models x schemes x folds x seeds as jobs, predictions on disk, then the report."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from drugripple.config import write_run
from drugripple.data.response import ResponseTable
from drugripple.evaluation.cross_validation import Outcome, work_through
from drugripple.evaluation.jobs import Job, JobBoard, jobs_of
from drugripple.recipes.benchmark.average import average_finished
from drugripple.recipes.benchmark.folds import BenchmarkFolds, prepare_folds
from drugripple.recipes.benchmark.models import keep_settings, makers, refuse_wrong_settings
from drugripple.recipes.benchmark.report import collect_findings, write_report
from drugripple.recipes.benchmark.settings import BenchmarkRun
from drugripple.recipes.run_folder import RUN_FILE, growing_folder
from drugripple.report.benchmark_findings import BenchmarkFindings
from drugripple.runtime.workers import worker_pool
from drugripple.sources.study import files_of


class JobDone(NamedTuple):
    """A job has ended, and how many are done."""

    job: Job
    done: int
    total: int
    seconds_left: float
    """Estimated seconds until all jobs are done; NaN before the first one is."""


class Benchmark(NamedTuple):
    """The results of a benchmark."""

    folder: Path
    outcome: Outcome
    report: Path
    """The report as an HTML file."""
    findings: BenchmarkFindings


@dataclass
class Forecast:
    """Time left, estimated from finished jobs of the same model and scheme, or of any if there are none."""

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
    """Do every job that is not finished yet, then write the report; a failing job does not stop the others.

    Args:
        run: models, schemes and folds of the report.
        part: the part of the run to train now; all of it if None (`run.narrowed`).
        command: what the report names as the way to repeat it.
        report_only: train nothing.
        on_job: called after each job.

    Raises:
        ConfigError: if a network's settings are wrong, or `run.out` holds something else under the same names.
        SourceError: if the data are not there.
        SplitError: if folds cannot be made, or predictions in `run.out` are of another split.
        TableError: if there is nothing to report.
    """
    refuse_wrong_settings(run)
    with growing_folder(run, run.out, inputs=_inputs(run)):
        folds = prepare_folds(run)
        write_run(run, run.out / RUN_FILE)
        board = board_of(run, folds)
        outcome = Outcome((), (), ()) if report_only else train_waiting(part or run, folds.table, board, on_job=on_job)
        board = average_finished(run, folds.table, board.with_done(outcome.finished))
        found = collect_findings(run, folds, board, command=command)
        report = write_report(found, run.out)
        return Benchmark(run.out, outcome, report, found)


def train_benchmark(
    run: BenchmarkRun, *, part: BenchmarkRun | None = None, on_job: Callable[[JobDone], None] = lambda _: None
) -> Outcome:
    """Do every job that is not finished yet, without a report."""
    refuse_wrong_settings(run)
    with growing_folder(run, run.out, inputs=_inputs(run)):
        folds = prepare_folds(run)
        write_run(run, run.out / RUN_FILE)
        return train_waiting(part or run, folds.table, board_of(run, folds), on_job=on_job)


def _inputs(run: BenchmarkRun) -> list[Path]:
    split = [] if run.split.file is None else [run.split.file]
    return [*files_of(run), *(Path(network.backbone) for network in run.network), *split]


def board_of(run: BenchmarkRun, folds: BenchmarkFolds) -> JobBoard:
    """The jobs of a run, averaged models included, and which of them are finished.

    Raises:
        SplitError: if predictions in `run.out` are of another split.
    """
    return JobBoard.look(run.out, folds.folds, jobs_of(run.names, folds.folds, seeds=run.seed, only=run.fold))


def train_waiting(
    run: BenchmarkRun, table: ResponseTable, board: JobBoard, *, on_job: Callable[[JobDone], None] = lambda _: None
) -> Outcome:
    """Train the jobs of a run that are waiting on its board.

    Raises:
        ConfigError: if predictions of other settings stand under the name of a network.
    """
    models = makers(run)
    keep_settings(run)
    board = board.only(models=models, schemes=run.scheme, numbers=run.fold)
    forecast = Forecast(defaultdict(int), run.workers)
    for job in board.waiting:
        forecast.left[job.model, job.scheme] += 1
    for job in board.finished:
        forecast.took[job.model, job.scheme].append(board.read(job).seconds)

    def done(job: Job, number: int, total: int) -> None:
        kind = (job.model, job.scheme)
        forecast.left[kind] -= 1
        if job.path(run.out).exists():
            forecast.took[kind].append(board.read(job).seconds)
        on_job(JobDone(job, number, total, forecast.seconds()))

    with worker_pool(run.backend, run.workers, address=run.address, shared=(table,)):
        return work_through(board, table, models, workers=run.workers, on_done=done)


def failures(outcome: Outcome) -> tuple[str, ...]:
    """One line per failed job: its name, the reason, and the file with its traceback."""
    return tuple(
        f"failed: {job.model} {job.scheme} fold {job.fold} seed {job.seed}: {reason} (see {details})"
        for job, reason, details in outcome.failed
    )
