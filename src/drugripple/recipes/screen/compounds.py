"""Lines of a library to conditions; what cannot be used gets a reason and keeps its place."""

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
from drugripple.chem.molecule import Molecule, standardise
from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.predict.model import DrugResponseModel, Treatments
from drugripple.sources.user.delimited import number_in

LARGEST = 300
"""Heavy atoms: beyond, attention between all pairs of atoms would break the bound on memory."""

Reasons = dict[int, str]


class Understood(NamedTuple):
    """Some lines of a library. Axis: t line that can be used."""

    treatments: Treatments
    conditions: Float[Tensor, "t g"]
    seen: Bool[np.ndarray, " t"]
    rows: Int[np.ndarray, " t"]
    """Of the lines that can be used, among those given."""
    reasons: Reasons
    """Why the others cannot, by row."""


def understood(model: DrugResponseModel, lines: pa.Table, *, cache: Path | None = None) -> Understood | Reasons:
    """Conditions of those lines that can be used; the reasons alone where there is none.

    Args:
        model: the network.
        lines: a table of `sources.library`.
        cache: a folder with graphs of molecules that were met before.
    """
    reasons: Reasons = {}
    settings = model.checkpoint.net.settings
    names, texts = lines["name"].to_pylist(), lines["smiles"].to_pylist()
    molecules: dict[int, Molecule] = {}
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        try:
            molecules[row] = _molecule(text, name)
        except CompoundError as error:
            reasons[row] = str(error)
    doses = _positive(lines, "dose_um", settings.dose_um, "micromolar", reasons)
    hours = _positive(lines, "hours", settings.hours, "hours", reasons)
    wanted = list(dict.fromkeys(molecule for row, molecule in molecules.items() if row not in reasons))
    vectors, failed = _vectors(model.checkpoint.net.backbone, wanted, cache)
    reasons |= {row: failed[m.parent] for row, m in molecules.items() if row not in reasons and m.parent in failed}
    rows = [row for row in range(len(names)) if row not in reasons]
    if not rows:
        return reasons
    table = CompoundTable(
        tuple(str(line) for line in lines["line"].take(pa.array(rows)).to_pylist()),
        tuple(names[row] for row in rows),
        tuple(molecules[row] for row in rows),
    )
    treatments = Treatments(table, doses[rows], hours[rows])
    conditions = model.conditions_of(torch.stack([vectors[smiles] for smiles in table.smiles]), treatments)
    return Understood(treatments, conditions, model.seen(treatments.compounds), np.array(rows), reasons)


def _vectors(
    net: PerturbationNet, molecules: list[Molecule], cache: Path | None
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """What the network reads of each molecule, or why there is nothing; by parent SMILES."""
    if net.molecule is None:
        bits = torch.from_numpy(morgan(molecules, bits=net.settings.fingerprint_bits))
        return {molecule.parent: row for molecule, row in zip(molecules, bits, strict=True)}, {}
    graphs, failed = _graphs(molecules, cache)
    vectors = encode(net.molecule, list(graphs.values()))
    return dict(zip(graphs, vectors.cpu(), strict=True)), failed


def _molecule(text: str, name: str) -> Molecule:
    molecule = standardise(text, name=name)
    atoms = molecule.rdkit.GetNumHeavyAtoms()
    if atoms > LARGEST:
        message = f"compound {name!r} has {atoms} heavy atoms; a screen takes at most {LARGEST}"
        raise CompoundError(message)
    return molecule


def _positive(lines: pa.Table, column: str, default: float, unit: str, reasons: Reasons) -> Float[np.ndarray, " r"]:
    """The column's numbers, the model's own where the library has no such column."""
    values = np.full(len(lines), default, dtype=np.float32)
    for row, cell in enumerate(lines[column].to_pylist()):
        if cell is None:
            continue
        values[row] = number_in(cell)
        if not (np.isfinite(values[row]) and values[row] > 0):
            values[row] = default
            reasons.setdefault(row, f"{column} is {cell or 'blank'}, expected a number above 0 ({unit})")
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
