"""Settings of `drugripple finetune`: data, one fold of them, a network and its training."""

from pydantic import Field

from drugripple.config import RunSettings
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.sources.study_settings import StudySettings
from drugripple.training.settings import LoggedRun


class FinetuneRun(LoggedRun, StudySettings, RunSettings):
    """`drugripple finetune RUN.toml`."""

    scheme: Scheme = Scheme.CELL_BLIND
    """What a test row does not share with any training row."""
    fold: int = Field(0, ge=0)
    """Number of the fold, from 0."""
    seed: int = 0
    """Seed of the network's random numbers; the folds have `split.seed`."""
    split: SplitSettings = SplitSettings()
    network: NetworkSettings = NetworkSettings()
