"""The default model from files to files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from drugripple.config import default_model_folder
from drugripple.errors import ConfigError
from drugripple.predict.choices import CHANGES
from drugripple.predict.default import DefaultModel
from drugripple.predict.explanation import PredictionExplanation
from drugripple.predict.load import DEFAULT, DEFAULT_MODEL_CARDS, load, not_the_default
from drugripple.predict.what_if import TABLE, WhatIf
from drugripple.runtime.lock import lock_file
from drugripple.runtime.outputs import files_below, refuse_inputs, refuse_other_content

AnswerT = TypeVar("AnswerT", PredictionExplanation, WhatIf)


def condition_files(
    expression: Path | None,
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

    `model` is the folder of a default model, that of this machine unless given, and `out` that of the new one; all else
    is as for that method.

    Raises:
        DrugrippleError: if a file or the model cannot be used, or the output is an input or in use.
    """
    refuse_inputs([out], _inputs(model, expression, responses, compounds))
    refuse_other_content(out, *DEFAULT_MODEL_CARDS)
    with lock_file(out, what="folder"):
        told = open_default(model).condition(expression, responses, compounds, unit=unit, scale=scale, layer=layer)
        told.save(out)
    return told


@dataclass(frozen=True)
class OnePair:
    """One sample and one compound, by files or names, that the default model is asked about."""

    expression: Path | None
    """The samples; None where `sample` names a training sample."""
    sample: str | None = None
    """Which sample of the file, where there are several; without a file, the name of a training sample."""
    compounds: Path | None = None
    smiles: str | None = None
    """The compound, instead of a file."""
    compound: str | None = None
    """Which compound of the file, by its id or name; without a file, the name of a training compound."""
    model: Path | None = None
    """Folder of a default model; the one of this machine unless given."""
    scale: str | None = None
    """Scale of the expression, if it is stated; found out otherwise."""
    layer: str = ""
    """Layer of an .h5ad to read, or `raw`."""

    def explain(self, out: Path) -> PredictionExplanation:
        """Write what `DefaultModel.explain` returns; the folder is replaced if it holds an explanation.

        Raises:
            DrugrippleError: if a file or the model cannot be used, or the output is an input, in use or something else.
        """
        return self._written(out, "explanation.html", lambda model, pair: model.explain(**pair))

    def what_if(self, out: Path, *, genes: Sequence[str] = (), changes: Sequence[float] = CHANGES) -> WhatIf:
        """Write what `DefaultModel.what_if` returns; the folder is replaced if it holds such.

        Raises:
            DrugrippleError: as `explain`, or if a gene is not known.
        """
        return self._written(out, TABLE, lambda model, pair: model.what_if(**pair, genes=genes, changes=changes))

    def _written(self, out: Path, kept: str, ask: Callable[[DefaultModel, dict[str, Any]], AnswerT]) -> AnswerT:
        """Ask and write the answer to a folder, which may hold an earlier one: it has the file `kept`."""
        refuse_inputs([out], _inputs(self.model, self.expression, self.compounds))
        refuse_other_content(out, kept)
        pair = self._of_samples() | self._of_compounds() | {"scale": self.scale, "layer": self.layer}
        found = ask(open_default(self.model), pair)
        with lock_file(out, what="folder"):
            found.write(out)
        return found

    def _of_samples(self) -> dict[str, Any]:
        """A file and the sample chosen of it, or the name of a training sample.

        Raises:
            ConfigError: if none of them is given.
        """
        if self.expression is not None:
            return {"expression": self.expression, "sample": self.sample}
        if self.sample is None:
            message = "name the sample: a file of `expression`, or the name of a sample that the model was trained with"
            raise ConfigError(message)
        return {"expression": [self.sample]}

    def _of_compounds(self) -> dict[str, Any]:
        """A file and the compound chosen of it, or the one compound: a SMILES, or the name of a training compound.

        Raises:
            ConfigError: if none of them is given, or a SMILES beside another.
        """
        smiles, name = self.smiles, self.compound
        if smiles is not None and not (self.compounds is None and name is None):
            other = "a file of compounds" if self.compounds is not None else f"the name {name!r}"
            message = f"the compound was given twice, as the SMILES {smiles!r} and by {other}; give one of them"
            raise ConfigError(message)
        if self.compounds is not None:
            return {"compounds": self.compounds, "compound": name}
        if smiles is None and name is None:
            message = "name the compound: a SMILES, a file, or the name of a compound that the model was trained with"
            raise ConfigError(message)
        return {"compounds": [smiles if smiles is not None else str(name)]}


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
