"""The verbs of the default model: build-default, example, calibrate, suggest."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.cli.run_flags import run_verb
from drugripple.cli.use import SHOWN_ROWS, AskedExpression, Layer, Overwrite, Scale
from drugripple.config import default_model_folder
from drugripple.errors import ConfigError, counted
from drugripple.recipes.default_model.settings import DefaultModelRun
from drugripple.sources.user.presence import require_inputs
from drugripple.sources.user.response_units import ResponseUnit

if TYPE_CHECKING:
    from drugripple.recipes.default_model.run import BuiltModel

app = typer.Typer(rich_markup_mode=None)

DefaultFolder = Annotated[
    Path | None, typer.Option(help="Folder of a default model; the one of this machine unless given.")
]


@app.command("build-default")
@run_verb(DefaultModelRun)
def build_default(run: DefaultModelRun) -> None:
    """Build the model that is used where none is named; minutes.

    From public responses, fetched unless a data folder is named, or from your own. A build that was killed goes on.
    """
    done = _built(run)
    print_table(done.scores, "on hidden pairs")
    print_result(str(done.folder))


@app.command()
def example(
    out: Annotated[Path, typer.Option(help="Folder for the two files.")] = Path(),
    model: DefaultFolder = None,
) -> None:
    """Write an example of the files to ask about: ten samples and ten compounds.

    The samples are new to the default model, which made them of its own.
    """
    from drugripple.predict.example import write_example

    samples, compounds = write_example(out, model=model)
    which = [] if model is None else ["--model", str(model)]
    asked = ["drugripple", "predict", *which, "--expression", str(samples), "--compounds", str(compounds)]
    print_note(f"to ask about them: {shlex.join(asked)}")
    print_result(f"{samples}\n{compounds}")


@app.command()
def calibrate(
    responses: Annotated[
        Path, typer.Option(help="Your measurements: csv, tsv, Parquet or xlsx with a sample, a compound and a value.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the model that knows them; name it as `predict --model`.")],
    expression: Annotated[
        Path | None, typer.Option(help="csv, tsv, parquet or h5ad of your samples; known cell lines need none.")
    ] = None,
    compounds: Annotated[
        Path | None, typer.Option(help="Structures of new compounds, where the measurements hold none.")
    ] = None,
    model: DefaultFolder = None,
    unit: Annotated[
        ResponseUnit | None, typer.Option(help="What the values are; read off the column's name unless given.")
    ] = None,
    scale: Scale = None,
    layer: Layer = "",
    overwrite: Overwrite = False,
) -> None:
    """Tell the default model your own measurements.

    They are of your samples, or of cell lines that it knows. Exact and at once; nothing is trained again.
    """
    from drugripple.predict.load import DEFAULT_MODEL_CARDS
    from drugripple.runtime.outputs import refuse_existing

    refuse_existing([out / card for card in DEFAULT_MODEL_CARDS], overwrite=overwrite)
    require_inputs(expression, compounds, responses)
    from drugripple.predict.default_files import condition_files  # imported here because it takes half a second

    told = condition_files(
        expression, responses, out, compounds=compounds, model=model, unit=unit, scale=scale, layer=layer
    )
    traits = told.calibrated.predictor.traits
    print_note(
        f"the model knows measurements of {counted(len(traits.measured), 'sample')} with training compounds, and of "
        f"{counted(len(traits.told), 'new compound')}"
    )
    print_result(str(out))


@app.command()
def suggest(
    expression: AskedExpression = None,
    sample: Annotated[
        list[str] | None,
        typer.Option(help="Without expression: choose among these samples that the model knows; repeat for several."),
    ] = None,
    number: Annotated[int, typer.Option(help="Compounds per sample, or samples per new compound.", min=1)] = 5,
    compounds: Annotated[
        Path | None,
        typer.Option(help="Choose among these, by SMILES or name; without expression, new compounds that you have."),
    ] = None,
    compound: Annotated[
        list[str] | None, typer.Option(help="The same, one by one, by name or SMILES; repeat for several.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Also write them here (.csv).")] = None,
    model: DefaultFolder = None,
    scale: Scale = None,
    layer: Layer = "",
    overwrite: Overwrite = False,
) -> None:
    """Say which compounds to measure next in samples, or samples for a compound.

    The first tells most about all the others. Name what you can get, and it chooses among that.
    """
    _refuse_unclear(expression, sample, compounds, compound)
    require_inputs(expression, compounds)
    from drugripple.predict.asked_samples import refuse_reading
    from drugripple.predict.default_files import open_default  # imported here because it takes half a second
    from drugripple.predict.frames import require_format
    from drugripple.runtime.atomic import write_csv
    from drugripple.runtime.outputs import refuse_existing, refuse_inputs

    if out is not None:
        require_format(out, (".csv",))
        refuse_inputs([out], [path for path in (expression, compounds) if path is not None])
        refuse_existing([out], overwrite=overwrite)
    default, offered = open_default(model), compounds or compound or None
    if expression is None and offered is not None:
        refuse_reading(scale, layer)
        found = default.next_samples(offered, number, among=sample or None)
    else:
        found = default.next_experiments(expression, number, among=offered, scale=scale, layer=layer)
    for note in found.attrs["notes"]:
        print_note(note)
    if len(found) > SHOWN_ROWS:
        print_note(f"the first {SHOWN_ROWS} of {len(found):,} rows are shown: `out` writes all")
    print_table(found.drop(columns=["smiles", "id"], errors="ignore").head(SHOWN_ROWS), "to measure next")
    if out is not None:
        write_csv(out, found)
        print_result(str(out))


def _refuse_unclear(
    expression: Path | None, sample: list[str] | None, compounds: Path | None, compound: list[str] | None
) -> None:
    """Refuse a question of `suggest` that leaves open what is to be chosen.

    Raises:
        ConfigError: naming what to give.
    """
    if compounds is not None and compound:
        message = "compounds were given twice, by `compounds` and by `compound`; give one of them"
        raise ConfigError(message)
    if expression is None and compounds is None and not compound:
        message = (
            "nothing to choose for: give the `expression` of samples, to hear which compounds to measure in them, or "
            "new compounds by `compounds` or `compound`, to hear in which samples to measure them"
        )
        raise ConfigError(message)
    if expression is not None and sample:
        message = (
            "`sample` names samples to choose among for new compounds, and `expression` those to choose compounds for; "
            "leave one of them out"
        )
        raise ConfigError(message)


def offer_default() -> None:
    """Where no default model was built yet, ask at a terminal whether to build it now."""
    if default_model_folder().is_dir() or not sys.stdin.isatty():
        return
    if typer.confirm("No default model was built on this machine yet. Fetch GDSC and build it now (minutes)?"):
        _built(DefaultModelRun())


def _built(run: DefaultModelRun) -> "BuiltModel":
    from drugripple.recipes.default_model.run import build_default as build

    with progress_bar() as bar:
        return build(run, on_terms=print_note, progress=bar.update)
