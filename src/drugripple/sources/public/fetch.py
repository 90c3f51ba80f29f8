"""Registered files, from the cache or the publisher; checked either way (pooch underneath)."""

import logging
from dataclasses import dataclass
from pathlib import Path

import pooch

from drugripple.config import cache_folder
from drugripple.errors import DigestError, DrugrippleError, SourceError
from drugripple.runtime.disk import write_error
from drugripple.runtime.lock import lock_file
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.genuine import refuse_another_file, remember_or_compare
from drugripple.sources.public.http import download
from drugripple.sources.public.registry import Source

ATTEMPTS = 3
"""How often a connection that breaks is taken up again before it is reported."""


def download_folder() -> Path:
    """Where downloads are kept, unless a folder is given."""
    return cache_folder() / "downloads"


def fetch(source: Source, *, folder: Path | None = None, progress: Progress = no_progress) -> Path:
    """The file, downloaded if the folder does not have it yet.

    A download that breaks off is taken up where it stopped, now or in a later run; until it is complete and its
    digest right, it stands beside its place as `NAME.part`.

    Raises:
        DigestError: if the file is not the published one, and is deleted; or not the one that was used first.
        SourceError: if no address of it can be reached (names where to put the file by hand), or it is one that only a
            person can download (names where it is and how to use it).
        OutputError: if the disk is full, or another process is downloading the file.
    """
    if source.by_hand:
        message = f"{source.name} cannot be downloaded by a program: it is shared at {source.url}; {source.by_hand}"
        raise SourceError(message)
    folder = folder or download_folder()
    target = folder / source.file
    failures: list[str] = []
    with lock_file(target):
        if target.exists() and source.sha256 is None:
            return _checked(source, target)
        for url in (source.url, *source.mirrors):
            try:
                return _checked(source, _retrieve(source, url, folder, progress), new=True)
            except DigestError:
                raise
            except SourceError as error:
                failures.append(str(error))
    message = (
        f"{source.name} was not downloaded: {'; '.join(dict.fromkeys(failures))}. "
        f"Without a connection, get the file from {source.url} on another machine and put it at {target}"
    )
    raise SourceError(message)


def _checked(source: Source, path: Path, *, new: bool = False) -> Path:
    """The file, if it can be the published one; a new one that cannot be is deleted."""
    try:
        refuse_another_file(source, path)
        if source.sha256 is None:
            remember_or_compare(path)
    except DigestError:
        raise
    except SourceError:
        if new:
            path.unlink()
        raise
    return path


def _retrieve(source: Source, url: str, folder: Path, progress: Progress) -> Path:
    pooch.get_logger().setLevel(logging.WARNING)
    known = f"sha256:{source.sha256}" if source.sha256 else None
    try:
        bring = _Resuming(folder / f"{source.file}.part", source.name, progress)
        return Path(pooch.retrieve(url, known, fname=source.file, path=folder, downloader=bring))
    except ValueError as error:
        message = (
            f"{source.file} from {url} is not the published file and was deleted: expected SHA-256 {source.sha256} "
            f"({error}); try again, and if it repeats, the publisher has changed the file"
        )
        raise DigestError(message) from error
    except OSError as error:
        if isinstance(error, DrugrippleError):
            raise
        raise write_error(folder, error) from error


@dataclass(frozen=True)
class _Resuming:
    """Pooch's interface of a downloader: leaves the whole file where pooch asks for it."""

    part: Path
    what: str
    progress: Progress

    def __call__(self, url: str, output_file: str, pooch: object) -> None:  # noqa: ARG002
        for attempt in range(1, ATTEMPTS + 1):
            before = self._size()
            try:
                download(url, self.part, what=self.what, progress=self.progress)
            except SourceError:
                if attempt == ATTEMPTS or self._size() <= before:
                    raise
            else:
                break
        self.part.replace(output_file)

    def _size(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0
