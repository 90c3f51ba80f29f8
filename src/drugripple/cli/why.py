"""The verbs that ask a model why, and what if: explain, what-if."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drugripple.cli.console import print_note, print_result, print_table, progress_bar
from drugripple.cli.use import AnyModel, AskedExpression, Layer, MissingGenes, MoleculeSize, Overwrite, Scale
from drugripple.errors import ConfigError
from drugripple.predict.choices import CHANGES, Missing, Reading, Size, refuse_unheard, require_expression
from drugripple.sources.user.presence import require_inputs

if TYPE_CHECKING:
    from drugripple.predict.explanation import PredictionExplanation
    from drugripple.predict.what_if import WhatIf

app = typer.Typer(rich_markup_mode=None)

Compounds = Annotated[Path | None, typer.Option(help="csv, tsv, parquet or smi with a SMILES column.")]
Smiles = Annotated[str | None, typer.Option(help="The compound, instead of a file.")]
SHOWN = 15


@app.command()
def explain(
    out: Annotated[Path, typer.Option(help="Folder for the tables, the figures and the page.")],
    expression: AskedExpression = None,
    compounds: Compounds = None,
    smiles: Smiles = None,
    model: AnyModel = None,
    sample: Annotated[
        list[str] | None, typer.Option(help="Only this sample; a network takes several, the default model a name.")
    ] = None,
    compound: Annotated[
        list[str] | None, typer.Option(help="Only this compound; a network takes several, the default model a name.")
    ] = None,
    by: Annotated[
        Reading, typer.Option(help="Network: attention scores, or how much one gene moves another.")
    ] = Reading.ATTENTION,
    against_all: Annotated[
        bool, typer.Option("--against-all", help="Network: less the mean over all compounds of the file.")
    ] = False,
    top: Annotated[int, typer.Option(help="Rows to list: gene pairs, or rows of each table of the page.", min=1)] = 100,
    missing: MissingGenes = Missing.REFUSE,
    scale: Scale = None,
    layer: Layer = "",
    size: MoleculeSize = Size.TRAINED,
    overwrite: Overwrite = False,
) -> None:
    """Say why: measured samples and genes behind a prediction.

    Of one sample and one compound; a network shows its gene pairs instead, averaged over several if you like.
    """
    from drugripple.predict.load import is_default_model
    from drugripple.runtime.outputs import refuse_existing

    refuse_existing([out / "explanation.html", out / "pairs.csv"], overwrite=overwrite)
    require_inputs(expression, compounds)
    if model is None or is_default_model(model):
        network_only = {"by": by is not Reading.ATTENTION, "against_all": against_all,
                        "missing": missing is not Missing.REFUSE, "size": size is not Size.TRAINED}  # fmt: skip
        refuse_unheard(network_only, "a network")
        _explain_by_default(expression, out, compounds, smiles, model, sample, compound, scale, layer)
        return
    from drugripple.predict.files import explain_files

    with progress_bar() as bar:
        done = explain_files(
            model, require_expression(expression), _structures(compounds, smiles), out, sample=sample or (),
            compound=compound or (), by=by, against_all=against_all, top=top, missing=missing, scale=scale, layer=layer,
            size=size, progress=bar.update,
        )  # fmt: skip
    for note in done.notes:
        print_note(note)
    title = f"strongest gene pairs by {done.by}: {done.label} (conditions: {done.conditions:,})"
    print_table(done.pairs.head(SHOWN), title)
    print_result(str(out))


@app.command("what-if")
def what_if(
    out: Annotated[Path, typer.Option(help="Folder for what_if.csv and the figures.")],
    expression: AskedExpression = None,
    compounds: Compounds = None,
    smiles: Smiles = None,
    model: AnyModel = None,
    sample: Annotated[str | None, typer.Option(help="The sample, where the file has several, or its name.")] = None,
    compound: Annotated[str | None, typer.Option(help="The compound, where the file has several, or its name.")] = None,
    gene: Annotated[list[str] | None, typer.Option(help="A gene to move up and down; repeat for several.")] = None,
    change: Annotated[
        list[float] | None, typer.Option(help="By how many standard deviations; repeat for several.")
    ] = None,
    edge: Annotated[
        list[str] | None, typer.Option(help="Network: an edge GENE,GENE of the prior to remove; repeat for several.")
    ] = None,
    dose: Annotated[list[float] | None, typer.Option(help="Network: a dose in micromolar; repeat for several.")] = None,
    hours: Annotated[list[float] | None, typer.Option(help="Network: a time in hours; repeat for several.")] = None,
    scale: Scale = None,
    layer: Layer = "",
    overwrite: Overwrite = False,
) -> None:
    """Say what the model would answer with a gene up or down.

    A network also answers without an edge of its prior, and at other doses and times. It says what the model does, not
    what a cell would do.
    """
    from drugripple.predict.load import is_default_model
    from drugripple.runtime.outputs import refuse_existing

    refuse_existing([out / "what_if.csv"], overwrite=overwrite)
    require_inputs(expression, compounds)
    changes = tuple(change or CHANGES)
    if model is None or is_default_model(model):
        refuse_unheard({"edge": bool(edge), "dose": bool(dose), "hours": bool(hours)}, "a network")
        from drugripple.predict.default_files import OnePair

        _offer(model)
        pair = OnePair(expression, sample, compounds, smiles, compound, model, scale, layer)
        done = pair.what_if(out, genes=gene or (), changes=changes)
    else:
        from drugripple.predict.files import what_if_files

        done = what_if_files(
            model, require_expression(expression), _structures(compounds, smiles), out, sample=sample,
            compound=compound, genes=gene or (), edges=edge or (), doses_um=dose or (), hours=hours or (),
            changes=changes, scale=scale, layer=layer,
        )  # fmt: skip
    _tell(done)
    print_result(str(out))


def _explain_by_default(
    expression: Path | None, out: Path, compounds: Path | None, smiles: str | None, model: Path | None,
    sample: list[str] | None, compound: list[str] | None, scale: str | None, layer: str,
) -> None:  # fmt: skip
    from drugripple.predict.default_files import OnePair

    several = [name for name, given in (("sample", sample), ("compound", compound)) if len(given or ()) > 1]
    if several:
        message = f"the default model explains one sample and one compound at a time; give one {several[0]}"
        raise ConfigError(message)
    _offer(model)
    one_sample, one_compound = (None if given is None else given[0] for given in (sample or None, compound or None))
    pair = OnePair(expression, one_sample, compounds, smiles, one_compound, model, scale, layer)
    done = pair.explain(out)
    _describe(done)
    print_result(str(out / "explanation.html"))


def _describe(done: "PredictionExplanation") -> None:
    for note in done.notes:
        print_note(note)
    print_note(str(done))
    print_table(done.terms, "what it is the sum of")
    print_table(done.shown_samples(5), "samples that carry it")
    shown = ["gene", "mean_z", "mean_slope", "mean_q_permuted", "mean_q_others", "level", "slope"]
    print_table(done.genes[shown].head(10), "genes that stand out")


def _tell(done: "WhatIf") -> None:
    for note in done.notes:
        print_note(note)
    print_note(f"{done.compound} in {done.sample}: {done.measure.value} {done.response:.3f} without any change")
    print_table(done.table.head(SHOWN), "with a change")


def _structures(compounds: Path | None, smiles: str | None) -> Path | list[str]:
    """What a network reads: a file, or one SMILES.

    Raises:
        ConfigError: unless one of the two is given.
    """
    if (compounds is None) == (smiles is None):
        message = "name the compound by `compounds`, a file, or by `smiles`"
        raise ConfigError(message)
    return [str(smiles)] if compounds is None else compounds


def _offer(model: Path | None) -> None:
    if model is None:
        from drugripple.cli.default_model import offer_default

        offer_default()
