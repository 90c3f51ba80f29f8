"""The space of a search, and the settings of a network that one draw gives."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from drugripple.config import make_run, set_dotted
from drugripple.model.settings import RANDOM
from drugripple.predictors.csg2a_settings import NetworkSettings

Choices = Mapping[str, Sequence[JsonValue]]
"""Values to try of each setting, which is named with dots: training.batch."""

DEFAULT: Choices = {
    "training.learning_rate": (1e-3, 5e-4, 1e-4, 5e-5),
    "training.batch": (64, 128, 256),
    "response.dropout": (0.1, 0.2, 0.3),
    "response.widths": ([512, 64], [256, 64], [1024, 128]),
    "perturbation.hidden": (16, 32, 64, 128),
    "perturbation.dropout": (0.1, 0.2, 0.3),
}
"""Our reconstruction: the paper's space (its Supplementary Table S1) is not public."""

OF_MODELS: Mapping[str, tuple[JsonValue, ...]] = {
    "training.learning_rate": (1e-3, 3e-4, 1e-4),
    "training.batch": (128, 512, 2048),
    "training.weight_decay": (0.0, 1e-5, 1e-4),
}
"""Search space of every neural model of the catalogue."""


def space_of(network: NetworkSettings, asked: Choices) -> dict[str, tuple[JsonValue, ...]]:
    """The space to search: as asked, or the default without what a pretrained backbone fixes.

    Raises:
        ConfigError: if no network has such a setting or value.
    """
    fresh = network.backbone == RANDOM
    chosen = asked or {key: v for key, v in DEFAULT.items() if fresh or not key.startswith("perturbation.")}
    space = {key: tuple(values) for key, values in chosen.items()}
    for key, values in space.items():
        for value in values:
            settings_with(network, {key: value})
    return space


def settings_with(network: NetworkSettings, draw: Mapping[str, JsonValue]) -> NetworkSettings:
    """The settings of a network with some replaced.

    >>> settings_with(NetworkSettings(preset="released"), {"training.batch": 64}).training.batch
    64

    Raises:
        ConfigError: if no network has such a setting or value.
    """
    return make_run(NetworkSettings, set_dotted(network.model_dump(mode="json"), draw), "search")
