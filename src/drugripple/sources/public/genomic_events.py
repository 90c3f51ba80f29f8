"""Mutations, copy-number changes and fusions of GDSC's cell lines, from the source package of `gdsctools` 1.0.1.

The archive is read as the archive it is: nothing in it is installed, imported or executed. Its digest is checked first.
"""

import gzip
import io
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool

from drugripple.errors import DigestError, SourceError
from drugripple.runtime.digest import file_digest
from drugripple.sources.public.fetch import download_folder
from drugripple.sources.public.registry import find_source

FILE = "gdsctools-1.0.1.tar.gz"
INSIDE = "gdsctools-1.0.1/gdsctools/data"
LARGEST = 1 << 26
"""Bytes of an unpacked table; the largest holds 1.4 million."""


class GenomicEvents(NamedTuple):
    """Which cell line has which event. Axes: n line, e event."""

    lines: tuple[str, ...]
    """GDSC's names."""
    tissue: tuple[str, ...]
    events: tuple[str, ...]
    """Such as `BRAF_mut`, `BCR-ABL_mut`, `gain_cnaPANCAN301_(CDK12,ERBB2,MED24)`."""
    present: Bool[np.ndarray, "n e"]


def read_genomic_events(path: Path | None = None) -> GenomicEvents:
    """The events of the pan-cancer analysis of release 17.

    Args:
        path: the archive; that of the download folder unless given.

    Raises:
        SourceError: if it is not there (says how to get it) or lacks a table.
        DigestError: if it is not the published file.
    """
    source, place = find_source("gdsctools"), path or download_folder() / FILE
    if not place.is_file():
        message = f"{place} is not there: {source.by_hand}"
        raise SourceError(message)
    if file_digest(place) != source.sha256:
        message = f"{place} is not the published {FILE} (its SHA-256 is not {source.sha256}); fetch it again"
        raise DigestError(message)
    try:
        with tarfile.open(place, "r:gz") as archive:
            features = _table(archive, "genomic_features_v17.csv.gz")
            lines = _table(archive, "cosmic_info.csv.gz")
        return _events(features, lines)
    except (tarfile.TarError, OSError, KeyError, ValueError) as error:
        message = f"{place} cannot be read as {source.what}: {error}"
        raise SourceError(message) from error


def _events(features: pd.DataFrame, lines: pd.DataFrame) -> GenomicEvents:
    """Events under the lines' names; lines without a name are left out."""
    names = lines.drop_duplicates("COSMIC_ID").set_index("COSMIC_ID")["SAMPLE_NAME"]
    named = features[features["COSMIC_ID"].isin(names.index)].drop_duplicates("COSMIC_ID")
    columns = [name for name in named.columns if name.endswith("_mut") or "_cna" in name]
    return GenomicEvents(
        tuple(names[named["COSMIC_ID"]].astype(str)),
        tuple(named["TISSUE_FACTOR"].astype(str)),
        tuple(columns),
        named[columns].to_numpy(np.int64) > 0,
    )


def _table(archive: tarfile.TarFile, name: str) -> pd.DataFrame:
    member = archive.extractfile(f"{INSIDE}/{name}")
    if member is None:
        message = f"{name} is not a file in it"
        raise ValueError(message)
    with gzip.GzipFile(fileobj=member) as file:
        content = file.read(LARGEST)
    return pd.read_csv(io.BytesIO(content))
