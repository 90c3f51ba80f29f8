"""EnsembleMF: twenty small networks that factorise the table of responses, each with free factors of known compounds.

    z_i = f(x_i)        z_j = g(c_j) + e_j
    y   = b + b_i + b_j + z_i·z_j + head([z_i, z_j, z_i ∘ z_j])        the answer is the mean over the members

| symbol | meaning | in the code |
|---|---|---|
| x | normal scores of landmark genes within the sample, centred and scaled by gene | `EnsembleMFInputs.samples` |
| c | 256 Morgan bits | `EnsembleMFInputs.compounds` |
| f, g | residual towers; their last column is a bias that features tell | `Tower` |
| e, and its share of b_j | free factors and bias of a training compound; 0 for any other | `FreeFactors` |

Members share batches and nothing else: each has its own start, its own dropout and its own loss.

Source: the ensemble that leads DrEval's table of 2026 (drevalpy 1.6.0), as it is described: two small residual
towers, a dot product, biases, a free embedding of known compounds, a small head, the mean of twenty, and its settings
of training (ensemble_mf.toml). Written from that description, without its code.
Differs: widths of towers and head are ours, as the description has none; samples have no free bias of their own.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.fingerprint import morgan
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.genes.ranks import normal_scores
from drugripple.genes.space import GeneSpace
from drugripple.predictors.features import measured_landmarks, on_genes
from drugripple.predictors.peers.design import Design, Knowledge
from drugripple.predictors.peers.entities import Rows
from drugripple.predictors.peers.settings import PeerSettings

SMALLEST_DEVIATION = 1e-3
"""A gene that varies less among training samples is scaled as if it varied so much."""
BITS = 256
BIAS_STEP = 10.0
"""How much further a free bias moves than other parameters: responses lie units apart, not hundredths."""


class EnsembleMFSettings(PeerSettings):
    """What the ensemble is made of."""

    members: int = Field(20, ge=1)
    width: int = Field(128, ge=1)
    """Width of the hidden layers of a tower."""
    factors: int = Field(32, ge=1)
    dropout: float = Field(0.2, ge=0, lt=1)


@dataclass(frozen=True)
class EnsembleMFInputs:
    """What the ensemble reads. Axis: g gene."""

    genes: GeneSpace
    mean: Float32[np.ndarray, " g"]
    deviation: Float32[np.ndarray, " g"]
    known: tuple[str, ...]
    """Identity keys of the training compounds."""

    @classmethod
    def fit(cls, train: Pairs, _settings: EnsembleMFSettings, _knowledge: Knowledge) -> "EnsembleMFInputs":
        """Scales of genes and names of compounds."""
        genes = measured_landmarks(train.expression)
        scores = normal_scores(on_genes(train.expression, genes)).astype(np.float32)
        keys = sorted({molecule.key for molecule in train.compounds.molecules})
        return cls(genes, scores.mean(axis=0), np.maximum(scores.std(axis=0), SMALLEST_DEVIATION), tuple(keys))

    def reads(self) -> GeneSpace:
        """What a sample has to measure."""
        return self.genes

    def samples(self, expression: ExpressionTable) -> Rows:
        """Scaled normal scores.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        scores = normal_scores(on_genes(expression, self.genes)).astype(np.float32)
        return Rows(torch.from_numpy((scores - self.mean) / self.deviation))

    def compounds(self, compounds: CompoundTable) -> Rows:
        """Bits, and behind them the number of the training compound that it is, 0 for none."""
        place = {key: number for number, key in enumerate(self.known, start=1)}
        number = np.array([[place.get(molecule.key, 0)] for molecule in compounds.molecules], dtype=np.float32)
        bits = morgan(compounds.molecules, bits=BITS).astype(np.float32)
        return Rows(torch.from_numpy(np.concatenate([bits, number], axis=1)))


