"""Configurations: what a network is and how a run is done. TOML in, the resolved TOML out.

The option names follow the discrepancy table of docs/paper_vs_code.md; presets `paper` and `released` fix them.
"""

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from drugripple.errors import ConfigError


class Record(BaseModel):
    """A frozen configuration: an unknown key or a value of another type is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Apply(StrEnum):
    """How attention scores act on expression."""

    MATVEC = "matvec"
    """h = A g: the paper's equation."""
    ROWSUM = "rowsum"
    """h = g * (A 1): what the authors' code computes."""


class Freeze(StrEnum):
    """What stays fixed of the pretrained network while fine-tuning."""

    TRUE = "true"
    """Everything: evaluation mode, buffers included."""
    RELEASED = "released"
    """Parameters only: dropout stays on and batch-norm statistics keep moving, as in the authors' code."""
    NONE = "none"
    """Nothing but the molecule encoder."""


class MatSettings(Record):
    """Size of the Molecule Attention Transformer."""

    width: int = Field(1024, gt=0)
    layers: int = Field(8, gt=0)
    heads: int = Field(16, gt=0)


class PerturbationSettings(Record):
    """The stage-1 network; the defaults are the paper's."""

    hidden: int = Field(64, gt=0)
    apply: Apply = Apply.MATVEC
    score_scale: Literal["sqrt_hidden", "none"] = "sqrt_hidden"
    self_loops: bool = True
    prior_weight: float = 1.0
    learn_prior_weight: bool = False
    prior_norm: Literal["none", "degree"] = "none"
    layer_norm: Literal["affine", "no_bias", "none"] = "affine"
    mixing: Literal["attention", "plain"] = "attention"
    """`plain` is the ablation h = g + D of paper section 4.2."""
    output: Literal["profile", "change"] = "profile"
    """Whether the last layer gives the treated profile (paper) or what is added to the basal one."""
    output_rank: int | None = Field(None, gt=0)
    condition_layers: Literal[1, 2] = 1
    condition_bias: bool = True
    """Bias of the dose and time encoders."""
    bias: bool = True
    """False removes every bias outside the molecule encoder, as the paper's text says."""
    dropout: float = Field(0.1, ge=0, lt=1)
    condition_dropout: float | None = Field(None, ge=0, lt=1)
    """None follows `dropout`."""
    dose_transform: Literal["linear", "log"] = "linear"
    init: Literal["normal", "scaled"] = "normal"
    encoder: Literal["mat", "morgan"] = "mat"
    """What reads the structure: the Molecule Attention Transformer (paper), or Morgan bits without an encoder."""
    molecule: MatSettings = MatSettings()
    fingerprint_bits: int = Field(2048, gt=0)


class ResponseSettings(Record):
    """The stage-2 network around a pretrained one; the defaults are the paper's."""

    scaling: Literal["scalar", "per_gene", "identity"] = "scalar"
    positive_scale: bool = True
    """True keeps the scale above zero (softplus); False is the authors' free scalar."""
    head_basal: Literal["scaled", "raw"] = "scaled"
    freeze: Freeze = Freeze.TRUE
    widths: tuple[int, int] = (512, 64)
    dropout: float = Field(0.1, ge=0, lt=1)
    dropout_of: Literal["row", "entity"] = "row"
    """Whether the basal and the compound projection get a dropout mask for every row (paper), or one a step for every
    cell line and compound, which trains faster; for a truly frozen backbone only."""
    dose_um: float = Field(10.0, gt=0)
    hours: float = Field(72.0, gt=0)

    @model_validator(mode="after")
    def _entities_need_a_true_freeze(self) -> "ResponseSettings":
        if self.dropout_of == "entity" and self.freeze is not Freeze.TRUE:
            message = f"dropout_of = 'entity' needs freeze = 'true', not {self.freeze.value!r}"
            raise ValueError(message)
        return self


