"""Files and folders that appear complete or not at all: the only way in which this library writes.

What is new is made in a hidden folder `.NAME.XXXXXXXX.part` beside its place, made exclusively under a name that nobody
else has and closed to other users, and is renamed when it is complete. Two processes that write the same thing do not
meet, and a link under the final name is replaced, never followed. A failure deletes the hidden folder; a kill leaves it
for the next attempt, which knows by its lock that nobody is at work in it any more.
"""

import contextlib
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.errors import DrugrippleError, OutputError
from drugripple.runtime.cells import for_spreadsheets
from drugripple.runtime.damaged import reading
from drugripple.runtime.disk import write_error
from drugripple.runtime.lock import try_lock
from drugripple.runtime.outputs import refuse_file

if TYPE_CHECKING:
    import pandas as pd

PART = ".part"
LONGEST_PREFIX = 40
"""Characters of a name that its hidden folder repeats; file systems bound the length of names."""


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """A path to write a file at; it replaces `out` when the block ends well and is deleted when it does not.

    The path has the name of `out` and a folder of its own, in which the block may leave other things to be deleted.

    Raises:
        OutputError: if the system refuses a write; what stood at `out` stays.
    """
    with _staged(out) as part:
        yield part
        part.replace(out)


@contextmanager
def whole_folder(out: Path, *, replace: bool = False) -> Iterator[Path]:
    """A new folder to fill; it takes the name of `out` when the block ends well and is deleted when it does not.

    Args:
        out: the folder.
        replace: whether it may take the place of an existing one, which then goes as a whole.

    Raises:
        OutputError: if `out` is a file, exists and is not to be replaced, or the system refuses a write; what stood
            there stays.
    """
    refuse_file(out)
    if not replace and out.exists():
        message = f"{out} exists already; delete it, or choose another folder"
        raise OutputError(message)
    with _staged(out) as part:
        part.mkdir()
        yield part
        if not (replace and out.exists()):
            part.rename(out)
            return
        old = part.with_name(f"{part.name}.old")
        out.rename(old)
        try:
            part.rename(out)
        except OSError:
            old.rename(out)
            raise


def write_text(out: Path, text: str) -> None:
    """Write a text file whole or not at all: in UTF-8, its line ends as they are in `text` on every system.

    Raises:
        OutputError: if the system refuses a write, or the text has characters that UTF-8 cannot hold.
    """
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        message = f"cannot write {out}: its text holds {error.object[error.start]!r}, half of a character; rename it"
        raise OutputError(message) from error
    with whole_file(out) as part:
        part.write_bytes(content)


def write_json(out: Path, content: object) -> None:
    """Write JSON whole or not at all, indented, with a line feed at its end.

    Raises:
        OutputError: if the system refuses a write.
    """
    write_text(out, json.dumps(content, indent=1) + "\n")


def write_csv(out: Path, table: "pd.DataFrame", *, float_format: str | None = None) -> None:
    """Write a table without its index as csv whole or not at all: in UTF-8, one line feed after each row.

    Raises:
        OutputError: if the system refuses a write.
    """
    with whole_file(out) as part:
        for_spreadsheets(table).to_csv(
            part, index=False, float_format=float_format, encoding="utf-8", lineterminator="\n"
        )


def gunzip(path: Path) -> Path:
    """The unpacked file beside a `.gz`; unpacked once.

    Raises:
        SourceError: if the archive is damaged.
        OutputError: if the system refuses a write; nothing half-unpacked stays.
    """
    out = path.with_suffix("")
    if out.exists():
        return out
    with reading(path, "a gzip archive"), whole_file(out) as part, gzip.open(path) as packed, part.open("wb") as file:
        shutil.copyfileobj(packed, file, length=1 << 22)
    return out


def clear_abandoned(out: Path) -> None:
    """Delete the hidden folders that killed processes left beside `out`: those that nobody holds a lock on."""
    for found in out.parent.glob(f"{escape(_prefix(out))}*{PART}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                if try_lock(descriptor):
                    shutil.rmtree(found, ignore_errors=True)
            finally:
                os.close(descriptor)


def sync(path: Path) -> None:
    """Force a written file onto the disk, so that a full one is noticed before anything is renamed."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _staged(out: Path) -> Iterator[Path]:
    """A free path of the same name in a new hidden folder beside `out`, which is deleted at the end."""
    place = out.absolute()
    with contextlib.ExitStack() as cleanup:
        staging = None
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            clear_abandoned(place)
            staging = _new_folder(place, cleanup)
            yield staging / place.name
        except OSError as error:
            if _is_about(error, place, staging):
                raise write_error(out, error) from error
            raise


def _new_folder(place: Path, cleanup: contextlib.ExitStack) -> Path:
    """An exclusive folder that is locked while this process lives, where the file system has locks.

    Until it is locked, another process may take it for abandoned and delete it; then there is a next one.
    """
    while True:
        staging = Path(tempfile.mkdtemp(prefix=_prefix(place), suffix=PART, dir=place.parent))
        cleanup.callback(shutil.rmtree, staging, ignore_errors=True)
        try:
            descriptor = os.open(staging, os.O_RDONLY)
        except FileNotFoundError:
            continue
        cleanup.callback(os.close, descriptor)
        with contextlib.suppress(OSError):
            if not try_lock(descriptor):
                continue
        if staging.exists():
            return staging


def _prefix(place: Path) -> str:
    return f".{place.name[:LONGEST_PREFIX]}."


def _is_about(error: OSError, place: Path, staging: Path | None) -> bool:
    """Whether an error is about what is being written, rather than about something that is read meanwhile."""
    if isinstance(error, DrugrippleError | gzip.BadGzipFile):
        return False
    if not isinstance(error.filename, str | bytes):
        return True
    named = Path(os.fsdecode(error.filename)).absolute()
    return named in (place, *place.parents) or (staging is not None and staging in (named, *named.parents))
