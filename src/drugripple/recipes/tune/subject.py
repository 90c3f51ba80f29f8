"""What a search tries settings of: a network, or a neural model of the catalogue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from pydantic import JsonValue

from drugripple.config import Record, dotted, set_dotted
from drugripple.data.response import ResponseTable
from drugripple.evaluation.metrics import rmse
from drugripple.predictors.backbone import backbone_of
from drugripple.predictors.csg2a import fit_network
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.predictors.variant import ModelVariant, adjusted
from drugripple.recipes.tune.settings import TuneRun
from drugripple.recipes.tune.space import OF_MODELS, settings_with, space_of
from drugripple.training.history import Epoch

Space = Mapping[str, tuple[JsonValue, ...]]
Draw = Mapping[str, JsonValue]


@runtime_checkable
class Searched(Protocol):
    """What `tune` fits again and again."""

    @property
    def space(self) -> Space:
        """The values to try of each setting."""

    @property
    def plan(self) -> Mapping[str, object]:
        """What two searches must share for one to go on with the other."""

    def fit(self, draw: Draw, train: ResponseTable, valid: ResponseTable, watch: Callable[[Epoch], None]) -> float:
        """RMSE of the validation rows at the best epoch; `watch` is told every epoch and may raise to end it."""

    def best(self, draw: Draw) -> Record:
        """What to put into a run file."""


def searched(run: TuneRun) -> Searched:
    """What a run searches.

    Raises:
        ConfigError: if its model has no settings, or not one that is to be tried.
    """
    if not run.model:
        return SearchedNetwork(run.network, run.data, run.seed, space_of(run.network, run.search))
    found = SearchedModel(run.model, run.settings, run.data, run.seed, run.search or OF_MODELS)
    for key, values in found.space.items():
        for value in values:
            adjusted(found.model, found.data, found.with_draw({key: value}))
    return found


@dataclass(frozen=True)
class SearchedNetwork:
    """A network of CSG2A's kind."""

    network: NetworkSettings
    data: Path | None
    seed: int
    space: Space

    @property
    def plan(self) -> Mapping[str, object]:
        """The settings that every trial shares."""
        return {"network": self.network.model_dump(mode="json")}

    def fit(self, draw: Draw, train: ResponseTable, valid: ResponseTable, watch: Callable[[Epoch], None]) -> float:
        """Root of the lowest validation loss."""
        settings, lowest = self.best(draw), float("inf")

        def lower(epoch: Epoch) -> None:
            nonlocal lowest
            lowest = min(lowest, epoch.valid_loss)
            watch(epoch)

        backbone = backbone_of(settings, self.data, train.expression.genes, seed=self.seed)
        fit_network(settings, train, valid, backbone, seed=self.seed, on_epoch=lower)
        return float(np.sqrt(lowest))

    def best(self, draw: Draw) -> NetworkSettings:
        """Settings of a trial, as a `[[network]]` table has them."""
        return settings_with(self.network, draw)


@runtime_checkable
class Watched(Protocol):
    """A predictor that tells of every epoch."""

    on_epoch: Callable[[Epoch], None]


@dataclass(frozen=True)
class SearchedModel:
    """A model of the catalogue that has settings."""

    model: str
    shared: Mapping[str, object]
    data: Path | None
    seed: int
    space: Space

    @property
    def plan(self) -> Mapping[str, object]:
        """The model, and what every trial changes of its published settings."""
        return {"model": self.model, "settings": dict(self.shared)}

    def with_draw(self, draw: Draw) -> dict[str, object]:
        """What differs from the published settings in a trial."""
        return set_dotted({}, {**dotted(self.shared), **draw})

    def fit(self, draw: Draw, train: ResponseTable, valid: ResponseTable, watch: Callable[[Epoch], None]) -> float:
        """RMSE of what the fitted model says of the validation rows; one that tells of no epochs is never pruned."""
        predictor = adjusted(self.model, self.data, self.with_draw(draw))
        if isinstance(predictor, Watched):
            predictor.on_epoch = watch
        predictor.fit(train, valid, seed=self.seed)
        return rmse(valid.values, predictor.predict(valid.pairs))

    def best(self, draw: Draw) -> ModelVariant:
        """Settings of a trial, as a `[[variant]]` table has them."""
        return ModelVariant(of=self.model, name="searched", settings=self.with_draw(draw))
