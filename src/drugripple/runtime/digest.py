"""Which bytes a result was computed from: SHA-256 of files, of folders of tables, and of arrays and texts in memory."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.errors import SourceError

if TYPE_CHECKING:
    import numpy as np

BLOCK_BYTES = 1 << 24
"""Bytes of an array that are read at a time; an array may lie on disk."""


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read a piece at a time.

    Raises:
        SourceError: if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(message) from error


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's Parquet files, its first 16 digits.

    Raises:
        SourceError: if there is none.
    """
    files = sorted(folder.glob("*.parquet"))
    if not files:
        message = f"{folder} holds no Parquet file; name a folder of the tidy layout"
        raise SourceError(message)
    total = hashlib.sha256()
    for path in files:
        total.update(path.name.encode() + b"\0" + bytes.fromhex(file_digest(path)))
    return total.hexdigest()[:16]


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file in and below a folder, by its path within the folder; hidden ones are passed over.

    Raises:
        SourceError: if one cannot be read.
    """
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {name: file_digest(path) for name, path in names.items() if not any(p[0] == "." for p in name.split("/"))}


def content_digest(*parts: "str | np.ndarray") -> str:
    """SHA-256 over texts and arrays of numbers in their order, each framed by its kind and size.

    The frames keep the parts apart: ("ab", "c") and ("a", "bc") differ, and so do an array and its transpose.

    >>> content_digest("ab", "c") == content_digest("a", "bc")
    False
    """
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            content = part.encode("utf-8", errors="surrogatepass")
            total.update(f"text {len(content)}\n".encode() + content)
        else:
            _add_array(total, part)
    return total.hexdigest()


def _add_array(total: "hashlib._Hash", array: "np.ndarray") -> None:
    from drugripple.runtime.mapped import release

    kind = array.dtype.newbyteorder("<")
    if kind.hasobject:
        message = f"an array of {array.dtype} has no digest; make it one of numbers, or a text"
        raise TypeError(message)
    total.update(f"array {kind.str} {array.shape}\n".encode())
    rows = array.reshape(1, -1) if array.ndim == 0 else array
    step = max(1, BLOCK_BYTES // max(1, rows[:1].nbytes))
    for start in range(0, len(rows), step):
        total.update(rows[start : start + step].astype(kind, copy=False).tobytes())
        release(array)
