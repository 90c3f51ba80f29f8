"""Files and folders that appear complete or not at all."""

import errno
import gzip
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drugripple.errors import DrugrippleError, SourceError
from drugripple.runtime.damaged import reading


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder to fill; it takes its name when the block ends well and is deleted when it does not.

    A kill leaves a hidden `.NAME.part` beside it, which the next attempt clears.

    Raises:
        SourceError: if `out` exists already, or the disk refuses a write.
    """
    if out.exists():
        message = f"{out} exists already; delete it, or choose another folder"
        raise SourceError(message)
    part = _part(out)
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        yield part
        part.rename(out)
    except BaseException as error:
        shutil.rmtree(part, ignore_errors=True)
        _as_source_error(out, error)
        raise


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """A file to write; it replaces `out` when the block ends well and is deleted when it does not.

    Raises:
        SourceError: if the disk refuses a write.
    """
    part = _part(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(out)
    except BaseException as error:
        part.unlink(missing_ok=True)
        _as_source_error(out, error)
        raise


def gunzip(path: Path) -> Path:
    """The unpacked file beside a `.gz`; unpacked once.

    Raises:
        SourceError: if the archive is damaged or the disk refuses a write; nothing half-unpacked stays.
    """
    out = path.with_suffix("")
    if out.exists():
        return out
    with reading(path, "a gzip archive"), whole_file(out) as part, gzip.open(path) as packed, part.open("wb") as file:
        shutil.copyfileobj(packed, file, length=1 << 22)
    return out


def disk_message(path: Path, error: OSError) -> str:
    """What a refused write means, in one line."""
    if error.errno == errno.ENOSPC:
        free = shutil.disk_usage(_existing(path)).free / 2**30
        return f"no space left on the disk of {path} ({free:.2f} GiB free); free some, or choose another folder"
    return f"cannot write {path}: {error}"


def sync(path: Path) -> None:
    """Force a written file onto the disk, so that a full one is noticed before anything is renamed."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _part(out: Path) -> Path:
    return out.with_name(f".{out.name}.part")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.absolute().parents) if folder.exists())


def _as_source_error(out: Path, error: BaseException) -> None:
    if isinstance(error, OSError) and not isinstance(error, DrugrippleError | gzip.BadGzipFile):
        raise SourceError(disk_message(out, error)) from error
