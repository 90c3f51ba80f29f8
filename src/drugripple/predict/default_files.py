"""The default model from files to files."""

from collections.abc import Sequence
from pathlib import Path

from drugripple.config import default_model_folder
from drugripple.errors import ConfigError
from drugripple.predict.choices import CHANGES
from drugripple.predict.default import DefaultModel
from drugripple.predict.explanation import PredictionExplanation
from drugripple.predict.load import DEFAULT, is_default_model, load, not_the_default
from drugripple.predict.what_if import TABLE, WhatIf
from drugripple.runtime.lock import lock_folder
from drugripple.runtime.outputs import files_below, refuse_file, refuse_inputs, refuse_other_content


def condition_files(
    expression: Path,
    responses: Path,
    out: Path,
    *,
    compounds: Path | None = None,
    model: Path | None = None,
    unit: str | None = None,
    scale: str | None = None,
    layer: str = "",
) -> DefaultModel:
    """Write a default model that knows the measurements of a file, as `DefaultModel.condition` makes it.

    Raises:
        DrugrippleError: if a file or the model cannot be used, or the output is an input or in use.
    """
    refuse_inputs([out], _inputs(model, expression, responses, compounds))
    refuse_file(out)
    if out.is_dir() and any(out.iterdir()) and not is_default_model(out):
        message = f"{out} holds something else than a default model; choose another folder"
        raise ConfigError(message)
    with lock_folder(out.parent):
        told = open_default(model).condition(expression, responses, compounds, unit=unit, scale=scale, layer=layer)
        told.save(out)
    return told


def explain_default_files(
    expression: Path | None,
    out: Path,
    *,
    compounds: Path | None = None,
    smiles: str | None = None,
    compound: str | None = None,
    sample: str | None = None,
    model: Path | None = None,
    scale: str | None = None,
    layer: str = "",
) -> PredictionExplanation:
    """Write what `DefaultModel.explain` returns; the folder is replaced if it holds an explanation.

    Args:
        expression: the samples; None where `sample` names a training sample.
        out: the folder.
        compounds: a file of compounds.
        smiles: the compound, instead of a file.
        compound: which compound of the file, by its id or name; without a file, the name of a training compound.
        sample: which sample of the file, where there are several; without a file, the name of a training sample.
        model: folder of a default model; the one of this machine unless given.
        scale: as for `DefaultModel.predict`.
        layer: see there.

    Raises:
        DrugrippleError: if a file or the model cannot be used, or the output is an input, in use or something else.
    """
    refuse_inputs([out], _inputs(model, expression, compounds))
    refuse_other_content(out, "explanation.html")
    samples, one = _samples(expression, sample)
    source, chosen = _compounds(compounds, smiles, compound)
    loaded = open_default(model)
    found = loaded.explain(samples, source, sample=one, compound=chosen, scale=scale, layer=layer)
    with lock_folder(out.parent):
        found.write(out)
    return found


def what_if_default_files(
    expression: Path | None,
    out: Path,
    *,
    compounds: Path | None = None,
    smiles: str | None = None,
    compound: str | None = None,
    sample: str | None = None,
    model: Path | None = None,
    genes: Sequence[str] = (),
    changes: Sequence[float] = CHANGES,
    scale: str | None = None,
    layer: str = "",
) -> WhatIf:
    """Write what `DefaultModel.what_if` returns; arguments as for `explain_default_files`.

    Raises:
        DrugrippleError: as there, or if a gene is not known.
    """
    refuse_inputs([out], _inputs(model, expression, compounds))
    refuse_other_content(out, TABLE)
    samples, one = _samples(expression, sample)
    source, chosen = _compounds(compounds, smiles, compound)
    loaded = open_default(model)
    found = loaded.what_if(
        samples, source, sample=one, compound=chosen, genes=genes, changes=changes, scale=scale, layer=layer
    )
    with lock_folder(out.parent):
        found.write(out)
    return found


def _samples(expression: Path | None, name: str | None) -> tuple[Path | list[str], str | None]:
    """A file and the sample chosen of it, or the name of a training sample.

    Raises:
        ConfigError: if none of them is given.
    """
    if expression is not None:
        return expression, name
    if name is None:
        message = "name the sample: a file of `expression`, or the name of a sample that the model was trained with"
        raise ConfigError(message)
    return [name], None


def _compounds(compounds: Path | None, smiles: str | None, name: str | None) -> tuple[Path | list[str], str | None]:
    """A file and the compound chosen of it, or the one compound: a SMILES, or the name of a training compound.

    Raises:
        ConfigError: if none of them is given, or a SMILES beside another.
    """
    if smiles is not None and not (compounds is None and name is None):
        other = "a file of compounds" if compounds is not None else f"the name {name!r}"
        message = f"the compound was given twice, as the SMILES {smiles!r} and by {other}; give one of them"
        raise ConfigError(message)
    if compounds is not None:
        return compounds, name
    if smiles is None and name is None:
        message = "name the compound: a SMILES, a file, or the name of a compound that the model was trained with"
        raise ConfigError(message)
    return [smiles if smiles is not None else str(name)], None


def _inputs(model: Path | None, *files: Path | None) -> list[Path]:
    return [*(path for path in files if path is not None), *files_below(model or default_model_folder())]


def open_default(folder: Path | None) -> DefaultModel:
    """The default model of a folder, or that of this machine.

    Raises:
        CheckpointError: if there is none, or it is damaged.
        ConfigError: if the folder holds another kind of model, which the message names.
    """
    loaded = load(DEFAULT if folder is None else folder)
    if not isinstance(loaded, DefaultModel):
        raise not_the_default(folder or default_model_folder())
    return loaded
