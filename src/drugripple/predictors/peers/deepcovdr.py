"""DeepCoVDR: message passing, then two transformers over atoms, one of which looks at the sample (Huang et al. 2023).

    h_vw ← ReLU(W_i [a_v, b_vw] + W_h (Σ_u h_uv - h_wv))     three steps over directed bonds
    X = W_p ReLU(W_f (ReLU(W_o [a, Σ h]) + degree))          one state per atom
    d₁ = encoder⁸(X) at the first atom
    d₂ = cross⁸(X, c) at the first atom                      X looks at itself with the sample's queries
    y = MLP([(d₁ + d₂)/2, (c₂ + c)/2])                       c = MLP(x), 128; c₂ its stream after eight layers

| symbol | meaning | in the code |
|---|---|---|
| x | genes of the sample, z-scores | `DeepCoVDRInputs.samples` |
| a, b | 133 atom and 14 bond features | `molecule_graph` |
| cross | both streams use the queries of the other and share what follows | `CrossLayer` |

Source: the article and its hyper-parameters (deepcovdr.toml). Written from a specification, without its code.
Differs: the sample's stream has one place instead of three hundred equal ones, which gives the same in evaluation; it
then does not depend on the compound and is computed once per sample. Genes are scaled by gene, not by sample. Tables
that the released code never reads are left out. Sequences are padded to the longest of a batch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import cast

import numpy as np
import torch
from jaxtyping import Bool, Float
from rdkit import Chem
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.molecule import Molecule
from drugripple.data.tables import CompoundTable
from drugripple.predictors.peers.bert import EncoderLayer, Residual, SelfAttention
from drugripple.predictors.peers.design import Design
from drugripple.predictors.peers.entities import GraphBatch, Graphs, MoleculeGraph
from drugripple.predictors.peers.expression import LandmarkInputs
from drugripple.predictors.peers.molecules import bonds_both_ways, one_hot
from drugripple.predictors.peers.settings import PeerSettings

WIDE, HEADS, INNER, LAYERS, DROPOUT = 128, 8, 512, 8, 0.1
HIDDEN, STEPS, DEGREES = 300, 3, 300
HYBRIDS = tuple(getattr(Chem.HybridizationType, name) for name in ("SP", "SP2", "SP3", "SP3D", "SP3D2"))
BONDS = tuple(getattr(Chem.BondType, name) for name in ("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC"))
ATOM_FEATURES, BOND_FEATURES = 133, 14


class Readout(StrEnum):
    """Which atoms speak for the molecule."""

    FIRST = "first"
    """The first of the SMILES, as in the released code."""
    MEAN = "mean"
    """All, so that their order does not matter."""


class DeepCoVDRSettings(PeerSettings):
    """What DeepCoVDR is made of."""

    readout: Readout = Readout.FIRST


@dataclass(frozen=True)
class DeepCoVDRInputs(LandmarkInputs):
    """What DeepCoVDR reads."""

    def compounds(self, compounds: CompoundTable) -> Graphs:
        """Molecular graphs with features of bonds."""
        return Graphs.of([molecule_graph(molecule) for molecule in compounds.molecules])


def molecule_graph(molecule: Molecule) -> MoleculeGraph:
    """Atoms and directed bonds as message passing reads them; the last place of a list is for what is not in it."""
    read = molecule.rdkit
    atoms = [
        [
            *one_hot(atom.GetAtomicNum(), (*range(1, 101), None), rest=True),
            *one_hot(atom.GetTotalDegree(), (*range(6), None), rest=True),
            *one_hot(atom.GetFormalCharge(), (-1, -2, 1, 2, 0, None), rest=True),
            *one_hot(int(atom.GetChiralTag()), (*range(4), None), rest=True),
            *one_hot(atom.GetTotalNumHs(), (*range(5), None), rest=True),
            *one_hot(atom.GetHybridization(), (*HYBRIDS, None), rest=True),
            float(atom.GetIsAromatic()),
            atom.GetMass() * 0.01,
        ]
        for atom in read.GetAtoms()
    ]
    bonds = [
        [
            0.0,
            *one_hot(bond.GetBondType(), BONDS),
            float(bond.GetIsConjugated()),
            float(bond.IsInRing()),
            *one_hot(int(bond.GetStereo()), (*range(6), None), rest=True),
        ]
        for bond in read.GetBonds()
        for _ in range(2)
    ]
    return MoleculeGraph(
        np.array(atoms, dtype=np.float32),
        bonds_both_ways(read),
        np.array(bonds, dtype=np.float32).reshape(-1, BOND_FEATURES),
    )


class MessagePassing(nn.Module):
    """Messages along directed bonds, which never go straight back (Yang et al. 2019)."""

    def __init__(self) -> None:
        """Three maps."""
        super().__init__()
        self.start = nn.Linear(ATOM_FEATURES + BOND_FEATURES, HIDDEN, bias=False)
        self.step = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.atom = nn.Linear(ATOM_FEATURES + HIDDEN, HIDDEN)

    def forward(self, batch: GraphBatch) -> Float[Tensor, "v h"]:
        """One state per atom."""
        origin, goal = batch.edges
        first = self.start(torch.cat([batch.atoms[origin], batch.bonds], dim=1))  # type: ignore[list-item]
        h = F.relu(first)
        back = torch.arange(len(origin), device=origin.device) ^ 1  # both directions of a bond stand side by side
        for _ in range(STEPS - 1):
            h = F.relu(F.relu(first) + self.step(_arriving(h, goal, batch)[origin] - h[back]))
        return F.relu(self.atom(torch.cat([batch.atoms, _arriving(h, goal, batch)], dim=1)))


def _arriving(h: Float[Tensor, "e h"], goal: Tensor, batch: GraphBatch) -> Float[Tensor, "v h"]:
    return h.new_zeros(len(batch.atoms), h.shape[1]).index_add(0, goal, h)


class CrossLayer(nn.Module):
    """One layer of the two streams: each aggregates its own values with weights that the other's queries give."""

    def __init__(self) -> None:
        """Maps of both streams, and what follows attention, which they share."""
        super().__init__()
        self.drug, self.cell = SelfAttention(WIDE, HEADS, DROPOUT), SelfAttention(WIDE, HEADS, DROPOUT)
        self.residual = Residual(WIDE, INNER, DROPOUT)

    def on_cell(self, c: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """The sample's stream: over its single place every weight is one."""
        return self.residual(c[:, None], self.cell.value(c)[:, None])[:, 0]

    def on_drug(
        self, x: Float[Tensor, "m t d"], c: Float[Tensor, "m d"], real: Bool[Tensor, "m t"]
    ) -> Float[Tensor, "m t d"]:
        """The compound's stream: every atom gets what the sample's query finds among the atoms."""
        drug = self.drug
        found = drug.attend(self.cell.query(c)[:, None], drug.key(x), drug.value(x), real)
        return self.residual(x, found.expand(-1, x.shape[1], -1))


class DeepCoVDRNetwork(nn.Module):
    """Both branches, the streams and the head."""

    def __init__(self, settings: DeepCoVDRSettings, inputs: DeepCoVDRInputs) -> None:
        """Layers for as many genes as the inputs have."""
        super().__init__()
        sizes = (len(inputs.expression.genes), 1024, 512, 256, WIDE)
        self.genes = nn.Sequential(*(layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())))
        self.messages = MessagePassing()
        self.degrees = nn.Embedding(DEGREES, HIDDEN)
        self.project = nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, WIDE))
        self.graph = nn.ModuleList(EncoderLayer(WIDE, HEADS, INNER, DROPOUT) for _ in range(LAYERS))
        self.cross = nn.ModuleList(CrossLayer() for _ in range(LAYERS))
        self.head = nn.Sequential(nn.Linear(2 * WIDE, 256), nn.Dropout(DROPOUT), nn.ReLU(), nn.Linear(256, 1))
        self.readout = settings.readout

    def of_samples(self, samples: Float[Tensor, "n g"]) -> tuple[Float[Tensor, "n 8 d"], Float[Tensor, "n d"]]:
        """The sample's stream before each layer, and the mean of its beginning and its end."""
        first = c = self.genes(samples)
        before = []
        for layer in self._streams:
            before.append(c)
            c = layer.on_cell(c)
        return torch.stack(before, dim=1), (c + first) / 2

    def of_compounds(
        self, compounds: GraphBatch
    ) -> tuple[Float[Tensor, "c t d"], Bool[Tensor, "c t"], Float[Tensor, "c d"]]:
        """One state per atom, which places are atoms, and what the graph transformer makes of them."""
        degree = torch.bincount(compounds.edges[1], minlength=len(compounds.atoms))
        atoms = self.messages(compounds) + self.degrees(degree.clamp(max=DEGREES - 1))
        place = torch.arange(len(atoms), device=atoms.device) - compounds.first[compounds.graph]
        x = atoms.new_zeros(len(compounds), int(place.max()) + 1, HIDDEN)
        x = self.project(x.index_put((compounds.graph, place), atoms))
        real = torch.zeros(x.shape[:2], dtype=torch.bool, device=x.device)
        real[compounds.graph, place] = True
        d = x
        for layer in self.graph:
            d = layer(d, real)
        return x, real, self._read(d, real)

    def respond(
        self,
        sample: tuple[Float[Tensor, "m 8 d"], Float[Tensor, "m d"]],
        compound: tuple[Float[Tensor, "m t d"], Bool[Tensor, "m t"], Float[Tensor, "m d"]],
    ) -> Float[Tensor, " m"]:
        """The response of every pair."""
        (before, cell), (x, real, first) = sample, compound
        for number, layer in enumerate(self._streams):
            x = layer.on_drug(x, before[:, number], real)
        drug = (first + self._read(x, real)) / 2
        return self.head(torch.cat([drug, cell], dim=1))[:, 0]

    @property
    def _streams(self) -> "Iterable[CrossLayer]":
        return cast("Iterable[CrossLayer]", self.cross)

    def _read(self, x: Float[Tensor, "m t d"], real: Bool[Tensor, "m t"]) -> Float[Tensor, "m d"]:
        if self.readout is Readout.FIRST:
            return x[:, 0]
        return (x * real[..., None]).sum(dim=1) / real.sum(dim=1, keepdim=True)


DESIGN = Design(DeepCoVDRSettings, DeepCoVDRInputs, DeepCoVDRInputs.fit, DeepCoVDRNetwork)
