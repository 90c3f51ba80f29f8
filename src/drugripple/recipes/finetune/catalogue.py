"""`drugripple finetune` with a `model`: a predictor of the catalogue, fitted on one fold and kept for `predict`."""

import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from drugripple.data.predictor import Predictor
from drugripple.evaluation.cross_validation import Learner
from drugripple.predict.fitted import FittedModel, TrainedOn
from drugripple.predict.load import FITTED
from drugripple.predictors.variant import adjusted
from drugripple.recipes.finetune.fold import RESULTS, Parts, fit_fold, inputs_of, write_tables
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.folds import measured_rows
from drugripple.recipes.run_folder import run_folder

EPOCHS = ("epoch", "train_loss", "valid_loss", "seconds")
"""Columns of history.csv, which has no row for a model that does not learn in epochs."""


@dataclass(frozen=True)
class FittedResult:
    """The results of a run with a model of the catalogue."""

    folder: Path
    model: FittedModel
    predictions: pd.DataFrame
    """Test rows that the model answers for, with columns row_id, sample, compound, y, yhat and naive (mean effects)."""
    scores: pd.DataFrame
    """Scores of the model and of mean effects, with columns model, metric, value, n."""
    dropped: pd.DataFrame
    unanswered: tuple[str, ...]
    """Test compounds that the model does not answer for."""
    seconds: float


def fit_model(run: FinetuneRun) -> FittedResult:
    """Fit `run.model` on one fold and write run.toml, the model, predictions, scores and losses to `run.out`.

    Raises:
        DrugrippleError: if the data cannot be used, or the model cannot be fitted on them.
    """
    start = time.perf_counter()
    with run_folder(run, results=RESULTS, inputs=inputs_of(run)):
        rows = measured_rows(run, run.split.replicates)

        def fit(parts: Parts) -> Predictor:
            predictor = adjusted(run.model, run.data, run.settings)
            predictor.fit(parts.train, parts.valid, seed=run.seed)
            return predictor

        done = fit_fold(run, rows, run.model, fit)
        fitted = FittedModel(done.model, TrainedOn.of(done.train, done.model))
        fitted.save(run.out / FITTED)
        epochs = done.model.learning_curve() if isinstance(done.model, Learner) else pd.DataFrame(columns=list(EPOCHS))
        write_tables(run, done, rows.dropped, epochs)
    seconds = time.perf_counter() - start
    return FittedResult(run.out, fitted, done.predictions, done.scores, rows.dropped, done.unanswered, seconds)
