"""A network in a screen: conditions of some compounds, then every sample with each."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from drugripple.chem.featurise import featurise
from drugripple.chem.fingerprint import morgan
from drugripple.chem.graph import MolGraph
from drugripple.chem.molecule import Molecule
from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import LARGEST_DOSE_UM, LONGEST_HOURS, Treatments
from drugripple.errors import CompoundError
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.predict.choices import Ranking, Size, refuse_unheard
from drugripple.predict.model import PAIRS_AT_ONCE, DrugResponseModel, load_network
from drugripple.predict.request import largest_accepted
from drugripple.predict.screen.compounds import Rejections, usable_molecules
from drugripple.predict.screen.engine import Block, Rates, ScreenInput, ScreenSamples
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.sources.user.compound_findings import positive

COMPOUNDS_AT_ONCE = 256
LARGEST = 300
"""Largest number of heavy atoms; the attention of more would exceed the bound on memory."""
NODES_ENCODED = 1024
"""Number of atoms whose states the molecule encoder holds at a time."""


@dataclass(frozen=True)
class NetworkEngine:
    """A network with the samples of a screen."""

    model: DrugResponseModel
    samples: ScreenSamples
    size: Size = Size.TRAINED
    """Whether molecules larger than any trained on are predicted."""
    cache: Path | None = None
    """Folder with graphs of molecules that were built before."""
    at_once: int = COMPOUNDS_AT_ONCE

    @classmethod
    def read(cls, request: ScreenRequest) -> ScreenInput:
        """The samples of a request.

        Raises:
            ConfigError: if compounds are to be ordered by selectivity.
            DrugrippleError: if they or the network cannot be used.
        """
        refuse_unheard({"by": request.by is not Ranking.RESPONSE}, "the default model")
        model = load_network(request.folder)
        scaled = model.samples(request.expression, missing=request.missing, scale=request.scale, layer=request.layer)
        return ScreenInput(ScreenSamples(scaled.names, scaled.z.numpy()), model.measure, scaled.notes)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the samples."""
        return self.samples.names

    def block(self, library: pa.Table) -> Block:
        """Predict every sample with some rows of a library."""
        found = self._featurise(library)
        if not isinstance(found, UsableCompounds):
            return Block.without_rows(len(self.names), found)
        predicted = np.empty((len(self.names), len(found.rows)), dtype=np.float32)
        for part, value in self.model.grid(self._basal, self.names, found.treatments, found.conditions):
            predicted[part] = value
        asked = found.treatments
        return Block(
            found.rows, asked.compounds.smiles, found.seen, asked.dose_um, asked.hours, predicted, found.rejections
        )

    def rates(self, sampled: pa.Table, library: int, seconds: float) -> Rates:
        """Measure the rates on sampled rows of a library of so many, for about so many seconds."""
        self._featurise(sampled.slice(0, 1))
        start = time.perf_counter()
        found = self._featurise(sampled)
        molecules = len(sampled) / (time.perf_counter() - start)
        if not isinstance(found, UsableCompounds):
            return Rates(molecules, 0.0, found)
        return Rates(molecules, self._pairs_per_second(found, library, seconds), found.rejections)

    def block_bytes(self) -> int:
        """Most memory that a block takes."""
        settings, genes = self.model.checkpoint.net.backbone.settings.molecule, len(self.model.checkpoint.net.genes)
        graphs = self.at_once * 8 * (LARGEST + 1) ** 2
        encoding = 4 * NODES_ENCODED * (4 * LARGEST * settings.heads + 8 * settings.width)
        prediction = 4 * 4 * genes * (max(PAIRS_AT_ONCE, self.at_once) + self.at_once)
        return graphs + encoding + prediction

    @property
    def _basal(self) -> Float[Tensor, "n g"]:
        return torch.from_numpy(self.samples.values)

    def _pairs_per_second(self, found: "UsableCompounds", library: int, seconds: float) -> float:
        """Measured rate on a block of the screen's size, filled with copies of the sampled compounds."""
        rows = np.resize(np.arange(len(found.rows)), min(library, self.at_once))
        table = found.treatments.compounds
        names = tuple(str(row) for row in range(len(rows)))
        compounds = CompoundTable(names, names, tuple(table.molecules[row] for row in rows))
        dose_um, hours = found.treatments.dose_um[rows], found.treatments.hours[rows]
        block = Treatments(compounds, np.arange(len(rows)), dose_um, hours)
        conditions = found.conditions[torch.from_numpy(rows)]
        pairs, spent = 0, 0.0
        while spent < seconds:
            start = time.perf_counter()
            for _, value in self.model.grid(self._basal, self.names, block, conditions):
                pairs += value.size
                if time.perf_counter() - start > seconds:
                    break
            spent += time.perf_counter() - start
        return pairs / spent

    def _featurise(self, library: pa.Table) -> "UsableCompounds | Rejections":
        """Conditions of the usable rows, and the rejections of the others."""
        model, settings = self.model, self.model.checkpoint.net.settings
        names = library["name"].to_pylist()
        accepted = LARGEST if self.size is Size.ANY else min(LARGEST, largest_accepted(model.card.largest_compound))
        molecules, rejections = usable_molecules(library, accepted)
        doses = _conditions(library, "dose_um", settings.dose_um, LARGEST_DOSE_UM, "micromolar", rejections)
        hours = _conditions(library, "hours", settings.hours, LONGEST_HOURS, "hours", rejections)
        wanted = list(dict.fromkeys(molecule for row, molecule in molecules.items() if row not in rejections))
        vectors, failed = _vectors(model.checkpoint.net.backbone, wanted, self.cache)
        rejections |= {
            row: failed[m.parent] for row, m in molecules.items() if row not in rejections and m.parent in failed
        }
        rows = [row for row in range(len(names)) if row not in rejections]
        if not rows:
            return rejections
        table = CompoundTable(
            tuple(str(row) for row in library["library_row"].take(pa.array(rows)).to_pylist()),
            tuple(names[row] for row in rows),
            tuple(molecules[row] for row in rows),
        )
        treatments = Treatments(table, np.arange(len(rows)), doses[rows], hours[rows])
        conditions = model.conditions_of(torch.stack([vectors[smiles] for smiles in table.smiles]), treatments)
        return UsableCompounds(treatments, conditions, model.seen(treatments.compounds), np.array(rows), rejections)


