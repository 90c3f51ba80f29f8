"""From rows of a library to molecules; an unusable row keeps its place and gets a reason."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from drugripple.chem.molecule import Molecule, molecule_of, reduce_all
from drugripple.sources.user.compound_findings import reason_for
from drugripple.sources.user.compound_library import library_blocks

Rejections = dict[int, str]
"""Reasons why rows cannot be used, by their place in the table."""


def library_rows(path: Path, rows: int) -> Iterator[pa.Table]:
    """A library in blocks of so many rows: library_row (its line in the file), id, name, smiles, dose_um, hours."""
    for block in library_blocks(path, rows):
        yield block.rename_columns(["library_row", *block.column_names[1:]])


def usable_molecules(library: pa.Table, largest: int | None) -> tuple[dict[int, Molecule], Rejections]:
    """The molecules of the rows that can be used, by their place, and why the others cannot.

    Args:
        library: rows as `library_rows` reads them.
        largest: heavy atoms of the largest molecule that is taken; any is unless given.
    """
    names, texts = library["name"].to_pylist(), library["smiles"].to_pylist()
    found, faults = reduce_all(texts)
    molecules: dict[int, Molecule] = {}
    rejections: Rejections = {}
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        if text in faults:
            rejections[row] = reason_for(name, text, faults[text])
            continue
        molecule = molecule_of(found[text])
        if largest is None or molecule.heavy_atoms <= largest:
            molecules[row] = molecule
        else:
            atoms = f"{molecule.heavy_atoms} heavy atoms"
            rejections[row] = f"compound {name!r} has {atoms}; this screen takes at most {largest}"
    return molecules, rejections
