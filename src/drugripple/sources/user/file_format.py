"""What a user's file is, by its first bytes and its name together."""

import gzip
import re
import zlib
from enum import StrEnum
from pathlib import Path

from drugripple.errors import Fault, SourceError
from drugripple.sources.user.presence import require_file


class FileKind(StrEnum):
    """Formats that a user's table may come in."""

    TEXT = "text"
    """Delimited text (csv, tsv, gct), plain or gzip-compressed."""
    PARQUET = "parquet"
    H5AD = "h5ad"
    SMI = "smi"
    """One SMILES a line, then a blank and a name."""
    XLSX = "xlsx"
    """An Excel workbook."""


START = 512
"""Bytes that tell a format."""
SUFFIXES = {
    ".csv": FileKind.TEXT,
    ".tsv": FileKind.TEXT,
    ".tab": FileKind.TEXT,
    ".txt": FileKind.TEXT,
    ".gct": FileKind.TEXT,
    ".parquet": FileKind.PARQUET,
    ".pq": FileKind.PARQUET,
    ".h5ad": FileKind.H5AD,
    ".smi": FileKind.SMI,
    ".smiles": FileKind.SMI,
    ".cxsmiles": FileKind.SMI,
    ".ism": FileKind.SMI,
    ".xlsx": FileKind.XLSX,
    ".xlsm": FileKind.XLSX,
}
SIGNATURES = (
    (b"PAR1", "a Parquet file", ".parquet"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", ".h5ad"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", ""),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", ""),
    (b"\x1f\x8b", "gzip-compressed", ".gz"),
    (b"BZh", "compressed by bzip2", ""),
    (b"\xfd7zXZ", "compressed by xz", ""),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", ""),
    (b"7z\xbc\xaf", "a 7z archive", ""),
    (b"Rar!", "a rar archive", ""),
    (b"%PDF", "a PDF", ""),
    (b"{\\rtf", "a rich text document", ""),
)
PAGE = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|svg|table)\b", re.IGNORECASE)
DRAWINGS = re.compile(rb"^ {0,2}\d[ \d]{5}.* V[23]000\s*$|^@<TRIPOS>", re.MULTILINE)
"""The line of an MDL file that counts atoms and bonds, and what MOL2 begins with."""
JSON = re.compile(rb"\s*(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\[{\"])")
"""No SMILES and no header begins so."""
WORKBOOK = b"PK\x03\x04"
"""What an Excel workbook begins with; whether it is one shows when it is opened."""
MENDED = {
    ".xls": "export its sheet as csv",
    ".ods": "export its sheet as csv",
    ".zip": "unpack it first",
    ".tar": "unpack it first",
    ".tgz": "unpack it first",
    **dict.fromkeys((".bz2", ".xz", ".zst", ".7z", ".rar", ".z"), "unpack it first, or pack it with gzip"),
    **dict.fromkeys((".feather", ".arrow", ".pkl", ".pickle"), "write it as parquet (pandas: to_parquet)"),
    ".rds": "write it from R with write.csv",
    ".rdata": "write it from R with write.csv",
    ".gctx": "write it as gct, csv or h5ad (cmapPy does)",
    ".h5": "write it as h5ad (scanpy reads Cell Ranger's h5)",
    ".loom": "write it as h5ad (anndata reads loom)",
    ".mtx": "write it as h5ad, with the names of genes and cells (scanpy reads mtx)",
    ".sf": "write genes and TPM as tsv, with the sample's name above the TPM",
    ".results": "write genes and TPM as tsv, with the sample's name above the TPM",
    **dict.fromkeys((".sdf", ".mol", ".mol2", ".pdb"), "write its structures as SMILES, one a line"),
}
"""What to do about formats that are not read."""
FILES = frozenset({*SUFFIXES, *MENDED, ".gz"})
"""What a text that names a file ends in."""
OF_STRUCTURES = frozenset("=#()[]@")
"""Signs of SMILES; a slash in one stands beside a double bond."""


