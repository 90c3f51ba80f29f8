"""Choices of whoever predicts or explains; imports nothing heavy."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from drugripple.errors import ConfigError

CHANGES = (-3.0, -2.0, -1.0, 1.0, 2.0, 3.0)
"""Changes of a gene, in standard deviations, where none are named."""


class Missing(StrEnum):
    """What to do about genes of the network that were not measured."""

    REFUSE = "refuse"
    MEDIAN = "median"
    """Genes that were not measured count as typical."""


class Reading(StrEnum):
    """How a network is asked which genes it couples."""

    ATTENTION = "attention"
    """Attention scores."""
    SENSITIVITY = "sensitivity"
    """How much one gene moves another."""


class Ranked(StrEnum):
    """What the most promising ones are kept of."""

    COMPOUNDS = "compounds"
    """Compounds, for each sample."""
    SAMPLES = "samples"
    """Samples, for each compound."""


class Ranking(StrEnum):
    """What the most promising compounds of a sample, or samples of a compound, are told by."""

    SELECTIVITY = "selectivity"
    """How strongly the sample is predicted to respond to the compound: among the training samples where compounds are
    ranked (`sample_percentile`), among the training compounds where samples are (`compound_percentile`)."""
    RESPONSE = "response"
    """The predicted response itself: potent compounds, and samples that respond to most, come first."""


class Size(StrEnum):
    """Which molecules are predicted, by their number of heavy atoms."""

    TRAINED = "trained"
    """Molecules no larger than those that the network was trained on."""
    ANY = "any"
    """Molecules of any size."""


def refuse_unheard(given: Mapping[str, bool], hearer: str) -> None:
    """Refuse settings that only another kind of model understands.

    Raises:
        ConfigError: naming those that are given.
    """
    found = [name for name, said in given.items() if said]
    if found:
        message = f"only {hearer} takes {', '.join(found)}; leave it out, or name {hearer} as `model`"
        raise ConfigError(message)


def require_expression(given: object) -> Path:
    """The file of expression that a model reads which knows no samples by name.

    Raises:
        ConfigError: if no file is given.
    """
    if isinstance(given, Path):
        return given
    message = "name a file of `expression`; only the default model knows some samples by itself"
    raise ConfigError(message)
