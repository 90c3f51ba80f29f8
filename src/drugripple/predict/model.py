"""Any samples with any compounds, in bounded memory: ln IC50, IC50, and on request the predicted profile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from drugripple.config import choice
from drugripple.data.response import Measure
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.data.treatments import Treatments
from drugripple.errors import GeneSpaceError, ScaleError, first_five
from drugripple.genes.scaling import RobustScaler
from drugripple.model.checkpoint import Card, ResponseCheckpoint, load_response
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.settings import Precision
from drugripple.predict.choices import Missing
from drugripple.predictors.inputs import molecule_vectors
from drugripple.runtime.progress import Progress, no_progress

PAIRS_AT_ONCE = 512
"""Small enough for what a block touches to stay in a core's cache: larger blocks are slower."""
FEWEST_FOR_COHORT = 10
"""Samples from which a cohort's own medians and MADs are worth using."""


@dataclass(frozen=True)
class DrugResponseModel:
    """A trained network that predicts; load it with `drugripple.load(folder)`.

    IC50s are fitted over a whole dose range: the dose that the network reads is the condition its pretrained part sees
    (10 micromolar unless the checkpoint says otherwise), not a concentration to predict a viability at.
    """

    checkpoint: ResponseCheckpoint
    precision: Precision = Precision.FLOAT32
    """Of predictions; half precision is faster where the processor has it, and less exact (docs/speed.md)."""

    @property
    def card(self) -> Card:
        """What the network is and what it has seen."""
        return self.checkpoint.card

    def treatments(
        self, compounds: CompoundTable, dose_um: float | None = None, hours: float | None = None
    ) -> Treatments:
        """Every compound at one dose for one time; the checkpoint's own unless given.

        Raises:
            TableError: if the dose or the time is not above zero.
        """
        settings = self.checkpoint.net.settings
        return Treatments.at(
            compounds,
            settings.dose_um if dose_um is None else dose_um,
            settings.hours if hours is None else hours,
        )

    def scaled(self, expression: ExpressionTable, *, missing: str = Missing.REFUSE) -> Float[Tensor, "n g"]:
        """Robust z-scores on the network's genes.

        By its own medians where the scale is its training scale, otherwise by the cohort's own. With
        `missing="median"` a gene that was not measured counts as typical (z = 0).

        Raises:
            GeneSpaceError: if genes are missing and `missing` refuses that, or none is shared.
            ScaleError: if the scale differs from training and the cohort is too small for its own medians.
        """
        genes = self.checkpoint.net.genes
        shared = genes.shared_with(expression.genes)
        lost = [symbol for symbol in genes.symbols if symbol not in expression.genes]
        if lost and choice(Missing, missing) is Missing.REFUSE:
            message = (
                f"{len(lost)} of the network's {len(genes)} genes are not in the expression table: {first_five(lost)}; "
                "set missing to 'median' to count them as typical, or fine-tune on the genes that you have"
            )
            raise GeneSpaceError(message)
        at = genes.positions(shared.symbols)
        z = np.zeros((len(expression), len(genes)), dtype=np.float32)
        measured = expression.restrict(shared)
        z[:, at] = self._scaler(measured, at).transform(measured.values)
        return torch.from_numpy(z)

    def predict(
        self,
        expression: ExpressionTable,
        compounds: CompoundTable | Treatments,
        *,
        missing: str = Missing.REFUSE,
    ) -> pd.DataFrame:
        """Every sample with every compound: columns sample, id, compound, ln_ic50, ic50_um, compound_seen."""
        return pd.concat(self.predict_blocks(expression, compounds, missing=missing), ignore_index=True)

    def predict_blocks(
        self,
        expression: ExpressionTable,
        compounds: CompoundTable | Treatments,
        *,
        missing: str = Missing.REFUSE,
        progress: Progress = no_progress,
    ) -> Iterator[pd.DataFrame]:
        """The rows of `predict` in blocks of some samples, so that memory does not grow with the number of pairs."""
        treatments = compounds if isinstance(compounds, Treatments) else self.treatments(compounds)
        basal = self.scaled(expression, missing=missing)
        seen = self.seen(treatments.compounds)[treatments.compound_row]
        conditions = self.conditions(treatments, progress=progress)
        for part, value in self.grid(basal, expression.samples, treatments, conditions):
            yield _long(expression.samples[part], treatments, seen, value, self.card.measure)
            progress("pairs", part.stop * len(treatments), len(basal) * len(treatments))

    def grid(
        self,
        basal: Float[Tensor, "n g"],
        samples: Sequence[str],
        treatments: Treatments,
        conditions: Float[Tensor, "t g"],
    ) -> Iterator[tuple[slice, Float[np.ndarray, "s t"]]]:
        """ln IC50 of all treatments with some samples at a time, given what `scaled` and `conditions` return."""
        predictor = GridPredictor(self.checkpoint.net, conditions, self.precision)
        of_compound, of_sample = self._known(treatments.compounds, samples)
        of_compound = of_compound[treatments.compound_row]
        step = max(1, PAIRS_AT_ONCE // len(conditions))
        for start in range(0, len(basal), step):
            part = slice(start, min(start + step, len(basal)))
            yield part, predictor(basal[part]).numpy().astype(np.float64) + of_compound + of_sample[part, None]

    def conditions(self, treatments: Treatments, *, progress: Progress = no_progress) -> Float[Tensor, "t g"]:
        """The chemical condition of every treatment."""
        vectors = molecule_vectors(self.checkpoint.net.backbone, treatments.compounds, progress=progress)
        return self.conditions_of(vectors[torch.from_numpy(treatments.compound_row)], treatments)

    def conditions_of(self, vectors: Float[Tensor, "t d"], treatments: Treatments) -> Float[Tensor, "t g"]:
        """The chemical condition of every treatment, given its compound's vector."""
        dose_um, hours = torch.from_numpy(treatments.dose_um), torch.from_numpy(treatments.hours)
        with torch.no_grad():
            return self.checkpoint.net.backbone.condition(vectors, dose_um, hours)

    def seen(self, compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
        """Whether the network was trained on each molecule, a salt or a stereoisomer of it."""
        trained_on = set(self.card.compounds_seen)
        return np.array([molecule.key in trained_on for molecule in compounds.molecules], dtype=bool)

    def _scaler(self, expression: ExpressionTable, at: Int[np.ndarray, " k"]) -> RobustScaler:
        trained = self.checkpoint.scaler
        if expression.scale == self.card.expression_scale:
            return RobustScaler(trained.median[at], trained.mad[at], trained.floor)
        if expression.scale == ExpressionScale.ROBUST_Z:
            zero, one = np.zeros(len(at)), np.full(len(at), 1 / 1.4826)
            return RobustScaler(zero, one, 0.0)
        if len(expression) >= FEWEST_FOR_COHORT:
            return RobustScaler.fit(expression.values)
        message = (
            f"the expression is on the scale {expression.scale}, the network learnt {self.card.expression_scale}; "
            f"{len(expression)} samples are too few for medians of their own ({FEWEST_FOR_COHORT} are needed): "
            "give more samples of the same platform, or robust z-scores"
        )
        raise ScaleError(message)

    def _known(
        self, compounds: CompoundTable, samples: Sequence[str]
    ) -> tuple[Float[np.ndarray, " c"], Float[np.ndarray, " n"]]:
        """What a residual target left out, to be added back; zero for a compound or line that was not trained on."""
        effects = self.card.effects
        if effects is None:
            return np.zeros(len(compounds)), np.zeros(len(samples))
        return effects.mean + effects.of_compounds(compounds), effects.of_samples(samples)


def load(folder: str | Path, *, precision: str = Precision.FLOAT32) -> DrugResponseModel:
    """A trained response network from its checkpoint folder (or the run folder that holds it).

    Raises:
        CheckpointError: if there is none, or it is damaged.
    """
    return DrugResponseModel(load_response(checkpoint_folder(Path(folder))), choice(Precision, precision))


def checkpoint_folder(folder: Path) -> Path:
    """A checkpoint's own folder, given that or the run folder that holds it."""
    return folder / "checkpoint" if (folder / "checkpoint").is_dir() else folder


def _long(
    samples: Sequence[str],
    treatments: Treatments,
    seen: Bool[np.ndarray, " t"],
    value: Float[np.ndarray, "n t"],
    measure: Measure,
) -> pd.DataFrame:
    columns = {
        "sample": np.repeat(np.array(samples), len(treatments)),
        "id": np.tile(np.array(treatments.ids), len(samples)),
        "compound": np.tile(np.array(treatments.names), len(samples)),
        measure.value: value.ravel(),
    }
    if measure.micromolar:
        columns[measure.micromolar] = np.exp(value.ravel())
    return pd.DataFrame(columns | {"compound_seen": np.tile(seen, len(samples))})
