"""Settings of `drugripple pretrain-molecules` and `drugripple pretrain`."""

from enum import StrEnum
from pathlib import Path

from pydantic import Field

from drugripple.config import Record, RunSettings
from drugripple.model.presets import PerturbationOfPreset, Preset
from drugripple.model.settings import MAT_SMALL, SMALL_MAT, MatSettings, PerturbationSettings, Prior
from drugripple.training.settings import LoggedRun, TrainingSettings


class EncoderTraining(StrEnum):
    """Whether stage 1 trains the molecule encoder."""

    TRAIN = "train"
    FREEZE = "freeze"


class HeldOutBy(StrEnum):
    """What validation and test profiles do not share with training."""

    ROW = "row"
    """Single profiles are held out, and nothing else with them."""
    COMPOUND = "compound"
    PLATE = "plate"
    CELL_LINE = "cell_line"


class StructureFile(Record):
    """A file of structures, in any form that `read_compounds` reads."""

    file: Path
    column: str = ""
    """The header of the structures; found by its name or by what the cells hold unless given."""


class MoleculeSource(StructureFile):
    """A source of structures to learn from, with its terms."""

    sample: int | None = Field(None, gt=0)
    """Number of distinct structures to draw; all unless given."""
    terms: str
    citation: str = ""


class MoleculeTraining(TrainingSettings):
    """Optimiser and stopping rule of masked-node pretraining."""

    learning_rate: float = Field(5e-4, gt=0)
    weight_decay: float = Field(0.0, ge=0)
    batch: int = Field(256, gt=1)
    max_epochs: int = Field(30, gt=0)
    patience: int = Field(5, gt=0)
    cosine_epochs: int = Field(30, ge=0)


class PretrainMoleculesRun(LoggedRun, RunSettings):
    """What `drugripple pretrain-molecules RUN.toml` does: stage 0, a molecule encoder that guesses masked atoms.

    Fields are the keys of the run file.
    """

    data: Path
    """Folder to which file names are relative."""
    sources: tuple[MoleculeSource, ...] = Field(min_length=1)
    exclude: tuple[StructureFile, ...] = ()
    """Compounds to leave out, with their salts and stereoisomers."""
    max_heavy_atoms: int = Field(60, gt=0)
    """Larger structures are left out."""
    held_out: float = Field(0.05, gt=0, lt=0.5)
    """Share of scaffolds for validation, and as many again for the test."""
    mask_share: float = Field(0.15, gt=0, lt=1)
    """Share of the atoms of a molecule that are masked and guessed."""
    molecule: MatSettings = SMALL_MAT
    conformer_seed: int = 0
    """Seed of the conformers."""
    seed: int = 0
    """Seed of the draw of structures, of the masks and of the network's random numbers."""
    training: MoleculeTraining = MoleculeTraining()


class AnchorSettings(Record):
    """Weights of weaker evidence that is trained beside profiles; 0 leaves it out."""

    consensus_weight: float = Field(1.0, ge=0)
    identity_weight: float = Field(1.0, ge=0)
    share: float = Field(0.25, gt=0)


class ProfileTraining(TrainingSettings):
    """Optimiser and stopping rule of stage 1: as in the authors' code without weight decay and at one rate."""

    weight_decay: float = Field(0.0, ge=0)
    cosine_epochs: int = Field(0, ge=0)


class PretrainRun(LoggedRun, RunSettings):
    """What `run_pretrain` does, and `drugripple pretrain RUN.toml`: stage 1, on profiles of treated cells.

        drugripple.run_pretrain(drugripple.PretrainRun(data="data", out="pretrained"))

    Fields are the keys of the run file.
    """

    data: Path
    """The tidy data folder, or a profile store made from a GCTX file."""
    name: str = "l1000-landmark"
    """Name of the network on its card."""
    preset: Preset = Preset.DRUGRIPPLE
    """Named settings: ours, those of the paper's text, or those of the authors' code."""
    encoder: str = MAT_SMALL
    """Molecule encoder to start from: `mat-small`, `mat-random`, the folder of a stage-0 checkpoint, or the file of the
    published Molecule Attention Transformer."""
    perturbation: PerturbationOfPreset = Field(default_factory=PerturbationSettings, validate_default=True)
    """Stage-1 settings that differ from those of the preset."""
    molecules: EncoderTraining = EncoderTraining.TRAIN
    """Whether the molecule encoder is trained, too."""
    validation: HeldOutBy = HeldOutBy.ROW
    """What validation and test profiles must not share with training."""
    anchors: AnchorSettings | None = None
    hide_genes: float = Field(0.0, ge=0, le=1)
    """Chance that a training step hides a random part of the genes of each row."""
    clip: float | None = Field(None, gt=0)
    """Bound at which robust z-scores of profiles and anchors of a tidy folder are clipped."""
    redistributable_only: bool = False
    """Whether to learn only from sources whose terms allow passing the network on."""
    exclude: Path | None = None
    """File of compounds, in any form that `read_compounds` reads, whose profiles are left out with their salts and
    stereoisomers; keeps a later test blind."""
    prior: Prior = Prior.STRING
    """Which gene-gene interactions the network knows beforehand."""
    prior_data: Path | None = None
    """Tidy folder that holds the prior, if not `data`."""
    seed: int = 0
    """Seed of the split and of the network's random numbers."""
    training: ProfileTraining = ProfileTraining()
