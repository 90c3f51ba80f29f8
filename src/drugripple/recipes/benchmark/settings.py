"""Settings of `drugripple benchmark`: models, folds, and where everything goes."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from drugripple.config import OneOrMore, Record
from drugripple.errors import ConfigError, first_five
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.csg2a_settings import NAME, NetworkSettings
from drugripple.predictors.variant import ModelVariant, refuse_unknown
from drugripple.runtime.workers import Backend
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.study_settings import StudySettings


class Average(Record):
    """A model that predicts the mean of other models of the run: `[[average]]` in a run file."""

    name: str = Field(pattern=f"^{NAME}$")
    """Name of the averaged model in tables."""
    of: tuple[str, ...] = Field(min_length=2)
    """Names of the models that are averaged; that of a network includes its variant."""


class BenchmarkRun(StudySettings):
    """What `run_benchmark` does, and `drugripple benchmark RUN.toml`: models x schemes x folds x seeds.

        run = drugripple.BenchmarkRun(data="data", out="bench", model=("mean_effects", "ridge"), scheme=("cell_blind",))
        drugripple.run_benchmark(run)

    Fields are the keys of the run file. Each model is trained and tested on every fold of every scheme, and predictions
    and a report are written to `out`.
    """

    test_dataset: Dataset | None = None
    """Data set to test on, if not `dataset`, which then trains and validates; equally blind."""
    out: Path
    """Folder for splits, predictions and the report; what is finished there is not done again."""
    model: OneOrMore[str] = ()
    """Names of predictors that need no settings."""
    network: tuple[NetworkSettings, ...] = ()
    """Networks; several need a `variant` each."""
    variant: tuple[ModelVariant, ...] = ()
    """Models of the catalogue under other settings than the published ones."""
    average: tuple[Average, ...] = ()
    """Models that average the predictions of others."""
    scheme: OneOrMore[Scheme] = tuple(Scheme)
    """What a test row does not share with any training row."""
    fold: OneOrMore[int] = ()
    """Numbers of the folds to run, from 0; all of them unless given."""
    seed: OneOrMore[int] = Field((0,), min_length=1)
    """Seeds of the models; the folds have `split.seed`."""
    split: SplitSettings = SplitSettings()
    workers: int = Field(1, ge=1)
    """Jobs at a time."""
    backend: Backend = Backend.LOCAL
    """Where the workers run."""
    address: str = ""
    """Address of a running Ray or Dask cluster; blank starts one of `workers` processes on this machine."""
    reference: str = ""
    """Model with which every other is compared; blank takes the lowest RMSE among those that finished all folds."""

    @field_validator("model")
    @classmethod
    def _known(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        refuse_unknown(*models)
        return models

    @model_validator(mode="after")
    def _named_once(self) -> "BenchmarkRun":
        names = self.names
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated or not names or not self.scheme:
            message = f"name at least one scheme and one model, and each model once (repeated: {first_five(repeated)})"
            raise ValueError(message)
        taken = [label for label in self._described if label in BASELINES]
        if taken:
            message = f"a network or a variant cannot be called {taken[0]}, as a baseline is; use another name"
            raise ValueError(message)
        trained = set(names) - set(self.parts)
        for mean in self.average:
            strangers = [name for name in mean.of if name not in trained]
            if strangers or len(set(mean.of)) < len(mean.of) or mean.name in BASELINES:
                message = (
                    f"{mean.name} cannot be the mean of {', '.join(mean.of)}: give it a name of its own, and name "
                    f"different models of this run ({', '.join(sorted(trained))})"
                )
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _folds_that_there_are(self) -> "BenchmarkRun":
        if self.test_dataset is not None and self.responses is not None:
            message = (
                f"test_dataset = '{self.test_dataset}' needs a published `dataset` beside it; leave out `responses`"
            )
            raise ValueError(message)
        if self.test_dataset == self.dataset:
            message = f"test_dataset = '{self.test_dataset}' is `dataset`; leave it out to test within one study"
            raise ValueError(message)
        if self.test_dataset is not None and self.split.replicates is not Replicates.GROUP:
            message = f"replicates = '{self.split.replicates}' would mix the two studies; use group with test_dataset"
            raise ValueError(message)
        tested = self.split.tested(self.scheme)
        if self.split.file is None and not set(self.fold) <= set(range(tested)):
            message = f"`fold` names folds {first_five(self.fold)}; they are numbered 0 to {tested - 1}"
            raise ValueError(message)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every model, baselines first, means last."""
        return (*self.model, *self._described, *self.parts)

    @property
    def _described(self) -> tuple[str, ...]:
        """Models that a table of the run file describes."""
        return (*(variant.label for variant in self.variant), *(settings.label for settings in self.network))

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The models that each averaged model is the mean of."""
        return {mean.name: mean.of for mean in self.average}

    @property
    def studies(self) -> str:
        """What the rows are of, in words."""
        return f"{self.name}, tested on {self.test_dataset}" if self.test_dataset else self.name

    def narrowed(
        self, *, models: Sequence[str] = (), schemes: Sequence[str] = (), folds: Sequence[int] = ()
    ) -> "BenchmarkRun":
        """The same run with some of its models, schemes and folds; all of a kind if none is named.

        An averaged model stands for its parts.

        Raises:
            ConfigError: if the run has no such model, scheme or fold.
        """
        numbers = self.fold or range(self.split.tested(self.scheme))
        for asked, known in ((models, self.names), (schemes, self.scheme), (folds, numbers)):
            strangers = [name for name in asked if name not in known]
            if strangers:
                message = f"this run has no {first_five(strangers)}; it has {', '.join(map(str, known))}"
                raise ConfigError(message)
        changes: dict[str, object] = {}
        models = [part for name in models for part in self.parts.get(name, (name,))]
        if models:
            changes["model"] = tuple(name for name in self.model if name in models)
            changes["variant"] = tuple(variant for variant in self.variant if variant.label in models)
            changes["network"] = tuple(settings for settings in self.network if settings.label in models)
        if schemes:
            changes["scheme"] = tuple(scheme for scheme in self.scheme if scheme in schemes)
        if folds:
            changes["fold"] = tuple(folds)
        return self.model_copy(update=changes)

    def split_plan(self) -> dict[str, object]:
        """Everything that the folds depend on besides the table."""
        of_own = {"bounds"} if self.responses else set()
        plan = self.model_dump(
            mode="json", include={"dataset", "test_dataset", "responses", "expression", "compounds", "unit"} | of_own
        )
        return plan | {f"split.{key}": value for key, value in self.split.model_dump(mode="json").items()}
