"""AnnData's file: names whole, numbers some rows at a time, sparse ones never dense but for the genes asked for."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy.sparse import csr_matrix

from drugripple.errors import DrugrippleError, Fault, SourceError, counted, first_five
from drugripple.sources.user.anndata_matrix import chosen_layer, log_base, of_parts
from drugripple.sources.user.h5ad_bounds import refuse_unbounded
from drugripple.sources.user.h5ad_probe import datasets, links_to_files
from drugripple.sources.user.matrix import LabelledMatrix, Numbers, require_room, single

SECONDS_AT_LEAST = 60.0
BYTES_PER_SECOND = 5e6
"""Slower than any disk: whoever needs longer than this hangs."""
VALUES_AT_ONCE = 1 << 23
"""Numbers of a matrix that are read together: 64 MB."""


def read_h5ad(path: Path, *, layer: str = "", seconds: float | None = None) -> LabelledMatrix:
    """X of an AnnData file, or the layer that is named (`raw` for its raw part), with all names.

    Args:
        path: the file, as any version of AnnData wrote it.
        layer: the matrix to read; X unless given.
        seconds: after which the first reading counts as hanging; by the size of the file unless given.

    Raises:
        SourceError: if the file is no AnnData, damaged (also where that kills or hangs HDF5), points at other files,
            was compressed by a plugin that is not here, has no such layer, or does not fit into memory.
    """
    _probe(path, seconds or SECONDS_AT_LEAST + path.stat().st_size / BYTES_PER_SECOND)
    with _opened(path) as file:
        _refuse_foreign(path, file)
        refuse_unbounded(path, datasets(file))
        if "X" not in file and "obs" not in file:
            what, do = "it is HDF5, but no AnnData", "read it with scanpy or anndata, and write it with write_h5ad"
            raise SourceError(Fault(path, what, got=f"it holds {first_five(sorted(file))}", do=do))
        matrices = _matrices(file)
        name = chosen_layer(path, tuple(matrices), layer)
        obs = _frame(path, file, "obs")
        var = _frame(path, file, {"raw/X": "raw/var", "raw.X": "raw.var"}.get(matrices[name], "var"))
        shape = _shape(path, file[matrices[name]])
        if shape != (len(obs), len(var)):
            what = f"{name} is {shape[0]} x {shape[1]}, but obs and var name {len(obs)} x {len(var)}"
            raise SourceError(Fault(path, what, do="write the file again"))
        noted = _log1p(file)
    key = matrices[name]

    def take(rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " k"]) -> Numbers:
        require_room(path, len(rows), len(columns))
        with _opened(path) as file:
            content = file[key]
            read = _dense if isinstance(content, h5py.Dataset) else _sparse
            return Numbers(read(content, shape, rows, columns))

    return of_parts(
        str(path), "h5ad", obs, var, take, [other for other in matrices if other != name], log_base=log_base(noted)
    )


def _probe(path: Path, limit: float) -> None:
    """Let a process of its own read the file first: a crash or a hang is then an error like any other."""
    command = [sys.executable, "-m", "drugripple.sources.user.h5ad_probe", str(path)]
    try:
        first = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as error:
        fault = Fault(
            path, f"it is damaged: reading it did not end within {limit:.0f} s", do="fetch or export it again"
        )
        raise SourceError(fault) from error
    if first.returncode < 0:
        what = f"it is damaged: HDF5 crashed over it (signal {-first.returncode})"
        raise SourceError(Fault(path, what, do="fetch or export it again"))


@contextmanager
def _opened(path: Path) -> Iterator[h5py.File]:
    try:
        with h5py.File(path) as file:
            yield file
    except DrugrippleError:
        raise
    except UnicodeDecodeError as error:
        got = f"byte 0x{error.object[error.start]:02x}"
        do = "write it again with its names as UTF-8 (in pandas: .str.decode('latin-1') of the column)"
        raise SourceError(Fault(path, "its names hold text that is not UTF-8", got, do=do)) from error
    except Exception as error:  # damaged groups make h5py and anndata raise anything at all
        reason = " ".join(str(error).split()) or type(error).__name__
        fault = Fault(
            path, "it cannot be read as h5ad", got=reason, do="it is cut short or damaged: fetch or export it again"
        )
        raise SourceError(fault) from error


def _refuse_foreign(path: Path, file: h5py.File) -> None:
    """Refuse what lies in other files, and what this HDF5 cannot unpack.

    Raises:
        SourceError: naming the link, the dataset or the plugin.
    """
    linked = list(links_to_files(file))
    for dataset in datasets(file):
        if dataset.external or dataset.is_virtual:
            linked.append(dataset.name)
        made = dataset.id.get_create_plist()
        for number in range(made.get_nfilters()):
            code, _, _, name = made.get_filter(number)
            if not h5py.h5z.filter_avail(code):
                fault = Fault(
                    path,
                    f"{dataset.name} is compressed by a plugin of HDF5 that is not here",
                    got=f"filter {code}, {name.decode(errors='replace') or 'without a name'}",
                    do="write the file again with compression='gzip'",
                )
                raise SourceError(fault)
    if linked:
        what = f"{counted(len(linked), 'part lies', 'parts lie')} in other files, which are not opened"
        raise SourceError(Fault(path, what, got=first_five(linked), do="write the file again as a whole"))


def _matrices(file: h5py.File) -> dict[str, str]:
    """The matrices of a file under the names that a user gives them, with their places."""
    places = {"X": "X", "raw": "raw/X" if "raw/X" in file else "raw.X"}
    layers = file["layers"] if isinstance(file.get("layers"), h5py.Group) else ()
    places |= {str(name): f"layers/{name}" for name in layers if str(name) not in places}
    return {name: place for name, place in places.items() if place in file and _encoding(file[place]) != "null"}


def _log1p(file: h5py.File) -> dict[str, object] | None:
    """What scanpy noted about the logarithm that it took."""
    note = file.get("uns/log1p")
    if not isinstance(note, h5py.Group):
        return None
    base = note.get("base")
    return {"base": base[()] if isinstance(base, h5py.Dataset) and not base.shape else None}


def _encoding(item: h5py.Group | h5py.Dataset) -> str:
    found = item.attrs.get("encoding-type", item.attrs.get("h5sparse_format", b""))
    text = found.decode() if isinstance(found, bytes) else str(found)
    return text.removesuffix("_matrix")


def _frame(path: Path, file: h5py.File, key: str) -> pd.DataFrame:
    """obs or var.

    Raises:
        SourceError: if it is not there, or no table.
    """
    if key not in file:
        raise SourceError(
            Fault(path, f"it lacks {key!r} of AnnData's layout", do="write it again with AnnData.write_h5ad")
        )
    if isinstance(file[key], h5py.Dataset):
        return _frame_before_07(file, file[key])
    from anndata import OldFormatWarning
    from anndata.io import read_elem

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OldFormatWarning)  # it reads them well, which is all that we want
        frame = read_elem(file[key])
    if not isinstance(frame, pd.DataFrame):
        raise SourceError(Fault(path, f"its {key!r} is no table", do="write it again with AnnData.write_h5ad"))
    return frame


def _frame_before_07(file: h5py.File, item: h5py.Dataset) -> pd.DataFrame:
    """A table as AnnData wrote it before version 0.7: one compound dataset, categories under `uns`."""
    content = item[()]
    columns = {}
    for name in content.dtype.names:
        column = content[name]
        if column.dtype.kind in "SO":
            column = np.array(
                [cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell) for cell in column]
            )
        categories = file.get(f"uns/{name}_categories")
        if isinstance(categories, h5py.Dataset) and column.dtype.kind in "iu":
            words = [_decoded(word) for word in categories[()]]
            column = np.array([words[code] if 0 <= code < len(words) else "" for code in column.astype(np.int64)])
        columns[name] = column
    index = next((name for name in ("index", "_index") if name in columns), content.dtype.names[0])
    return pd.DataFrame(columns).set_index(index)


def _decoded(cell: object) -> str:
    return cell.decode(errors="replace") if isinstance(cell, bytes) else str(cell)


def _shape(path: Path, item: h5py.Group | h5py.Dataset) -> tuple[int, int]:
    shape = item.shape if isinstance(item, h5py.Dataset) else item.attrs.get("shape", item.attrs.get("h5sparse_shape"))
    kind = item.dtype.kind if isinstance(item, h5py.Dataset) else item["data"].dtype.kind
    if shape is None or len(shape) != 2 or kind not in "fiub":
        raise SourceError(Fault(path, f"{item.name} is no matrix of numbers", do="write the file again"))
    return int(shape[0]), int(shape[1])


def _dense(
    item: h5py.Dataset, shape: tuple[int, int], rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " k"]
) -> Float[np.ndarray, "r k"]:
    values = np.empty((len(rows), len(columns)), dtype=np.float32)
    step = max(1, VALUES_AT_ONCE // max(1, shape[1]))
    for start in range(0, shape[0], step):
        inside = (rows >= start) & (rows < start + step)
        if inside.any():
            first, last = rows[inside][0], rows[inside][-1]
            values[inside] = single(item[first : last + 1][np.ix_(rows[inside] - first, columns)])
    return values


def _sparse(
    item: h5py.Group, shape: tuple[int, int], rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " k"]
) -> Float[np.ndarray, "r k"]:
    """Some lines of a compressed matrix at a time: rows if it is stored by rows, else columns."""
    by_row = _encoding(item) == "csr"
    major, minor = (rows, columns) if by_row else (columns, rows)
    lines, width = shape if by_row else shape[::-1]
    pointers = item["indptr"]
    starts = pointers[()].astype(np.int64) if pointers.shape == (lines + 1,) else np.array([1])
    if starts[0] != 0 or (np.diff(starts) < 0).any() or starts[-1] > len(item["data"]):
        message = "its sparse matrix has impossible pointers"
        raise ValueError(message)
    values = np.empty((len(major), len(minor)), dtype=np.float32)
    at = 0
    while at < len(major):
        limit = starts[major[at]] + VALUES_AT_ONCE
        end = max(at + 1, int(np.searchsorted(starts[major + 1], limit, side="right")))
        first, last = int(major[at]), int(major[end - 1])
        begin, stop = int(starts[first]), int(starts[last + 1])
        indices = item["indices"][begin:stop]
        if indices.size and (indices.min() < 0 or indices.max() >= width):
            message = "its sparse matrix points outside its shape"
            raise ValueError(message)
        block = csr_matrix(
            (single(item["data"][begin:stop][None])[0], indices, starts[first : last + 2] - begin),
            shape=(last + 1 - first, width),
        )
        values[at:end] = block[major[at:end] - first][:, minor].toarray()
        at = end
    return values if by_row else values.T
