"""Stage 2 as one command: a fold of measured responses to a trained network, its predictions and its scores."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from drugripple.config import RunSettings, write_run
from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.metrics import score
from drugripple.evaluation.split_file import read_splits
from drugripple.evaluation.splits import Fold, Replicates, Scheme, make_folds
from drugripple.model.checkpoint import Card, ResponseCheckpoint, save_response
from drugripple.model.network import PerturbationNet
from drugripple.model.shipped import card_of
from drugripple.model.storage import DataUse
from drugripple.predictors.csg2a import FittedNetwork, backbone_of, fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.run_folder import RUN_FILE, STATE, run_folder
from drugripple.runtime.atomic import whole_file, write_csv, write_text
from drugripple.runtime.digest import folder_digest
from drugripple.runtime.outputs import files_below
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import hardware, versions
from drugripple.sources.public.registry import GDSC_PAPER, SANGER_TERMS
from drugripple.sources.public.tidy import read_gdsc
from drugripple.training.loop import History

RESULTS = ("checkpoint", "predictions.parquet", "dropped.csv", "metrics.json", "history.csv")
"""What a run leaves beside its run.toml, in this order."""


class FinetuneRun(NetworkSettings, RunSettings):
    """`drugripple finetune RUN.toml`."""

    data: Path
    dataset: Literal["GDSC1", "GDSC2"] = "GDSC2"
    scheme: Scheme = Scheme.CELL_BLIND
    fold: int = Field(0, ge=0)
    folds: int = Field(10, ge=3)
    split_seed: int = 0
    replicates: Replicates = Replicates.GROUP
    splits: Path | None = None
    """A split file to take the fold from, instead of splitting by `folds`, `split_seed` and `replicates`."""
    seed: int = 0


@dataclass(frozen=True)
class FinetuneResult:
    """What a run left behind, and the numbers that a report shows."""

    folder: Path
    checkpoint: ResponseCheckpoint
    history: History
    predictions: pd.DataFrame
    """Test rows: row_id, sample, compound, y, yhat, naive."""
    scores: pd.DataFrame
    """Columns model (csg2a, mean_effects), metric, value, n."""
    dropped: pd.DataFrame
    train_rows: int
    seconds: float


def run_finetune(
    run: FinetuneRun, *, on_epoch: Any = lambda _: None, progress: Progress = no_progress
) -> FinetuneResult:
    """Train one fold and write what it gave to `run.out`: run.toml, checkpoint, predictions, scores and losses.

    Started again after a kill it goes on from the last whole epoch and ends with the same weights.

    Raises:
        DrugrippleError: if data, settings or checkpoint do not fit together.
    """
    with run_folder(run, results=RESULTS, inputs=inputs_of(run)):
        loaded = read_gdsc(run.data, run.dataset)
        backbone = backbone_of(run, run.data, loaded.table.expression.genes, seed=run.seed)
        digest = folder_digest(run.data / "gdsc")
        use = DataUse(name=run.dataset, rows=len(loaded.table), digest=digest, terms=SANGER_TERMS, citation=GDSC_PAPER)
        return finetune_table(
            run, loaded.table, loaded.dropped, backbone, data=use, on_epoch=on_epoch, progress=progress
        )


def inputs_of(run: FinetuneRun) -> list[Path]:
    """The files and folders that a run reads."""
    parts = (path for part in ("gdsc", "prior", "l1000") for path in files_below(run.data / part))
    weights = (path for name in (run.backbone, run.encoder) if Path(name).is_dir() for path in files_below(Path(name)))
    folders = (path.parent for path in weights)
    return [run.data, *parts, *folders, *([] if run.splits is None else [run.splits])]


def finetune_table(
    run: FinetuneRun,
    table: ResponseTable,
    dropped: pd.DataFrame,
    backbone: PerturbationNet,
    *,
    data: DataUse,
    on_epoch: Any = lambda _: None,
    progress: Progress = no_progress,
) -> FinetuneResult:
    """As `run_finetune`, from tables in memory, in a folder that the caller holds (`run_folder`).

    The card keeps where the tables come from and under which terms.
    """
    start, state = time.perf_counter(), run.out / STATE
    write_run(run, run.out / RUN_FILE)
    fold = _fold(run, table)
    train, valid, test = (table.take(rows) for rows in (fold.train, fold.valid, fold.test))
    fitted = fit_network(run, train, valid, backbone, seed=run.seed, state=state, on_epoch=on_epoch, progress=progress)
    known = fitted.effects.predict(test.pairs)
    predictions = pd.DataFrame(
        {
            "row_id": fold.test,
            "sample": np.array(table.expression.samples)[test.sample_row],
            "compound": np.array(table.compounds.ids)[test.compound_row],
            "y": test.values.astype(np.float64),
            "yhat": fitted.predict(test.pairs),
            "naive": known,
        }
    )
    scores = _scores(test, predictions)
    seconds = time.perf_counter() - start
    before = () if run.backbone == "random" else card_of(run.backbone).data
    used = (*before, data.model_copy(update={"rows": len(fold.train)}))
    card = _card(run, train, fitted, scores, seconds).model_copy(update={"data": used})
    save_response(run.out / "checkpoint", fitted.net, fitted.scaler, card)
    with whole_file(run.out / "predictions.parquet") as path:
        predictions.to_parquet(path, index=False)
    write_csv(run.out / "dropped.csv", dropped)
    write_text(run.out / "metrics.json", scores.to_json(orient="records", indent=1))
    write_csv(run.out / "history.csv", pd.DataFrame(fitted.history.epochs))
    state.unlink()
    return FinetuneResult(
        run.out,
        ResponseCheckpoint(fitted.net, fitted.scaler, card),
        fitted.history,
        predictions,
        scores,
        dropped,
        len(fold.train),
        seconds,
    )


def _fold(run: FinetuneRun, table: ResponseTable) -> Fold:
    """The fold to train, split by molecule: salts and stereoisomers of one stay together."""
    molecules = molecule_numbers(table.compounds)[table.compound_row]
    if run.splits is None:
        folds = make_folds(
            table.sample_row, molecules, run.scheme, folds=run.folds, seed=run.split_seed, replicates=run.replicates
        )
    else:
        folds = read_splits(run.splits, table.sample_row, molecules).folds.get(run.scheme, ())
    if run.fold >= len(folds):
        message = f"fold {run.fold} of {run.scheme} does not exist: there are {len(folds)}, numbered from 0"
        raise SplitError(message)
    return folds[run.fold]


def _scores(test: ResponseTable, predictions: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for model, column in (("csg2a", "yhat"), ("mean_effects", "naive")):
        values = score(
            predictions["y"].to_numpy(),
            predictions[column].to_numpy(),
            compounds=test.compound_row,
            samples=test.sample_row,
            mean_effects=predictions["naive"].to_numpy(),
        )
        parts.append(values.assign(model=model)[["model", "metric", "value", "n"]])
    return pd.concat(parts, ignore_index=True)


def _card(run: FinetuneRun, train: ResponseTable, fitted: FittedNetwork, scores: pd.DataFrame, seconds: float) -> Card:
    net = fitted.net
    samples, compounds = np.unique(train.sample_row), np.unique(train.compound_row)
    lines, molecules = train.expression.samples, train.compounds.molecules
    own = scores[(scores["model"] == "csg2a") & np.isfinite(scores["value"])]
    return Card(
        kind="response",
        name=f"{run.dataset} {run.scheme} fold {run.fold}",
        perturbation=net.backbone.settings,
        response=net.settings,
        genes=net.genes.symbols,
        gene_digest=net.genes.digest,
        prior_source=net.backbone.interactions.source,
        expression_scale=train.expression.scale,
        effects=fitted.effects if fitted.residual else None,
        compounds_seen=tuple(sorted({molecules[i].key for i in compounds})),
        lines_seen=tuple(lines[i] for i in samples),
        metrics=dict(zip(own["metric"], own["value"], strict=True)),
        seed=run.seed,
        seconds=seconds,
        hardware=hardware(),
        versions=versions(),
    )
