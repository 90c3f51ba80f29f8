"""Where uploads lie while they are read: a folder that nobody else may read and that goes with the server."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from drugripple.runtime.atomic import PART, clear_abandoned
from drugripple.runtime.lock import try_lock

NAME = "drugripple-serve"
CHUNK = 1 << 20
LONGEST_ENDING = 9


@contextmanager
def upload_folder(parent: Path | None = None) -> Iterator[Path]:
    """A new folder for uploads, deleted with all that is in it when the block ends.

    What servers left behind that were killed is deleted first: it is known by its lock, which nobody holds any more.

    Args:
        parent: the folder to make it in; the system's folder for temporary files unless given.
    """
    place = Path(parent or tempfile.gettempdir())
    clear_abandoned(place / NAME)
    folder = Path(tempfile.mkdtemp(prefix=f".{NAME}.", suffix=PART, dir=place))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try_lock(descriptor)
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def keep_upload(file: BinaryIO, called: str, folder: Path, name: str) -> Path:
    """Copy an upload to a file of our own naming; of the user's name only the ending is taken over."""
    path = folder / (name + safe_ending(called))
    with path.open("xb") as out:
        shutil.copyfileobj(file, out, CHUNK)
    return path


def safe_ending(called: str) -> str:
    """The ending of a file's name if it is a plain one, with `.gz` where it stands behind.

    >>> safe_ending("../../etc/passwd.csv"), safe_ending("X.CSV.gz"), safe_ending("x.csv;rm")
    ('.csv', '.csv.gz', '')
    """
    path = Path(called.replace("\\", "/").lower())
    zipped = path.suffix == ".gz"
    inner = path.with_suffix("").suffix if zipped else path.suffix
    plain = inner if inner.isascii() and inner[1:].isalnum() and len(inner) <= LONGEST_ENDING else ""
    return plain + (".gz" if zipped else "")
