"""Cross-validation as independent jobs: every model on every fold, predictions on disk, a failure stops no other."""

import time
import traceback
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np

from drugripple.config import choice
from drugripple.data.predictor import Predictor, Resumable
from drugripple.data.response import ResponseTable
from drugripple.errors import TrainingError, first_five
from drugripple.evaluation.jobs import Job, JobBoard, jobs_of, keep_predictions
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import score_predictions
from drugripple.evaluation.splits import Fold, make_folds
from drugripple.runtime.atomic import write_csv, write_text
from drugripple.runtime.provenance import Origin, commit, hardware
from drugripple.runtime.workers import restarts_untold

if TYPE_CHECKING:
    import pandas as pd

ROUND = 8
"""Jobs per worker in a round, on backends whose rounds end together: more waste less time, fewer report sooner."""


@runtime_checkable
class Learner(Protocol):
    """A predictor that learns epoch by epoch and keeps its learning curve."""

    def learning_curve(self) -> "pd.DataFrame":
        """The losses of the last fit: one row per epoch, any columns."""


class Failure(NamedTuple):
    """A job that failed, and why."""

    job: Job
    reason: str
    details: Path
    """The file that holds the whole traceback."""


class Outcome(NamedTuple):
    """Which of the requested jobs finished, were finished before, or failed."""

    finished: tuple[Job, ...]
    reused: tuple[Job, ...]
    failed: tuple[Failure, ...]

    def refuse_failures(self) -> None:
        """Refuse to go on with the scores of some models where others failed.

        Raises:
            TrainingError: naming the first five failures.
        """
        if self.failed:
            told = [f"{job.model} {job.scheme} fold {job.fold}: {reason}" for job, reason, _ in self.failed]
            total = len(self.finished) + len(self.reused) + len(self.failed)
            message = f"{len(told)} of {total} trainings failed: {first_five(told)}"
            raise TrainingError(message)


def cross_validate(
    models: Mapping[str, Callable[[], Predictor]],
    table: ResponseTable,
    *,
    scheme: str = Scheme.CELL_BLIND,
    folds: int = 10,
    seed: int = 0,
    folder: str | Path | None = None,
    workers: int = 1,
) -> "pd.DataFrame":
    """Scores of models on the folds of a scheme: scheme, fold, seed, model, metric, value, n.

        models = dr.predictors.makers("mean_effects", "ridge")
        scores = dr.evaluation.cross_validate(models, dr.datasets.gdsc2("data"), scheme="drug_blind", folds=5)

    A molecule is in one part under all its names, and so are repeat measurements of a pair. The folds are those of
    `run_benchmark` for the same table, number of folds and seed.

    Args:
        models: a maker of an unfitted predictor for each name.
        table: the measured rows.
        scheme: what a test row does not share with training: `mixed`, `cell_blind`, `drug_blind` or `disjoint`.
        folds: number of folds.
        seed: of the folds and of the models.
        folder: keeps the predictions, so that the same call goes on where it was stopped.
        workers: jobs at a time.

    Raises:
        SplitError: if the folds cannot be made, or predictions in `folder` are of another split.
        TrainingError: if a model fails, after the others have run.
    """
    kind = choice(Scheme, scheme)
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    parts = {kind: make_folds(table.sample_row, molecules, kind, folds=folds, seed=seed)}
    with TemporaryDirectory() as scratch:
        place = Path(folder or scratch)
        outcome = train_on_folds(table, parts, models, place, seeds=[seed], workers=workers)
        outcome.refuse_failures()
        return score_predictions(JobBoard.look(place, parts, jobs_of(models, parts, seeds=[seed])), table)


