"""AnnData's file, read by a process of its own first: HDF5 may crash or hang on a damaged file.

HDF5 keeps no checksums in the layout that AnnData writes, so that only reading tells a damaged file. `python -m
drugripple.sources.user.h5ad FILE` is that reading.
"""

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.sparse import issparse

from drugripple.errors import SourceError, first_five

VALUES_AT_MOST = 500_000_000
SECONDS_AT_LEAST = 60.0
BYTES_A_SECOND = 5e6
"""Slower than any disk: whoever needs longer than this hangs."""


class H5adParts(NamedTuple):
    """Names and numbers as the file has them. Axes: n observation, v variable."""

    obs: pd.DataFrame
    var: pd.DataFrame
    values: Float[np.ndarray, "n v"]


def read_h5ad(path: Path, *, seconds: float | None = None) -> H5adParts:
    """Observations, variables and X, dense.

    Args:
        path: the file.
        seconds: after which the first reading counts as hanging; by the size of the file unless given.

    Raises:
        SourceError: if the file is no AnnData, damaged (also where that kills or hangs HDF5), or too large.
    """
    limit = seconds or SECONDS_AT_LEAST + path.stat().st_size / BYTES_A_SECOND
    command = [sys.executable, "-m", "drugripple.sources.user.h5ad", str(path)]
    try:
        first = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as error:
        message = f"{path} is damaged: reading it did not end within {limit:.0f} s; fetch or export it again"
        raise SourceError(message) from error
    if first.returncode < 0:
        message = f"{path} is damaged: HDF5 crashed over it (signal {-first.returncode}); fetch or export it again"
        raise SourceError(message)
    return _read(path)


def _read(path: Path) -> H5adParts:
    import h5py
    from anndata.io import read_elem

    try:
        with h5py.File(path) as file:
            absent = [key for key in ("X", "obs", "var") if key not in file]
            if absent:
                message = (
                    f"{path} lacks {first_five(absent)} of AnnData's layout; write it again with AnnData.write_h5ad"
                )
                raise SourceError(message)
            obs, var = read_elem(file["obs"]), read_elem(file["var"])
            if len(obs) * len(var) > VALUES_AT_MOST:
                message = (
                    f"{path} holds {len(obs)} x {len(var)} values, more than {VALUES_AT_MOST}; split it by samples"
                )
                raise SourceError(message)
            content = read_elem(file["X"])
            values = content.toarray() if issparse(content) else np.asarray(content)
            with np.errstate(over="ignore"):
                values = values.astype(np.float32)
    except SourceError:
        raise
    except Exception as error:  # damaged groups make h5py and anndata raise anything at all
        message = f"{path} cannot be read as h5ad ({error}); it is cut short or damaged: fetch or export it again"
        raise SourceError(" ".join(message.split())) from error
    if values.shape != (len(obs), len(var)):
        message = f"{path}: X is {values.shape}, but obs and var name {len(obs)} x {len(var)}; write the file again"
        raise SourceError(message)
    return H5adParts(obs, var, values)


if __name__ == "__main__":
    try:
        _read(Path(sys.argv[1]))
    except SourceError:
        sys.exit(1)
