"""What is asked of a network, prepared in one way for predictions, explanations and screens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float
from torch import Tensor

from drugripple.data.effects import Effects
from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import LeftOut, Treatments
from drugripple.errors import CompoundError, counted, first_five
from drugripple.model.mat.encoder import encode
from drugripple.predict.named import compound_rows, rows_of
from drugripple.predict.samples import ScaledSamples
from drugripple.predictors.inputs import graphs_for, molecule_vectors
from drugripple.runtime.progress import Progress
from drugripple.sources.user.compound_source import Source

if TYPE_CHECKING:
    from anndata import AnnData

    from drugripple.data.tables import ExpressionTable
    from drugripple.model.free_factors import GridTerms
    from drugripple.model.network import PerturbationNet, ResponseNet

SampleSource: TypeAlias = "str | Path | pd.DataFrame | AnnData | ExpressionTable"
CompoundSource: TypeAlias = Source | CompoundTable | Treatments
ENCODER_ATOMS = 60
"""Heavy atoms up to which the shipped molecule encoder was pretrained."""
SHOWN = 60
"""Characters of a name that a note shows."""
UNKNOWN_LARGEST = 120
"""Heavy atoms that are accepted where a card does not tell the largest compound trained on; GDSC's largest has 96."""


@dataclass(frozen=True)
class PredictionRequest:
    """Samples and treatments as a network reads them. Axes: t treatment, g gene."""

    samples: ScaledSamples
    treatments: Treatments
    conditions: Float[Tensor, "t g"]
    """The chemical condition of every treatment."""
    notes: tuple[str, ...]
    """What was found or left out on the way, for the user to read."""

    def choose(self, samples: str | Sequence[str], compounds: str | Sequence[str]) -> "PredictionRequest":
        """One or some samples and compounds, as they were scaled and read among the others; all where none is named.

        Raises:
            TableError: if one is not there, or a name stands for several compounds.
        """
        chosen = self
        if samples:
            rows = rows_of(_several(samples), self.samples.names, "sample")
            chosen = replace(chosen, samples=self.samples.take(rows))
        if compounds:
            rows = compound_rows(_several(compounds), self.treatments)
            chosen = replace(chosen, treatments=self.treatments.take(rows), conditions=self.conditions[rows])
        return chosen


def _several(names: str | Sequence[str]) -> Sequence[str]:
    return (names,) if isinstance(names, str) else names


def largest_accepted(trained: int) -> int:
    """Heavy atoms of the largest molecule that is predicted, from those of the largest trained on (0: unknown)."""
    return max(trained, ENCODER_ATOMS) if trained else UNKNOWN_LARGEST


def without_larger(treatments: Treatments, largest: int) -> Treatments:
    """The treatments whose molecule has at most so many heavy atoms; the others are among those left out.

    Raises:
        CompoundError: if none is left.
    """
    compounds = treatments.compounds
    atoms = np.array([molecule.heavy_atoms for molecule in compounds.molecules], dtype=np.int64)
    large = np.flatnonzero(atoms > largest)
    if not large.size:
        return treatments
    why = f"heavy atoms, the network was trained on at most {largest}"
    lost = tuple(LeftOut(0, compounds.ids[i], compounds.smiles[i], f"it has {atoms[i]} {why}") for i in large.tolist())
    shown = [f"{compounds.names[i][:SHOWN]}: {atoms[i]}" for i in large.tolist()]
    what = counted(len(lost), "compound has", "compounds have")
    left = "is left out" if len(lost) == 1 else "are left out"
    note = f"{what} more than the {largest} heavy atoms that are accepted and {left}: {first_five(shown)}; "
    note += "set size to 'any' to predict nevertheless"
    if large.size == len(compounds):
        raise CompoundError(note)
    kept = treatments.take(np.flatnonzero(atoms[treatments.compound_row] <= largest))
    noted = replace(kept.compounds, notes=(*kept.compounds.notes, note))
    return replace(kept, compounds=noted, left_out=(*treatments.left_out, *lost))


def known_effects(
    effects: Effects | None, compounds: CompoundTable, samples: Sequence[str]
) -> tuple[Float[np.ndarray, " c"], Float[np.ndarray, " n"]]:
    """What a residual target left out, to be added back; zero for a compound or line that was not trained on."""
    if effects is None:
        return np.zeros(len(compounds)), np.zeros(len(samples))
    return effects.mean + effects.of_compounds(compounds), effects.of_samples(samples)


def free_terms(
    net: "ResponseNet", samples: Sequence[str], treatments: Treatments
) -> "Callable[[slice], GridTerms | None]":
    """What the network's free vectors add to some of the samples with every treatment, where it has any."""
    factors = net.factors
    if factors is None:
        return lambda _: None
    keys = [molecule.key for molecule in treatments.compounds.molecules]
    of_sample, of_treatment = factors.samples(samples), factors.compounds(keys)[treatments.compound_row]
    return lambda some: factors.grid(of_sample[some], of_treatment)


def vectors_and_drawn(
    net: "PerturbationNet", compounds: CompoundTable, progress: Progress
) -> tuple[Float[Tensor, "c d"], tuple[str, ...]]:
    """A vector per compound, and the ids of compounds whose flat drawing stands for a conformer."""
    if net.molecule is None:
        return molecule_vectors(net, compounds, progress=progress), ()
    graphs = graphs_for(net, compounds, progress=progress)
    drawn = tuple(compounds.ids[i] for i, graph in enumerate(graphs) if graph.conformer == "2d")
    return encode(net.molecule, graphs).cpu(), drawn


def response_rows(
    samples: Sequence[str],
    treatments: Treatments,
    seen: Bool[np.ndarray, " t"],
    value: Float[np.ndarray, "n t"],
    measure: Measure,
) -> pd.DataFrame:
    """One row per sample and treatment; the response is named by its measure."""
    columns = {
        "sample": np.repeat(np.array(samples), len(treatments)),
        "id": np.tile(np.array(treatments.ids), len(samples)),
        "compound": np.tile(np.array(treatments.names), len(samples)),
        "dose_um": np.tile(treatments.dose_um, len(samples)),
        "hours": np.tile(treatments.hours, len(samples)),
        measure.value: value.ravel(),
    }
    if measure.micromolar:
        columns[measure.micromolar] = np.exp(value.ravel())
    return pd.DataFrame(columns | {"compound_seen": np.tile(seen, len(samples))})
