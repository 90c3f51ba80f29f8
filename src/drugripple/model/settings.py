"""Settings of the networks, without importing torch: stage 1 and stage 2.

The option names follow the discrepancy table of docs/paper_vs_code.md; the presets fix them.
"""

from enum import StrEnum

from pydantic import Field, model_validator

from drugripple.config import Record

SHIPPED, RANDOM = "shipped", "random"
"""Names of stage-1 networks that are no folder: the one in the package, and one with random weights."""
MAT_SMALL, MAT_RANDOM, MORGAN = "mat-small", "mat-random", "morgan"
"""Names of molecule encoders that are no folder: the one in the package, its untrained twin, and Morgan bits."""
L1000_LANDMARK = "l1000-landmark"
"""The stage-1 network in the package."""


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
    ENCODER = "encoder"
    """The molecule encoder alone."""
    NONE = "none"
    """Nothing: the molecule encoder is trained too, as in the authors' code."""


class Precision(StrEnum):
    """The floating-point format of matrix products; norms and sums stay in single precision."""

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


class ScoreScale(StrEnum):
    """What attention scores are divided by."""

    SQRT_HIDDEN = "sqrt_hidden"
    NONE = "none"


class PriorNorm(StrEnum):
    """How interactions of the prior are weighted."""

    NONE = "none"
    """Every interaction with the same weight."""
    DEGREE = "degree"
    """Divided by the square root of both genes' degrees."""


class LayerNormForm(StrEnum):
    """What the layer norm behind attention learns."""

    AFFINE = "affine"
    NO_BIAS = "no_bias"
    NONE = "none"
    """There is no layer norm."""


class Mixing(StrEnum):
    """How a compound's condition meets basal expression."""

    ATTENTION = "attention"
    PLAIN = "plain"
    """The ablation h = g + D of paper section 4.2."""


class Output(StrEnum):
    """What the last layer of stage 1 gives."""

    PROFILE = "profile"
    """The treated profile, as in the paper."""
    CHANGE = "change"
    """What is added to the basal profile."""


class DoseTransform(StrEnum):
    """How a dose enters its encoder."""

    LINEAR = "linear"
    LOG = "log"


class Initialisation(StrEnum):
    """How the attention factors start."""

    NORMAL = "normal"
    SCALED = "scaled"
    """Standard normal, divided by the square root of the hidden size."""


class MoleculeReader(StrEnum):
    """What reads the structure of a compound."""

    MAT = "mat"
    """The Molecule Attention Transformer, as in the paper."""
    MORGAN = "morgan"
    """Morgan bits, without an encoder."""


class Prior(StrEnum):
    """Which gene-gene interactions a network knows beforehand."""

    STRING = "string"
    """The interactions of STRING."""
    NONE = "none"
    REWIRED = "rewired"
    """STRING's number of partners for every gene, chosen at random: the control."""


class BackboneGenes(StrEnum):
    """The genes of a network with random weights; a pretrained one has its own."""

    LANDMARK = "landmark"
    """The landmark genes of L1000 that are measured."""
    ALL = "all"
    """Every measured gene."""


class BasalScaling(StrEnum):
    """What stage 2 multiplies basal expression by before the pretrained network sees it."""

    SCALAR = "scalar"
    PER_GENE = "per_gene"
    IDENTITY = "identity"


class HeadBasal(StrEnum):
    """Which basal profile the head of stage 2 reads."""

    SCALED = "scaled"
    RAW = "raw"


class DropoutOf(StrEnum):
    """What a dropout mask of the basal and the compound projection belongs to."""

    ROW = "row"
    """Every row has its own, as in the paper."""
    ENTITY = "entity"
    """Every sample and compound has one a step, which trains faster; for a truly frozen backbone only."""


class Pooling(StrEnum):
    """What becomes of the states of a molecule's nodes."""

    MEAN = "mean"
    """The mean of dummy node and atoms, as published."""
    MEAN_ATOMS = "mean_atoms"
    """The mean of the atoms."""
    DUMMY = "dummy"
    """The state of the dummy node."""


class MatSettings(Record):
    """Size of the Molecule Attention Transformer."""

    width: int = Field(1024, gt=0)
    layers: int = Field(8, gt=0)
    heads: int = Field(16, gt=0)


SMALL_MAT = MatSettings(width=192, layers=6, heads=6)
"""The size of the encoder in the package."""


class PerturbationSettings(Record):
    """The stage-1 network; the defaults are those of the authors' code but for `apply`, which is the paper's."""

    hidden: int = Field(64, gt=0)
    apply: Apply = Apply.MATVEC
    score_scale: ScoreScale = ScoreScale.SQRT_HIDDEN
    self_loops: bool = True
    prior_weight: float = 1.0
    learn_prior_weight: bool = False
    prior_norm: PriorNorm = PriorNorm.NONE
    layer_norm: LayerNormForm = LayerNormForm.AFFINE
    mixing: Mixing = Mixing.ATTENTION
    output: Output = Output.PROFILE
    output_rank: int | None = Field(None, gt=0)
    condition_layers: int = Field(1, ge=1, le=2)
    condition_bias: bool = True
    """Bias of the dose and time encoders."""
    bias: bool = True
    """False removes every bias outside the molecule encoder, as the paper's text says."""
    dropout: float = Field(0.1, ge=0, lt=1)
    condition_dropout: float | None = Field(None, ge=0, lt=1)
    """None follows `dropout`."""
    dose_transform: DoseTransform = DoseTransform.LINEAR
    init: Initialisation = Initialisation.NORMAL
    encoder: MoleculeReader = MoleculeReader.MAT
    molecule: MatSettings = MatSettings()
    pooling: Pooling = Pooling.MEAN
    fallback_keeps_hydrogens: bool = False
    """True keeps hydrogens as nodes of a molecule that no conformer is found for, and tries to find one once, as the
    authors' code does."""
    fingerprint_bits: int = Field(2048, gt=0)


class ResponseSettings(Record):
    """The stage-2 network around a pretrained one; the defaults are the paper's."""

    scaling: BasalScaling = BasalScaling.SCALAR
    positive_scale: bool = True
    """True keeps the scale above zero (softplus); False is the authors' free scalar."""
    head_basal: HeadBasal = HeadBasal.SCALED
    freeze: Freeze = Freeze.TRUE
    widths: tuple[int, int] = (512, 64)
    dropout: float = Field(0.1, ge=0, lt=1)
    dropout_of: DropoutOf = DropoutOf.ROW
    dose_um: float = Field(10.0, gt=0)
    hours: float = Field(72.0, gt=0)
    free_rank: int = Field(0, ge=0)
    """Length of the free vectors of known samples and compounds, whose product joins the response; 0 has none. They
    are trained where the validation rows ask about known samples with known compounds, and nowhere else."""
    free_dropout: float = Field(0.3, ge=0, lt=1)
    """Share of the entries of a free vector that a step leaves out."""

    @model_validator(mode="after")
    def _entities_need_a_true_freeze(self) -> "ResponseSettings":
        if self.dropout_of is DropoutOf.ENTITY and self.freeze is not Freeze.TRUE:
            message = f"dropout_of = 'entity' needs freeze = 'true', not {self.freeze.value!r}"
            raise ValueError(message)
        return self
