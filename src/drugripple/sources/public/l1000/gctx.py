"""GCTX (the HDF5 matrix of the Connectivity Map), read in column blocks of bounded memory.

    /0/DATA/0/matrix      sample x gene: HDF5 holds it transposed
    /0/META/ROW/id        gene ids, as text or numbers
    /0/META/COL/id        sample ids

Source: Enache et al. 2019, doi:10.1093/bioinformatics/bty784.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from jaxtyping import Float, Float32, Int, Shaped

from drugripple.errors import ConfigError, DrugrippleError, SourceError, TableError, first_five

MATRIX = "0/DATA/0/matrix"
GENE_IDS = "0/META/ROW/id"
SAMPLE_IDS = "0/META/COL/id"
MIB = 2**20


@dataclass(frozen=True)
class GctxHeader:
    """What a file holds, without its matrix.

    Raises:
        SourceError: if an id repeats.
    """

    path: Path
    genes: tuple[str, ...]
    samples: Shaped[np.ndarray, " n"]
    """Ids as bytes: a million of them as text would take several times the memory."""

    def __post_init__(self) -> None:
        """Refuse repeats."""
        for names, what in ((np.array(self.genes, dtype="S"), "gene"), (self.samples, "sample")):
            ordered = np.sort(names)
            repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
            if len(repeated):
                found = [name.decode() for name in repeated[:6]]
                message = f"{self.path}: {len(repeated)} {what} ids repeat: {first_five(found)}"
                raise SourceError(message)


class GctxBlock(NamedTuple):
    """Some samples of a file."""

    columns: Int[np.ndarray, " n"]
    """Numbers of the samples' columns in the file."""
    values: Float32[np.ndarray, "n g"]


def read_header(path: Path) -> GctxHeader:
    """Gene and sample ids.

    Raises:
        SourceError: if the file is missing, truncated or no GCTX, or its ids do not fit its matrix.
    """
    with _opened(path) as file:
        genes, samples = (_ids(file[name][:]) for name in (GENE_IDS, SAMPLE_IDS))
        shape = file[MATRIX].shape
    if shape != (len(samples), len(genes)):
        message = f"{path}: the matrix is {shape}, but {len(samples)} samples and {len(genes)} genes are named"
        raise SourceError(message)
    return GctxHeader(path, tuple(gene.decode("utf-8", "replace") for gene in genes.tolist()), samples)


def stream_columns(
    path: Path, *, genes: Int[np.ndarray, " g"], columns: Int[np.ndarray, " n"], memory_mib: float
) -> Iterator[GctxBlock]:
    """Some samples and genes, in the order of the file, holding no more than the memory stated.

    The file is read once, front to back; stretches without a wanted sample are skipped.

    Args:
        path: the file.
        genes: rows of the GCTX to keep, in the order wanted.
        columns: samples to keep, ascending.
        memory_mib: what the buffers and one block may take together.

    Raises:
        ConfigError: if not even one sample fits into the memory.
        SourceError: if the file is damaged.
        TableError: if a value is NaN or infinite (names the sample).
    """
    with _opened(path) as file:
        matrix = file[MATRIX]
        rows = _rows_at_once(matrix, len(genes), memory_mib)
        buffer = np.empty((rows, matrix.shape[1]), dtype=matrix.dtype)
        for start in range(0, len(matrix), rows):
            stop = min(start + rows, len(matrix))
            low, high = np.searchsorted(columns, (start, stop))
            if low == high:
                continue
            wanted = columns[low:high]
            matrix.read_direct(buffer, np.s_[start:stop], np.s_[: stop - start])
            values = buffer[np.ix_(wanted - start, genes)].astype(np.float32, copy=False)
            finite = np.isfinite(values).all(axis=1)
            if not finite.all():
                culprit = _ids(file[SAMPLE_IDS][wanted[~finite][:1]])[0].decode()
                message = f"{path}: {int((~finite).sum())} samples hold NaN or infinite values (first: {culprit!r})"
                raise TableError(message)
            yield GctxBlock(wanted, values)


def write_gctx(
    path: Path, genes: Sequence[str], samples: Sequence[str], blocks: Iterable[Float[np.ndarray, "_ g"]]
) -> None:
    """A minimal GCTX of consecutive blocks of samples."""
    with h5py.File(path, "w") as file:
        file.attrs["version"] = "GCTX1.0"
        file[GENE_IDS] = np.array(genes, dtype="S")
        file[SAMPLE_IDS] = np.array(samples, dtype="S")
        matrix = file.create_dataset(MATRIX, shape=(len(samples), len(genes)), dtype=np.float32)
        row = 0
        for block in blocks:
            matrix[row : row + len(block)] = block
            row += len(block)


def _rows_at_once(matrix: h5py.Dataset, genes: int, memory_mib: float) -> int:
    """Samples a block: raw row, kept values before and after the cast, and their finite mask; whole HDF5 chunks."""
    size = matrix.dtype.itemsize
    a_row = matrix.shape[1] * size + genes * (size + 4 + 1)
    chunk = matrix.chunks or (1, 0)
    rows = int((memory_mib * MIB - chunk[0] * chunk[1] * size) // a_row)
    if rows < 1:
        message = (
            f"one sample of {matrix.shape[1]} genes needs {a_row / MIB:.2f} MiB beside a file chunk of "
            f"{chunk[0] * chunk[1] * size / MIB:.2f} MiB, but memory_mib is {memory_mib:g}; allow more"
        )
        raise ConfigError(message)
    rows -= rows % chunk[0] if rows > chunk[0] else 0
    return max(1, min(rows, matrix.shape[0]))


def _ids(stored: np.ndarray) -> Shaped[np.ndarray, " n"]:
    """Ids stored as bytes, text or numbers, as bytes without the blanks around them.

    Some programs store what Python shows of bytes: b'780' is 780.
    """
    ids = np.char.strip(stored.astype("S"))
    shown = len(ids) > 0 and (np.char.startswith(ids, b"b'") & np.char.endswith(ids, b"'")).all()
    return np.array([name[2:-1] for name in ids.tolist()], dtype="S") if shown else ids


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    if not path.is_file():
        message = f"{path} does not exist; fetch it, or name the GCTX file that you have"
        raise SourceError(message)
    try:
        with h5py.File(path, "r") as file:
            absent = [name for name in (MATRIX, GENE_IDS, SAMPLE_IDS) if name not in file]
            if absent or file[MATRIX].ndim != 2:
                message = f"{path} is HDF5 but no GCTX: it lacks {first_five(absent or [MATRIX])}"
                raise SourceError(message)
            yield file
    except DrugrippleError:
        raise
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, MemoryError) as error:
        # h5py has no exception of its own for a damaged file
        reason = " ".join(str(error).split())
        message = f"{path} cannot be read as GCTX: {reason}; it is truncated or of another format: fetch it again"
        raise SourceError(message) from error