class UsableCompounds(NamedTuple):
    """Usable rows of a library. Axis t: row."""

    treatments: Treatments
    conditions: Float[Tensor, "t g"]
    seen: Bool[np.ndarray, " t"]
    rows: Int[np.ndarray, " t"]
    """Places of the usable rows among the given rows."""
    rejections: Rejections
    """Reasons why the other rows cannot be used, by their place."""


def _vectors(
    net: PerturbationNet, molecules: list[Molecule], cache: Path | None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The vector that the network reads of each molecule, or why there is none, by parent SMILES."""
    if net.molecule is None:
        bits = torch.from_numpy(morgan(molecules, bits=net.settings.fingerprint_bits))
        return {molecule.parent: row for molecule, row in zip(molecules, bits, strict=True)}, {}
    graphs, failed = _graphs(molecules, cache)
    vectors = encode(net.molecule, list(graphs.values()))
    return dict(zip(graphs, vectors.cpu(), strict=True)), failed


def _conditions(
    library: pa.Table, column: str, default: float, largest: float, unit: str, rejections: Rejections
) -> Float[np.ndarray, " r"]:
    """The numbers of a column, or the model's own if the library lacks the column."""
    cells = library[column].to_pylist()
    values = positive([str(default) if cell is None else cell for cell in cells]).astype(np.float32)
    for row in np.flatnonzero(~(values <= largest)).tolist():
        values[row] = default
        expected = f"a number above 0 and at most {largest:,g} ({unit})"
        rejections.setdefault(row, f"{column} is {cells[row] or 'blank'}, expected {expected}")
    return values


def _graphs(molecules: list[Molecule], cache: Path | None) -> tuple[dict[str, MolGraph], dict[str, str]]:
    try:
        return featurise(molecules, cache=cache, jobs=1), {}
    except CompoundError as error:
        if len(molecules) == 1:
            return {}, {molecules[0].parent: str(error)}
        middle = len(molecules) // 2
        halves = [_graphs(half, cache) for half in (molecules[:middle], molecules[middle:])]
        return halves[0][0] | halves[1][0], halves[0][1] | halves[1][1]
