"""`drugripple finetune`: stage 2 on one fold of measured responses, with predictions and scores."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.config import write_run
from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import score
from drugripple.evaluation.scoreboard import MEAN_EFFECTS
from drugripple.model.checkpoint import Card, ResponseCheckpoint, save_response
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import RANDOM
from drugripple.model.shipped import card_of
from drugripple.model.storage import DataUse
from drugripple.predictors.backbone import backbone_of
from drugripple.predictors.csg2a import FittedNetwork, fit_network, network_card
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.folds import MeasuredRows, divide, fold_of, measured_rows
from drugripple.recipes.run_folder import RUN_FILE, STATE, run_folder
from drugripple.runtime.atomic import whole_file, write_csv, write_text
from drugripple.runtime.digest import content_digest
from drugripple.runtime.outputs import files_below
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import hardware
from drugripple.sources.study import files_of
from drugripple.training.history import History
from drugripple.training.loggers import run_log

RESULTS = ("checkpoint", "fitted", "predictions.parquet", "dropped.csv", "metrics.json", "history.csv")
"""Files that a run writes beside its run.toml, in this order."""


@dataclass(frozen=True)
class FinetuneResult:
    """The results of a fine-tuning run."""

    folder: Path
    checkpoint: ResponseCheckpoint
    history: History
    predictions: pd.DataFrame
    """Test rows with columns row_id, sample, compound, y, yhat and naive (mean effects)."""
    scores: pd.DataFrame
    """Scores of the network and of mean effects, with columns model, metric, value, n."""
    dropped: pd.DataFrame
    train_rows: int
    seconds: float


def run_finetune(
    run: FinetuneRun, *, on_epoch: Any = lambda _: None, progress: Progress = no_progress
) -> FinetuneResult:
    """Train one fold and write run.toml, checkpoint, predictions, scores and losses to `run.out`.

    Started again after a kill, it continues after the last whole epoch and ends with the same weights.

    Raises:
        DrugrippleError: if data, settings or checkpoint do not fit together.
    """
    with (
        run_folder(run, results=RESULTS, inputs=inputs_of(run)),
        run_log(run.logger, run.out, str(run.scheme)) as log,
    ):
        log.settings(run.model_dump(mode="json"))
        rows = measured_rows(run, run.split.replicates)
        backbone = backbone_of(run.network, run.data, rows.table.expression.genes, seed=run.seed)
        use = DataUse(rows=len(rows.table), **rows.origin._asdict())
        done = finetune_table(run, rows, backbone, data=use, on_epoch=log.beside(on_epoch), progress=progress)
        own = done.scores[done.scores["model"] == run.network.label]
        log.scores({f"test_{metric}": value for metric, value in zip(own["metric"], own["value"], strict=True)})
        return done


def inputs_of(run: FinetuneRun) -> list[Path]:
    """The files and folders that a run reads."""
    named = (Path(name) for name in (run.network.backbone, run.network.encoder))
    folders = (path.parent for folder in named if folder.is_dir() for path in files_below(folder))
    return [*files_of(run), *folders, *([] if run.split.file is None else [run.split.file])]


def finetune_table(
    run: FinetuneRun,
    rows: MeasuredRows,
    backbone: PerturbationNet,
    *,
    data: DataUse,
    on_epoch: Any = lambda _: None,
    progress: Progress = no_progress,
) -> FinetuneResult:
    """Fine-tune on rows in memory, in a folder that the caller holds (`run_folder`).

    The card keeps where the rows come from and under which terms.
    """
    start, state, table = time.perf_counter(), run.out / STATE, rows.table
    write_run(run, run.out / RUN_FILE)
    fold = fold_of(divide(rows, run.split, [run.scheme])[run.scheme], run.fold)
    train, valid, test = (table.take(part) for part in (fold.train, fold.valid, fold.test))
    tested = {"the responses to be predicted": content_digest(test.sample_row, test.compound_row, test.values)}
    fitted = fit_network(
        run.network, train, valid, backbone, seed=run.seed, state=state, beside=tested, on_epoch=on_epoch,
        progress=progress,
    )  # fmt: skip
    predictions = beside_measured(
        fold.test, test, yhat=fitted.predict(test.pairs), naive=fitted.effects.predict(test.pairs)
    )
    scores = scores_of(run.network.label, test, predictions)
    seconds = time.perf_counter() - start
    before = () if run.network.backbone == RANDOM else card_of(run.network.backbone).data
    used = (*before, data.model_copy(update={"rows": len(fold.train)}))
    card = _card(run, train, fitted, scores, seconds).model_copy(update={"data": used})
    save_response(run.out / "checkpoint", fitted.net, fitted.scaler, card)
    write_tables(run.out, predictions, rows.dropped, scores, pd.DataFrame(fitted.history.epochs))
    state.unlink()
    return FinetuneResult(
        run.out,
        ResponseCheckpoint(fitted.net, fitted.scaler, card),
        fitted.history,
        predictions,
        scores,
        rows.dropped,
        len(fold.train),
        seconds,
    )


def beside_measured(
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


def scores_of(model: str, test: ResponseTable, predictions: pd.DataFrame) -> pd.DataFrame:
    """Scores of a model and of mean effects, with columns model, metric, value, n."""
    parts = []
    for name, column in ((model, "yhat"), (MEAN_EFFECTS, "naive")):
        values = score(
            predictions["y"].to_numpy(),
            predictions[column].to_numpy(),
            compounds=test.compound_row,
            samples=test.sample_row,
            mean_effects=predictions["naive"].to_numpy(),
        )
        parts.append(values.assign(model=name)[["model", "metric", "value", "n"]])
    return pd.concat(parts, ignore_index=True)


def write_tables(
    out: Path, predictions: pd.DataFrame, dropped: pd.DataFrame, scores: pd.DataFrame, epochs: pd.DataFrame
) -> None:
    """Write the tables of a run; the last of them says that it is finished."""
    with whole_file(out / "predictions.parquet") as path:
        predictions.to_parquet(path, index=False)
    write_csv(out / "dropped.csv", dropped)
    write_text(out / "metrics.json", scores.to_json(orient="records", indent=1))
    write_csv(out / "history.csv", epochs)


def _card(run: FinetuneRun, train: ResponseTable, fitted: FittedNetwork, scores: pd.DataFrame, seconds: float) -> Card:
    own = scores[(scores["model"] == run.network.label) & np.isfinite(scores["value"])]
    card = network_card(
        fitted, train, name=f"{run.name} {run.scheme} fold {run.fold}", seed=run.seed,
        scaler_rows=run.network.scaler_rows,
    )  # fmt: skip
    return card.model_copy(
        update={
            "measure": train.measure,
            "largest_compound": max(molecule.heavy_atoms for molecule in train.pairs.compact().compounds.molecules),
            "metrics": dict(zip(own["metric"], own["value"], strict=True)),
            "seconds": seconds,
            "hardware": hardware(),
        }
    )
