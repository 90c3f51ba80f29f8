"""One run at a time in one output: the second is told who is at work there, instead of mixing its results in.

The lock is a small file, `.lock` in a folder or `.NAME.lock` beside a file, that the system itself lets go of when its
holder ends, however it ends. It says who holds it and goes when the work is done.
"""

import contextlib
import errno
import json
import os
import platform
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from drugripple.errors import OutputError
from drugripple.runtime.disk import write_error
from drugripple.runtime.outputs import refuse_file

LONGEST_COMMAND = 300
"""Characters of a command line that a lock keeps."""
READ_AT_MOST = 4096
"""Bytes that are read of another run's lock."""


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Make an output folder and hold it for the length of the block; it goes again if nothing was put into it.

    Raises:
        OutputError: if another run holds it (names it), the folder is a file or cannot be written, or its disk knows no
            locks.
    """
    refuse_file(folder)
    with _made(folder, folder), _held(folder / ".lock", folder, "folder", wait=False):
        yield


@contextmanager
def lock_file(file: Path, *, wait: bool = False, what: str = "file") -> Iterator[None]:
    """Hold an output, which need not exist yet, for the length of the block: a file, or a folder replaced as a whole.

    Args:
        file: the output.
        what: what the message calls it.
        wait: whether to wait for another run to let go, rather than to refuse: for a few seconds of work.

    Raises:
        OutputError: if another run holds it (names it), its folder cannot be written, or its disk knows no locks.
    """
    place = file.resolve() if file.name in ("", "..") else file  # `.` has a name, too
    with _made(file.parent, file), _held(place.with_name(f".{place.name}.lock"), file, what, wait=wait):
        yield


def holder_of(folder: Path) -> str:
    """Who is at work in a folder, in words; blank where nobody is."""
    try:
        descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return ""
    try:
        return "" if try_lock(descriptor) else _holder(descriptor)
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def try_lock(descriptor: int, *, wait: bool = False) -> bool:
    """Whether this process now holds the lock of an open file or folder; False if another one does.

    Raises:
        OSError: if the system or the file system has no such locks.
    """
    try:
        import fcntl
    except ImportError as error:
        raise OSError(errno.ENOTSUP, "this system has no file locks") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _made(folder: Path, out: Path) -> Iterator[None]:
    """A folder for an output; one that is new goes again if nothing was put into it."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_error(out, error) from error
    try:
        yield
    finally:
        if new:
            with contextlib.suppress(OSError):  # it holds something
                folder.rmdir()


@contextmanager
def _held(lock: Path, out: Path, what: str, *, wait: bool) -> Iterator[None]:
    descriptor = _open_and_lock(lock, out, what, wait=wait)
    try:
        with contextlib.suppress(OSError):  # a full disk takes no name, the lock holds all the same
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, _who_we_are(), 0)
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _open_and_lock(lock: Path, out: Path, what: str, *, wait: bool) -> int:
    """The open lock file; taken anew where its last holder deleted it between our opening and our locking it."""
    while True:
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)  # its last holder may have taken it away
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        except OSError as error:
            raise write_error(out, error) from error
        try:
            locked = try_lock(descriptor, wait=wait)
        except OSError as error:
            os.close(descriptor)
            message = (
                f"{out} lies on a disk without file locks ({error.strerror or error}), where two runs could mix their "
                f"results; choose a {what} on another disk"
            )
            raise OutputError(message) from error
        if not locked:
            holder = _holder(descriptor)
            os.close(descriptor)
            message = f"{out} is in use by {holder}; let it finish, or choose another {what}"
            raise OutputError(message)
        if _is_still(descriptor, lock):
            return descriptor
        os.close(descriptor)


def _is_still(descriptor: int, path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return os.path.samestat(os.fstat(descriptor), found)


def _who_we_are() -> bytes:
    command = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]) if sys.argv else ""
    who = {
        "process": os.getpid(),
        "host": platform.node(),
        "since": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "command": command[:LONGEST_COMMAND],
    }
    return json.dumps(who).encode()


def _holder(descriptor: int) -> str:
    """Who wrote a lock, in words; a lock that says nothing is just another process's."""
    try:
        found = json.loads(os.pread(descriptor, READ_AT_MOST, 0))
        process, host, since, command = (str(found[key]) for key in ("process", "host", "since", "command"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return "another process"
    told = f"process {process} on {host} since {since}" + (f" ({command})" if command else "")
    return " ".join("".join(sign if sign.isprintable() else " " for sign in told).split())
