"""Profiles on disk, larger than memory: one folder, its matrices memory-mapped.

treated.npy       float32, profile x gene
basal.npy         float32, control x gene
profiles.parquet  compound, smiles, cell_line, plate, dose_um, hours, weight, basal_row
compounds.parquet id, name, smiles (of the parent), key (of the molecule), targets, mechanism
genes.txt         one symbol a line
controls.txt      one name a line
store.json        scale, rows and digest of the genes
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.chem.molecule import Molecule
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable, PerturbationTable
from drugripple.errors import SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.runtime.atomic import sync, whole_folder
from drugripple.runtime.mapped import release
from drugripple.runtime.nesting import read_json_text
from drugripple.sources.public.columns import read_columns

FORMAT = 2
PROFILE_COLUMNS = ("compound", "smiles", "cell_line", "plate", "dose_um", "hours", "weight", "basal_row")


@dataclass(frozen=True)
class RowFile:
    """A float32 `.npy` of known shape, written row by row in any order without standing in memory."""

    file: BinaryIO
    genes: int
    offset: int

    def write(self, rows: Int[np.ndarray, " n"], values: Float[np.ndarray, "n g"]) -> None:
        """Put values into rows; neighbouring rows go in one write."""
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        for row, run in zip(np.split(rows, breaks), np.split(values, breaks), strict=True):
            if len(row):
                self.file.seek(self.offset + int(row[0]) * self.genes * 4)
                self.file.write(np.ascontiguousarray(run, dtype="<f4").data)


@contextmanager
def row_file(path: Path, rows: int, genes: int) -> Iterator[RowFile]:
    """A new matrix to fill; rows never written are zero."""
    with path.open("wb") as file:
        header = {"descr": "<f4", "fortran_order": False, "shape": (rows, genes)}
        np.lib.format.write_array_header_1_0(file, header)
        offset = file.tell()
        file.truncate(offset + rows * genes * 4)
        yield RowFile(file, genes, offset)
    sync(path)


def write_annotation(
    folder: Path,
    *,
    profiles: pd.DataFrame,
    compounds: CompoundTable,
    controls: tuple[str, ...],
    genes: GeneSpace,
    scale: ExpressionScale,
) -> None:
    """Everything of a store but its two matrices."""
    profiles[list(PROFILE_COLUMNS)].to_parquet(folder / "profiles.parquet", index=False)
    pd.DataFrame(
        {
            "id": compounds.ids,
            "name": compounds.names,
            "smiles": compounds.smiles,
            "key": [molecule.key for molecule in compounds.molecules],
            "targets": compounds.targets,
            "mechanism": compounds.mechanism,
        }
    ).to_parquet(folder / "compounds.parquet", index=False)
    (folder / "genes.txt").write_text("\n".join(genes.symbols) + "\n", encoding="utf-8")
    (folder / "controls.txt").write_text("\n".join(controls) + "\n", encoding="utf-8")
    card = {"format": FORMAT, "scale": scale.value, "rows": len(profiles), "genes": len(genes), "digest": genes.digest}
    (folder / "store.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def write_store(table: PerturbationTable, out: Path, *, block: int = 4096) -> None:
    """A table as a store.

    Raises:
        OutputError: if `out` exists or the system refuses a write; nothing half-written stays.
    """
    compounds = table.compounds
    profiles = pd.DataFrame(
        {
            "compound": [compounds.ids[row] for row in table.compound_row],
            "smiles": [compounds.smiles[row] for row in table.compound_row],
            "cell_line": table.cell_line,
            "plate": table.plate,
            "dose_um": table.dose_um,
            "hours": table.hours,
            "weight": table.weight,
            "basal_row": table.basal_row,
        }
    )
    with whole_folder(out) as folder:
        for name, values in (("treated", table.treated), ("basal", table.basal.values)):
            with row_file(folder / f"{name}.npy", *values.shape) as file:
                for start in range(0, len(values), block):
                    part = values[start : start + block]
                    file.write(np.arange(start, start + len(part)), part)
        write_annotation(
            folder,
            profiles=profiles,
            compounds=compounds,
            controls=table.basal.samples,
            genes=table.basal.genes,
            scale=table.basal.scale,
        )


def is_store(folder: Path) -> bool:
    """Whether a folder holds a store, as opposed to tidy tables."""
    return (folder / "store.json").is_file()


def open_store(folder: Path) -> PerturbationTable:
    """The table of a store; its matrices stay on disk and are read as they are used.

    Raises:
        SourceError: if a file is missing, truncated or altered.
    """
    try:
        return _open(folder)
    except (SourceError, TableError):
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{folder} is a damaged profile store ({type(error).__name__}: {error}); build it again"
        raise SourceError(message) from error


def _open(folder: Path) -> PerturbationTable:
    card = _read_card(folder / "store.json")
    genes = GeneSpace(tuple((folder / "genes.txt").read_text(encoding="utf-8").splitlines()))
    if genes.digest != card["digest"]:
        message = f"{folder / 'genes.txt'} is not the gene list that this store was built with; build it again"
        raise SourceError(message)
    profiles = read_columns(folder / "profiles.parquet", PROFILE_COLUMNS)
    compounds = read_columns(folder / "compounds.parquet", ("id", "name", "smiles", "key", "targets", "mechanism"))
    controls = tuple((folder / "controls.txt").read_text(encoding="utf-8").splitlines())
    treated = _mapped(folder / "treated.npy", (int(card["rows"]), len(genes)))
    basal = _mapped(folder / "basal.npy", (len(controls), len(genes)))
    row_of_compound = {name: row for row, name in enumerate(compounds["id"])}
    table = PerturbationTable(
        basal=ExpressionTable(controls, genes, basal, ExpressionScale(str(card["scale"]))),
        compounds=CompoundTable(
            tuple(compounds["id"]),
            tuple(compounds["name"]),
            tuple(Molecule(parent, key) for parent, key in zip(compounds["smiles"], compounds["key"], strict=True)),
            tuple(compounds["targets"]),
            tuple(compounds["mechanism"]),
        ),
        basal_row=profiles["basal_row"].to_numpy(np.int64),
        compound_row=profiles["compound"].map(row_of_compound).to_numpy(np.int64),
        dose_um=profiles["dose_um"].to_numpy(np.float64),
        hours=profiles["hours"].to_numpy(np.float64),
        treated=treated,
        plate=tuple(profiles["plate"]),
        cell_line=tuple(profiles["cell_line"]),
        weight=profiles["weight"].to_numpy(np.float64),
    )
    for matrix in (treated, basal):
        release(matrix)
    return table


def _read_card(path: Path) -> dict[str, str | int]:
    try:
        card = read_json_text(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path.parent} is not a profile store: {path.name} is missing or damaged ({error})"
        raise SourceError(message) from error
    if card.get("format") != FORMAT:
        message = f"{path}: format {card.get('format')!r}, expected {FORMAT}; build the store again"
        raise SourceError(message)
    return card


def _mapped(path: Path, shape: tuple[int, int]) -> np.memmap:
    try:
        matrix = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError) as error:
        message = f"{path} is missing or truncated ({error}); build the store again"
        raise SourceError(message) from error
    if matrix.shape != shape or matrix.dtype != np.float32:
        message = f"{path} is {matrix.dtype} {matrix.shape}, expected float32 {shape}; build the store again"
        raise SourceError(message)
    return matrix
