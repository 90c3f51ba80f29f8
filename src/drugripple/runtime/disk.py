"""What it means when the system refuses to write, in one line that names the place and the way out."""

import errno
import shutil
from pathlib import Path

from drugripple.errors import OutputError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
NO_FOLDER = frozenset({errno.EEXIST, errno.ENOTDIR})
CLOSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def write_error(path: Path, error: OSError) -> OutputError:
    """The error to raise where `error` kept something from being written to `path`.

    >>> str(write_error(Path("out/p.csv"), PermissionError(errno.EACCES, "Permission denied")))
    'cannot write out/p.csv: Permission denied; choose another place, or make this one writable'
    """
    if error.errno in FULL:
        free = free_bytes(path) / 2**30
        return OutputError(
            f"no space left on the disk of {path} ({free:.2f} GiB free); free some, or choose another place"
        )
    if error.errno in CLOSED:
        return OutputError(f"cannot write {path}: {error.strerror}; choose another place, or make this one writable")
    if error.errno in NO_FOLDER:
        return OutputError(f"cannot write {path}: {path.parent} is a file, or lies in one; choose another place")
    return OutputError(f"cannot write {path}: {error.strerror or error}; free some space, or choose another place")


def free_bytes(path: Path) -> int:
    """Room on the disk on which a path is, or would be."""
    place = path.absolute()
    return shutil.disk_usage(next(folder for folder in (place, *place.parents) if folder.exists())).free
