"""One file over HTTP, resumed where it broke off."""

from pathlib import Path
from urllib.parse import urlparse

import requests
from urllib3.exceptions import HTTPError

from drugripple.errors import DrugrippleError, SourceError
from drugripple.runtime.disk import write_error
from drugripple.runtime.progress import Progress, no_progress

BLOCK = 1 << 18
TIMEOUT_SECONDS = (15, 60)
"""Longest wait for a connection, and between two blocks."""


def download(url: str, part: Path, *, what: str = "download", progress: Progress = no_progress) -> None:
    """Bring `part` to the whole file, going on behind what it already holds.

    Half a file is continued only if the server proves that it still has the same one (ETag or Last-Modified, kept in
    `NAME.version`); otherwise the download starts over. Whatever breaks, `part` stays for the next attempt. `progress`
    is told of bytes, under the name `what`.

    Raises:
        SourceError: if the server cannot be reached, refuses or breaks off.
        OutputError: if the disk is full or read-only.
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
                _write(answer, part, version, what, progress, start=done if resumes else 0)
            elif answer.headers.get("Content-Range") != f"bytes */{done}":
                part.unlink()
                message = f"{url}: what was downloaded before is not part of this file any more; try again"
                raise SourceError(message)
    except (requests.RequestException, HTTPError) as error:
        message = f"cannot reach {url}, or the connection broke ({_reason(error)}); what arrived is kept: try again"
        raise SourceError(message) from error
    except OSError as error:
        if isinstance(error, DrugrippleError):
            raise
        raise write_error(part, error) from error
    version.unlink(missing_ok=True)


def _write(answer: requests.Response, part: Path, version: Path, what: str, progress: Progress, *, start: int) -> None:
    """Append the body (or begin anew), and insist on its announced length.

    Some servers pack whatever they send, and some say so of files that are archives themselves: those stay packed.
    """
    encoded = answer.headers.get("Content-Encoding", "identity") != "identity"
    unpacks = encoded and not urlparse(str(answer.url)).path.endswith(".gz")
    announced = 0 if unpacks else int(answer.headers.get("Content-Length", 0))
    total = start + announced if announced else 0
    validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
    if unpacks or validator.startswith("W/") or not validator.isascii():
        validator = ""
    version.write_text(validator, encoding="ascii")
    done = start
    with part.open("ab" if start else "wb") as file:
        for block in answer.raw.stream(BLOCK, decode_content=unpacks):
            file.write(block)
            done += len(block)
            progress(what, done, total)
    if total and done != total:
        message = f"the connection to {answer.url} broke after {done} of {total} bytes; what arrived is kept: try again"
        raise SourceError(message)


def _reason(error: Exception) -> str:
    """The innermost cause, without the address of an object."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return str(cause) or type(cause).__name__
