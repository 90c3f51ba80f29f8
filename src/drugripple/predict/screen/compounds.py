"""From rows of a library to conditions; an unusable row keeps its place and gets a reason."""

from collections.abc import Iterator
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
from drugripple.chem.molecule import Molecule, molecule_of, reduce_all
from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import Treatments
from drugripple.errors import CompoundError
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.predict.choices import Size
from drugripple.predict.model import DrugResponseModel
from drugripple.predict.request import largest_accepted
from drugripple.sources.user.compound_findings import positive, reason_for
from drugripple.sources.user.compound_library import library_blocks

LARGEST = 300
"""Largest number of heavy atoms; the attention of more would exceed the bound on memory."""

Rejections = dict[int, str]
"""Reasons why rows cannot be used, by their place in the table."""


def library_rows(path: Path, rows: int) -> Iterator[pa.Table]:
    """A library in blocks of so many rows: library_row (its line in the file), id, name, smiles, dose_um, hours."""
    for block in library_blocks(path, rows):
        yield block.rename_columns(["library_row", *block.column_names[1:]])


class UsableCompounds(NamedTuple):
    """Usable rows of a library. Axis t: row."""

    treatments: Treatments
    conditions: Float[Tensor, "t g"]
    seen: Bool[np.ndarray, " t"]
    rows: Int[np.ndarray, " t"]
    """Places of the usable rows among the given rows."""
    rejections: Rejections
    """Reasons why the other rows cannot be used, by their place."""


def featurise_rows(
    model: DrugResponseModel, library: pa.Table, *, cache: Path | None = None, size: Size = Size.TRAINED
) -> UsableCompounds | Rejections:
    """Conditions of the usable rows, and the rejections of the others.

    Args:
        model: the network.
        library: rows as `library_rows` reads them.
        cache: folder with graphs of molecules that were built before.
        size: whether molecules larger than any trained on are predicted.
    """
    rejections: Rejections = {}
    settings = model.checkpoint.net.settings
    names, texts = library["name"].to_pylist(), library["smiles"].to_pylist()
    largest = LARGEST if size is Size.ANY else min(LARGEST, largest_accepted(model.card.largest_compound))
    found, faults = reduce_all(texts)
    molecules: dict[int, Molecule] = {}
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        if text in faults:
            rejections[row] = reason_for(name, text, faults[text])
            continue
        molecule = molecule_of(found[text])
        if molecule.heavy_atoms <= largest:
            molecules[row] = molecule
        else:
            atoms = f"{molecule.heavy_atoms} heavy atoms"
            rejections[row] = f"compound {name!r} has {atoms}; this screen takes at most {largest}"
    doses = _positive(library, "dose_um", settings.dose_um, "micromolar", rejections)
    hours = _positive(library, "hours", settings.hours, "hours", rejections)
    wanted = list(dict.fromkeys(molecule for row, molecule in molecules.items() if row not in rejections))
    vectors, failed = _vectors(model.checkpoint.net.backbone, wanted, cache)
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


def _positive(
    library: pa.Table, column: str, default: float, unit: str, rejections: Rejections
) -> Float[np.ndarray, " r"]:
    """The numbers of a column, or the model's own if the library lacks the column."""
    cells = library[column].to_pylist()
    values = positive([str(default) if cell is None else cell for cell in cells]).astype(np.float32)
    for row in np.flatnonzero(np.isnan(values)).tolist():
        values[row] = default
        rejections.setdefault(row, f"{column} is {cells[row] or 'blank'}, expected a number above 0 ({unit})")
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