class ManyLinear(nn.Module):
    """A linear layer of each member. Axes: n row, k member."""

    def __init__(self, members: int, inputs: int, outputs: int) -> None:
        """Fresh weights."""
        super().__init__()
        bound = inputs**-0.5
        self.weight = nn.Parameter(torch.empty(members, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(members, outputs))

    def forward(self, x: Float[Tensor, "k n i"]) -> Float[Tensor, "k n o"]:
        """What each member makes of its own rows."""
        return torch.baddbmm(self.bias[:, None], x, self.weight)


class Tower(nn.Module):
    """Factors of a sample or a compound from its features, and one number for it alone."""

    def __init__(self, settings: EnsembleMFSettings, features: int) -> None:
        """Three layers, the second beside a shortcut."""
        super().__init__()
        k, width = settings.members, settings.width
        self.members, self.dropout = k, settings.dropout
        self.first, self.second = ManyLinear(k, features, width), ManyLinear(k, width, width)
        self.last = ManyLinear(k, width, settings.factors + 1)

    def forward(self, x: Float[Tensor, "n d"]) -> Float[Tensor, "k n z1"]:
        """Factors, and the number behind them."""
        h = self._dropped(F.relu(self.first(x.expand(self.members, *x.shape))))
        h = h + self._dropped(F.relu(self.second(h)))
        return self.last(h)

    def _dropped(self, h: Float[Tensor, "k n w"]) -> Float[Tensor, "k n w"]:
        return F.dropout(h, self.dropout, self.training)


class FreeFactors(nn.Module):
    """Factors and bias of every known compound; those of number 0 are nothing."""

    def __init__(self, settings: EnsembleMFSettings, compounds: int) -> None:
        """Small factors."""
        super().__init__()
        self.factors = nn.Parameter(0.1 * torch.randn(settings.members, compounds + 1, settings.factors))
        self.bias = nn.Parameter(torch.zeros(settings.members, compounds + 1, 1))

    def forward(self, number: Int[Tensor, " n"]) -> Float[Tensor, "k n z1"]:
        """Factors, and the bias behind them."""
        found = torch.cat([self.factors, BIAS_STEP * self.bias], dim=2)[:, number]
        return found * (number > 0)[:, None]


class EnsembleMFNetwork(nn.Module):
    """All members side by side."""

    def __init__(self, settings: EnsembleMFSettings, inputs: EnsembleMFInputs) -> None:
        """Towers, free factors and the head."""
        super().__init__()
        k, z = settings.members, settings.factors
        self.of_genes, self.of_bits = Tower(settings, len(inputs.genes)), Tower(settings, BITS)
        self.free = FreeFactors(settings, len(inputs.known))
        self.inner, self.outer = ManyLinear(k, 3 * z, z), ManyLinear(k, z, 1)
        self.bias = nn.Parameter(torch.zeros(k))

    def of_samples(self, samples: Float[Tensor, "n d"]) -> tuple[Float[Tensor, "n k z1"]]:
        """z_i, and the sample's bias behind it."""
        return (self.of_genes(samples).transpose(0, 1),)

    def of_compounds(self, compounds: Float[Tensor, "c d"]) -> tuple[Float[Tensor, "c k z1"]]:
        """z_j, and the compound's bias behind it."""
        told, free = self.of_bits(compounds[:, :-1]), self.free(compounds[:, -1].long())
        return ((told + free).transpose(0, 1),)

    def respond(
        self, sample: tuple[Float[Tensor, "m k z1"]], compound: tuple[Float[Tensor, "m k z1"]]
    ) -> Float[Tensor, "*members m"]:
        """The mean response of every pair; while training, what each member says."""
        (z_i, b_i), (z_j, b_j) = ((part[0][..., :-1], part[0][..., -1]) for part in (sample, compound))
        together = z_i * z_j
        hidden = F.relu(self.inner(torch.cat([z_i, z_j, together], dim=2).transpose(0, 1)))
        said = self.outer(hidden)[..., 0] + (BIAS_STEP * self.bias + b_i + b_j + together.sum(dim=2)).T
        return said if self.training else said.mean(dim=0)


DESIGN = Design(EnsembleMFSettings, EnsembleMFInputs, EnsembleMFInputs.fit, EnsembleMFNetwork)
