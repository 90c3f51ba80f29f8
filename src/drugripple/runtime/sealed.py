"""Files that begin with the SHA-256 of what follows, so that a single altered bit is found before anything is read."""

import hashlib
from pathlib import Path

from drugripple.errors import SourceError
from drugripple.runtime.atomic import whole_file

HEADER = b"drugripple sealed file 1\n"


def write_sealed(out: Path, content: bytes | memoryview) -> None:
    """Write content behind its digest, whole or not at all.

    Raises:
        OutputError: if the system refuses a write.
    """
    with whole_file(out) as part, part.open("wb") as file:
        file.write(HEADER + hashlib.sha256(content).digest())
        file.write(content)


def read_sealed(path: Path) -> memoryview:
    """The content of a sealed file.

    Raises:
        SourceError: if it cannot be read, is of another format, cut short or altered.
    """
    try:
        whole = memoryview(path.read_bytes())
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(message) from error
    start = len(HEADER) + hashlib.sha256().digest_size
    if whole[: len(HEADER)] != HEADER:
        message = f"{path} does not begin as it was written: it is of another format or version, or damaged"
        raise SourceError(message)
    if hashlib.sha256(whole[start:]).digest() != whole[len(HEADER) : start]:
        message = f"{path} is not what was written: it is cut short or altered (its SHA-256 differs)"
        raise SourceError(message)
    return whole[start:]
