"""What reading an HDF5 file would take, by what it says of itself: a few bytes may promise terabytes."""

import math
from collections.abc import Iterable
from pathlib import Path

import h5py

from drugripple.errors import Fault, SourceError

PIECE_AT_MOST = 1 << 29
"""Bytes of a chunk, which HDF5 unpacks as a whole."""
NAMES_AT_MOST = 1 << 30
"""Bytes of names and annotations, which are read whole."""
TEXT_BYTES = 80
"""A short text as Python holds it."""
WHOLE = ("/obs", "/var", "/raw/var", "/raw.var", "/uns")
"""Where names and annotations stand."""


def piece_of(dataset: h5py.Dataset) -> int:
    """Bytes that reading one of its numbers unpacks."""
    return math.prod(dataset.chunks or ()) * dataset.dtype.itemsize


def names_in(dataset: h5py.Dataset) -> int:
    """Bytes that its names or annotations take in memory; 0 for any other numbers."""
    if dataset.size is None or not f"{dataset.name}/".startswith(tuple(f"{place}/" for place in WHOLE)):
        return 0
    return int(dataset.size) * (TEXT_BYTES if dataset.dtype.hasobject else dataset.dtype.itemsize)


def is_bounded(dataset: h5py.Dataset) -> bool:
    """Whether it can be read some rows at a time within these bounds."""
    return piece_of(dataset) <= PIECE_AT_MOST and names_in(dataset) <= NAMES_AT_MOST


def refuse_unbounded(path: Path, datasets: Iterable[h5py.Dataset]) -> None:
    """Refuse a file that would not fit into the memory that reading may take.

    Raises:
        SourceError: with what is too large, and how large it is.
    """
    names: dict[str, int] = {}
    for dataset in datasets:
        if (piece := piece_of(dataset)) > PIECE_AT_MOST:
            what = f"{dataset.name} is stored in pieces of {piece >> 20:,} MiB"
            expected = f"at most {PIECE_AT_MOST >> 20:,} MiB"
            raise SourceError(Fault(path, what, expected=expected, do="write the file again with smaller chunks"))
        names[dataset.name] = names_in(dataset)
    if (total := sum(names.values())) > NAMES_AT_MOST:
        what = f"its names and annotations take {total >> 20:,} MiB"
        got, expected = f"most of it {max(names, key=names.__getitem__)}", f"at most {NAMES_AT_MOST >> 20:,} MiB"
        raise SourceError(Fault(path, what, got=got, expected=expected, do="delete annotations, or split the file"))