def train_on_folds(
    table: ResponseTable,
    folds: Mapping[Scheme, Sequence[Fold]],
    models: Mapping[str, Callable[[], Predictor]],
    folder: Path,
    *,
    seeds: Sequence[int] = (0,),
    only: Collection[int] = (),
    workers: int = 1,
    on_done: Callable[[Job, int, int], None] | None = None,
) -> Outcome:
    """Train every model on every fold with every seed, and keep the predictions.

    Jobs run through joblib, so `joblib.parallel_config(backend=...)` around the call sends them to Ray or Dask; every
    worker must then see `folder`. A job whose predictions are on disk is not done again, and one that was killed goes
    on from its last epoch if its model can (`data.predictor.Resumable`). One that fails is reported, and the others
    go on.

    Args:
        table: the measured rows.
        folds: folds of each scheme, of this table.
        models: a maker of an unfitted predictor for each name.
        folder: where predictions go.
        seeds: seeds of the models.
        only: numbers of the folds to run, all where there is none.
        workers: jobs at a time.
        on_done: called with the job, how many of the new jobs are done, and how many there are.

    Raises:
        SplitError: if a prediction file on disk is of another split.
    """
    jobs = jobs_of(models, folds, seeds=seeds, only=only)
    return work_through(JobBoard.look(folder, folds, jobs), table, models, workers=workers, on_done=on_done)


@restarts_untold()
def work_through(
    board: JobBoard,
    table: ResponseTable,
    models: Mapping[str, Callable[[], Predictor]],
    *,
    workers: int = 1,
    on_done: Callable[[Job, int, int], None] | None = None,
) -> Outcome:
    """Run the board's waiting jobs, as `train_on_folds` does."""
    from joblib import delayed

    waiting = board.waiting
    finished, failed = [], []
    code = commit() if waiting else ""  # of now, because the checkout may change while jobs run
    calls = [delayed(_run)(job, table, board.fold_of(job), models[job.model], board.folder, code) for job in waiting]
    for done, (job, reason) in enumerate(_results(calls, workers), start=1):
        if reason:
            failed.append(Failure(job, reason, _error_path(job, board.folder)))
        else:
            finished.append(job)
        if on_done is not None:
            on_done(job, done, len(waiting))
    return Outcome(tuple(sorted(finished)), board.finished, tuple(sorted(failed)))


def _results(calls: Sequence[Any], workers: int) -> Iterator[tuple[Job, str]]:
    """The result of each call as it ends, or of each round of calls if the backend (Ray) returns whole lists only."""
    from joblib import Parallel
    from joblib.parallel import get_active_backend

    if get_active_backend()[0].supports_return_generator:
        yield from Parallel(n_jobs=workers, return_as="generator_unordered")(calls)
        return
    with Parallel(n_jobs=workers) as pool:
        size = ROUND * workers
        for start in range(0, len(calls), size):
            yield from pool(calls[start : start + size])


def _run(
    job: Job, table: ResponseTable, fold: Fold, make: Callable[[], Predictor], folder: Path, code: str
) -> tuple[Job, str]:
    """Do one job with the code of a commit; the reason if it fails, or nothing."""
    try:
        started = time.perf_counter()
        model, test = make(), table.take(fold.test)
        if isinstance(model, Resumable):
            model.fit_state = job.state_path(folder)
            model.fit_state.parent.mkdir(parents=True, exist_ok=True)
        model.fit(table.take(fold.train), table.take(fold.valid), seed=job.seed)
        yhat = np.asarray(model.predict(test.pairs), dtype=np.float64)
        if yhat.shape != test.values.shape or not np.isfinite(yhat).all():
            message = (
                f"{int((~np.isfinite(yhat)).sum())} of {yhat.size} predictions for {len(test)} rows are not finite"
            )
            raise TrainingError(message)
        if isinstance(model, Learner):
            write_csv(job.curve_path(folder), model.learning_curve())
        seconds = time.perf_counter() - started
        keep_predictions(job, fold, test, yhat, seconds, folder, origin=Origin(hardware(), code))
        job.state_path(folder).unlink(missing_ok=True)
    except Exception as error:  # noqa: BLE001 - whatever a model does wrong must not end the other jobs
        write_text(_error_path(job, folder), traceback.format_exc())
        return job, f"{type(error).__name__}: {error}"
    _error_path(job, folder).unlink(missing_ok=True)
    return job, ""


def _error_path(job: Job, folder: Path) -> Path:
    return job.path(folder).with_suffix(".error.txt")
