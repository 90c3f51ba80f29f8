"""DRPreter: pathways as graphs of interacting genes, and a transformer over them and the drug (Shin et al. 2022).

    H = GAT³(x, STRING within each pathway)         8 features per gene and pathway
    P_k = MLP(H of pathway k)                       34 tokens of 256, one MLP for all
    d = MLP(max over atoms of [GIN₁, GIN₂, GIN₃])   256
    T = transformer(P_1 ... P_34, d)
    y = MLP([Σ_k T_k, d + T_d])                     512, 512, 512, 1

| symbol | meaning | in the code |
|---|---|---|
| x | a gene stands in each of its pathways, as a node of its own | `DRPreterInputs.node_gene` |
| STRING | edges between genes of one pathway | `DRPreterInputs.edges` |
| MLP of pathways | over the nodes of a pathway, padded to the largest | `squeeze` |

Source: doi:10.3390/ijms232213919 and the published hyper-parameters (drpreter.toml). Written from a specification of
the method, without its code.
Differs: edges are offset by the nodes of the pathways before (`graph = "released"` numbers them within each pathway,
so that all fall on the first few); no token is hidden (`mask = "released"` hides those whose first feature is 0, which
ReLU and dropout make about half of). STRING above 900 takes the place of 990 and more. Nothing is computed of padding.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Int64
from rdkit import Chem
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers.block_attention import AttentionLayer, SharedGraph
from drugripple.predictors.peers.design import Design, Knowledge
from drugripple.predictors.peers.entities import GraphBatch, Graphs, MoleculeGraph, Rows
from drugripple.predictors.peers.expression import ScaledGenes
from drugripple.predictors.peers.graph_layers import gat, gin
from drugripple.predictors.peers.graphdrp import ELEMENTS
from drugripple.predictors.peers.molecules import HYBRIDS, bonds_both_ways, one_hot
from drugripple.predictors.peers.pooling import max_pool
from drugripple.predictors.peers.settings import PeerSettings

PATHWAYS = tuple(
    f"hsa0{number}"
    for number in (
        4120, 4350, 4915, 4010, 3320, 4150, 4810, 4662, 4514, 4062, 4210, 4060, 4310, 4115, 4014, 4330, 4020, 4066,
        4660, 4012, 4110, 4916, 4024, 4370, 4340, 4520, 3022, 4151, 4630, 4640, 4620, 3440, 4512, 4064,
    )
)  # fmt: skip
"""KEGG's numbers of the 34 pathways, in the order of the article."""
FEATURES, WIDE, HEADS, KEYS = 8, 256, 8, 64
GROUPS = 6
"""Groups of pathways of about one length, each padded to its longest."""


class PathwayEdges(StrEnum):
    """The nodes that the edges of a pathway run between."""

    FIXED = "fixed"
    """Edges run between the pathway's own nodes."""
    RELEASED = "released"
    """Edges run between nodes of the first pathways, because the released code adds no offset."""


class TokenMask(StrEnum):
    """Which tokens are hidden from the transformer."""

    NONE = "none"
    RELEASED = "released"
    """Tokens whose first feature is exactly 0 are hidden."""


class DRPreterSettings(PeerSettings):
    """What DRPreter is made of."""

    graph: PathwayEdges = PathwayEdges.FIXED
    mask: TokenMask = TokenMask.NONE


