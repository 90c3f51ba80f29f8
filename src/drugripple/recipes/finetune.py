"""Stage 2 as one command: a fold of measured responses to a trained network, its predictions and its scores."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float, Int
from pydantic import Field

from drugripple.chem.molecule import inchikey_block
from drugripple.config import Preset, Record, TrainingSettings, write_run
from drugripple.data.effects import Effects, Side
from drugripple.data.tables import ResponseTable
from drugripple.evaluation.metrics import score
from drugripple.evaluation.splits import Fold, Replicates, Scheme, make_folds
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import Card, KnownEffects, ResponseCheckpoint, save_response, versions
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.recipes.inputs import Progress, molecules_of, no_progress, response_inputs, write_whole
from drugripple.recipes.machine import hardware
from drugripple.recipes.pretrained import fresh_network, pretrained
from drugripple.sources.tidy import landmark_genes, read_gdsc, read_prior
from drugripple.training.loop import History
from drugripple.training.response import ResponseRows, finetune, predict_rows

KNOWN_AT_TEST: dict[Scheme, tuple[Side, ...]] = {
    Scheme.MIXED: ("sample", "compound"),
    Scheme.CELL_BLIND: ("compound",),
    Scheme.DRUG_BLIND: ("sample",),
    Scheme.DISJOINT: (),
}
"""Whose additive effects a test row's line and compound can have."""


class FinetuneRun(Record):
    """`drugripple finetune RUN.toml`."""

    data: Path
    dataset: Literal["GDSC1", "GDSC2"] = "GDSC2"
    out: Path
    backbone: str = "shipped"
    """`shipped`, `random`, or the folder of a stage-1 checkpoint."""
    preset: Preset = Preset.PAPER
    perturbation: dict[str, Any] = Field(default_factory=dict)
    """Changes to the preset's stage-1 settings; for `backbone = "random"` only."""
    response: dict[str, Any] = Field(default_factory=dict)
    """Changes to the preset's stage-2 settings."""
    panel: Literal["landmark", "all"] = "landmark"
    """Genes of a random backbone; a pretrained one is restricted to the measured among its own."""
    prior: Literal["string", "none", "rewired"] = "string"
    scheme: Scheme = Scheme.CELL_BLIND
    fold: int = Field(0, ge=0)
    folds: int = Field(10, ge=3)
    split_seed: int = 0
    replicates: Replicates = Replicates.GROUP
    fit_scaler_on: Literal["train", "all"] = "train"
    target: Literal["raw", "residual"] = "raw"
    """`residual`: the network learns what the effects known at test time leave."""
    seed: int = 0
    training: TrainingSettings = TrainingSettings()


@dataclass(frozen=True)
class FinetuneResult:
    """What a run left behind, and the numbers that a report shows."""

    folder: Path
    checkpoint: ResponseCheckpoint
    history: History
    predictions: pd.DataFrame
    """Test rows: row_id, sample, compound, y, yhat, naive."""
    scores: pd.DataFrame
    """Columns model (csg2a, additive), metric, value, n."""
    dropped: pd.DataFrame
    train_rows: int
    seconds: float


def run_finetune(
    run: FinetuneRun, *, on_epoch: Any = lambda _: None, progress: Progress = no_progress
) -> FinetuneResult:
    """Train one fold and write run.toml, checkpoint, predictions.parquet, metrics.json and history.csv to `run.out`.

    Started again after a kill it goes on from the last whole epoch and ends with the same weights.

    Raises:
        DrugrippleError: if data, settings or checkpoint do not fit together.
    """
    loaded = read_gdsc(run.data, run.dataset)
    backbone = _backbone(run, loaded.table.expression.genes)
    table, dropped = loaded.table, loaded.dropped
    return finetune_table(run, table, dropped, backbone, on_epoch=on_epoch, progress=progress)


