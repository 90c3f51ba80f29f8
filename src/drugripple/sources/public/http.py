"""One file over HTTP, resumed where it broke off."""

from collections.abc import Callable
from pathlib import Path

import requests

from drugripple.errors import SourceError
from drugripple.runtime.atomic import disk_message

BLOCK = 1 << 18
TIMEOUT_SECONDS = (15, 60)
"""To connect, and between two blocks."""

Progress = Callable[[int, int], None]
"""Told (bytes done, bytes in all; 0 where the server does not say)."""


def download(url: str, part: Path, *, on_progress: Progress | None = None) -> None:
    """Bring `part` to the whole file, going on behind what it already holds.

    Half a file is continued only if the server proves that it still has the same one (ETag or Last-Modified, kept in
    `NAME.version`); otherwise the download starts over. Whatever breaks, `part` stays for the next attempt.

    Raises:
        SourceError: if the server cannot be reached, refuses, breaks off, or the disk is full.
    """
    version = part.with_name(f"{part.name}.version")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        done = part.stat().st_size if part.exists() else 0
        known = version.read_text(encoding="ascii") if done and version.exists() else ""
        headers = {"Accept-Encoding": "identity"}
        if known:
            headers |= {"Range": f"bytes={done}-", "If-Range": known}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS) as answer:
            if answer.status_code >= 400 and answer.status_code != 416:
                message = f"the server answered {answer.status_code} {answer.reason} for {url}"
                raise SourceError(message)
            if answer.status_code != 416:
                resumes = answer.headers.get("Content-Range", "").startswith(f"bytes {done}-")
                _write(answer, part, version, start=done if resumes else 0, on_progress=on_progress)
            elif answer.headers.get("Content-Range") != f"bytes */{done}":
                part.unlink()
                message = f"{url}: what was downloaded before is not part of this file any more; try again"
                raise SourceError(message)
    except requests.RequestException as error:
        message = f"cannot reach {url}, or the connection broke ({_reason(error)}); what arrived is kept: try again"
        raise SourceError(message) from error
    except OSError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(disk_message(part, error)) from error
    version.unlink(missing_ok=True)


def _write(answer: requests.Response, part: Path, version: Path, *, start: int, on_progress: Progress | None) -> None:
    """Append the body (or begin anew), and insist on its announced length."""
    announced = int(answer.headers.get("Content-Length", 0))
    total = start + announced if announced else 0
    validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    if validator.startswith("W/") or not validator.isascii():
        validator = ""
    version.write_text(validator, encoding="ascii")
    done = start
    with part.open("ab" if start else "wb") as file:
        for block in answer.iter_content(BLOCK):
            file.write(block)
            done += len(block)
            if on_progress:
                on_progress(done, total)
    if total and done != total:
        message = f"the connection to {answer.url} broke after {done} of {total} bytes; what arrived is kept: try again"
        raise SourceError(message)


def _reason(error: requests.RequestException) -> str:
    """The innermost cause, without the address of an object."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return str(cause) or type(cause).__name__
