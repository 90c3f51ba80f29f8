"""PathDNN: one unit per pathway, which sees the genes of the pathway alone (Deng et al. 2020).

    u = ReLU((W ∘ M) [x, t] + b)            one unit per pathway
    y = W₄ ReLU(drop(W₃ ReLU(drop(W₂ u))))  layers of 256

| symbol | meaning | in the code |
|---|---|---|
| x | genes of pathways, z-scores of the sample | `PathDNNInputs.samples` |
| t | genes that the compound targets, 0 or 1 | `PathDNNInputs.compounds` |
| M | 1 where a gene or target belongs to the pathway | `PathDNNInputs.mask` |

Source: doi:10.1021/acs.jcim.0c00331. Written from a specification of the method, without its code.
Differs: targets are those that the compound table names, as zeros and ones (theirs: confidences of STITCH). A compound
without a named target has an all-zero half. Dropped units stand before the ReLU, as theirs do. Weights outside the mask
are zero at once (theirs shrink by weight decay, which changes no prediction). The loss compares an answer with its own
response; `compared = "released"` with all of the batch, which the released code does since PyTorch broadcasts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers.design import Design, Knowledge
from drugripple.predictors.peers.entities import Rows
from drugripple.predictors.peers.expression import GeneInputs, ScaledGenes
from drugripple.predictors.peers.settings import PeerSettings

FEWEST = 5
"""Genes and targets that a pathway has to have among the inputs."""
FAMILIES = {
    "ABL": ("ABL1",), "AKT": ("AKT1", "AKT2", "AKT3"), "BCL-XL": ("BCL2L1",), "BCL-W": ("BCL2L2",),
    "BCL-B": ("BCL2L10",), "BFL1": ("BCL2A1",), "CBP": ("CREBBP",), "DNAPK": ("PRKDC",), "ERK1": ("MAPK3",),
    "ERK2": ("MAPK1",), "ESR": ("ESR1", "ESR2"), "FAK1": ("PTK2",), "HSP90": ("HSP90AA1", "HSP90AB1"),
    "IAP1": ("BIRC2",), "IAP2": ("BIRC3",), "IGFR1": ("IGF1R",), "IKK-1": ("CHUK",), "IKK-2": ("IKBKB",),
    "IR": ("INSR",), "JNK": ("MAPK8", "MAPK9", "MAPK10"), "JNK2": ("MAPK9",), "KSP11": ("KIF11",),
    "LSD1": ("KDM1A",), "MEK1": ("MAP2K1",), "MEK2": ("MAP2K2",), "MTORC1": ("MTOR",), "MTORC2": ("MTOR",),
    "NIK": ("MAP3K14",), "P38": ("MAPK11", "MAPK12", "MAPK13", "MAPK14"), "PDGFR": ("PDGFRA", "PDGFRB"),
    "PERK": ("EIF2AK3",), "PI3K": ("PIK3CA", "PIK3CB", "PIK3CD", "PIK3CG"), "PI3KALPHA": ("PIK3CA",),
    "PI3KBETA": ("PIK3CB",), "PI3KDELTA": ("PIK3CD",), "PI3KGAMMA": ("PIK3CG",), "RAF": ("ARAF", "BRAF", "RAF1"),
    "RON": ("MST1R",), "RSK": ("RPS6KA1", "RPS6KA2", "RPS6KA3"), "RSK1": ("RPS6KA1",), "RSK2": ("RPS6KA3",),
    "RSK3": ("RPS6KA2",), "S6K1": ("RPS6KB1",), "TIE2": ("TEK",), "TNKS1": ("TNKS",), "TOP2": ("TOP2A", "TOP2B"),
    "VEGFR": ("FLT1", "KDR", "FLT4"), "WIP1": ("PPM1D",),
}  # fmt: skip
"""Genes behind the names of targets that GDSC writes otherwise than by symbol."""


class Compared(StrEnum):
    """Which responses the loss compares an answer with."""

    OWN = "own"
    """An answer is compared with the response of its own pair."""
    RELEASED = "released"
    """An answer is compared with the responses of all pairs of the batch, as the released code does in today's
    PyTorch."""


class PathDNNSettings(PeerSettings):
    """What PathDNN is made of."""

    compared: Compared = Compared.OWN


@dataclass(frozen=True)
class PathDNNInputs(GeneInputs):
    """What PathDNN reads. Axes: p pathway, x gene or target."""

    targets: tuple[str, ...]
    """Symbols of the genes that training compounds target."""
    known: Mapping[str, str]
    """Targets of the training compounds as their table names them, by identity key."""
    pathways: tuple[str, ...]
    mask: Bool[np.ndarray, "p x"]

    @classmethod
    def fit(cls, train: Pairs, _settings: PathDNNSettings, knowledge: Knowledge) -> "PathDNNInputs":
        """Genes and targets of the pathways that hold at least five of them.

        Raises:
            ConfigError: if there are no pathways, or none holds enough.
        """
        knowledge.require("pathdnn", "gene_sets")
        sets = {name: frozenset(members) for name, members in knowledge.gene_sets.items()}
        known = frozenset().union(*sets.values())
        genes = tuple(symbol for symbol in train.expression.genes.symbols if symbol in known)
        named = {symbol for text in train.compounds.targets for symbol in target_genes(text)}
        targets = tuple(sorted(named & known))
        inside = {
            name: np.array([symbol in members for symbol in (*genes, *targets)], dtype=bool)
            for name, members in sets.items()
        }
        kept = tuple(name for name, members in inside.items() if members.sum() >= FEWEST)
        if not (genes and kept):
            message = f"none of {len(sets)} pathways holds {FEWEST} measured genes; are both current HGNC symbols?"
            raise ConfigError(message)
        scaled = ScaledGenes.fit(train.expression, GeneSpace(genes))
        told = zip(train.compounds.molecules, train.compounds.targets, strict=False)
        by_key = {molecule.key: text for molecule, text in told if text}
        return cls(scaled, targets, by_key, kept, np.stack([inside[name] for name in kept]))

    def compounds(self, compounds: CompoundTable) -> Rows:
        """Targets that a compound has, of those that a training compound has.

        Where its table names none, they are those of the training compound that it is, if it is one.
        """
        place = {symbol: column for column, symbol in enumerate(self.targets)}
        hit = np.zeros((len(compounds), len(place)), dtype=np.float32)
        named = compounds.targets or ("",) * len(compounds)
        for row, (molecule, own) in enumerate(zip(compounds.molecules, named, strict=True)):
            text = own or self.known.get(molecule.key, "")
            hit[row, [place[symbol] for symbol in target_genes(text) if symbol in place]] = 1
        return Rows(torch.from_numpy(hit))

    def notes(self, compounds: CompoundTable) -> tuple[str, ...]:
        """Which compounds all have the same answer, because no target of theirs is known."""
        blank = np.flatnonzero(~self.compounds(compounds).values.numpy().any(axis=1)).tolist()
        if not blank:
            return ()
        named = first_five(compounds.names[row] for row in blank)
        return (
            f"no target is known of {len(blank)} of {len(compounds)} compounds, which get the same answer: {named}",
        )


def target_genes(text: str) -> frozenset[str]:
    """Symbols that a list of targets may mean: names of families are spelt out, remarks in brackets left out.

    >>> sorted(target_genes("MEK1, VEGFR, PI3K (class 1), IDH1 (R132H)"))
    ['FLT1', 'FLT4', 'IDH1', 'KDR', 'MAP2K1', 'PIK3CA', 'PIK3CB', 'PIK3CD', 'PIK3CG']
    """
    names = (re.sub(r"\(.*?\)", "", part).strip() for part in re.split(r"[,;/|]", text))
    return frozenset(symbol for name in names if name for symbol in FAMILIES.get(name.upper(), (name,)))


class PathwayLayer(nn.Module):
    """A linear layer of which most weights are held at zero, without gradient; its two halves are added by its user."""

    mask: Tensor

    def __init__(self, mask: Bool[Tensor, "p x"]) -> None:
        """A weight wherever the mask is true."""
        super().__init__()
        dense = nn.Linear(mask.shape[1], mask.shape[0])
        self.weight, self.bias = dense.weight, dense.bias
        self.register_buffer("mask", mask.to(torch.float32), persistent=False)

    def genes(self, x: Float[Tensor, "n x"]) -> Float[Tensor, "n p"]:
        """What genes, the first inputs, give each pathway; the bias with it."""
        return F.linear(x, (self.weight * self.mask)[:, : x.shape[1]], self.bias)

    def targets(self, t: Float[Tensor, "c t"]) -> Float[Tensor, "c p"]:
        """What targets, the last inputs, give each pathway."""
        return F.linear(t, (self.weight * self.mask)[:, self.mask.shape[1] - t.shape[1] :])


class PathDNNNetwork(nn.Module):
    """The layer of pathways and three more."""

    def __init__(self, _settings: PathDNNSettings, inputs: PathDNNInputs) -> None:
        """Layers for as many pathways as the inputs have."""
        super().__init__()
        self.pathways = PathwayLayer(torch.from_numpy(inputs.mask))
        self.hidden = nn.Sequential(
            nn.Linear(len(inputs.mask), 256), nn.Dropout(0.2), nn.ReLU(),
            nn.Linear(256, 256), nn.Dropout(0.2), nn.ReLU(), nn.Linear(256, 1),
        )  # fmt: skip

    def of_samples(self, samples: Float[Tensor, "n x"]) -> tuple[Float[Tensor, "n p"]]:
        """The half of the first layer that the genes are."""
        return (self.pathways.genes(samples),)

    def of_compounds(self, compounds: Float[Tensor, "c t"]) -> tuple[Float[Tensor, "c p"]]:
        """The half that the targets are."""
        return (self.pathways.targets(compounds),)

    def respond(
        self, sample: tuple[Float[Tensor, "m p"]], compound: tuple[Float[Tensor, "m p"]]
    ) -> Float[Tensor, " m"]:
        """The response of every pair."""
        return self.hidden(F.relu(sample[0] + compound[0]))[:, 0]


def loss(settings: PathDNNSettings, said: Float[Tensor, " m"], truth: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """The mean squared error; as released, of a column against a row: (ŷ_i - y_j)² over all i and j.

    The latter is (ŷ_i - ȳ)² and the variance of the batch, so that it is least where every answer is the mean.
    """
    if settings.compared is Compared.OWN:
        return F.mse_loss(said, truth)
    return (said[:, None] - truth[None]).square().mean()


DESIGN = Design(PathDNNSettings, PathDNNInputs, PathDNNInputs.fit, PathDNNNetwork, loss)
