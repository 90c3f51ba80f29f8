"""Settings of `drugripple finetune`: data, one fold of them, and a network and its training, or a model by name."""

from pydantic import Field, model_validator

from drugripple.config import RunSettings
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.variant import refuse_both
from drugripple.sources.study_settings import StudySettings
from drugripple.training.settings import LoggedRun, LoggerName


class FinetuneRun(LoggedRun, StudySettings, RunSettings):
    """What `run_finetune` does, and `drugripple finetune RUN.toml`: one model on one fold of measured responses.

        drugripple.run_finetune(drugripple.FinetuneRun(data="data", out="my_run", scheme="drug_blind", fold=3))

    Fields are the keys of the run file. Responses are a data set of `data`, or your own `responses` with their
    `expression`. The model is the network, unless `model` names another of the catalogue.
    """

    scheme: Scheme = Scheme.CELL_BLIND
    """What a test row does not share with any training row."""
    fold: int = Field(0, ge=0)
    """Number of the fold, from 0."""
    seed: int = 0
    """Seed of the network's random numbers; the folds have `split.seed`."""
    split: SplitSettings = SplitSettings()
    network: NetworkSettings = NetworkSettings()
    model: str = ""
    """Name of a predictor of the catalogue that is fitted instead of the network, with its published settings."""
    settings: dict[str, object] = Field(default_factory=dict)
    """What differs from the published settings of `model`, such as `training.max_epochs`; of a neural one alone."""

    @model_validator(mode="after")
    def _network_or_model(self) -> "FinetuneRun":
        refuse_both(self.model, self.settings, self.network)
        if self.model and self.logger is not LoggerName.NONE:
            message = f"a logger follows the network's training; leave `logger` out with model = '{self.model}'"
            raise ValueError(message)
        return self
