"""`drugripple finetune` with a `model`: a predictor of the catalogue, fitted on one fold and kept for `predict`."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.config import write_run
from drugripple.data.predictor import answered
from drugripple.errors import CompoundError
from drugripple.evaluation.cross_validation import Learner
from drugripple.predict.fitted import FittedModel, TrainedOn
from drugripple.predict.load import FITTED
from drugripple.predictors.naive import MeanEffects
from drugripple.predictors.variant import adjusted
from drugripple.recipes.finetune.run import RESULTS, beside_measured, inputs_of, scores_of, write_tables
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.folds import divide, fold_of, measured_rows
from drugripple.recipes.run_folder import RUN_FILE, run_folder

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
        write_run(run, run.out / RUN_FILE)
        table = rows.table
        fold = fold_of(divide(rows, run.split, [run.scheme])[run.scheme], run.fold)
        train, valid = table.take(fold.train), table.take(fold.valid)
        predictor, effects = adjusted(run.model, run.data, run.settings), MeanEffects()
        predictor.fit(train, valid, seed=run.seed)
        effects.fit(train, valid, seed=run.seed)
        known = answered(predictor, table.compounds)
        asked = fold.test[known[table.compound_row[fold.test]]]
        if not len(asked):
            message = f"{run.model} answers for no compound of fold {run.fold} of {run.scheme}; choose another one"
            raise CompoundError(message)
        test = table.take(asked)
        predictions = beside_measured(
            asked, test, yhat=predictor.predict(test.pairs), naive=effects.predict(test.pairs)
        )
        scores = scores_of(run.model, test, predictions)
        fitted = FittedModel(predictor, TrainedOn.of(train, predictor))
        fitted.save(run.out / FITTED)
        epochs = predictor.learning_curve() if isinstance(predictor, Learner) else pd.DataFrame(columns=list(EPOCHS))
        write_tables(run.out, predictions, rows.dropped, scores, epochs)
    tested = np.unique(table.compound_row[fold.test])
    without = tuple(table.compounds.names[i] for i in tested.tolist() if not known[i])
    return FittedResult(run.out, fitted, predictions, scores, rows.dropped, without, time.perf_counter() - start)
