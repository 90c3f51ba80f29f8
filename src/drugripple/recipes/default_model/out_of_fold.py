"""Predictions of every row by fits that have not seen it, fold by fold on disk, so that a killed build goes on."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.evaluation.every_kind import EveryKindFold
from drugripple.predictors.calibrated import OutOfFold
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.workers import Backend, worker_pool


def predict_out_of_fold(
    make: Callable[[], MultiTraitGP],
    table: ResponseTable,
    folds: tuple[EveryKindFold, ...],
    folder: Path,
    *,
    seed: int,
    workers: int,
    progress: Progress = no_progress,
) -> OutOfFold:
    """Fit on each fold's training rows and predict its test rows, unless the folder holds these predictions already.

    Args:
        make: an unfitted predictor.
        table: the measured rows.
        folds: of the table.
        folder: where predictions are kept, one file a fold; it must belong to this table and these folds.
        seed: of the fits.
        workers: fits at a time.
        progress: told of folds.

    Raises:
        TrainingError: if there is too little to learn from.
    """
    import joblib

    folder = folder.resolve()  # a worker process may have been started from another folder
    waiting = [number for number in range(len(folds)) if not _path(folder, number).is_file()]
    task = partial(_predict_fold, make, table, folder=folder, seed=seed)
    progress("hidden parts predicted", len(folds) - len(waiting), len(folds))
    with worker_pool(Backend.LOCAL, workers):
        jobs = joblib.Parallel(return_as="generator_unordered")(
            joblib.delayed(task)(number, folds[number]) for number in waiting
        )
        for done, _ in enumerate(jobs, start=len(folds) - len(waiting) + 1):
            progress("hidden parts predicted", done, len(folds))
    return OutOfFold.joined([_read(folder, number) for number in range(len(folds))])


def _predict_fold(
    make: Callable[[], MultiTraitGP], table: ResponseTable, number: int, fold: EveryKindFold, *, folder: Path, seed: int
) -> None:
    predictor = make()
    predictor.fit(table.take(fold.train), table.take(fold.test[:0]), seed=seed)
    mean, deviation = predictor.predict_with_sd(table.pairs.take(fold.test))
    frame = pd.DataFrame({"row": fold.test, "kind": fold.kind, "mean": mean, "deviation": deviation})
    with whole_file(_path(folder, number)) as part:
        frame.to_parquet(part, index=False)


def _read(folder: Path, number: int) -> OutOfFold:
    frame = pd.read_parquet(_path(folder, number))
    return OutOfFold(
        frame["row"].to_numpy(np.int64),
        np.full(len(frame), number),
        frame["kind"].to_numpy(np.int64),
        frame["mean"].to_numpy(np.float64),
        frame["deviation"].to_numpy(np.float64),
    )


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number}.parquet"
