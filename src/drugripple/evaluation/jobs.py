"""Cross-validation as independent jobs: predictions on disk, metrics from nothing but the predictions.

    predictions/{model}/{scheme}/seed{seed}/{fold}.parquet      row_id, y, yhat (ln IC50)
    predictions/{model}/{scheme}/seed{seed}/{fold}.epochs.csv   the learning curve, of models that have one

A file appears whole or not at all, so a killed run goes on where it stopped; a file of another split is refused.
"""

import json
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError, TrainingError
from drugripple.evaluation.metrics import score
from drugripple.evaluation.split_file import split_digest
from drugripple.evaluation.splits import Fold, Scheme
from drugripple.runtime.atomic import whole_file, write_csv, write_text

if TYPE_CHECKING:
    import pandas as pd

MEAN_EFFECTS = "mean_effects"
"""Name of the model that others are measured against: no features, the mean effects of samples and compounds."""
ROUND = 8
"""Jobs per worker in a round, on backends whose rounds end together: more waste less time, fewer report sooner."""


@runtime_checkable
class Learner(Protocol):
    """A predictor that learns epoch by epoch and keeps its learning curve."""

    def learning_curve(self) -> "pd.DataFrame":
        """The losses of the last fit: one row per epoch, any columns."""


@dataclass(frozen=True, order=True)
class Job:
    """One model trained on one fold with one seed."""

    model: str
    scheme: Scheme
    fold: int
    seed: int = 0

    def path(self, folder: Path) -> Path:
        """The file that holds the predictions of this job."""
        return folder / "predictions" / self.model / self.scheme.value / f"seed{self.seed}" / f"{self.fold}.parquet"

    def curve_path(self, folder: Path) -> Path:
        """The file that holds the learning curve of this job, if its model has one."""
        return self.path(folder).with_suffix(".epochs.csv")


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


class Predictions(NamedTuple):
    """Predictions of one job. Axis m: test row."""

    row_id: Int[np.ndarray, " m"]
    y: Float[np.ndarray, " m"]
    yhat: Float[np.ndarray, " m"]
    seconds: float
    """Seconds that fitting and predicting took."""


def crossval(
    table: ResponseTable,
    folds: Mapping[Scheme, Sequence[Fold]],
    models: Mapping[str, Callable[[], Predictor]],
    folder: Path,
    *,
    seeds: Sequence[int] = (0,),
    only: Iterable[int] | None = None,
    workers: int = 1,
    on_done: Callable[[Job, int, int], None] | None = None,
) -> Outcome:
    """Train every model on every fold with every seed, and keep the predictions.

    Jobs run through joblib, so `joblib.parallel_config(backend=...)` around the call sends them to Ray or Dask; every
    worker must then see `folder`. A job whose predictions are on disk is not done again. One that fails is reported,
    and the others go on.

    Args:
        table: the measured rows.
        folds: folds of each scheme, of this table.
        models: a maker of an unfitted predictor for each name.
        folder: where predictions go.
        seeds: seeds of the models.
        only: numbers of the folds to run; all of them if None.
        workers: jobs at a time.
        on_done: called with the job, how many of the new jobs are done, and how many there are.

    Raises:
        SplitError: if a prediction file on disk is of another split.
    """
    from joblib import delayed

    wanted = jobs_of(models, folds, seeds=seeds, only=only)
    reused = finished_jobs(folder, wanted, folds)
    new = [job for job in wanted if job not in set(reused)]
    finished, failed = [], []
    calls = [delayed(_run)(job, table, folds[job.scheme][job.fold], models[job.model], folder) for job in new]
    for done, (job, reason) in enumerate(_results(calls, workers), start=1):
        if reason:
            failed.append(Failure(job, reason, _error_path(job, folder)))
        else:
            finished.append(job)
        if on_done is not None:
            on_done(job, done, len(new))
    return Outcome(tuple(sorted(finished)), reused, tuple(sorted(failed)))


def jobs_of(
    models: Iterable[str],
    folds: Mapping[Scheme, Sequence[Fold]],
    *,
    seeds: Sequence[int] = (0,),
    only: Iterable[int] | None = None,
) -> tuple[Job, ...]:
    """Every model on every fold with every seed, or on the folds numbered `only`."""
    chosen = None if only is None else set(only)
    return tuple(
        Job(model, scheme, number, seed)
        for model in models
        for scheme in folds
        for seed in seeds
        for number in range(len(folds[scheme]))
        if chosen is None or number in chosen
    )


def finished_jobs(folder: Path, jobs: Iterable[Job], folds: Mapping[Scheme, Sequence[Fold]]) -> tuple[Job, ...]:
    """The jobs whose predictions are on disk.

    Raises:
        SplitError: if a prediction file is of another split.
    """
    return tuple(job for job in jobs if _is_done(job, folds[job.scheme][job.fold], folder))


