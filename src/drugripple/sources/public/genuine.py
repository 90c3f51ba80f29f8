"""Whether a download is genuine where the publisher fixes no digest: its type, size, and digest at first use."""

import gzip
import zipfile
import zlib
from pathlib import Path

from drugripple.errors import DigestError, SourceError
from drugripple.runtime.atomic import write_text
from drugripple.runtime.digest import file_digest
from drugripple.sources.public.registry import Source

KEPT = ".sha256"
"""Ends the name of the file that holds a digest."""
SIZE_WITHIN = 0.02
"""Recorded sizes of large files are rounded; the page of a hotel's network is nowhere near."""
STARTS = {".gz": b"\x1f\x8b", ".zip": b"PK\x03\x04", ".xlsx": b"PK\x03\x04"}
MARKUP = (b"<", b"{", b"[")
"""No table begins so: a page, an XML or JSON answer of a server does."""
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PARTED = {".csv": b",", ".txt": b"\t", ".gmt": b"\t", ".tsv": b"\t", ".probemap": b"\t"}
"""What the first line of a text file holds; a word such as `Forbidden` does not."""
LOOKED_AT = 4096
READ_THROUGH = 1 << 30
"""Bytes of a gzip archive that is read through at its first use; larger ones would keep a user waiting."""
BLOCK = 1 << 22


def refuse_another_file(source: Source, path: Path) -> None:
    """Refuse a file that cannot be the published one by its first bytes or its size.

    Raises:
        SourceError: with what it is instead.
    """
    size, kind = path.stat().st_size, path.suffix.lower()
    with path.open("rb") as file:
        start = file.read(LOOKED_AT).removeprefix(BYTE_ORDER_MARK)
    line = start.lstrip().split(b"\n", 1)[0]
    if not line:
        message = f"{path} is empty, not {source.what}; "
    elif line.startswith(MARKUP):
        message = f"{path} is a web page, not {source.what}: the address or a network's log-in page answered; "
    elif not start.startswith(STARTS.get(kind, b"")):
        message = f"{path} is not {source.what}: it does not begin as a {path.suffix} file does (got {start[:8]!r}); "
    elif kind == ".gz" and _packed_start(path).startswith(MARKUP):
        message = f"{path} is a packed web page, not {source.what}: a server or a network's log-in page answered; "
    elif kind in (".zip", ".xlsx") and not zipfile.is_zipfile(path):
        message = f"{path} is cut short: the table of contents at its end is not there; "
    elif PARTED.get(kind, b"") not in line:
        message = f"{path} is not {source.what}: its first line is no row of a table (got {line[:40]!r}); "
    elif source.size is not None and abs(size - source.size) > SIZE_WITHIN * source.size:
        message = f"{path} has {size:,} bytes, expected {source.size:,} of {source.what}; "
    else:
        return
    raise SourceError(message + "delete it and fetch it again")


def _packed_start(path: Path) -> bytes:
    """The first bytes inside a gzip archive; none where it is damaged, which reading it will tell."""
    try:
        with gzip.open(path) as file:
            return file.read(LOOKED_AT).removeprefix(BYTE_ORDER_MARK).lstrip()
    except (OSError, EOFError, zlib.error):
        return b""


def _refuse_cut(path: Path) -> None:
    """Refuse a gzip archive that is not whole: where no digest is published, only its end tells."""
    if path.suffix.lower() != ".gz" or path.stat().st_size > READ_THROUGH:
        return
    try:
        with gzip.open(path) as file:
            while file.read(BLOCK):
                pass
    except (OSError, EOFError, zlib.error) as error:
        message = f"{path} is cut short or damaged ({error}); delete it and fetch it again"
        raise SourceError(message) from error


def remember_or_compare(path: Path) -> None:
    """Keep the digest of a file beside it at its first use, and compare it later.

    Raises:
        SourceError: if it is cut short, at its first use.
        DigestError: if the file is not the one that was used first.
    """
    digest, kept = file_digest(path), path.with_name(f"{path.name}{KEPT}")
    if not kept.exists():
        _refuse_cut(path)
        write_text(kept, f"{digest}\n")
        return
    first = kept.read_text(encoding="ascii", errors="replace").strip()
    if first != digest:
        message = (
            f"{path} has changed since its first use: SHA-256 {digest}, it was {first}; delete both it and {kept.name} "
            "if the new one is meant, else fetch it again"
        )
        raise DigestError(message)
