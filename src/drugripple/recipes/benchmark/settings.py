"""What `drugripple benchmark` is asked for: which models, on which folds, where."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from drugripple.config import Record
from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError, first_five
from drugripple.evaluation.splits import Grid, Replicates, Scheme, Validation
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.csg2a_settings import NAME, NetworkSettings
from drugripple.runtime.atomic import write_text
from drugripple.runtime.workers import Backend


class Average(Record):
    """A model that predicts the mean of other models of the run."""

    name: str = Field(pattern=f"^{NAME}$")
    of: tuple[str, ...] = Field(min_length=2)


class BenchmarkRun(Record):
    """`drugripple benchmark RUN.toml`: models x schemes x folds x seeds."""

    data: Path
    dataset: Literal["GDSC1", "GDSC2"] = "GDSC2"
    test_dataset: Literal["GDSC1", "GDSC2"] | None = None
    """Cross-study: train and validate on rows of `dataset`, test on rows of this one, equally blind."""
    out: Path
    """Where splits, predictions and the report go; what is finished there is not done again."""
    models: tuple[str, ...] = ()
    """Names of `BASELINES`."""
    network: tuple[NetworkSettings, ...] = ()
    """Networks; several need a `variant` each."""
    average: tuple[Average, ...] = ()
    """Means of models above, from their predictions."""
    schemes: tuple[Scheme, ...] = tuple(Scheme)
    folds: int = Field(10, ge=3)
    only: tuple[int, ...] | None = None
    """Numbers of the folds to run; all of them unless given."""
    seeds: tuple[int, ...] = Field((0,), min_length=1)
    """Of the models; the folds have `split_seed`."""
    split_seed: int = 0
    replicates: Replicates = Replicates.GROUP
    """`mean` merges repeat measurements before anything else."""
    validation: Validation = Validation.BLIND
    grid: Grid = Grid.DIAGONAL
    lines_by: Literal["line", "tissue"] = "line"
    """`tissue`: lines of one tissue stay together (leave-tissue-out)."""
    compounds_by: Literal["molecule", "analogues", "scaffold", "mechanism"] = "molecule"
    """What keeps compounds together, beyond being one molecule."""
    workers: int = Field(1, ge=1)
    backend: Backend = "local"
    address: str = ""
    """Of a running Ray or Dask cluster; a cluster of `workers` on this machine is started where it is blank."""
    reference: str = ""
    """The model every other is compared with; blank takes the one with the lowest RMSE that finished all folds."""

    @field_validator("models")
    @classmethod
    def _known(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in models if name not in BASELINES]
        if unknown:
            message = f"no baseline is called {first_five(unknown)}; there are {', '.join(BASELINES)}"
            raise ValueError(message)
        return models

    @model_validator(mode="after")
    def _named_once(self) -> "BenchmarkRun":
        names = self.names
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated or not names or not self.schemes:
            message = f"name at least one scheme and one model, and each model once (repeated: {first_five(repeated)})"
            raise ValueError(message)
        if self.test_dataset == self.dataset:
            message = f"test_dataset = {self.test_dataset!r} is `dataset`; leave it out to test within one study"
            raise ValueError(message)
        if self.test_dataset is not None and self.replicates is not Replicates.GROUP:
            message = f"replicates = '{self.replicates}' would mix the two studies; use group with test_dataset"
            raise ValueError(message)
        taken = [settings.label for settings in self.network if settings.label in BASELINES]
        if taken:
            message = f"a network cannot be called {taken[0]}, as a baseline is; use another name"
            raise ValueError(message)
        trained = set(names) - {mean.name for mean in self.average}
        for mean in self.average:
            strangers = [name for name in mean.of if name not in trained]
            if strangers or len(set(mean.of)) < len(mean.of) or mean.name in BASELINES:
                message = (
                    f"{mean.name} cannot be the mean of {', '.join(mean.of)}: give it a name of its own, and name "
                    f"different models of this run ({', '.join(sorted(trained))})"
                )
                raise ValueError(message)
        if self.only is not None and not set(self.only) <= set(range(self.tested)):
            message = f"`only` names folds {first_five(self.only)}; they are numbered 0 to {self.tested - 1}"
            raise ValueError(message)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every model, baselines first, means last."""
        networks = (settings.label for settings in self.network)
        return (*self.models, *networks, *(mean.name for mean in self.average))

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The models that each mean is of."""
        return {mean.name: mean.of for mean in self.average}

    @property
    def studies(self) -> str:
        """What the rows are of, in words."""
        return f"{self.dataset}, tested on {self.test_dataset}" if self.test_dataset else self.dataset

    @property
    def tested(self) -> int:
        """Folds of the scheme with the most."""
        full = self.grid is Grid.FULL and Scheme.DISJOINT in self.schemes
        return self.folds**2 if full else self.folds

    def narrowed(
        self, *, models: Sequence[str] = (), schemes: Sequence[str] = (), folds: Sequence[int] = ()
    ) -> "BenchmarkRun":
        """The same run with some of its models, schemes and folds; all of a kind where none is named.

        A mean of models stands for its parts.

        Raises:
            ConfigError: if the run has no such model, scheme or fold.
        """
        for asked, known in ((models, self.names), (schemes, self.schemes), (folds, range(self.tested))):
            strangers = [name for name in asked if name not in known]
            if strangers:
                message = f"this run has no {first_five(strangers)}; it has {', '.join(map(str, known))}"
                raise ConfigError(message)
        changes: dict[str, object] = {}
        models = [part for name in models for part in self.parts.get(name, (name,))]
        if models:
            changes["models"] = tuple(name for name in self.models if name in models)
            changes["network"] = tuple(settings for settings in self.network if settings.label in models)
        if schemes:
            changes["schemes"] = tuple(scheme for scheme in self.schemes if scheme in schemes)
        if folds:
            changes["only"] = tuple(folds)
        return self.model_copy(update=changes)

    def split_plan(self) -> dict[str, object]:
        """Everything that the folds depend on besides the table."""
        rows = {"dataset", "test_dataset", "replicates"}
        folds = {"folds", "split_seed", "validation", "grid", "lines_by", "compounds_by"}
        return self.model_dump(mode="json", include=rows | folds)


def makers(run: BenchmarkRun) -> Mapping[str, Callable[[], Predictor]]:
    """A maker of an unfitted predictor for each model of a run."""
    made: dict[str, Callable[[], Predictor]] = {name: BASELINES[name].make for name in run.models}
    for settings in run.network:
        from drugripple.predictors.recorded_network import RecordedNetwork

        made[settings.label] = partial(RecordedNetwork, settings, run.data)
    return made


def keep_settings(run: BenchmarkRun) -> None:
    """Write each network's settings beside its predictions.

    Raises:
        ConfigError: if predictions of other settings stand under the same name.
    """
    for settings in run.network:
        path = run.out / "predictions" / settings.label / "settings.json"
        if path.exists() and NetworkSettings.model_validate_json(path.read_text(encoding="utf-8")) != settings:
            message = (
                f"{path.parent} holds predictions of a network with other settings; give this one another `variant`, "
                "or remove that folder"
            )
            raise ConfigError(message)
        write_text(path, settings.model_dump_json(indent=1) + "\n")
