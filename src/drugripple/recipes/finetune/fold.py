"""One fold of measured responses: a model is fitted on its training rows and scored on its test rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.config import write_run
from drugripple.data.pairs import Pairs
from drugripple.data.predictor import answered
from drugripple.data.response import ResponseTable
from drugripple.errors import CompoundError
from drugripple.evaluation.metrics import score
from drugripple.evaluation.scoreboard import MEAN_EFFECTS
from drugripple.model.folders import CHECKPOINT
from drugripple.predict.load import FITTED
from drugripple.predictors.naive import MeanEffects
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.folds import MeasuredRows, divide, fold_of
from drugripple.recipes.run_folder import RUN_FILE
from drugripple.runtime.atomic import whole_file, write_csv, write_text
from drugripple.runtime.outputs import files_below
from drugripple.sources.study import files_of

RESULTS = (CHECKPOINT, FITTED, "predictions.parquet", "dropped.csv", "metrics.json", "history.csv")
"""Files that a run writes beside its run.toml, in this order."""


class Parts(NamedTuple):
    """The rows of one fold."""

    train: ResponseTable
    valid: ResponseTable
    test: ResponseTable


@runtime_checkable
class Predicts(Protocol):
    """A fitted model."""

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Predicted response of every pair."""


Model = TypeVar("Model", bound=Predicts)


@dataclass(frozen=True)
class FoldResult(Generic[Model]):
    """A model that was fitted on one fold, and how it does on the test rows."""

    model: Model
    train: ResponseTable
    predictions: pd.DataFrame
    """Test rows that the model answers for, with columns row_id, sample, compound, y, yhat and naive (mean effects)."""
    scores: pd.DataFrame
    """Scores of the model and of mean effects, with columns model, metric, value, n."""
    unanswered: tuple[str, ...]
    """Test compounds that the model does not answer for."""


def fit_fold(run: FinetuneRun, rows: MeasuredRows, name: str, fit: Callable[[Parts], Model]) -> FoldResult[Model]:
    """Fit a model on the fold that a run names, and test it beside mean effects; writes run.toml.

    Args:
        run: the scheme, the number of the fold and the seed.
        rows: the measured rows.
        name: what the tables call the model.
        fit: makes the fitted model.

    Raises:
        SplitError: if there is no such fold.
        CompoundError: if the model answers for no compound of the test rows.
    """
    write_run(run, run.out / RUN_FILE)
    table = rows.table
    fold = fold_of(divide(rows, run.split, [run.scheme])[run.scheme], run.fold)
    parts = Parts(*(table.take(part) for part in (fold.train, fold.valid, fold.test)))
    model, effects = fit(parts), MeanEffects()
    effects.fit(parts.train, parts.valid, seed=run.seed)
    known = answered(model, table.compounds)
    asked = fold.test[known[table.compound_row[fold.test]]]
    if not len(asked):
        message = f"{name} answers for no compound of fold {run.fold} of {run.scheme}; choose another one"
        raise CompoundError(message)
    test = table.take(asked)
    predictions = _beside_measured(asked, test, yhat=model.predict(test.pairs), naive=effects.predict(test.pairs))
    tested = np.unique(parts.test.compound_row)
    unanswered = tuple(table.compounds.names[i] for i in tested.tolist() if not known[i])
    return FoldResult(model, parts.train, predictions, _scores(name, test, predictions), unanswered)


def write_tables(run: FinetuneRun, done: FoldResult[Model], dropped: pd.DataFrame, epochs: pd.DataFrame) -> None:
    """Write the tables of a run; the last of them says that it is finished."""
    with whole_file(run.out / "predictions.parquet") as path:
        done.predictions.to_parquet(path, index=False)
    write_csv(run.out / "dropped.csv", dropped)
    write_text(run.out / "metrics.json", done.scores.to_json(orient="records", indent=1))
    write_csv(run.out / "history.csv", epochs)


def inputs_of(run: FinetuneRun) -> list[Path]:
    """The files and folders that a run reads."""
    named = (Path(name) for name in (run.network.backbone, run.network.encoder))
    folders = (path.parent for folder in named if folder.is_dir() for path in files_below(folder))
    return [*files_of(run), *folders, *([] if run.split.file is None else [run.split.file])]


def _beside_measured(
    rows: Int[np.ndarray, " m"], test: ResponseTable, *, yhat: Float[np.ndarray, " m"], naive: Float[np.ndarray, " m"]
) -> pd.DataFrame:
    """Measured test rows, which have these numbers, beside what a model and mean effects say of them."""
    return pd.DataFrame(
        {
            "row_id": rows,
            "sample": np.array(test.expression.samples)[test.sample_row],
            "compound": np.array(test.compounds.ids)[test.compound_row],
            "y": test.values.astype(np.float64),
            "yhat": yhat,
            "naive": naive,
        }
    )


def _scores(name: str, test: ResponseTable, predictions: pd.DataFrame) -> pd.DataFrame:
    """Scores of a model and of mean effects, once if they are the same."""
    parts = []
    for model, column in {name: "yhat", MEAN_EFFECTS: "naive"}.items():
        values = score(
            predictions["y"].to_numpy(),
            predictions[column].to_numpy(),
            compounds=test.compound_row,
            samples=test.sample_row,
            mean_effects=predictions["naive"].to_numpy(),
        )
        parts.append(values.assign(model=model)[["model", "metric", "value", "n"]])
    return pd.concat(parts, ignore_index=True)
