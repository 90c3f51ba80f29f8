"""Files that hold the SHA-256 of their own content, so that a single altered bit is found before anything is read."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from drugripple.errors import SourceError
from drugripple.runtime.atomic import whole_file, write_json
from drugripple.runtime.digest import content_digest
from drugripple.runtime.nesting import read_json_text

HEADER = b"drugripple sealed file 1\n"
OWN_DIGEST = "sha256"
"""The key of a sealed JSON file under which the digest of the others stands."""


def write_sealed(out: Path, content: bytes | memoryview) -> None:
    """Write content behind its digest, whole or not at all.

    Raises:
        OutputError: if the system refuses a write.
    """
    with whole_file(out) as part, part.open("wb") as file:
        file.write(HEADER + hashlib.sha256(content).digest())
        file.write(content)


def read_sealed(path: Path) -> memoryview:
    """The content of a sealed file.

    Raises:
        SourceError: if it cannot be read, is of another format, cut short or altered.
    """
    try:
        whole = memoryview(path.read_bytes())
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise SourceError(message) from error
    start = len(HEADER) + hashlib.sha256().digest_size
    if whole[: len(HEADER)] != HEADER:
        message = f"{path} does not begin as it was written: it is of another format or version, or damaged"
        raise SourceError(message)
    if hashlib.sha256(whole[start:]).digest() != whole[len(HEADER) : start]:
        message = f"{path} is not what was written: it is cut short or altered (its SHA-256 differs)"
        raise SourceError(message)
    return whole[start:]


def write_sealed_json(out: Path, content: Mapping[str, object]) -> None:
    """Write a JSON object with the digest of its content, whole or not at all.

    Raises:
        OutputError: if the system refuses a write.
    """
    write_json(out, {**content, OWN_DIGEST: _digest(content)})


def read_sealed_json(path: Path) -> dict[str, object]:
    """The content of a sealed JSON file, without its digest.

    Raises:
        SourceError: if it cannot be read, is no such file, or was altered.
    """
    try:
        content = read_json_text(path.read_bytes())
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {' '.join(str(error).split())}"
        raise SourceError(message) from error
    if content.pop(OWN_DIGEST, None) != _digest(content):
        message = f"{path} is not what was written: it was altered (its SHA-256 differs), or is of another version"
        raise SourceError(message)
    return content


def _digest(content: Mapping[str, object]) -> str:
    return content_digest(json.dumps(content, sort_keys=True))
