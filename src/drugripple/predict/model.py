"""Any samples with any compounds, in bounded memory: responses, their explanation, and a screen of a library."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from drugripple.config import choice
from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import Treatments
from drugripple.errors import ConfigError, first_five
from drugripple.model.checkpoint import Card, ResponseCheckpoint, load_response
from drugripple.model.folders import checkpoint_folder
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.settings import Precision
from drugripple.predict.answers import Answers
from drugripple.predict.choices import CHANGES, Missing, Reading, Size
from drugripple.predict.load import refuse_fitted
from drugripple.predict.request import (
    CompoundSource,
    PredictionRequest,
    SampleSource,
    free_terms,
    known_effects,
    largest_accepted,
    response_rows,
    vectors_and_drawn,
    without_larger,
)
from drugripple.predict.samples import ScaledSamples, TrainedScale, scale_samples
from drugripple.runtime.progress import Progress, no_progress, notebook_progress

if TYPE_CHECKING:
    from drugripple.predict.explain import Explanation
    from drugripple.predict.screen.run import Screened
    from drugripple.predict.what_if import WhatIf

PAIRS_AT_ONCE = 512
"""Small enough for what a block touches to stay in a core's cache: larger blocks are slower."""


@dataclass(frozen=True)
class DrugResponseModel:
    """A trained network that predicts; load it with `drugripple.load(folder)`.

        model = drugripple.load("my_run")
        table = model.predict("samples.csv", ["CC(=O)Oc1ccccc1C(=O)O"])
        why = model.explain("samples.csv", "compounds.csv", sample="A375", compound="vorinostat")

    Samples are a path, a DataFrame, an AnnData or an ExpressionTable; compounds a path, a DataFrame, a list or
    Series of SMILES, or a CompoundTable. IC50s are fitted over a range of doses: the dose that the network reads is the
    condition of its pretrained part (10 micromolar unless the checkpoint says otherwise), not a concentration to
    predict viability at.
    """

    checkpoint: ResponseCheckpoint
    precision: Precision = Precision.FLOAT32
    """Precision of predictions; half is faster where the processor has it, and less exact (docs/speed.md)."""
    folder: Path | None = None
    """The folder that it was loaded from."""

    @property
    def card(self) -> Card:
        """What the network is and what it has seen."""
        return self.checkpoint.card

    @property
    def measure(self) -> Measure:
        """What is predicted."""
        return self.card.measure

    def predict(
        self,
        expression: SampleSource,
        compounds: CompoundSource,
        *,
        missing: str = Missing.REFUSE,
        scale: str | None = None,
        layer: str = "",
        size: str = Size.TRAINED,
        progress: Progress = notebook_progress,
    ) -> pd.DataFrame:
        """Every sample with every compound: sample, id, compound, dose_um, hours, the response, compound_seen.

        The response is named by its measure (`ln_ic50`, with `ic50_um` beside it). `attrs["notes"]` of the table says
        what was found or left out, and whose medians scaled the expression.

        Args:
            expression: the samples.
            compounds: the compounds, with doses and times where the source has them.
            missing: genes of the network that were not measured: `refuse`, or count as typical (`median`).
            scale: scale of the expression, if you state it; found out otherwise.
            layer: of an AnnData or .h5ad, the layer to read, or `raw`.
            size: `trained` leaves out molecules larger than any trained on, `any` predicts them.
            progress: told of molecules and pairs.

        Raises:
            DrugrippleError: if an input cannot be used.
        """
        request = self.request(
            expression, compounds, missing=missing, scale=scale, layer=layer, size=size, progress=progress
        )
        return self.ask(request, progress=progress).table()

    def explain(
        self,
        expression: SampleSource,
        compounds: CompoundSource,
        *,
        sample: str | Sequence[str] = (),
        compound: str | Sequence[str] = (),
        by: str = Reading.ATTENTION,
        against_all: bool = False,
        top: int = 100,
        missing: str = Missing.REFUSE,
        scale: str | None = None,
        layer: str = "",
        size: str = Size.TRAINED,
        progress: Progress = notebook_progress,
    ) -> "Explanation":
        """The gene pairs behind the predictions of `predict` for the samples and compounds chosen (all if none is).

        Samples are scaled as `predict` scales them, with all others of their source. The `top` pairs are listed, ranked
        by `attention` or by `sensitivity` (how much one gene moves the other), with `against_all` less the mean over
        all compounds given. Other arguments are those of `predict`.

        Raises:
            DrugrippleError: as `predict`; if a chosen name is not there; if `against_all` has nothing to stand against.
        """
        from drugripple.predict.explain import explain

        whole = self.request(
            expression, compounds, missing=missing, scale=scale, layer=layer, size=size, progress=progress
        )
        chosen = whole.choose(sample, compound)
        if against_all and len(chosen.treatments) == len(whole.treatments):
            message = "against_all needs compounds in the file that are not chosen: choose the one to look at"
            raise ConfigError(message)
        return explain(self.checkpoint.net, chosen, by=by, against=whole.conditions if against_all else None, top=top)

    def what_if(
        self,
        expression: SampleSource,
        compounds: CompoundSource,
        *,
        sample: str | None = None,
        compound: str | None = None,
        genes: Sequence[str] = (),
        changes: Sequence[float] = CHANGES,
        edges: Sequence[tuple[str, str]] = (),
        doses_um: Sequence[float] = (),
        hours: Sequence[float] = (),
        missing: str = Missing.REFUSE,
        scale: str | None = None,
        layer: str = "",
        size: str = Size.TRAINED,
        progress: Progress = notebook_progress,
    ) -> "WhatIf":
        """What the network would answer with one thing changed: a gene by `changes`, an edge removed, a dose, a time.

        Samples and compounds are as for `predict`; `sample` and `compound` say which, where there are several. Changes
        are in units of the gene's z-score, doses in micromolar; edges are pairs of symbols, taken out of the prior.

        Raises:
            DrugrippleError: as `predict`; if not one of each is left, nothing is changed, or a gene or edge is unknown.
        """
        from drugripple.predict.what_if_network import what_if

        whole = self.request(
            expression, compounds, missing=missing, scale=scale, layer=layer, size=size, progress=progress
        )
        chosen = whole.choose(sample or (), compound or ())
        return what_if(self, chosen, genes=genes, edges=edges, doses_um=doses_um, hours=hours, changes=changes)

    def screen(
        self,
        expression: str | Path,
        compounds: str | Path,
        out: str | Path,
        *,
        progress: Progress = notebook_progress,
        **settings: object,
    ) -> "Screened":
        """A library of any length against samples, from files into the folder `out`; settings as in `ScreenRequest`.

        Raises:
            ConfigError: if the model was not loaded from a folder, or a setting is unknown.
            DrugrippleError: if an input cannot be used.
        """
        from drugripple.predict.screen.run import screen_with

        settings = {"precision": self.precision, **settings}
        return screen_with(self.folder, expression, compounds, out, settings, progress=progress)

    def request(
        self,
        expression: SampleSource,
        compounds: CompoundSource,
        *,
        missing: str = Missing.REFUSE,
        scale: str | None = None,
        layer: str = "",
        size: str = Size.TRAINED,
        progress: Progress = notebook_progress,
    ) -> PredictionRequest:
        """Samples and compounds as the network reads them: what `predict`, `explain` and `screen` start from."""
        samples = self.samples(expression, missing=missing, scale=scale, layer=layer)
        treatments = self.treatments(compounds)
        if choice(Size, size) is Size.TRAINED:
            treatments = without_larger(treatments, largest_accepted(self.card.largest_compound))
        conditions, drawn = self._encode(treatments, progress)
        notes = (*samples.notes, *treatments.compounds.notes)
        if drawn:
            notes += (f"no conformer was found, so the flat drawing stands for it: {first_five(drawn)}",)
        return PredictionRequest(samples, treatments, conditions, notes)

    def samples(
        self, expression: SampleSource, *, missing: str = Missing.REFUSE, scale: str | None = None, layer: str = ""
    ) -> ScaledSamples:
        """Robust z-scores of samples on the network's genes, as `scale_samples` states."""
        from drugripple.sources.user.expression import read_expression

        table = read_expression(expression, wanted=self.checkpoint.net.genes, scale=scale, layer=layer)
        return scale_samples(TrainedScale.of(self.checkpoint), table, missing=choice(Missing, missing))

    def treatments(
        self, compounds: CompoundSource, dose_um: float | None = None, hours: float | None = None
    ) -> Treatments:
        """Compounds at the doses and times of their source, else at those given, else at the checkpoint's own.

        Raises:
            DrugrippleError: if they cannot be used, or a dose or a time is not above zero.
        """
        from drugripple.sources.user.compounds import read_treatments

        own = self.checkpoint.net.settings
        dose_um, hours = own.dose_um if dose_um is None else dose_um, own.hours if hours is None else hours
        return read_treatments(compounds, dose_um=dose_um, hours=hours)

    def ask(self, request: PredictionRequest, *, progress: Progress = no_progress) -> Answers:
        """What `predict` answers, some samples at a time, so that memory does not grow with the number of pairs."""
        return Answers(len(request.samples), len(request.treatments), request.notes, self._blocks(request, progress))

    def _blocks(self, request: PredictionRequest, progress: Progress) -> Iterator[pd.DataFrame]:
        samples, treatments = request.samples, request.treatments
        seen = self.seen(treatments.compounds)[treatments.compound_row]
        for part, value in self.grid(samples.z, samples.names, treatments, request.conditions):
            yield response_rows(samples.names[part], treatments, seen, value, self.measure)
            progress("pairs", part.stop * len(treatments), len(samples) * len(treatments))

    def grid(
        self, z: Float[Tensor, "n g"], samples: Sequence[str], treatments: Treatments, conditions: Float[Tensor, "t g"]
    ) -> Iterator[tuple[slice, Float[np.ndarray, "s t"]]]:
        """Responses to all treatments of some samples at a time, given their z-scores and what `conditions` returns."""
        predictor = GridPredictor(self.checkpoint.net, conditions, self.precision)
        of_compound, of_sample = known_effects(self.card.effects, treatments.compounds, samples)
        free = free_terms(self.checkpoint.net, samples, treatments)
        step = max(1, PAIRS_AT_ONCE // len(conditions))
        for start in range(0, len(z), step):
            part = slice(start, min(start + step, len(z)))
            value = predictor(z[part], free(part)).numpy()
            yield part, value.astype(np.float64) + of_compound[treatments.compound_row] + of_sample[part, None]

    def conditions(self, treatments: Treatments, *, progress: Progress = notebook_progress) -> Float[Tensor, "t g"]:
        """The chemical condition of every treatment."""
        return self._encode(treatments, progress)[0]

    def conditions_of(self, vectors: Float[Tensor, "t d"], treatments: Treatments) -> Float[Tensor, "t g"]:
        """The chemical condition of every treatment, given its compound's vector."""
        dose_um, hours = torch.from_numpy(treatments.dose_um), torch.from_numpy(treatments.hours)
        with torch.no_grad():
            return self.checkpoint.net.backbone.condition(vectors, dose_um, hours)

    def seen(self, compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
        """Whether the network was trained on each molecule, a salt or a stereoisomer of it."""
        trained_on = set(self.card.compounds_seen)
        return np.array([molecule.key in trained_on for molecule in compounds.molecules], dtype=bool)

    def _encode(self, treatments: Treatments, progress: Progress) -> tuple[Float[Tensor, "t g"], tuple[str, ...]]:
        """The conditions, and the ids of compounds whose flat drawing stands for a conformer."""
        vectors, drawn = vectors_and_drawn(self.checkpoint.net.backbone, treatments.compounds, progress)
        return self.conditions_of(vectors[torch.from_numpy(treatments.compound_row)], treatments), drawn


def load_network(folder: str | Path, *, precision: str = Precision.FLOAT32) -> DrugResponseModel:
    """A trained response network from its checkpoint folder (or the run folder that holds it).

    Raises:
        CheckpointError: if there is none, or it is damaged, or the folder holds a fitted predictor of the catalogue.
    """
    refuse_fitted(Path(folder))
    found = checkpoint_folder(Path(folder))
    return DrugResponseModel(load_response(found), choice(Precision, precision), found)