def file_meant(text: str, argument: str = "compounds") -> str:
    """What is said of a text that is no structure and seems to name a file; blank where it does not.

    Args:
        text: the text.
        argument: under what a file is given.

    >>> file_meant("data/drugs"), file_meant("drugs.csv"), file_meant("F/C=C/Q")
    ("there is no file 'data/drugs'", "there is no file 'drugs.csv'", '')
    """
    path, suffix = Path(text), Path(text).suffix.lower()
    try:
        is_folder, is_there = path.is_dir(), path.exists()
    except OSError:  # longer than a name may be
        return ""
    if not text or not is_there:
        is_path = "/" in text and OF_STRUCTURES.isdisjoint(text)
        return f"there is no file {text!r}" if suffix in FILES or is_path else ""
    if is_folder:
        return f"{text!r} is a folder: name a file in it as `{argument}`"
    ending = "" if suffix in FILES else ", and let it end in what it is (.csv, .tsv, .smi, .xlsx or .parquet)"
    return f"{text!r} is a file: name it as `{argument}`{ending}"


def kind_of(path: Path) -> FileKind:
    """The format of a file.

    Raises:
        SourceError: if the file is missing, empty, of no format we read, or is not what its name says.
    """
    zipped = path.suffix.lower() == ".gz"
    suffix = path.with_suffix("").suffix.lower() if zipped else path.suffix.lower()
    require_file(path)
    start = _start(path)
    if not start:
        raise SourceError(Fault(path, "it is empty (0 bytes)", do="export it again"))
    if suffix not in SUFFIXES:
        fault = Fault(
            path,
            f"it ends in {suffix or 'nothing'}",
            expected=f"one of {', '.join(SUFFIXES)}, the text formats also with .gz",
            do=MENDED.get(suffix, f"if it is a table as text, rename it to end in .tsv{'.gz' if zipped else ''}"),
        )
        raise SourceError(fault)
    kind = SUFFIXES[suffix]
    if zipped:
        start = _unzipped_start(path)
        if kind not in (FileKind.TEXT, FileKind.SMI):
            raise SourceError(Fault(path, "only text is read compressed", do="unzip it first"))
    _refuse_another(path, kind, start)
    return kind


def _refuse_another(path: Path, kind: FileKind, start: bytes) -> None:
    found = next((entry for entry in SIGNATURES if start.startswith(entry[0])), None)
    if kind == FileKind.XLSX and start.startswith(WORKBOOK):
        return
    if start[257:263] in (b"ustar\0", b"ustar ") and b"\0" in start[:257]:  # a mustard may stand there in a table
        found = (b"", "a tar archive", "")
    if kind in (FileKind.TEXT, FileKind.SMI):
        _refuse_other_text(path, start)
        if found:
            what = f"rename it to end in {found[2]}" if found[2] else "unpack it, or export its sheet as csv"
            raise SourceError(Fault(path, f"it is {found[1]} by its content, not text as its name says", do=what))
    elif found is None or SUFFIXES.get(found[2]) != kind:
        what = found[1] if found else "of an unknown format"
        fault = Fault(path, f"it is {what} by its content, not {kind} as its name says", do="fetch or export it again")
        raise SourceError(fault)


def _refuse_other_text(path: Path, start: bytes) -> None:
    """Refuse text that is no table, whatever its name says."""
    if PAGE.match(start):
        do = "open it in a browser to see what it says, then fetch the file again or export its table as csv"
        raise SourceError(Fault(path, "it is a web page or XML, no table", got=_shown(start), do=do))
    if DRAWINGS.search(start):
        do = "write its structures as SMILES, one a line (RDKit and Open Babel do)"
        raise SourceError(Fault(path, "it holds drawings or models of structures (SDF, MOL or MOL2), no table", do=do))
    if JSON.match(start):
        do = "write it as csv (pandas: read_json, then to_csv)"
        raise SourceError(Fault(path, "it is JSON, no table", got=_shown(start), do=do))


def _shown(start: bytes) -> str:
    return " ".join(start.decode("utf-8", errors="replace").split())[:40]


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(START)
    except OSError as error:
        raise SourceError(Fault(path, "it cannot be opened", got=str(error))) from error


def _unzipped_start(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            start = file.read(START)
    except (EOFError, zlib.error, OSError) as error:
        fault = Fault(
            path,
            "it cannot be unzipped",
            got=str(error),
            do="it is cut short, damaged or not gzip-compressed: fetch or export it again",
        )
        raise SourceError(fault) from error
    if not start:
        raise SourceError(Fault(path, "it is empty after unzipping", do="export it again"))
    return start
