"""Free vectors of the samples and compounds of training: what no feature tells of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from drugripple.model.dropout import Dropout
from drugripple.model.settings import ResponseSettings

NEW = -1
"""The number of a sample or compound that has no vector."""
FIRST_SIZE = 0.1
"""Standard deviation of the entries that a training starts from."""


@dataclass(frozen=True)
class Known:
    """Who has a free vector, in the order of the vectors."""

    samples: tuple[str, ...]
    """Names."""
    compounds: tuple[str, ...]
    """Identity keys of molecules."""


class FreeTerms(NamedTuple):
    """What free vectors add to pairs. Axes: b pair, w hidden unit."""

    hidden: Float[Tensor, "b w"]
    """Added to what the head's first layer reads."""
    product: Float[Tensor, " b"]
    """Added to the response."""


class GridTerms(NamedTuple):
    """What free vectors add to every sample with every compound. Axes: n sample, c compound, w hidden unit."""

    of_sample: Float[Tensor, "n w"]
    of_compound: Float[Tensor, "c w"]
    product: Float[Tensor, "n c"]


class FreeFactors(nn.Module):
    """What belongs to a known sample and a known compound beyond their features.

        hidden  = W_s u_s + W_c v_c        joins the head's first layer
        product = u_s · v_c                joins the response

    u [n r] and v [c r] are learnt, a vector each, and 0 where the sample or the compound is new. While training, their
    entries are dropped out.

    Source: Koren, Bell and Volinsky 2009, doi:10.1109/MC.2009.263 (the product: matrix factorisation). Ours, not the
    paper's.
    """

    def __init__(self, known: Known, settings: ResponseSettings) -> None:
        """Draw a vector for each sample and compound."""
        super().__init__()
        self.known, rank, wide = known, settings.free_rank, settings.widths[0]
        self.sample, self.compound = (
            nn.Parameter(FIRST_SIZE * torch.randn(len(names), rank)) for names in (known.samples, known.compounds)
        )
        self.from_sample, self.from_compound = (nn.Linear(rank, wide, bias=False) for _ in range(2))
        self.dropout = Dropout(settings.free_dropout)

    def forward(self, sample: Int[Tensor, " b"], compound: Int[Tensor, " b"]) -> FreeTerms:
        """The terms of each pair, by the numbers of its sample and compound."""
        of_sample = self.dropout(_vectors(self.sample, sample))
        of_compound = self.dropout(_vectors(self.compound, compound))
        hidden = self.from_sample(of_sample) + self.from_compound(of_compound)
        return FreeTerms(hidden, (of_sample * of_compound).sum(dim=1))

    def grid(self, sample: Int[Tensor, " n"], compound: Int[Tensor, " c"]) -> GridTerms:
        """The terms of every sample with every compound, without dropout."""
        of_sample, of_compound = _vectors(self.sample, sample), _vectors(self.compound, compound)
        return GridTerms(self.from_sample(of_sample), self.from_compound(of_compound), of_sample @ of_compound.T)

    def samples(self, names: Sequence[str]) -> Int[Tensor, " n"]:
        """The number of each named sample, `NEW` for one without a vector."""
        return _numbers(names, self.known.samples)

    def compounds(self, keys: Sequence[str]) -> Int[Tensor, " c"]:
        """The number of each compound, by the identity key of its molecule, `NEW` for one without a vector."""
        return _numbers(keys, self.known.compounds)


def _numbers(names: Sequence[str], known: tuple[str, ...]) -> Int[Tensor, " n"]:
    place = {name: number for number, name in enumerate(known)}
    return torch.tensor([place.get(name, NEW) for name in names], dtype=torch.int64)


def _vectors(vectors: Float[Tensor, "k r"], number: Int[Tensor, " b"]) -> Float[Tensor, "b r"]:
    """The vector of each number; zeros for `NEW`."""
    return vectors.index_select(0, number.clamp(min=0)) * (number != NEW).unsqueeze(1)
