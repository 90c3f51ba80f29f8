"""Which bytes a result was computed from."""

import hashlib
from pathlib import Path

from drugripple.errors import SourceError


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
