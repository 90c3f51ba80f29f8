"""Settings of the network among the predictors, without importing torch."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field, model_validator

from drugripple.config import Record
from drugripple.model.presets import PerturbationOfPreset, Preset, ResponseOfPreset
from drugripple.model.settings import (
    MAT_SMALL,
    RANDOM,
    SHIPPED,
    BackboneGenes,
    PerturbationSettings,
    Prior,
    ResponseSettings,
)
from drugripple.predictors.method import Method, PaperRow
from drugripple.training.settings import TrainingSettings

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"


class ScalerRows(StrEnum):
    """The samples whose medians and MADs scale expression."""

    TRAIN = "train"
    """The samples of the training rows."""
    ALL = "all"
    """Every sample of the expression table, as in the authors' code."""


class Reads(StrEnum):
    """What the network reads of a gene before it is scaled."""

    VALUE = "value"
    """The gene's expression, on the scale of the training samples."""
    RANK = "rank"
    """The normal score of the gene's rank among the network's genes within the sample, whatever scale that was measured
    on."""


class Target(StrEnum):
    """What the network learns of a response."""

    RAW = "raw"
    """The response itself."""
    RESIDUAL = "residual"
    """What the mean effects known at test time leave of it."""


_TRAINING: Mapping[str, object] = {"learning_rate": 1e-3, "batch": 1024, "cosine_epochs": 36, "patience": 8}
_OURS: Mapping[str, object] = {"target": Target.RESIDUAL.value, "training": _TRAINING}
_OF_PRESET: Mapping[Preset, Mapping[str, object]] = {
    Preset.DRUGRIPPLE: _OURS,
    Preset.BEST: {**_OURS, "reads": Reads.RANK.value, "training": {**_TRAINING, "weight_decay": 3e-4}},
}
"""What it reads, target and training of a preset, where they are not those of the authors' code."""


class NetworkSettings(Record):
    """What a stage-2 network is made of and how it is trained: `[network]` in a run file.

    A preset settles what is not given of `perturbation`, `response`, `reads`, `target` and `training`. One that is
    named is a promise: a pretrained backbone of another form is then refused.

    >>> NetworkSettings(variant="released", preset="released", response={"dropout": 0.2}).response.freeze.value
    'released'
    """

    name: str = Field("csg2a", pattern=f"^{NAME}$")
    """What the model is called in tables, with its variant behind a hyphen where it has one."""
    variant: str = Field("", pattern=f"^({NAME})?$")
    """Which form of the model this is, for tables that hold several."""
    backbone: str = SHIPPED
    """`shipped`, `random`, the folder of a stage-1 checkpoint, or the file of the authors' published weights."""
    encoder: str = MAT_SMALL
    """`mat-small`, `mat-random`, `morgan`, the folder of a stage-0 checkpoint, or the file of the published Molecule
    Attention Transformer; for `backbone = "random"` only."""
    preset: Preset = Preset.DRUGRIPPLE
    perturbation: PerturbationOfPreset = Field(default_factory=PerturbationSettings, validate_default=True)
    """Stage-1 settings where they differ from the preset's; for `backbone = "random"` only."""
    response: ResponseOfPreset = Field(default_factory=ResponseSettings, validate_default=True)
    """Stage-2 settings where they differ from the preset's."""
    genes: BackboneGenes = BackboneGenes.LANDMARK
    """Genes of a random backbone; a pretrained one is restricted to the measured among its own."""
    prior: Prior = Prior.STRING
    scaler_rows: ScalerRows = ScalerRows.TRAIN
    reads: Reads = Reads.VALUE
    target: Target = Target.RAW
    training: TrainingSettings = TrainingSettings()

    @model_validator(mode="before")
    @classmethod
    def _by_preset(cls, given: object) -> object:
        """Complete what it reads, target and training by those of the preset."""
        if not isinstance(given, Mapping) or given.get("preset", Preset.DRUGRIPPLE) not in set(Preset):
            return given
        settled = _OF_PRESET.get(Preset(given.get("preset", Preset.DRUGRIPPLE)), {})
        if not settled:
            return given
        training = given.get("training", {})
        if isinstance(training, Record):
            training = training.model_dump(exclude_unset=True)
        if isinstance(training, Mapping):
            training = {**settled["training"], **training}  # type: ignore[dict-item]
        return {**settled, **given, "training": training}

    @model_validator(mode="after")
    def _fits_the_backbone(self) -> "NetworkSettings":
        given = self.perturbation.model_fields_set
        if self.backbone == RANDOM:
            decided = sorted(given & {"encoder", "molecule"})
            if decided:
                message = f"perturbation.{decided[0]} follows from `encoder` ({self.encoder!r}); leave it out"
                raise ValueError(message)
            return self
        changed = {
            "encoder": self.encoder != MAT_SMALL,
            "perturbation": bool(given),
            "genes": self.genes is not BackboneGenes.LANDMARK,
        }
        if any(changed.values()):
            names = ", ".join(name for name, differs in changed.items() if differs)
            message = (
                f"{names} cannot be set for the pretrained backbone {self.backbone!r}, which has its own; leave it "
                "out, or set backbone = 'random'"
            )
            raise ValueError(message)
        return self

    @property
    def label(self) -> str:
        """Name and variant, as tables and folders of predictions have it.

        >>> NetworkSettings(variant="random-init").label, NetworkSettings().label
        ('csg2a-random-init', 'csg2a')
        """
        return "-".join(filter(None, (self.name, self.variant)))


PAPER = PaperRow.printed(
    0.942, 0.011, 0.944, 0.001, 1.342, 0.059, 0.883, 0.010, 2.119, 0.397, 0.611, 0.140, 2.442, 0.304, 0.577, 0.082
)

RECORDS = (
    Method(
        "csg2a",
        "drugripple.predictors.csg2a:NetworkPredictor",
        "landmark genes, molecular graph, names on a residual target",
        "this project's network, after the CSG2A paper",
        PAPER,
    ),
)
