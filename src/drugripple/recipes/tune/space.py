"""Which settings a search may change, and how one draw becomes the settings of a network."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from drugripple.config import make_run
from drugripple.errors import ConfigError
from drugripple.predictors.csg2a import NetworkSettings

Choices = Mapping[str, Sequence[Any]]
"""Values to try of each setting, which is named with dots: training.batch."""

DEFAULT: Choices = {
    "training.learning_rate": (1e-3, 5e-4, 1e-4, 5e-5),
    "training.batch": (64, 128, 256),
    "response.dropout": (0.1, 0.2, 0.3),
    "response.widths": ((512, 64), (256, 64), (1024, 128)),
    "perturbation.hidden": (16, 32, 64, 128),
    "perturbation.dropout": (0.1, 0.2, 0.3),
}
"""Our reconstruction: the paper's space (its Supplementary Table S1) is not public."""


def space_of(network: Mapping[str, Any], asked: Choices) -> dict[str, tuple[Any, ...]]:
    """What to search: what was asked, or the default without what a pretrained backbone has fixed.

    Raises:
        ConfigError: if no network has such a setting or value.
    """
    pretrained = network.get("backbone", "shipped") != "random"
    chosen = asked or {key: v for key, v in DEFAULT.items() if not (pretrained and key.startswith("perturbation."))}
    space = {key: tuple(values) for key, values in chosen.items()}
    for key, values in space.items():
        for value in values:
            settings_with(network, {key: value})
    return space


def settings_with(network: Mapping[str, Any], draw: Mapping[str, Any]) -> NetworkSettings:
    """The settings of a network with some replaced.

    >>> settings_with({"training": {"batch": 64}}, {"training.learning_rate": 0.001}).training.batch
    64

    Raises:
        ConfigError: if no network has such a setting or value.
    """
    values = json.loads(json.dumps(dict(network), default=str))
    for key, value in draw.items():
        *path, last = key.split(".")
        place = values
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                message = f"search.{key!r}: {part!r} is not a table of settings"
                raise ConfigError(message)
        place[last] = value
    made = make_run(NetworkSettings, values, "the search")
    made.preset.perturbation(**made.perturbation), made.preset.response(**made.response)
    return made