@dataclass(frozen=True)
class DRPreterInputs:
    """What DRPreter reads. Axes: v node (a gene in a pathway), e directed edge."""

    expression: ScaledGenes
    pathways: tuple[str, ...]
    node_gene: Int64[np.ndarray, " v"]
    """The gene of each node."""
    node_pathway: Int64[np.ndarray, " v"]
    node_place: Int64[np.ndarray, " v"]
    """The place of each node within its pathway."""
    edges: Int64[np.ndarray, "2 e"]

    @classmethod
    def fit(cls, train: Pairs, settings: DRPreterSettings, knowledge: Knowledge) -> "DRPreterInputs":
        """The measured genes of the article's pathways, or of all given where none of those is among them.

        Raises:
            ConfigError: if there are no pathways or interactions, or no gene of a pathway is measured.
        """
        knowledge.require("drpreter", "gene_sets")
        knowledge.require("drpreter", "interactions")
        sets = knowledge.gene_sets
        names = tuple(name for name in PATHWAYS if name in sets) or tuple(sets)
        measured = {name: [one for one in sets[name] if one in train.expression.genes] for name in names}
        names = tuple(name for name in names if measured[name])
        if not names:
            message = f"no gene of {len(sets)} pathways is measured; are both given as current HGNC symbols?"
            raise ConfigError(message)
        genes = GeneSpace(tuple(dict.fromkeys(gene for name in names for gene in measured[name])))
        lengths = [len(measured[name]) for name in names]
        first = np.cumsum([0, *lengths])
        edges = [
            _edges(GeneSpace(tuple(measured[name])), knowledge.interactions)
            + (start if settings.graph is PathwayEdges.FIXED else 0)
            for name, start in zip(names, first, strict=False)
        ]
        return cls(
            ScaledGenes.fit(train.expression, genes),
            names,
            genes.positions(gene for name in names for gene in measured[name]),
            np.repeat(np.arange(len(names)), lengths),
            np.concatenate([np.arange(length) for length in lengths]),
            np.concatenate(edges, axis=1),
        )

    def reads(self) -> GeneSpace:
        """What a sample has to measure."""
        return self.expression.genes

    def samples(self, expression: ExpressionTable) -> Rows:
        """One value per node."""
        return Rows(torch.from_numpy(self.expression.of(expression)[:, self.node_gene]))

    def compounds(self, compounds: CompoundTable) -> Graphs:
        """Molecular graphs."""
        read = [molecule.rdkit for molecule in compounds.molecules]
        return Graphs.of([MoleculeGraph(atom_features(one), bonds_both_ways(one)) for one in read])


def _edges(genes: GeneSpace, interactions: InteractionPrior | None) -> Int64[np.ndarray, "2 e"]:
    """Both directions of the interactions between some genes."""
    edges = (interactions or InteractionPrior.empty(genes)).between(genes).edges.astype(np.int64)
    return np.concatenate([edges, edges[:, ::-1]]).T


def atom_features(molecule: Chem.Mol) -> Float32[np.ndarray, "a 77"]:
    """Element, neighbours, implicit valence, charge, radicals, hybrid, aromatic, hydrogens, ring, R or S.

    >>> atom_features(Chem.MolFromSmiles("C")).nonzero()[1].tolist()
    [0, 43, 58, 65, 73]
    """
    rows = [
        [
            *one_hot(atom.GetSymbol(), ELEMENTS[:-1]),
            *one_hot(atom.GetDegree(), range(11)),
            *one_hot(atom.GetValence(Chem.ValenceType.IMPLICIT), range(7)),
            float(atom.GetFormalCharge()),
            float(atom.GetNumRadicalElectrons()),
            *one_hot(atom.GetHybridization(), HYBRIDS),
            float(atom.GetIsAromatic()),
            *one_hot(atom.GetTotalNumHs(), range(5)),
            float(atom.IsInRing()),
            *one_hot(atom.GetPropsAsDict(True, True).get("_CIPCode", ""), ("R", "S")),
        ]
        for atom in molecule.GetAtoms()
    ]
    return np.array(rows, dtype=np.float32)


