"""The jobs of a cross-validation: what each is, where its predictions lie, and which are finished.

    predictions/{model}/{scheme}/seed{seed}/{fold}.parquet      row_id, y, yhat (in the unit of y)
    predictions/{model}/{scheme}/seed{seed}/{fold}.epochs.csv   the learning curve, of models that have one
    predictions/{model}/{scheme}/seed{seed}/{fold}.fit_state    the fit while it runs, of models that can go on

A file appears whole or not at all, so a killed run goes on where it stopped; a file of another split is refused.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import split_digest
from drugripple.evaluation.splits import Fold
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.digest import content_digest
from drugripple.runtime.nesting import read_json_text
from drugripple.runtime.provenance import Origin

if TYPE_CHECKING:
    import pyarrow as pa


UNREADABLE = (OSError, KeyError, ValueError, TypeError)
"""What reading a file raises, beside errors of Arrow, that is damaged or another program's."""


@dataclass(frozen=True, order=True)
class Job:
    """One model trained on one fold with one seed."""

    model: str
    scheme: Scheme
    fold: int
    seed: int = 0

    def __str__(self) -> str:
        """The job as messages name it.

        >>> str(Job("ridge", Scheme.MIXED, 0))
        'ridge mixed fold 0 seed 0'
        """
        return f"{self.model} {self.scheme.value} fold {self.fold} seed {self.seed}"

    def path(self, folder: Path) -> Path:
        """The file that holds the predictions of this job."""
        return folder / "predictions" / self.model / self.scheme.value / f"seed{self.seed}" / f"{self.fold}.parquet"

    def curve_path(self, folder: Path) -> Path:
        """The file that holds the learning curve of this job, if its model has one."""
        return self.path(folder).with_suffix(".epochs.csv")

    def state_path(self, folder: Path) -> Path:
        """The file that keeps the fit of this job between epochs, while it runs, if its model can go on from it."""
        return self.path(folder).with_suffix(".fit_state")


class Predictions(NamedTuple):
    """Predictions of one job. Axis m: test row."""

    row_id: Int[np.ndarray, " m"]
    y: Float[np.ndarray, " m"]
    yhat: Float[np.ndarray, " m"]
    seconds: float
    """Seconds that fitting and predicting took."""


@dataclass(frozen=True)
class JobBoard:
    """The jobs of a cross-validation and which of them are finished, looked up once; make it with `look`."""

    folder: Path
    folds: Mapping[Scheme, Sequence[Fold]]
    jobs: tuple[Job, ...]
    done: frozenset[Job]

    @classmethod
    def look(cls, folder: Path, folds: Mapping[Scheme, Sequence[Fold]], jobs: Iterable[Job]) -> "JobBoard":
        """See which jobs have predictions in a folder.

        Raises:
            SplitError: if a prediction file is of another split.
        """
        several = tuple(jobs)
        done = frozenset(job for job in several if _is_done(job, folds[job.scheme][job.fold], folder))
        return cls(folder, folds, several, done)

    @property
    def finished(self) -> tuple[Job, ...]:
        """The jobs with predictions."""
        return tuple(job for job in self.jobs if job in self.done)

    @property
    def waiting(self) -> tuple[Job, ...]:
        """The jobs without."""
        return tuple(job for job in self.jobs if job not in self.done)

    def fold_of(self, job: Job) -> Fold:
        """The rows that a job trains on and predicts."""
        return self.folds[job.scheme][job.fold]

    def read(self, job: Job) -> Predictions:
        """The predictions of a finished job.

        Raises:
            SplitError: if there are none.
        """
        return read_predictions(self.folder, job)

    def only(
        self, *, models: Collection[str], schemes: Collection[Scheme], numbers: Collection[int] = ()
    ) -> "JobBoard":
        """The jobs of some models, schemes and folds, which are all where no number is named."""
        chosen = (job for job in self.jobs if job.model in models and job.scheme in schemes)
        return replace(self, jobs=tuple(job for job in chosen if not numbers or job.fold in numbers))

    def with_done(self, jobs: Iterable[Job]) -> "JobBoard":
        """The same jobs, with some more of them finished."""
        return replace(self, done=self.done | frozenset(jobs))

    def without(self, jobs: Iterable[Job]) -> "JobBoard":
        """The same jobs, with some of them to be done again."""
        return replace(self, done=self.done - frozenset(jobs))


