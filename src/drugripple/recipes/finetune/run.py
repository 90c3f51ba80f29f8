"""`drugripple finetune`: stage 2 on one fold of measured responses, with predictions and scores."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.model.checkpoint import Card, ResponseCheckpoint, save_response
from drugripple.model.folders import CHECKPOINT
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import RANDOM
from drugripple.model.shipped import card_of
from drugripple.model.storage import DataUse
from drugripple.predictors.backbone import backbone_of
from drugripple.predictors.csg2a import FittedNetwork, fit_network, network_card
from drugripple.recipes.finetune.fold import RESULTS, Parts, fit_fold, inputs_of, write_tables
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.folds import MeasuredRows, measured_rows
from drugripple.recipes.run_folder import STATE, run_folder
from drugripple.runtime.digest import content_digest
from drugripple.runtime.progress import Progress, notebook_progress
from drugripple.runtime.provenance import hardware
from drugripple.training.history import Epoch, History
from drugripple.training.loggers import run_log


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
    run: FinetuneRun, *, on_epoch: Callable[[Epoch], None] = lambda _: None, progress: Progress = notebook_progress
) -> FinetuneResult:
    """Train one fold and write run.toml, checkpoint, predictions, scores and losses to `run.out`.

    Started again after a kill, it continues after the last whole epoch and ends with the same weights.

    Args:
        run: the responses, the fold, the model and the folder.
        on_epoch: called after each epoch.
        progress: told of molecules.

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


def finetune_table(
    run: FinetuneRun,
    rows: MeasuredRows,
    backbone: PerturbationNet,
    *,
    data: DataUse,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    progress: Progress = notebook_progress,
) -> FinetuneResult:
    """Fine-tune on rows in memory, in a folder that the caller holds (`run_folder`).

    The card keeps where the rows come from and under which terms.
    """
    start, state = time.perf_counter(), run.out / STATE

    def fit(parts: Parts) -> FittedNetwork:
        test = parts.test
        tested = {"the responses to be predicted": content_digest(test.sample_row, test.compound_row, test.values)}
        return fit_network(
            run.network, parts.train, parts.valid, backbone, seed=run.seed, state=state, beside=tested,
            on_epoch=on_epoch, progress=progress,
        )  # fmt: skip

    done = fit_fold(run, rows, run.network.label, fit)
    fitted, seconds = done.model, time.perf_counter() - start
    before = () if run.network.backbone == RANDOM else card_of(run.network.backbone).data
    used = (*before, data.model_copy(update={"rows": len(done.train)}))
    card = _card(run, done.train, fitted, done.scores, seconds).model_copy(update={"data": used})
    save_response(run.out / CHECKPOINT, fitted.net, fitted.scaler, card)
    write_tables(run, done, rows.dropped, pd.DataFrame(fitted.history.epochs))
    state.unlink()
    return FinetuneResult(
        run.out,
        ResponseCheckpoint(fitted.net, fitted.scaler, card),
        fitted.history,
        done.predictions,
        done.scores,
        rows.dropped,
        len(done.train),
        seconds,
    )


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
