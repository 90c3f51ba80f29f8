"""One way to say that a publisher's file is missing, empty or damaged."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drugripple.errors import DrugrippleError, SourceError

DAMAGED = (
    OSError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    OverflowError,
    MemoryError,
    zlib.error,
    zipfile.BadZipFile,
)
"""What readers of archives, XML and tables raise over damaged bytes."""


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Whatever breaks inside becomes one line that names the file.

    Raises:
        SourceError: if the file is missing, empty, or breaks off or cannot be parsed while it is read.
    """
    if not path.is_file():
        message = f"{path} does not exist; fetch {what}, or name the file that you have"
        raise SourceError(message)
    if path.stat().st_size == 0:
        message = f"{path} is empty (0 bytes), expected {what}; fetch it again"
        raise SourceError(message)
    try:
        yield
    except DrugrippleError:
        raise
    except DAMAGED as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        message = f"{path} cannot be read as {what} ({reason}); it is cut short or of another format: fetch it again"
        raise SourceError(message) from error