def jobs_of(
    models: Iterable[str],
    folds: Mapping[Scheme, Sequence[Fold]],
    *,
    seeds: Sequence[int] = (0,),
    only: Collection[int] = (),
) -> tuple[Job, ...]:
    """Every model on every fold with every seed, or on the folds numbered `only` if there are any."""
    return tuple(
        Job(model, scheme, number, seed)
        for model in models
        for scheme in folds
        for seed in seeds
        for number in range(len(folds[scheme]))
        if not only or number in only
    )


def read_predictions(folder: Path, job: Job) -> Predictions:
    """The predictions of one finished job.

    Raises:
        SplitError: if there are none, or they were altered.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = job.path(folder)
    try:
        frame = pq.read_table(path)
        card = _card(frame.schema)
        seconds, content = float(card["seconds"]), card["content"]
        found = Predictions(frame["row_id"].to_numpy(), frame["y"].to_numpy(), frame["yhat"].to_numpy(), seconds)
    except (*UNREADABLE, pa.ArrowException) as error:
        message = f"{path} holds no predictions ({type(error).__name__}); run the job {job} again"
        raise SplitError(message) from error
    if content_digest(found.row_id, found.y, found.yhat) != content:
        message = f"{path} was altered after it was written (its digest differs); remove it and run the job {job} again"
        raise SplitError(message)
    return found


def keep_predictions(
    job: Job,
    fold: Fold,
    test: ResponseTable,
    yhat: Float[np.ndarray, " m"],
    seconds: float,
    folder: Path,
    *,
    origin: Origin = Origin(),  # noqa: B008 - of a NamedTuple, which nobody can change
) -> None:
    """Write predictions of one job as `read_predictions` reads them: whole, or not at all.

    Args:
        job: whose they are.
        fold: its rows.
        test: the measurements of its test rows.
        yhat: the predictions.
        seconds: that fitting and predicting took.
        folder: of the cross-validation.
        origin: what they were computed on, and by which code.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = job.path(folder)
    row_id, y = fold.test.astype(np.int32), test.values.astype(np.float64)
    content = content_digest(row_id, y, yhat)
    split = split_digest({job.scheme: (fold,)})
    card = {"split": split, "seconds": round(seconds, 3), "content": content, **origin._asdict()}
    columns = {"row_id": row_id, "y": y, "yhat": yhat}
    with whole_file(path) as part:
        pq.write_table(pa.table(columns, metadata={"drugripple": json.dumps(card)}), part, compression="zstd")


def origin_of(folder: Path, job: Job) -> Origin:
    """What the predictions of a finished job were computed on and by; blank where its file does not say."""
    import pyarrow.parquet as pq

    card = _card(pq.read_schema(job.path(folder)))
    return Origin(str(card.get("hardware", "")), str(card.get("commit", "")))


def _card(schema: "pa.Schema") -> dict[str, Any]:
    """What the file of a job says of its predictions."""
    return read_json_text((schema.metadata or {})[b"drugripple"])


def _is_done(job: Job, fold: Fold, folder: Path) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = job.path(folder)
    if not path.exists():
        return False
    try:
        card = _card(pq.read_schema(path))
    except (*UNREADABLE, pa.ArrowException):
        return False
    if card.get("split") != split_digest({job.scheme: (fold,)}):
        message = f"{path} was predicted on another split; use another folder or remove it"
        raise SplitError(message)
    return True
