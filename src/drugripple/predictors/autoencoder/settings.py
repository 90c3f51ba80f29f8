"""Settings of the autoencoder of responses."""

from pydantic import Field

from drugripple.config import Record


class AutoencoderSettings(Record):
    """Sizes and training. Chosen on mixed folds of another seed than the published ones."""

    members: int = Field(4, ge=1)
    """Networks whose mean is the answer; each has its own start and hides responses of its own choice."""
    width: int = Field(256, ge=1)
    """Width of the hidden layer."""
    rank: int = Field(64, ge=1)
    """Rank of the linear path."""
    components: int = Field(100, ge=1)
    """Principal components of expression that are read, if there are so many."""
    fewest_shown: float = Field(0.6, ge=0, le=1)
    """The share of a sample's responses that is shown is drawn between this and 1."""
    shown_weight: float = Field(0.1, ge=0)
    """What a shown response counts in the loss, where a hidden one counts 1."""
    nothing_shown: float = Field(0.05, ge=0, le=1)
    """How often a sample shows no response at all, so that new samples can be answered."""
    dropout: float = Field(0.2, ge=0, lt=1)
    epochs: int = Field(80, ge=1)
    batch: int = Field(64, ge=1)
    """Samples in a step."""
    learning_rate: float = Field(2e-3, gt=0)
    weight_decay: float = Field(0.01, ge=0)
    refit: bool = True
    """Whether validation rows are learnt from. They choose nothing."""
