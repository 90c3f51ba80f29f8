"""Graphs on disk: one SQLite file a RDKit version, so that a hundred thousand molecules are one file."""

import sqlite3
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rdkit import __version__ as rdkit_version

from drugripple.chem.graph import DUMMY_DISTANCE, FEATURES, MolGraph
from drugripple.errors import SourceError

_FORMAT = 1
_HEADER = struct.Struct("<IHB")


class GraphCache:
    """Packed graphs under (canonical SMILES, seed, policy for hydrogens) in a file named after the RDKit version.

    A write is one SQLite transaction: a killed process leaves the rows before it and nothing half-written. A
    damaged file is replaced by an empty one, a damaged row counts as absent: both are only computed again.
    """

    def __init__(self, folder: Path, *, seed: int, fallback_keeps_hydrogens: bool = False) -> None:
        """Name the file; nothing is touched before the first read or write."""
        self.path = folder / f"graphs-{_FORMAT}-rdkit-{rdkit_version}.sqlite"
        self._policy = f"{seed}{'+once+h' if fallback_keeps_hydrogens else ''}"

    def read(self, smiles: Iterable[str]) -> dict[str, bytes]:
        """Stored graphs of the canonical SMILES that have a whole one.

        Raises:
            SourceError: if the file cannot be opened (rights, a lock that is held, a full disk).
        """
        if not self.path.exists():
            return {}
        found: dict[str, bytes] = {}
        try:
            with self._connection() as connection:
                for text in smiles:
                    row = connection.execute("SELECT graph FROM graphs WHERE key = ?", (self._key(text),)).fetchone()
                    if row is not None and is_whole(row[0]):
                        found[text] = row[0]
        except sqlite3.OperationalError as error:
            raise self._unusable(error) from error
        except sqlite3.DatabaseError:
            self.path.unlink(missing_ok=True)  # another process may have found the same
            return {}
        return found

    def write(self, graphs: Mapping[str, bytes]) -> None:
        """Store packed graphs under their canonical SMILES, all or none.

        Raises:
            SourceError: if the file cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._connection() as connection:
                rows = [(self._key(text), packed) for text, packed in graphs.items()]
                connection.executemany("INSERT OR REPLACE INTO graphs VALUES (?, ?)", rows)
        except (sqlite3.OperationalError, OSError) as error:
            raise self._unusable(error) from error

    def _key(self, smiles: str) -> str:
        return f"{self._policy} {smiles}"

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=60)
        try:
            with connection:
                connection.execute("CREATE TABLE IF NOT EXISTS graphs (key TEXT PRIMARY KEY, graph BLOB) WITHOUT ROWID")
                yield connection
        finally:
            connection.close()

    def _unusable(self, error: Exception) -> SourceError:
        what_to_do = "free some space, or name another folder in DRUGRIPPLE_CACHE"
        return SourceError(f"the molecule cache {self.path} cannot be used: {error}; {what_to_do}")


def pack(graph: MolGraph) -> bytes:
    """A graph without its SMILES as bytes, behind a checksum."""
    upper = np.triu_indices(len(graph.atoms) - 1, k=1)
    body = b"".join(
        (
            np.packbits(graph.atoms.astype(bool)).tobytes(),
            np.packbits(graph.bonded[1:, 1:][upper]).tobytes(),
            graph.distance[1:, 1:][upper].astype("<f4").tobytes(),
        )
    )
    return _HEADER.pack(zlib.crc32(body), len(graph.atoms), graph.conformer == "3d") + body


def is_whole(packed: bytes) -> bool:
    """Whether the checksum fits."""
    if len(packed) < _HEADER.size:
        return False
    return bool(_HEADER.unpack_from(packed)[0] == zlib.crc32(packed[_HEADER.size :]))


def unpack(smiles: str, packed: bytes) -> MolGraph:
    """The graph that was packed."""
    _, nodes, is_3d = _HEADER.unpack_from(packed)
    atoms_bytes, upper = -(-nodes * FEATURES // 8), np.triu_indices(nodes - 1, k=1)
    pairs = len(upper[0])
    body = np.frombuffer(packed, dtype=np.uint8, offset=_HEADER.size)
    atoms = np.unpackbits(body[:atoms_bytes], count=nodes * FEATURES).reshape(nodes, FEATURES).astype(np.float32)
    bonds_end = atoms_bytes + -(-pairs // 8)
    bonded = np.zeros((nodes, nodes), dtype=bool)
    bonded[1:, 1:][upper] = np.unpackbits(body[atoms_bytes:bonds_end], count=pairs)
    bonded[1:, 1:] |= bonded[1:, 1:].T | np.eye(nodes - 1, dtype=bool)
    distance = np.zeros((nodes, nodes), dtype=np.float32)
    distance[1:, 1:][upper] = body[bonds_end:].view("<f4") if pairs else 0
    distance += distance.T
    distance[0] = distance[:, 0] = DUMMY_DISTANCE
    return MolGraph(smiles, atoms, bonded, distance, "3d" if is_3d else "2d")
