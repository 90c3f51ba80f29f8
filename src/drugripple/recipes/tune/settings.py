"""Settings of `drugripple tune`: one network or model, what to try of it, and the folds whose validation rows judge."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, JsonValue, model_validator

from drugripple.config import OneOrMore
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.variant import refuse_both
from drugripple.recipes.tune.space import space_of
from drugripple.sources.study_settings import StudySettings
from drugripple.training.settings import LoggedRun


class TuneRun(LoggedRun, StudySettings):
    """What `tune` searches, and `drugripple tune RUN.toml`: settings of a model that predict validation rows best.

        drugripple.tune(drugripple.TuneRun(data="data", out="search", trials=30))

    Fields are the keys of the run file. Test rows are never looked at.
    """

    out: Path
    """Folder for the trials and the best settings; started again, the search continues there."""
    scheme: Scheme = Scheme.MIXED
    """What a test row does not share with any training row."""
    fold: OneOrMore[int] = Field((0,), min_length=1)
    """Folds whose validation rows judge; the mean over several decides."""
    trials: int = Field(20, ge=1)
    """Number of settings to try, including those of earlier runs."""
    seed: int = 0
    """Seed of the search and of every network; the folds have `split.seed`."""
    warmup_epochs: int = Field(3, ge=0)
    """Epochs before a trial may be pruned."""
    startup_trials: int = Field(5, ge=1)
    """Trials that are drawn at random and never pruned."""
    split: SplitSettings = SplitSettings()
    network: NetworkSettings = NetworkSettings()
    """Settings that every trial shares."""
    model: str = ""
    """Name of a neural model of the catalogue that is searched instead of the network."""
    settings: dict[str, object] = Field(default_factory=dict)
    """What every trial of `model` changes of its published settings, such as `training.max_epochs`."""
    search: dict[str, Annotated[tuple[JsonValue, ...], Field(min_length=1)]] = Field(default_factory=dict)
    """Values to try of each setting, named with dots; the default space if empty."""

    @model_validator(mode="after")
    def _search_what_there_is(self) -> "TuneRun":
        refuse_both(self.model, self.settings, self.network)
        if not self.model:
            space_of(self.network, self.search)
        return self
