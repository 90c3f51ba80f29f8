"""Which bytes a result was computed from."""

import hashlib
from pathlib import Path

from drugripple.errors import SourceError


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
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]