def read_predictions(folder: Path, job: Job) -> Predictions:
    """The predictions of one finished job.

    Raises:
        SplitError: if there are none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = job.path(folder)
    try:
        frame = pq.read_table(path)
        seconds = float(json.loads((frame.schema.metadata or {})[b"drugripple"])["seconds"])
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        message = f"{path} holds no predictions ({type(error).__name__}); run the job {job} again"
        raise SplitError(message) from error
    return Predictions(frame["row_id"].to_numpy(), frame["y"].to_numpy(), frame["yhat"].to_numpy(), seconds)


def keep_predictions(
    job: Job, fold: Fold, test: ResponseTable, yhat: Float[np.ndarray, " m"], seconds: float, folder: Path
) -> None:
    """Write predictions of one job as `read_predictions` reads them: whole, or not at all."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = job.path(folder)
    card = {"split": split_digest({job.scheme: (fold,)}), "seconds": round(seconds, 3)}
    columns = {"row_id": fold.test.astype(np.int32), "y": test.values.astype(np.float64), "yhat": yhat}
    with whole_file(path) as part:
        pq.write_table(pa.table(columns, metadata={"drugripple": json.dumps(card)}), part, compression="zstd")


def score_predictions(
    folder: Path, table: ResponseTable, jobs: Iterable[Job], *, mean_effects: str = MEAN_EFFECTS
) -> "pd.DataFrame":
    """Scores of finished jobs: scheme, fold, seed, model, metric, value, n; from the predictions on disk alone.

    Residual metrics appear where the predictions of the model named `mean_effects` are there too.

    Raises:
        SplitError: if there are no predictions of a job, or they or those of `mean_effects` are of other measurements.
    """
    import pandas as pd

    columns, frames = ["scheme", "fold", "seed", "model", "metric", "value", "n"], []
    for job in jobs:
        found = read_predictions(folder, job)
        if not np.array_equal(found.y, table.values[found.row_id].astype(np.float64)):
            message = f"{job.path(folder)} holds other measurements than this table: it is of other data"
            raise SplitError(message)
        reference = Job(mean_effects, job.scheme, job.fold, job.seed)
        effects = read_predictions(folder, reference) if reference.path(folder).exists() else found
        if not np.array_equal(effects.row_id, found.row_id):
            message = f"{reference.path(folder)} is of another split than {job.path(folder)}; remove it"
            raise SplitError(message)
        groups = {"compounds": table.compound_row[found.row_id], "samples": table.sample_row[found.row_id]}
        scores = score(found.y, found.yhat, **groups, mean_effects=None if effects is found else effects.yhat)
        cost = pd.DataFrame({"metric": ["seconds"], "value": [found.seconds], "n": [found.y.size]})
        scores = pd.concat([scores, cost], ignore_index=True)
        labels = {"scheme": job.scheme.value, "fold": job.fold, "seed": job.seed, "model": job.model}
        frames.append(scores.assign(**labels)[columns])
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


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


def _run(job: Job, table: ResponseTable, fold: Fold, make: Callable[[], Predictor], folder: Path) -> tuple[Job, str]:
    """Do one job; the reason if it fails, or nothing."""
    try:
        started = time.perf_counter()
        model, test = make(), table.take(fold.test)
        model.fit(table.take(fold.train), table.take(fold.valid), seed=job.seed)
        yhat = np.asarray(model.predict(test.pairs), dtype=np.float64)
        if yhat.shape != test.values.shape or not np.isfinite(yhat).all():
            message = (
                f"{int((~np.isfinite(yhat)).sum())} of {yhat.size} predictions for {len(test)} rows are not finite"
            )
            raise TrainingError(message)
        if isinstance(model, Learner):
            write_csv(job.curve_path(folder), model.learning_curve())
        keep_predictions(job, fold, test, yhat, time.perf_counter() - started, folder)
    except Exception as error:  # noqa: BLE001 - whatever a model does wrong must not end the other jobs
        write_text(_error_path(job, folder), traceback.format_exc())
        return job, f"{type(error).__name__}: {error}"
    _error_path(job, folder).unlink(missing_ok=True)
    return job, ""


def _is_done(job: Job, fold: Fold, folder: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = job.path(folder)
    if not path.exists():
        return False
    try:
        card = json.loads((pq.read_schema(path).metadata or {})[b"drugripple"])
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return False
    if card["split"] != split_digest({job.scheme: (fold,)}):
        message = f"{path} was predicted on another split; use another folder or remove it"
        raise SplitError(message)
    return True


def _error_path(job: Job, folder: Path) -> Path:
    return job.path(folder).with_suffix(".error.txt")