def finetune_table(
    run: FinetuneRun,
    table: ResponseTable,
    dropped: pd.DataFrame,
    backbone: PerturbationNet,
    *,
    on_epoch: Any = lambda _: None,
    progress: Progress = no_progress,
) -> FinetuneResult:
    """As `run_finetune`, from tables in memory."""
    start = time.perf_counter()
    run.out.mkdir(parents=True, exist_ok=True)
    write_run(run, run.out / "run.toml")
    fold = make_folds(
        table.sample_row,
        table.compound_row,
        run.scheme,
        folds=run.folds,
        seed=run.split_seed,
        replicates=run.replicates,
    )[run.fold]
    expression = table.expression.restrict(backbone.genes)
    lines = np.unique(table.sample_row[fold.train if run.fit_scaler_on == "train" else np.arange(len(table))])
    scaler = RobustScaler.fit(expression.values[lines])
    settings = run.preset.response(**run.response)
    molecules = molecules_of(table.compounds, progress=progress)
    vectors = molecules.encode(backbone.molecule)
    inputs = response_inputs(expression, scaler, vectors, settings.dose_um, settings.hours)
    naive = Effects.fit(table.take(fold.train), KNOWN_AT_TEST[run.scheme])
    known = naive.predict(table.sample_row, table.compound_row)
    offset = known if run.target == "residual" else np.zeros(len(table))
    rows = {part: _rows(table, getattr(fold, part), offset) for part in ("train", "valid", "test")}
    torch.manual_seed(run.seed)
    net = ResponseNet(backbone, settings)
    history = finetune(
        net, inputs, rows["train"], rows["valid"], run.training, seed=run.seed,
        state=run.out / "training.state", on_epoch=on_epoch,
    )  # fmt: skip
    net.to("cpu")
    predicted = predict_rows(net, inputs, rows["test"].sample, rows["test"].treatment).numpy().astype(np.float64)
    predictions = pd.DataFrame(
        {
            "row_id": fold.test,
            "sample": np.array(table.expression.samples)[table.sample_row[fold.test]],
            "compound": np.array(table.compounds.ids)[table.compound_row[fold.test]],
            "y": table.ln_ic50[fold.test].astype(np.float64),
            "yhat": predicted + offset[fold.test],
            "naive": known[fold.test],
        }
    )
    scores = _scores(table, fold, predictions, known)
    seconds = time.perf_counter() - start
    card = _card(run, table, fold, net, expression.scale, naive, scores, seconds)
    save_response(run.out / "checkpoint", net, scaler, card)
    write_whole(run.out / "predictions.parquet", lambda path: predictions.to_parquet(path, index=False))
    write_whole(run.out / "metrics.json", lambda path: scores.to_json(path, orient="records", indent=1))
    write_whole(run.out / "history.csv", lambda path: pd.DataFrame(history.epochs).to_csv(path, index=False))
    (run.out / "training.state").unlink()
    return FinetuneResult(
        run.out,
        ResponseCheckpoint(net.eval(), scaler, card),
        history,
        predictions,
        scores,
        dropped,
        len(fold.train),
        seconds,
    )


def _backbone(run: FinetuneRun, measured: GeneSpace) -> PerturbationNet:
    """The network to fine-tune, on the genes that are both its own and measured."""
    if run.backbone != "random":
        net = pretrained(run.backbone).net
        net = net.restrict(net.genes.shared_with(measured))
        if run.prior == "string":
            return net
    else:
        genes = measured if run.panel == "all" else landmark_genes(run.data).shared_with(measured)
        net = fresh_network(read_prior(run.data, genes), run.preset, run.perturbation, seed=run.seed)
    return net if run.prior == "string" else net.with_prior(_other_prior(net.interactions, run))


def _other_prior(prior: InteractionPrior, run: FinetuneRun) -> InteractionPrior:
    return prior.rewired(run.seed) if run.prior == "rewired" else InteractionPrior.empty(prior.genes)


def _rows(table: ResponseTable, rows: Int[np.ndarray, " m"], offset: Float[np.ndarray, " r"]) -> ResponseRows:
    target = (table.ln_ic50[rows] - offset[rows]).astype(np.float32)
    sample, compound = (column[rows].astype(np.int64) for column in (table.sample_row, table.compound_row))
    return ResponseRows(torch.from_numpy(sample), torch.from_numpy(compound), torch.from_numpy(target))


def _scores(
    table: ResponseTable, fold: Fold, predictions: pd.DataFrame, known: Float[np.ndarray, " r"]
) -> pd.DataFrame:
    parts = []
    for model, column in (("csg2a", "yhat"), ("additive", "naive")):
        values = score(
            predictions["y"].to_numpy(),
            predictions[column].to_numpy(),
            compounds=table.compound_row[fold.test],
            samples=table.sample_row[fold.test],
            additive=known[fold.test],
        )
        parts.append(values.assign(model=model)[["model", "metric", "value", "n"]])
    return pd.concat(parts, ignore_index=True)


def _card(
    run: FinetuneRun,
    table: ResponseTable,
    fold: Fold,
    net: ResponseNet,
    scale: str,
    effects: Effects,
    scores: pd.DataFrame,
    seconds: float,
) -> Card:
    train_compounds = np.unique(table.compound_row[fold.train])
    train_samples = np.unique(table.sample_row[fold.train])
    known = None
    if run.target == "residual":
        known = KnownEffects(
            mean=effects.mean,
            sample={table.expression.samples[i]: effects.sample[i] for i in train_samples if effects.sample[i]},
            compound={table.compounds.smiles[i]: effects.compound[i] for i in train_compounds if effects.compound[i]},
        )
    own = scores[(scores["model"] == "csg2a") & np.isfinite(scores["value"])]
    return Card(
        kind="response",
        name=f"{run.dataset} {run.scheme} fold {run.fold}",
        perturbation=net.backbone.settings,
        response=net.settings,
        genes=net.genes.symbols,
        gene_digest=net.genes.digest,
        prior_source=net.backbone.interactions.source,
        expression_scale=scale,
        effects=known,
        compounds_seen=tuple(sorted({inchikey_block(table.compounds.smiles[i]) for i in train_compounds})),
        lines_seen=tuple(table.expression.samples[i] for i in train_samples),
        metrics=dict(zip(own["metric"], own["value"], strict=True)),
        seed=run.seed,
        seconds=seconds,
        hardware=hardware(),
        versions=versions(),
    )
