"""Presets: named settings of both stages."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Protocol, runtime_checkable

from pydantic import PlainSerializer, WrapValidator

from drugripple.config import Record, make_run
from drugripple.model.settings import (
    Apply,
    Freeze,
    HeadBasal,
    Initialisation,
    Output,
    PerturbationSettings,
    ResponseSettings,
)


class Preset(StrEnum):
    """Named settings of both stages; `docs/paper_vs_code.md` lists what each fixes."""

    PAPER = "paper"
    """The paper's text."""
    RELEASED = "released"
    """What the authors' code computes."""
    DRUGRIPPLE = "drugripple"
    """Ours, and the form of the network in the package."""
    BEST = "best"
    """Ours with free vectors of known samples and compounds, on ranks of genes in place of values."""

    @property
    def perturbation_changes(self) -> Mapping[str, object]:
        """What this preset sets of stage 1, where that is not the default."""
        return _STAGE_ONE[self]

    @property
    def response_changes(self) -> Mapping[str, object]:
        """What this preset sets of stage 2, where that is not the default."""
        return _STAGE_TWO[self]

    def perturbation(self, **changes: object) -> PerturbationSettings:
        """Stage-1 settings of this preset, with changes.

        Raises:
            ConfigError: if a change is not one of them.
        """
        return make_run(PerturbationSettings, {**self.perturbation_changes, **changes}, "[perturbation]")

    def response(self, **changes: object) -> ResponseSettings:
        """Stage-2 settings of this preset, with changes.

        Raises:
            ConfigError: if a change is not one of them.
        """
        return make_run(ResponseSettings, {**self.response_changes, **changes}, "[response]")


_OURS: Mapping[str, object] = {"output": Output.CHANGE, "init": Initialisation.SCALED}
_STAGE_ONE: Mapping[Preset, Mapping[str, object]] = {
    Preset.PAPER: {"bias": False, "condition_bias": False, "self_loops": False},
    Preset.RELEASED: {"apply": Apply.ROWSUM, "condition_dropout": 0.1, "fallback_keeps_hydrogens": True},
    Preset.DRUGRIPPLE: _OURS,
    Preset.BEST: _OURS,
}
FORM = tuple(sorted({key for changes in _STAGE_ONE.values() for key in changes}))
"""Settings of stage 1 that a preset fixes; a network of another form is not of that preset."""
_STAGE_TWO: Mapping[Preset, Mapping[str, object]] = {
    Preset.PAPER: {},
    Preset.RELEASED: {"head_basal": HeadBasal.RAW, "freeze": Freeze.RELEASED, "positive_scale": False},
    Preset.DRUGRIPPLE: {},
    Preset.BEST: {"free_rank": 64},
}


@runtime_checkable
class _Place(Protocol):
    """Where a value stands in its record: the part of pydantic's `ValidationInfo` that is read here."""

    @property
    def data(self) -> Mapping[str, object]:
        """The fields above."""

    @property
    def field_name(self) -> str | None:
        """The field's own name."""


def _fill(given: object, handler: Callable[[object], Record], place: _Place) -> Record:
    """Complete settings by those of the record's `preset`; what was given stays known as given."""
    preset = place.data.get("preset")
    if isinstance(given, Record):
        given = given.model_dump(exclude_unset=True)
    if not isinstance(preset, Preset) or not isinstance(given, Mapping):
        return handler(given)
    fixed = {"perturbation": preset.perturbation_changes, "response": preset.response_changes}[str(place.field_name)]
    made = handler({**fixed, **given})
    return type(made).model_construct(_fields_set=set(given), **dict(made))


def _given(settings: Record) -> dict[str, object]:
    return settings.model_dump(mode="json", exclude_unset=True)


PerturbationOfPreset = Annotated[PerturbationSettings, WrapValidator(_fill), PlainSerializer(_given)]
"""A field `perturbation` below a field `preset`, which settles what is not given; a run file keeps what was given."""
ResponseOfPreset = Annotated[ResponseSettings, WrapValidator(_fill), PlainSerializer(_given)]
"""A field `response` below a field `preset`, which settles what is not given; a run file keeps what was given."""