class Fusion(nn.Module):
    """One layer of a transformer over the tokens of pathways and drug, without place."""

    def __init__(self) -> None:
        """Maps without bias, as in the original."""
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDE, HEADS * KEYS, bias=False) for _ in range(3))
        self.out = nn.Linear(HEADS * KEYS, WIDE, bias=False)
        self.feed = nn.Sequential(nn.Linear(WIDE, WIDE), nn.ReLU(), nn.Linear(WIDE, WIDE))
        self.first, self.second = nn.LayerNorm(WIDE), nn.LayerNorm(WIDE)

    def forward(self, x: Float[Tensor, "m t d"], shown: Bool[Tensor, "m t"] | None) -> Float[Tensor, "m t d"]:
        """Tokens that have looked at those that are shown."""
        query, key, value = (
            part(x).unflatten(-1, (HEADS, KEYS)).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        scores = query @ key.mT * KEYS**-0.5
        if shown is not None:
            scores = scores.masked_fill(~shown[:, None, None], -1e9)
        found = scores.softmax(dim=-1) @ value
        x = self.first(x + self.out(found.transpose(1, 2).flatten(2)))
        return self.second(x + self.feed(x))


class DRPreterNetwork(nn.Module):
    """Pathways, drug, fusion, head."""

    def __init__(self, settings: DRPreterSettings, inputs: DRPreterInputs) -> None:
        """Layers for the pathways of the inputs."""
        super().__init__()
        self.lengths = np.bincount(inputs.node_pathway).tolist()
        by_length = np.argsort(self.lengths, kind="stable")
        self.groups = [group.tolist() for group in np.array_split(by_length, min(GROUPS, len(by_length)))]
        self.order = np.argsort(np.concatenate(self.groups)).tolist()
        self.graph = SharedGraph(inputs.edges, len(inputs.node_gene))
        self.hides = settings.mask is TokenMask.RELEASED
        self.genes = nn.ModuleList(gat(wide, FEATURES) for wide in (1, FEATURES, FEATURES))
        self.squeeze = nn.Sequential(
            nn.Linear(max(self.lengths) * FEATURES, 1024), nn.ReLU(), nn.Dropout(0.1),
            nn.Linear(1024, WIDE), nn.ReLU(), nn.Dropout(0.1),
        )  # fmt: skip
        self.atoms = nn.ModuleList(gin(wide, 128) for wide in (77, 128, 128))
        self.norms = nn.ModuleList(nn.BatchNorm1d(128) for _ in range(3))
        self.drug = nn.Sequential(nn.Linear(384, WIDE), nn.ReLU(), nn.Dropout(0.1))
        self.fusion = Fusion()
        self.head = nn.Sequential(
            nn.Linear(512, 512), nn.ELU(), nn.Dropout(0.1), nn.Linear(512, 512), nn.ELU(), nn.Dropout(0.1),
            nn.Linear(512, 1),
        )  # fmt: skip

    def of_samples(self, samples: Float[Tensor, "n v"]) -> tuple[Float[Tensor, "n p d"]]:
        """One token per pathway."""
        x = samples[..., None]
        for layer in cast("Iterable[AttentionLayer]", self.genes):
            x = F.relu(self.graph(layer, x))
        first, rest = cast("nn.Linear", self.squeeze[0]), self.squeeze[1:]
        parts, found = x.split(self.lengths, dim=1), []
        for group in self.groups:
            longest = max(self.lengths[row] for row in group)
            padded = [F.pad(parts[row], (0, 0, 0, longest - self.lengths[row])).flatten(1) for row in group]
            found.append(F.linear(torch.stack(padded, dim=1), first.weight[:, : longest * FEATURES], first.bias))
        return (rest(torch.cat(found, dim=1)[:, self.order]),)

    def of_compounds(self, compounds: GraphBatch) -> tuple[Float[Tensor, "c d"]]:
        """The drug's token."""
        x, layers = compounds.atoms, []
        for layer, norm in zip(self.atoms, self.norms, strict=True):
            x = norm(F.relu(layer(x, compounds.edges)))
            layers.append(x)
        return (self.drug(max_pool(torch.cat(layers, dim=1), compounds)),)

    def respond(
        self, sample: tuple[Float[Tensor, "m p d"]], compound: tuple[Float[Tensor, "m d"]]
    ) -> Float[Tensor, " m"]:
        """The response of every pair."""
        tokens = torch.cat([sample[0], compound[0][:, None]], dim=1)
        found = self.fusion(tokens, tokens[..., 0] != 0 if self.hides else None)
        return self.head(torch.cat([found[:, :-1].sum(dim=1), compound[0] + found[:, -1]], dim=1))[:, 0]


DESIGN = Design(DRPreterSettings, DRPreterInputs, DRPreterInputs.fit, DRPreterNetwork)
