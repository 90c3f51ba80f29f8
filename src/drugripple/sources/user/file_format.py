"""What a user's file is, by its first bytes and its name together."""

import gzip
import re
import zlib
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

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


class Signature(NamedTuple):
    """What a format's files begin with, and what to do about one under another format's name."""

    start: bytes
    what: str
    do: str
    kind: FileKind | None = None
    """The kind, if it is one that is read."""


UNPACK = "unpack it first, or pack it with gzip"
AS_PARQUET = "write it as parquet (pandas: to_parquet)"
FROM_R = "write it from R with write.csv"
EXPORT = "export its sheet as csv"
WORKBOOK = b"PK\x03\x04"
"""What an Excel workbook begins with; whether it is one shows when it is opened."""
SIGNATURES = (
    Signature(b"PAR1", "a Parquet file", "rename it to end in .parquet", FileKind.PARQUET),
    Signature(
        b"\x89HDF\r\n\x1a\n",
        "an HDF5 file",
        "if AnnData wrote it, rename it to end in .h5ad; if not, write it as h5ad",
        FileKind.H5AD,
    ),
    Signature(WORKBOOK, "a zip archive or an Excel workbook", f"unpack it, or {EXPORT}"),
    Signature(b"\xd0\xcf\x11\xe0", "an old Excel workbook", EXPORT),
    Signature(b"\x1f\x8b", "gzip-compressed", "rename it to end in .gz"),
    Signature(b"BZh", "compressed by bzip2", UNPACK),
    Signature(b"\xfd7zXZ", "compressed by xz", UNPACK),
    Signature(b"\x28\xb5\x2f\xfd", "compressed by zstd", UNPACK),
    Signature(b"7z\xbc\xaf", "a 7z archive", UNPACK),
    Signature(b"Rar!", "a rar archive", UNPACK),
    Signature(b"%PDF", "a PDF", "export its table as csv"),
    Signature(b"{\\rtf", "a rich text document", "export its table as csv"),
    Signature(b"ARROW1\0\0", "an Arrow (Feather) file", AS_PARQUET),
    Signature(b"ORC\n", "an ORC file", AS_PARQUET),
    Signature(b"\x80\x04\x95", "a pickle of Python", AS_PARQUET),
    Signature(b"\x80\x05\x95", "a pickle of Python", AS_PARQUET),
    Signature(b"\x93NUMPY", "an array of NumPy without names", "write it as csv with the names of genes and samples"),
    Signature(b"SQLite format 3\0", "a database of SQLite", "export its table as csv"),
    Signature(b"X\n\0\0", "an object of R (saveRDS)", FROM_R),
    Signature(b"RDX2\nX\n", "a workspace of R (save)", FROM_R),
    Signature(b"RDX3\nX\n", "a workspace of R (save)", FROM_R),
)
TAR = Signature(b"", "a tar archive", "unpack it first")
PAGE = re.compile(rb"\s*(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|svg|table)\b", re.IGNORECASE)
DRAWINGS = re.compile(rb"^ {0,2}\d[ \d]{5}.* V[23]000\s*$|^@<TRIPOS>", re.MULTILINE)
"""The line of an MDL file that counts atoms and bonds, and what MOL2 begins with."""
JSON = re.compile(rb"\s*(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\[{\"])")
"""No SMILES and no header begins so."""
MENDED = {
    **dict.fromkeys((".xls", ".xlsb", ".ods", ".numbers"), EXPORT),
    **dict.fromkeys((".zip", ".tar", ".tgz"), "unpack it first"),
    **dict.fromkeys((".bz2", ".xz", ".zst", ".7z", ".rar", ".z"), UNPACK),
    **dict.fromkeys((".feather", ".arrow", ".orc", ".pkl", ".pickle"), AS_PARQUET),
    **dict.fromkeys((".rds", ".rdata", ".rda", ".fst", ".qs"), FROM_R),
    ".gctx": "write it as gct, csv or h5ad (cmapPy does)",
    ".h5": "write it as h5ad (scanpy reads Cell Ranger's h5)",
    ".h5mu": "write one of its modalities as h5ad (muon reads it)",
    ".h5seurat": "write it as h5ad (SeuratDisk's Convert does)",
    ".loom": "write it as h5ad (anndata reads loom)",
    ".mtx": "write it as h5ad, with the names of genes and cells (scanpy reads mtx)",
    **dict.fromkeys((".npy", ".npz"), "write it as csv with the names of genes and samples"),
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
    if zipped:
        start = _unzipped_start(path)
    if suffix not in SUFFIXES:
        raise SourceError(_unread(path, suffix, start, zipped=zipped))
    kind = SUFFIXES[suffix]
    if zipped and kind not in (FileKind.TEXT, FileKind.SMI):
        raise SourceError(Fault(path, "only text is read compressed", do="unzip it first"))
    _refuse_another(path, kind, start)
    return kind


def _unread(path: Path, suffix: str, start: bytes, *, zipped: bool) -> Fault:
    """What is said of a file whose ending is none that is read: what it is by its content, where that shows."""
    found = _signature(start)
    do = MENDED.get(suffix)
    if do is None and found is None and b"\0" not in start:
        _refuse_other_text(path, start)
        do = f"if it is a table as text, rename it to end in .tsv{'.gz' if zipped else ''}"
    what = f"it ends in {suffix or 'nothing'}"
    if found and suffix not in MENDED:
        what += f", and is {found.what} by its content"
    expected = f"one of {', '.join(SUFFIXES)}, the text formats also with .gz"
    return Fault(
        path, what, expected=expected, do=do or (found.do if found else "export it as csv, tsv, parquet or h5ad")
    )


def _signature(start: bytes) -> Signature | None:
    """The format of which a file begins as all do; None where it is text or unknown."""
    if start[257:263] in (b"ustar\0", b"ustar ") and b"\0" in start[:257]:  # a mustard may stand there in a table
        return TAR
    return next((one for one in SIGNATURES if start.startswith(one.start)), None)


def _refuse_another(path: Path, kind: FileKind, start: bytes) -> None:
    found = _signature(start)
    if kind == FileKind.XLSX and start.startswith(WORKBOOK):
        return
    if kind in (FileKind.TEXT, FileKind.SMI):
        _refuse_other_text(path, start)
        if found:
            what = f"it is {found.what} by its content, not text as its name says"
            raise SourceError(Fault(path, what, do=found.do))
    elif found is None or found.kind != kind:
        what = f"it is {found.what if found else 'of an unknown format'} by its content, not {kind} as its name says"
        raise SourceError(Fault(path, what, do=found.do if found else "fetch or export it again"))


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