class Preset(StrEnum):
    """Named settings of both stages."""

    PAPER = "paper"
    RELEASED = "released"

    def perturbation(self, **changes: object) -> PerturbationSettings:
        """Stage-1 settings of this preset, with changes.

        Raises:
            ConfigError: if a change is not one of them.
        """
        apply = Apply.ROWSUM if self is Preset.RELEASED else Apply.MATVEC
        return make_run(PerturbationSettings, {"apply": apply, **changes}, "[perturbation]")

    def response(self, **changes: object) -> ResponseSettings:
        """Stage-2 settings of this preset, with changes.

        Raises:
            ConfigError: if a change is not one of them.
        """
        released = {"head_basal": "raw", "freeze": Freeze.RELEASED, "positive_scale": False}
        return make_run(ResponseSettings, {**(released if self is Preset.RELEASED else {}), **changes}, "[response]")


class TrainingSettings(Record):
    """Optimiser and stopping rule. The defaults are the authors' for fine-tuning (spec csg2a section 4.2)."""

    learning_rate: float = Field(1e-4, gt=0)
    weight_decay: float = Field(1e-5, ge=0)
    batch: int = Field(128, gt=1)
    max_epochs: int = Field(1000, gt=0)
    patience: int = Field(20, gt=0)
    """Epochs without a gain of the validation loss after which training stops."""
    least_gain: float = Field(0.0, ge=0, lt=1)
    """What counts as a gain: a loss this share or more below the one at the last gain (at 0 an equal loss is one). The
    weights kept are those of the lowest loss, gain or not."""
    cosine_epochs: int = Field(20, ge=0)
    """Epochs over which the rate falls by a cosine to `final_rate`; 0 keeps it."""
    final_rate: float = Field(1e-5, ge=0)
    precision: Literal["float32", "bfloat16"] = "float32"
    device: str = "auto"
    compiled: bool = False
    """Fine-tuning behind a truly frozen backbone only: compile the step (torch.compile), on a GPU with CUDA graphs."""

    @model_validator(mode="after")
    def _rates_in_order(self) -> "TrainingSettings":
        if self.cosine_epochs and self.final_rate > self.learning_rate:
            message = f"final_rate {self.final_rate} is above learning_rate {self.learning_rate}"
            raise ValueError(message)
        return self


def cache_folder() -> Path:
    """Where downloads and molecule features are kept: DRUGRIPPLE_CACHE, or the system's cache folder for programs."""
    import pooch

    return Path(os.environ.get("DRUGRIPPLE_CACHE") or pooch.os_cache("drugripple"))


RunT = TypeVar("RunT", bound=Record)


def read_run(path: Path, kind: type[RunT], **changes: object) -> RunT:
    """A run configuration from TOML; `changes` (given on the command line) win over the file.

    Raises:
        ConfigError: if the file is missing or not TOML, or a key or value is not one the run knows.
    """
    try:
        found = tomllib.loads(path.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"cannot read the run file {path}: {error}"
        raise ConfigError(message) from error
    return make_run(kind, found | {key: value for key, value in changes.items() if value is not None}, str(path))


def make_run(kind: type[RunT], values: dict[str, object], origin: str) -> RunT:
    """A run configuration from plain values.

    Raises:
        ConfigError: naming each key at fault and what was expected there.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'the run'}: {fault['msg']} (got {fault['input']!r})"
            for fault in error.errors()
        )
        message = f"{origin}: {faults}"
        raise ConfigError(message) from error


def write_run(run: Record, path: Path) -> None:
    """Write the resolved configuration, every default included, so that it alone repeats the run.

    Raises:
        ConfigError: if a value has no form in TOML (an infinite number), or the disk refuses the file.
    """
    import tomli_w

    partial = path.with_name(path.name + ".part")
    try:
        partial.write_text(tomli_w.dumps(run.model_dump(mode="json", exclude_none=True)))
        partial.replace(path)
    except (OSError, TypeError) as error:
        partial.unlink(missing_ok=True)
        message = f"the run cannot be written to {path}: {error}"
        raise ConfigError(message) from error
