"""Mutations, copy-number changes and fusions of GDSC's cell lines, from the source package of `gdsctools` 1.0.1."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool

from drugripple.sources.public.fetch import download_folder
from drugripple.sources.public.gdsctools import ARCHIVE, LINES, read_gdsctools

FEATURES = "genomic_features_v17.csv.gz"


class GenomicEvents(NamedTuple):
    """Which cell line has which event. Axes: n line, e event."""

    lines: tuple[str, ...]
    """GDSC's names of the lines."""
    tissue: tuple[str, ...]
    events: tuple[str, ...]
    """Names of the events, such as `BRAF_mut`, `BCR-ABL_mut`, `gain_cnaPANCAN301_(CDK12,ERBB2,MED24)`."""
    present: Bool[np.ndarray, "n e"]


def read_genomic_events(path: Path | None = None) -> GenomicEvents:
    """The events of the pan-cancer analysis of release 17.

    Args:
        path: the archive; that of the download folder unless given.

    Raises:
        SourceError: if it is not there (says how to get it).
        DigestError: if it is not the published file.
    """
    place = path or download_folder() / ARCHIVE
    features, lines = read_gdsctools(place, [FEATURES, LINES])
    return events_of(features, lines)


def events_of(features: pd.DataFrame, lines: pd.DataFrame) -> GenomicEvents:
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
