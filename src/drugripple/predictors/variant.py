"""A model of the catalogue with some of its settings changed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import Field, field_validator

from drugripple.config import Record, dotted, make_run, set_dotted
from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError, first_five
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.csg2a_settings import NAME, NetworkSettings


class ModelVariant(Record):
    """A model of the catalogue under other settings than the published ones: `[[variant]]` in a run file."""

    of: str
    """Name of the model in the catalogue."""
    name: str = Field(pattern=f"^{NAME}$")
    """What tables put behind the model's name and a hyphen."""
    settings: dict[str, object] = Field(min_length=1)
    """What differs from the published settings, such as `training.batch`."""

    @field_validator("of")
    @classmethod
    def _known(cls, model: str) -> str:
        refuse_unknown(model)
        return model

    @property
    def label(self) -> str:
        """Model and variant, as tables and folders of predictions have it.

        >>> ModelVariant(of="deeptta", name="large-batch", settings={"training": {"batch": 2048}}).label
        'deeptta-large-batch'
        """
        return f"{self.of}-{self.name}"


def refuse_unknown(*models: str) -> None:
    """Refuse names that the catalogue does not have.

    Raises:
        ValueError: naming them.
    """
    unknown = [model for model in models if model not in BASELINES]
    if unknown:
        message = f"no model is called {first_five(unknown)}; there are {', '.join(BASELINES)}"
        raise ValueError(message)


def refuse_both(model: str, settings: Mapping[str, object], network: NetworkSettings) -> None:
    """Refuse a run that names a model of the catalogue and describes a network, or has settings for no model.

    Raises:
        ValueError: if it does, or no model is called so.
    """
    if model:
        refuse_unknown(model)
        if network != NetworkSettings():
            message = f"model = '{model}' is fitted instead of a network; leave the settings of `network` out"
            raise ValueError(message)
    elif settings:
        message = "`settings` are those of a `model` of the catalogue; name one, or leave them out"
        raise ValueError(message)


@runtime_checkable
class Adjustable(Protocol):
    """A predictor that is made by a record of settings."""

    settings: Record


def adjusted(name: str, data: Path | None, changes: Mapping[str, object]) -> Predictor:
    """An unfitted predictor of the catalogue, with the settings that differ from the published ones.

    Raises:
        ConfigError: if it has no settings, one is unknown or of the wrong type, or it needs a data folder.
    """
    predictor = BASELINES[name].maker(data)()
    if not changes:
        return predictor
    if not isinstance(predictor, Adjustable):
        message = f"{name} takes no settings; leave them out"
        raise ConfigError(message)
    changed = set_dotted(predictor.settings.model_dump(mode="json"), dotted(changes))
    predictor.settings = make_run(type(predictor.settings), changed, f"settings of {name}")
    return predictor
