"""Rows of a matrix that may lie on disk, without keeping its pages."""

import mmap

import numpy as np
from jaxtyping import Float, Int


def release(matrix: np.ndarray) -> None:
    """Give the memory pages of a mapped matrix back to the system; nothing happens to one that is not mapped."""
    pages = getattr(matrix, "_mmap", None)
    if isinstance(pages, mmap.mmap):
        pages.madvise(mmap.MADV_DONTNEED)


def read_rows(matrix: Float[np.ndarray, "m g"], rows: Int[np.ndarray, " k"]) -> Float[np.ndarray, "k g"]:
    """Some rows as float32, copied once; ascending rows are read in the order of the file.

    >>> read_rows(np.array([[1.0], [2.0], [3.0]]), np.array([0, 2])).ravel().tolist()
    [1.0, 3.0]
    """
    values = matrix[rows].astype(np.float32, copy=False)
    release(matrix)
    return values
