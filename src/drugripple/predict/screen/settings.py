"""Settings of `drugripple screen`."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field, model_validator

from drugripple.config import Record, default_model_folder
from drugripple.model.settings import Precision
from drugripple.predict.choices import Missing, Ranking, Size
from drugripple.runtime.workers import Backend
from drugripple.sources.user.stated_scale import StatedScale


class ScreenMode(StrEnum):
    """What a screen writes."""

    TOP = "top"
    """The best compounds of every sample."""
    FULL = "full"
    """Every pair."""


class ScreenRequest(Record):
    """What `screen` does, and `drugripple screen`: which of my compounds hits which of my samples?

        drugripple.screen(drugripple.ScreenRequest(expression="samples.csv", compounds="library.smi", out="hits"))

    Fields are the keys of the run file.
    """

    model: Path | None = None
    """A network's checkpoint or run folder, or a default model's; the default model of this machine unless given."""
    expression: Path
    """csv, tsv, parquet or h5ad: samples and genes."""
    compounds: Path
    """csv, tsv (also .gz), parquet or smi of any length, with SMILES."""
    out: Path
    """Folder for this screen alone; started again, the screen continues there."""
    mode: ScreenMode = ScreenMode.TOP
    """The best compounds of every sample (top.parquet), or every pair (full/)."""
    top: int = Field(100, ge=1)
    """Compounds per sample in mode top, ties in the order of the library."""
    by: Ranking = Ranking.RESPONSE
    """Mode top: the most sensitive compounds first (response); by the default model also those that hit a sample harder
    than its training samples (selectivity)."""
    shard_pairs: int = Field(1_000_000, ge=1)
    """Largest number of pairs that are computed and written together."""
    missing: Missing = Missing.REFUSE
    """Genes of the network that were not measured: refuse them, or treat them as typical."""
    scale: StatedScale | None = None
    """Scale of the expression, if you state it; found out otherwise."""
    layer: str = ""
    """Layer of an h5ad to read, or `raw`; X if blank."""
    size: Size = Size.TRAINED
    """Molecules larger than any trained on: leave them out (trained), or predict them (any)."""
    precision: Precision = Precision.FLOAT32
    """Precision of a network's layers that run for every pair; bfloat16 is faster where the processor has it."""
    workers: int = Field(1, ge=1)
    """Number of processes, which share the cores."""
    backend: Backend = Backend.LOCAL
    """Where workers run: this machine, or a Ray cluster that sees the folders under the same paths."""
    address: str = ""
    """Address of a running Ray cluster; blank starts one on this machine for the screen."""
    cache: bool = False
    """Keep molecular graphs or embeddings in the cache folder, for further screens of the same library."""

    @property
    def folder(self) -> Path:
        """The folder of the model."""
        return self.model if self.model is not None else default_model_folder()

    @model_validator(mode="after")
    def _possible(self) -> "ScreenRequest":
        if self.by is not Ranking.RESPONSE and self.mode is not ScreenMode.TOP:
            message = "`by` orders the best compounds of every sample; set mode to top, or leave it out"
            raise ValueError(message)
        if self.backend is Backend.DASK:
            message = "a screen runs on this machine or on Ray; set backend to local or ray"
            raise ValueError(message)
        return self
