"""Settings that every peer has, without importing torch."""

from enum import StrEnum

from drugripple.config import Record
from drugripple.training.settings import TrainingSettings


class Target(StrEnum):
    """What the last layer says."""

    IDENTITY = "identity"
    """The response itself."""
    SIGMOID = "sigmoid"
    """p = 1 / (1 + exp(-0.1 y)), as GraphDRP has it."""


class PeerSettings(Record):
    """What a peer is made of and how it is trained; the published values stand in the TOML beside its file."""

    target: Target = Target.IDENTITY
    training: TrainingSettings = TrainingSettings(weight_decay=0.0, cosine_epochs=0)
    """Optimiser and stopping rule: patience on validation rows that are as blind as the test's."""
