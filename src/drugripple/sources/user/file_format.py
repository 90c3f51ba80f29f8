"""What a user's file is, by its first bytes and its name together."""

import gzip
import zlib
from enum import StrEnum
from pathlib import Path

from drugripple.errors import SourceError


class FileKind(StrEnum):
    """Formats that a user's table may come in."""

    TEXT = "text"
    """Delimited text (csv, tsv), plain or gzip-compressed."""
    PARQUET = "parquet"
    H5AD = "h5ad"
    SMI = "smi"
    """One SMILES a line, then a blank and a name."""


SUFFIXES = {
    ".csv": FileKind.TEXT,
    ".tsv": FileKind.TEXT,
    ".tab": FileKind.TEXT,
    ".txt": FileKind.TEXT,
    ".parquet": FileKind.PARQUET,
    ".pq": FileKind.PARQUET,
    ".h5ad": FileKind.H5AD,
    ".smi": FileKind.SMI,
    ".smiles": FileKind.SMI,
}
SIGNATURES = (
    (b"PAR1", "a Parquet file", ".parquet"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", ".h5ad"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", ""),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", ""),
    (b"\x1f\x8b", "gzip-compressed", ".gz"),
)


def kind_of(path: Path) -> FileKind:
    """The format of a file.

    Raises:
        SourceError: if the file is missing, empty, of no format we read, or is not what its name says.
    """
    suffix = path.suffix.lower() if path.suffix.lower() != ".gz" else path.with_suffix("").suffix.lower()
    if not path.is_file():
        what = "a folder, expected a file" if path.is_dir() else "not there; check the spelling of its path"
        message = f"{path} is {what}"
        raise SourceError(message)
    start = _start(path)
    if not start:
        message = f"{path} is empty (0 bytes); export it again"
        raise SourceError(message)
    if suffix not in SUFFIXES:
        message = (
            f"{path} ends in {suffix or 'nothing'}; expected one of {', '.join(SUFFIXES)}, or one of these with .gz"
        )
        raise SourceError(message)
    kind = SUFFIXES[suffix]
    zipped = path.suffix.lower() == ".gz"
    if zipped:
        start = _unzipped_start(path)
        if kind not in (FileKind.TEXT, FileKind.SMI):
            message = f"{path}: only text is read compressed; unzip it first"
            raise SourceError(message)
    found = next((entry for entry in SIGNATURES if start.startswith(entry[0])), None)
    if kind in (FileKind.TEXT, FileKind.SMI):
        if found:
            what = f"rename it to end in {found[2]}" if found[2] else "export its sheet as csv"
            message = f"{path} is {found[1]} by its content, not text as its name says; {what}"
            raise SourceError(message)
    elif found is None or SUFFIXES.get(found[2]) != kind:
        what = found[1] if found else "of an unknown format"
        message = f"{path} is {what} by its content, not {kind} as its name says; fetch or export it again"
        raise SourceError(message)
    return kind


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(16)
    except OSError as error:
        message = f"{path} cannot be opened: {error}"
        raise SourceError(message) from error


def _unzipped_start(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            start = file.read(16)
    except (EOFError, zlib.error, OSError) as error:
        message = f"{path} cannot be unzipped ({error}); it is damaged or not gzip-compressed: fetch or export it again"
        raise SourceError(message) from error
    if not start:
        message = f"{path} is empty after unzipping; export it again"
        raise SourceError(message)
    return start
