"""Settings of `drugripple patients`."""

from pathlib import Path

from pydantic import Field

from drugripple.config import RunSettings
from drugripple.evaluation.responders import FEWEST
from drugripple.recipes.patients.transfer import Transfer
from drugripple.sources.user.stated_scale import StatedScale


class PatientsRun(RunSettings):
    """What `run_patients` does, and `drugripple patients`: predictions for tumours, held against how patients fared.

    Fields are the keys of the run file.
    """

    expression: Path
    """Expression of the tumours, one sample per patient: csv, tsv, Parquet or h5ad."""
    response: Path
    """csv, tsv or Parquet with patient, drug, smiles, and responder (1 or 0) or response; cancer if known."""
    model: Path | None = None
    """Folder of a network or of a default model; the default model of this machine unless given."""
    transfer: Transfer = Transfer.COHORT
    """How tumours come onto the scale of cell lines; joint and reference need `data`."""
    data: Path | None = None
    """Tidy folder with GDSC's lines, for ComBat."""
    scale: StatedScale | None = None
    """What the expression values are; found out unless stated."""
    more_than: int = Field(FEWEST, ge=1)
    """Responders and non-responders that are not yet enough to test a drug."""
    draws: int = Field(10_000, ge=1)
    """Number of permutations."""
    seed: int = 0
    """Seed of the permutations."""
