"""The source package of `gdsctools` 1.0.1: GDSC's lines with their tissues, and their genomic events.

The archive is read as the archive it is: nothing in it is installed, imported or executed. Its digest is checked first.
pip would run its setup.py to download it, so that pip is asked for the address alone; its mirror and proxy hold.
"""

import gzip
import io
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pandas as pd

from drugripple.errors import DigestError, SourceError
from drugripple.runtime.atomic import whole_file
from drugripple.runtime.digest import file_digest
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.columns import read_columns
from drugripple.sources.public.http import download
from drugripple.sources.public.lines import short_line
from drugripple.sources.public.registry import find_source

NAME, ARCHIVE = "gdsctools", "gdsctools-1.0.1.tar.gz"
INSIDE = "gdsctools-1.0.1/gdsctools/data"
LARGEST = 1 << 26
"""Bytes of an unpacked table; the largest holds 1.4 million."""
LINES = "cosmic_info.csv.gz"
TISSUE, LABEL = "GDSC1", "TCGA"
"""Columns of that table: the first is GDSC's first tissue descriptor, whatever its header says."""
SECONDS = 60


def read_gdsctools(path: Path, names: Sequence[str]) -> list[pd.DataFrame]:
    """Tables of the archive, by the names of their files.

    Raises:
        SourceError: if it is not there (says how to get it) or lacks a table.
        DigestError: if it is not the published file.
    """
    source = find_source(NAME)
    if not path.is_file():
        message = f"{path} is not there: {source.by_hand}"
        raise SourceError(message)
    if file_digest(path) != source.sha256:
        message = f"{path} is not the published {ARCHIVE} (its SHA-256 is not {source.sha256}); fetch it again"
        raise DigestError(message)
    try:
        with tarfile.open(path, "r:gz") as archive:
            return [_table(archive, name) for name in names]
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        message = f"{path} cannot be read as {source.what}: {error}"
        raise SourceError(message) from error


def fetch_gdsctools(folder: Path, *, progress: Progress = no_progress) -> Path:
    """The archive, from the folder or the package index; its SHA-256 is checked either way.

    Raises:
        SourceError: if pip does not find it, or it cannot be downloaded (says what to do by hand).
        DigestError: if what came is not the published file; it is deleted.
    """
    target, source = folder / ARCHIVE, find_source(NAME)
    if target.is_file() and file_digest(target) == source.sha256:
        return target
    link = _link(folder)
    with whole_file(target) as arriving:
        if link.startswith("file:"):
            shutil.copyfile(url2pathname(urlsplit(link).path), arriving)
        else:
            download(link, arriving, what=NAME, progress=progress)
        if file_digest(arriving) != source.sha256:
            message = f"{ARCHIVE} from the package index is not the published file; it was deleted: try again"
            raise DigestError(message)
    return target


def write_tissues(archive: Path, gdsc: Path) -> tuple[str, ...]:
    """Write cell_lines.parquet of a tidy folder: GDSC's tissue and TCGA label of its lines; returns lines without one.

    Lines go by GDSC's names, else by their letters and digits where these fit one line only.

    Raises:
        SourceError: as `read_gdsctools`, or if the folder has no responses.
    """
    (known,) = read_gdsctools(archive, [LINES])
    try:
        known = known[["SAMPLE_NAME", TISSUE, LABEL]].dropna(subset=["SAMPLE_NAME", TISSUE])
    except KeyError as error:
        message = f"{archive}: {LINES} lacks a column ({error}); fetch it again"
        raise SourceError(message) from error
    known = known.drop_duplicates("SAMPLE_NAME", keep=False).set_index("SAMPLE_NAME")
    lines = read_columns(gdsc / "response.parquet", ("cell_line",))["cell_line"].astype(str).unique()
    known_as = dict(_keyed(known.index))
    short = {name: key for key, name in _keyed(lines)}
    found = [line if line in known.index else known_as.get(short.get(line, ""), "") for line in lines]
    table = pd.DataFrame({"cell_line": lines, "known_as": found})
    matched = table[table["known_as"] != ""]
    rows = known.loc[matched["known_as"], [TISSUE, LABEL]].set_axis(["tissue", "tcga_label"], axis=1)
    rows.insert(0, "cell_line", matched["cell_line"].to_numpy())
    with whole_file(gdsc / "cell_lines.parquet") as part:
        rows.sort_values("cell_line").to_parquet(part, index=False)
    return tuple(sorted(table.loc[table["known_as"] == "", "cell_line"]))


def _keyed(names: Iterable[str]) -> list[tuple[str, str]]:
    """Short names and names, of those whose short name is no other's."""
    short = [(short_line(name), name) for name in names]
    number = Counter(key for key, _ in short)
    return [(key, name) for key, name in short if number[key] == 1]


def _link(folder: Path) -> str:
    """Where the package index that pip uses has the archive."""
    by_hand = f"put {ARCHIVE} into {folder} yourself: {find_source(NAME).by_hand}"
    if find_spec("pip") is None:
        message = f"{sys.executable} has no pip to ask for {ARCHIVE}; install pip there, or {by_hand}"
        raise SourceError(message)
    command = [sys.executable, "-m", "pip", "index", "versions", NAME, "-vv", "--no-input", "--retries", "1"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        message = f"pip did not find {ARCHIVE} within {SECONDS} seconds; {by_hand}"
        raise SourceError(message) from error
    found = re.search(rf"Found link (\S*{re.escape(ARCHIVE)})", asked.stdout + asked.stderr)
    if found is None:
        message = f"pip did not find {ARCHIVE} on the package index; check the network, or {by_hand}"
        raise SourceError(message)
    return found[1]


def _table(archive: tarfile.TarFile, name: str) -> pd.DataFrame:
    member = archive.extractfile(f"{INSIDE}/{name}")
    if member is None:
        message = f"{name} is not a file in it"
        raise ValueError(message)
    with gzip.GzipFile(fileobj=member) as file:
        content = file.read(LARGEST)
    return pd.read_csv(io.BytesIO(content))
