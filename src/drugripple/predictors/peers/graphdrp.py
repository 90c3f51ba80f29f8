"""GraphDRP: a graph network of the molecule beside a convolution along the genes (Nguyen et al. 2022).

    s = W (pool ReLU conv)³(x)                      x  genes of the sample, z-scores in the order of the landmark list
    d = W₂ ReLU(W₁ pool(GNN(atoms, bonds)))         GNN: gin, gat, gat_gcn or gcn
    p = σ(MLP([d, s]))                              p = σ(0.1 y), y the response

| symbol | shape | in the code |
|---|---|---|
| x | genes | `GraphDRPInputs.samples` |
| atoms | 78 features, their sum is 1 | `atom_features` |
| s, d | 128 each | `of_samples`, `of_compounds` |
| MLP | 256, 1024, 128, 1 | `head` |

Source: doi:10.1109/TCBB.2021.3060430 and the published hyper-parameters (graphdrp.toml). Written from a specification
of the method, without its code.
Differs: expression takes the place of 735 mutations and copy numbers; a panel of fewer than 118 genes is padded with
zeros, since the convolutions need as many; the embedding layer that GIN never uses is left out.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from jaxtyping import Float, Float32
from rdkit import Chem
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.molecule import Molecule
from drugripple.data.tables import CompoundTable
from drugripple.predictors.peers.design import Design
from drugripple.predictors.peers.entities import GraphBatch, Graphs, MoleculeGraph
from drugripple.predictors.peers.expression import LandmarkInputs
from drugripple.predictors.peers.graph_layers import gat, gcn, gin
from drugripple.predictors.peers.molecules import bonds_both_ways, one_hot
from drugripple.predictors.peers.pooling import max_pool, mean_pool, sum_pool
from drugripple.predictors.peers.settings import PeerSettings, Target

ELEMENTS = (
    "C", "N", "O", "S", "F", "Si", "P", "Cl", "Br", "Mg", "Na", "Ca", "Fe", "As", "Al", "I", "B", "V", "K", "Tl", "Yb",
    "Sb", "Sn", "Ag", "Pd", "Co", "Se", "Ti", "Zn", "H", "Li", "Ge", "Cu", "Au", "Ni", "Cd", "In", "Mn", "Zr", "Cr",
    "Pt", "Hg", "Pb", "Unknown",
)  # fmt: skip
COUNTS = tuple(range(11))
SHORTEST = 118
"""Genes that three convolutions and poolings leave one place of."""


class Graph(StrEnum):
    """Which network reads the molecule."""

    GIN = "gin"
    GAT = "gat"
    GAT_GCN = "gat_gcn"
    GCN = "gcn"


class GraphDRPSettings(PeerSettings):
    """What GraphDRP is made of."""

    graph: Graph = Graph.GIN


@dataclass(frozen=True)
class GraphDRPInputs(LandmarkInputs):
    """What GraphDRP reads."""

    def compounds(self, compounds: CompoundTable) -> Graphs:
        """Molecular graphs."""
        return Graphs.of([molecule_graph(molecule) for molecule in compounds.molecules])


def molecule_graph(molecule: Molecule) -> MoleculeGraph:
    """Atoms and bonds of a molecule; a lone atom has no bond."""
    read = molecule.rdkit
    return MoleculeGraph(atom_features(read), bonds_both_ways(read))


def atom_features(molecule: Chem.Mol) -> Float32[np.ndarray, "a 78"]:
    """Element, neighbours, hydrogens, implicit valence, aromatic, divided by their sum; the last of a list is the rest.

    >>> atom_features(Chem.MolFromSmiles("C")).nonzero()[1].tolist()
    [0, 44, 59, 70]
    """
    rows = [
        [
            *one_hot(atom.GetSymbol(), ELEMENTS, rest=True),
            *one_hot(atom.GetDegree(), COUNTS, rest=True),
            *one_hot(atom.GetTotalNumHs(), COUNTS, rest=True),
            *one_hot(atom.GetValence(Chem.ValenceType.IMPLICIT), COUNTS, rest=True),
            float(atom.GetIsAromatic()),
        ]
        for atom in molecule.GetAtoms()
    ]
    features = np.array(rows, dtype=np.float32)
    return features / features.sum(axis=1, keepdims=True)


class GraphDRPNetwork(nn.Module):
    """Both branches and the head."""

    def __init__(self, settings: GraphDRPSettings, inputs: GraphDRPInputs) -> None:
        """Layers for as many genes as the inputs have."""
        super().__init__()
        genes = max(len(inputs.expression.genes), SHORTEST)
        self.convolutions = nn.ModuleList(nn.Conv1d(*sizes, 8) for sizes in ((1, 32), (32, 64), (64, 128)))
        self.to_sample = nn.Linear(128 * left_of(genes), 128)
        self.drug: nn.Module = {Graph.GIN: Gin, Graph.GAT: Gat, Graph.GAT_GCN: GatGcn, Graph.GCN: Gcn}[settings.graph]()
        self.head = nn.Sequential(
            nn.Linear(256, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 128), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(128, 1),
        )  # fmt: skip
        self.squashed = settings.target is Target.SIGMOID

    def of_samples(self, samples: Float[Tensor, "n g"]) -> tuple[Float[Tensor, "n 128"]]:
        """The branch of the genes."""
        x = F.pad(samples, (0, max(0, SHORTEST - samples.shape[1])))[:, None]
        for convolution in self.convolutions:
            x = F.max_pool1d(F.relu(convolution(x)), 3)
        return (self.to_sample(x.flatten(1)),)

    def of_compounds(self, compounds: GraphBatch) -> tuple[Float[Tensor, "c 128"]]:
        """The branch of the molecule."""
        return (self.drug(compounds),)

    def respond(
        self, sample: tuple[Float[Tensor, "m 128"]], compound: tuple[Float[Tensor, "m 128"]]
    ) -> Float[Tensor, " m"]:
        """σ(0.1 y) of every pair, or y where the target is the response itself."""
        said = self.head(torch.cat([compound[0], sample[0]], dim=1))[:, 0]
        return torch.sigmoid(said) if self.squashed else said


def left_of(genes: int) -> int:
    """Places that three convolutions of width 8, each with a pooling of 3, leave of some genes.

    >>> left_of(735), left_of(978)
    (23, 32)
    """
    for _ in range(3):
        genes = (genes - 7) // 3
    return genes


class Gin(nn.Module):
    """Five isomorphism layers, each before batch norm; the sum over atoms."""

    def __init__(self) -> None:
        """Layers."""
        super().__init__()
        self.layers = nn.ModuleList(gin(wide, 32) for wide in (78, 32, 32, 32, 32))
        self.norms = nn.ModuleList(nn.BatchNorm1d(32) for _ in range(5))
        self.out = nn.Linear(32, 128)

    def forward(self, batch: GraphBatch) -> Float[Tensor, "c 128"]:
        """One vector per molecule."""
        x = batch.atoms
        for layer, norm in zip(self.layers, self.norms, strict=True):
            x = norm(F.relu(layer(x, batch.edges)))
        return F.dropout(F.relu(self.out(sum_pool(x, batch))), 0.2, self.training)


class Gat(nn.Module):
    """Two attention layers; the maximum over atoms."""

    def __init__(self) -> None:
        """Layers."""
        super().__init__()
        self.first, self.second = gat(78, 78, heads=10, dropout=0.2), gat(780, 128, dropout=0.2)
        self.out = nn.Linear(128, 128)

    def forward(self, batch: GraphBatch) -> Float[Tensor, "c 128"]:
        """One vector per molecule."""
        x = F.elu(self.first(F.dropout(batch.atoms, 0.2, self.training), batch.edges))
        x = F.relu(self.second(F.dropout(x, 0.2, self.training), batch.edges))
        return F.relu(self.out(max_pool(x, batch)))


class GatGcn(nn.Module):
    """An attention layer, then a convolution; maximum beside mean over atoms."""

    def __init__(self) -> None:
        """Layers."""
        super().__init__()
        self.first, self.second = gat(78, 78, heads=10), gcn(780, 780)
        self.out = nn.Sequential(nn.Linear(1560, 1500), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1500, 128))

    def forward(self, batch: GraphBatch) -> Float[Tensor, "c 128"]:
        """One vector per molecule."""
        x = F.relu(self.second(F.relu(self.first(batch.atoms, batch.edges)), batch.edges))
        return self.out(torch.cat([max_pool(x, batch), mean_pool(x, batch)], dim=1))


class Gcn(nn.Module):
    """Three convolutions; the maximum over atoms."""

    def __init__(self) -> None:
        """Layers."""
        super().__init__()
        self.layers = nn.ModuleList(gcn(*sizes) for sizes in ((78, 78), (78, 156), (156, 312)))
        self.out = nn.Sequential(
            nn.Linear(312, 1024), nn.ReLU(), nn.Dropout(0.5), nn.Linear(1024, 128), nn.Dropout(0.5)
        )  # fmt: skip

    def forward(self, batch: GraphBatch) -> Float[Tensor, "c 128"]:
        """One vector per molecule."""
        x = batch.atoms
        for layer in self.layers:
            x = F.relu(layer(x, batch.edges))
        return self.out(max_pool(x, batch))


DESIGN = Design(GraphDRPSettings, GraphDRPInputs, GraphDRPInputs.fit, GraphDRPNetwork)
