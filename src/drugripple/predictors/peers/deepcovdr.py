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
that the released code never reads are left out. Nothing is computed of padding, nor of a last layer
but what is read.
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
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predictors.features import on_genes
from drugripple.predictors.peers.bert import EncoderLayer, Layout, Residual, SelfAttention
from drugripple.predictors.peers.design import Design, Knowledge
from drugripple.predictors.peers.entities import GraphBatch, Graphs, MoleculeGraph, Rows
from drugripple.predictors.peers.expression import LandmarkInputs
from drugripple.predictors.peers.molecules import HYBRIDS, bonds_both_ways, one_hot
from drugripple.predictors.peers.settings import PeerSettings

WIDE, HEADS, INNER, LAYERS, DROPOUT = 128, 8, 512, 8, 0.1
HIDDEN, STEPS, DEGREES = 300, 3, 300
BONDS = tuple(getattr(Chem.BondType, name) for name in ("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC"))
ATOM_FEATURES, BOND_FEATURES = 133, 14


class Readout(StrEnum):
    """Which atoms speak for the molecule."""

    FIRST = "first"
    """The first of the SMILES, as in the released code."""
    MEAN = "mean"
    """All, so that their order does not matter."""


class Scaling(StrEnum):
    """What a gene's value is relative to."""

    GENE = "gene"
    """A value is relative to the gene's median and MAD over the training samples."""
    SAMPLE = "sample"
    """A value is relative to the mean and standard deviation of all genes of the sample, as in the released code."""


class DeepCoVDRSettings(PeerSettings):
    """What DeepCoVDR is made of."""

    readout: Readout = Readout.FIRST
    scaling: Scaling = Scaling.GENE


@dataclass(frozen=True)
class DeepCoVDRInputs(LandmarkInputs):
    """What DeepCoVDR reads."""

    scaling: Scaling = Scaling.GENE

    @classmethod
    def fit_scaled(cls, train: Pairs, settings: DeepCoVDRSettings, knowledge: Knowledge) -> "DeepCoVDRInputs":
        """The landmark genes, and what they are relative to."""
        return cls(cls.fit(train, settings, knowledge).expression, settings.scaling)

    def samples(self, expression: ExpressionTable) -> Rows:
        """The genes of the fit.

        Raises:
            GeneSpaceError: if one is not measured.
        """
        if self.scaling is Scaling.GENE:
            return super().samples(expression)
        values = on_genes(expression, self.expression.genes).astype(np.float64)
        centred = values - values.mean(axis=1, keepdims=True)
        return Rows(torch.from_numpy((centred / centred.std(axis=1, keepdims=True)).astype(np.float32)))

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
        return self.residual(c, self.cell.value(c))

    def on_drug(self, x: Float[Tensor, "t d"], c: Float[Tensor, "m d"], layout: Layout) -> Float[Tensor, "t d"]:
        """The compound's stream: every atom gets what the sample's query finds among the atoms."""
        return self.residual(x, self.found(x, c, layout), layout.row)

    def on_first(self, x: Float[Tensor, "t d"], c: Float[Tensor, "m d"], layout: Layout) -> Float[Tensor, "m d"]:
        """The compound's stream for the first atom alone."""
        return self.residual(x[layout.first], self.found(x, c, layout))

    def found(self, x: Float[Tensor, "t d"], c: Float[Tensor, "m d"], layout: Layout) -> Float[Tensor, "m d"]:
        """Attention with one query per pair, whose keys and values are never made atom by atom.

        q·(W_k x_t + b_k) = (W_kᵀ q)·x_t + q·b_k        Σ_t α_t (W_v x_t + b_v) = W_v Σ_t α_t x_t + b_v Σ_t α_t
        """
        key, value, padded = self.drug.key, self.drug.value, layout.pad(x)
        query = self.cell.query(c).unflatten(-1, (HEADS, -1))
        heads = key.weight.unflatten(0, (HEADS, -1))
        scores = torch.einsum("mhk,hkd->mhd", query, heads) @ padded.mT
        scores = (scores + (query * key.bias.unflatten(0, (HEADS, -1))).sum(dim=-1, keepdim=True)) * query.shape[
            -1
        ] ** -0.5
        alpha = F.dropout(scores.masked_fill(~layout.real[:, None], -torch.inf).softmax(dim=-1), DROPOUT, self.training)
        gathered = torch.einsum("mhd,hkd->mhk", alpha @ padded, value.weight.unflatten(0, (HEADS, -1)))
        return (gathered + alpha.sum(dim=-1, keepdim=True) * value.bias.unflatten(0, (HEADS, -1))).flatten(1)


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
        x = self.project(atoms)
        atoms_of = torch.bincount(compounds.graph, minlength=len(compounds))
        layout = Layout.of(torch.arange(int(atoms_of.max()), device=x.device) < atoms_of[:, None])
        d = x
        *before, last = cast("Iterable[EncoderLayer]", self.graph)
        for layer in before:
            d = layer(d, layout)
        if self.readout is Readout.FIRST:
            return layout.pad(x), layout.real, last.at_first(d, layout)
        return layout.pad(x), layout.real, _mean(last(d, layout), layout)

    def respond(
        self,
        sample: tuple[Float[Tensor, "m 8 d"], Float[Tensor, "m d"]],
        compound: tuple[Float[Tensor, "m t d"], Bool[Tensor, "m t"], Float[Tensor, "m d"]],
    ) -> Float[Tensor, " m"]:
        """The response of every pair."""
        (before, cell), (padded, real, graph) = sample, compound
        layout = Layout.of(real)
        x, (*layers, last) = layout.pack(padded), self._streams
        for number, layer in enumerate(layers):
            x = layer.on_drug(x, before[:, number], layout)
        if self.readout is Readout.FIRST:
            read = last.on_first(x, before[:, -1], layout)
        else:
            read = _mean(last.on_drug(x, before[:, -1], layout), layout)
        return self.head(torch.cat([(graph + read) / 2, cell], dim=1))[:, 0]

    @property
    def _streams(self) -> "Iterable[CrossLayer]":
        return cast("Iterable[CrossLayer]", self.cross)


def _mean(x: Float[Tensor, "t d"], layout: Layout) -> Float[Tensor, "b d"]:
    """The mean over the atoms of each molecule."""
    return layout.pad(x).sum(dim=1) / layout.real.sum(dim=1, keepdim=True)


DESIGN = Design(DeepCoVDRSettings, DeepCoVDRInputs, DeepCoVDRInputs.fit_scaled, DeepCoVDRNetwork)
