"""What one peer has to say, so that one predictor can train and ask all of them.

    a peer = settings + features learnt on training pairs + a network over distinct samples and compounds

Axes: n sample, c compound, m pair; ... is whatever the peer needs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers.settings import PeerSettings


@dataclass(frozen=True)
class Knowledge:
    """What a peer reads besides samples and compounds; a saved predictor keeps what it used of it."""

    gene_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pathways: the gene symbols of each."""
    interactions: InteractionPrior | None = None
    smiles: tuple[str, ...] = ()
    """Structures to learn a vocabulary from."""

    def require(self, peer: str, part: str) -> None:
        """Refuse to go on without a part.

        Raises:
            ConfigError: if it is empty.
        """
        if not getattr(self, part):
            message = (
                f"{peer} needs {part.replace('_', ' ')} and was given none; name the data folder that holds them "
                f"(`data`), or pass knowledge=Knowledge({part}=...)"
            )
            raise ConfigError(message)


@runtime_checkable
class Entities(Protocol):
    """Samples or compounds as a network reads them."""

    def __len__(self) -> int:
        """How many there are."""

    def take(self, rows: Int[Tensor, " k"]) -> object:
        """What the network's encoder gets of some of them."""

    def to(self, device: torch.device) -> "Entities":
        """These entities on another device."""


@runtime_checkable
class Inputs(Protocol):
    """Features as they were learnt on training pairs: a frozen dataclass that `predictors.saving` can write."""

    def reads(self) -> GeneSpace:
        """What a sample has to measure."""

    def samples(self, expression: ExpressionTable) -> Entities:
        """Any samples, with the scales and gene sets of the fit."""

    def compounds(self, compounds: CompoundTable) -> Entities:
        """Any compounds, with the vocabulary of the fit."""


@runtime_checkable
class PairNetwork(Protocol):
    """A network in three parts. The first two see each sample and each compound of a batch once."""

    def of_samples(self, samples: object) -> tuple[Float[Tensor, "n ..."], ...]:
        """What a pair needs of its sample."""

    def of_compounds(self, compounds: object) -> tuple[Float[Tensor, "c ..."], ...]:
        """What a pair needs of its compound."""

    def respond(
        self, sample: tuple[Float[Tensor, "m ..."], ...], compound: tuple[Float[Tensor, "m ..."], ...]
    ) -> Float[Tensor, "*members m"]:
        """The response of each pair, on the scale of the peer's target; of each member too, where some are in training.

        Asked for an answer, a network of several members gives one.
        """


SettingsT = TypeVar("SettingsT", bound=PeerSettings)
InputsT = TypeVar("InputsT", bound=Inputs)


def squared_error(
    _settings: PeerSettings, said: Float[Tensor, "*members m"], truth: Float[Tensor, " m"]
) -> Float[Tensor, ""]:
    """The mean squared error, over members too where a network has some."""
    return F.mse_loss(said, truth.expand_as(said))


@dataclass(frozen=True)
class Design(Generic[SettingsT, InputsT]):
    """A peer's parts, at the foot of its file."""

    settings: type[SettingsT]
    inputs: type[InputsT]
    fit: Callable[[Pairs, SettingsT, Knowledge], InputsT]
    """Learns features from the samples and compounds of training, which come on compact tables."""
    network: Callable[[SettingsT, InputsT], nn.Module]
    """A `PairNetwork` with fresh weights, for features of this shape."""
    loss: Callable[[SettingsT, Tensor, Tensor], Tensor] = field(default=squared_error)
    """What a batch is trained on, from what is said of its pairs and what is true of them."""
