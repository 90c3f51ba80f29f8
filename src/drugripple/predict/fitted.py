"""A predictor of the catalogue that was fitted and saved, asked about a user's own samples and compounds.

z = robust z-scores of the samples, by training's medians or their own       `predict.samples`
x = median + 1.4826 MAD z                                                    the scale that it was fitted on
ŷ = predictor(x, compounds)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from drugripple.config import choice
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.predictor import Noting, Predictor, ReadsGenes, answered
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import CompoundError, counted, first_five
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predict.answers import Answers
from drugripple.predict.choices import Missing
from drugripple.predict.frames import COMPOUNDS_AT_ONCE, SAMPLES_AT_ONCE, row_parts
from drugripple.predict.load import TRAINED, fitted_folder
from drugripple.predict.samples import TrainedScale, scale_samples
from drugripple.predictors.saving import load, read_saved, require_fitted, write_saved
from drugripple.runtime.progress import Progress, notebook_progress
from drugripple.sources.user.compound_source import Source as CompoundSource
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.expression import read_expression

if TYPE_CHECKING:
    from drugripple.predict.request import SampleSource


@dataclass(frozen=True)
class TrainedOn:
    """What was trained on, as far as questions about other samples and compounds need it. Axis: g gene."""

    genes: GeneSpace
    """The genes that the predictor reads."""
    scaler: RobustScaler
    """Medians and MADs of the training samples."""
    scale: ExpressionScale
    samples: tuple[str, ...]
    compounds: tuple[str, ...]
    """Identity keys of the training compounds."""

    @classmethod
    def of(cls, train: ResponseTable, predictor: Predictor) -> "TrainedOn":
        """What training rows hold, on the genes of a fitted predictor."""
        pairs = train.pairs.compact()
        genes = predictor.genes if isinstance(predictor, ReadsGenes) else pairs.expression.genes
        values = pairs.expression.restrict(genes).values
        keys = {molecule.key for molecule in pairs.compounds.molecules}
        return cls(
            genes, RobustScaler.fit(values), pairs.expression.scale, pairs.expression.samples, tuple(sorted(keys))
        )


@dataclass(frozen=True)
class FittedModel:
    """A fitted predictor that takes samples on any scale; `drugripple.load(folder)` reads one.

    Samples and compounds are as for the other models. There are no intervals, and no dose and time, which the
    predictors of the catalogue do not read.
    """

    predictor: Predictor
    trained: TrainedOn

    @property
    def name(self) -> str:
        """What the catalogue calls it."""
        return str(getattr(self.predictor, "name", type(self.predictor).__name__))

    @property
    def measure(self) -> Measure:
        """What is predicted."""
        return require_fitted(self.predictor.measure, self.name)

    def predict(
        self,
        expression: "SampleSource",
        compounds: CompoundSource | CompoundTable,
        *,
        missing: str = Missing.REFUSE,
        scale: str | None = None,
        layer: str = "",
        progress: Progress = notebook_progress,
    ) -> pd.DataFrame:
        """Every sample with every compound: sample, id, compound, the response, sample_seen, compound_seen.

        The response is named by its measure, and blank for a compound that the predictor cannot answer for.
        `attrs["notes"]` says what was found or left out, and whose medians scaled the expression.

        Args:
            expression: the samples.
            compounds: the compounds.
            missing: genes that the predictor reads and that were not measured: `refuse`, or count as typical
                (`median`).
            scale: scale of the expression, if you state it; found out otherwise.
            layer: of an AnnData or .h5ad, the layer to read, or `raw`.
            progress: told of pairs.

        Raises:
            DrugrippleError: if an input cannot be used, or no compound can be answered for.
        """
        samples = self.samples(expression, missing=missing, scale=scale, layer=layer)
        return self.ask(samples, read_compounds(compounds), progress=progress).table()

    def samples(
        self, expression: "SampleSource", *, missing: str = Missing.REFUSE, scale: str | None = None, layer: str = ""
    ) -> ExpressionTable:
        """Samples on the genes and the scale of the training samples; its notes say whose medians were used."""
        known = self.trained
        table = read_expression(expression, wanted=known.genes, scale=scale, layer=layer)
        scaled = scale_samples(
            TrainedScale(known.genes, known.scaler, known.scale, self.name), table, missing=choice(Missing, missing)
        )
        values = (known.scaler.median + known.scaler.scale_ * scaled.z.numpy()).astype(np.float32)
        tissue = table.tissue if len(table.tissue) == len(table) else ()
        return ExpressionTable(scaled.names, known.genes, values, known.scale, tissue, scaled.notes)

    def answers(self, compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
        """Which compounds the predictor answers for."""
        return answered(self.predictor, compounds)

    def notes(self, compounds: CompoundTable) -> tuple[str, ...]:
        """What a user should know of some compounds.

        Raises:
            CompoundError: if none of them can be answered for.
        """
        known = self.answers(compounds)
        own = self.predictor.notes(compounds) if isinstance(self.predictor, Noting) else ()
        if known.all():
            return own
        without = [compounds.names[i] for i in np.flatnonzero(~known).tolist()]
        told = f"{counted(len(without), 'compound')} of {len(compounds)}, for which {self.name} was not trained"
        if not known.any():
            message = f"{told}: {first_five(without)}; use another model"
            raise CompoundError(message)
        return (
            *own,
            f"no answer for {told}: {first_five(without)}",
        )

    def ask(
        self, samples: ExpressionTable, compounds: CompoundTable, *, progress: Progress = notebook_progress
    ) -> Answers:
        """What `predict` answers about samples as `samples` returns them, some at a time, in bounded memory.

        Raises:
            CompoundError: if no compound can be answered for.
        """
        notes = (*samples.notes, *compounds.notes, *self.notes(compounds))
        return Answers(len(samples), len(compounds), notes, self._blocks(samples, compounds, progress))

    def _blocks(self, samples: ExpressionTable, compounds: CompoundTable, progress: Progress) -> Iterator[pd.DataFrame]:
        done, total = 0, len(samples) * len(compounds)
        for some in row_parts(len(compounds), COMPOUNDS_AT_ONCE):
            table = compounds.take(some)
            for part in row_parts(len(samples), SAMPLES_AT_ONCE):
                frame = self._rows(samples.take(part), table)
                yield frame
                done += len(frame)
                progress("predictions", done, total)

    def _rows(self, samples: ExpressionTable, compounds: CompoundTable) -> pd.DataFrame:
        pairs = Pairs.grid(samples, compounds)
        known = np.flatnonzero(self.answers(compounds)[pairs.compound_row])
        value = np.full(len(pairs), np.nan)
        if len(known):
            value[known] = self.predictor.predict(pairs.take(known))
        names = {
            "sample": np.array(samples.samples)[pairs.sample_row],
            "id": np.array(compounds.ids)[pairs.compound_row],
            "compound": np.array(compounds.names)[pairs.compound_row],
        }
        measured: dict[str, Float[np.ndarray, " m"]] = {self.measure.value: value}
        if self.measure.micromolar:
            measured[self.measure.micromolar] = np.exp(value)
        seen_samples = np.isin(np.array(samples.samples), np.array(self.trained.samples))
        keys = np.array([molecule.key for molecule in compounds.molecules])
        seen = {
            "sample_seen": seen_samples[pairs.sample_row],
            "compound_seen": np.isin(keys, np.array(self.trained.compounds))[pairs.compound_row],
        }
        return pd.DataFrame({**names, **measured, **seen})

    def save(self, folder: Path) -> None:
        """Write it as a folder.

        Raises:
            OutputError: if the system refuses a write; an older folder stays as it was.
        """
        write_saved(
            folder, type(self), self.name, self.measure, {}, self.trained,
            add=lambda part: self.predictor.save(part / TRAINED),
        )  # fmt: skip


def load_fitted_model(folder: Path) -> FittedModel:
    """Read what `FittedModel.save` wrote, or the folder of the run that did.

    Raises:
        CheckpointError: if the folder holds no such model, or a damaged one.
    """
    inner = fitted_folder(folder) or folder
    saved = read_saved(inner, FittedModel, TrainedOn)
    return FittedModel(load(inner / TRAINED), saved.learnt)
