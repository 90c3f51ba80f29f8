"""Precily: scores of gene sets beside words of SMILES, and a perceptron (Chawla et al. 2022).

    z = GSVA(x)                                one score per gene set, beside the training samples
    v = mean of the vectors of the words       100
    h = ReLU(W₂ ReLU(W₁ [z, v])), 512          W₁ is square
    y = W drop(ReLU(...)) of h                 three layers of 256

| symbol | meaning | in the code |
|---|---|---|
| x | expression of the genes of any set | `genes.set_variation.SetVariation` |
| words | pieces of eight characters | `chem.smiles_words.WordVectors` |

Source: doi:10.1038/s41467-022-33291-z and the published hyper-parameters (precily.toml). Written from a specification
of the method, without its code.
Differs: scores are beside the training samples, whichever samples are asked about; word vectors are learnt from the
compounds of L1000 (`word_vectors` takes a published table); widths of the tuned networks are not known.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.smiles_words import WordVectors, learn_word_vectors, read_word_vectors
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.genes.set_variation import SetVariation
from drugripple.genes.space import GeneSpace
from drugripple.predictors.features import on_genes
from drugripple.predictors.peers.design import Design, Knowledge
from drugripple.predictors.peers.entities import Rows
from drugripple.predictors.peers.settings import PeerSettings


class PrecilySettings(PeerSettings):
    """What Precily is made of."""

    fewest: int = Field(5, ge=1)
    """Measured genes that a set has to have."""
    layers: int = Field(3, ge=2, le=6)
    width: int = Field(256, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)
    word_vectors: Path | None = None
    """A table in word2vec's text format; vectors are learnt where none is given."""


@dataclass(frozen=True)
class PrecilyInputs:
    """What Precily reads."""

    pathways: SetVariation
    words: WordVectors

    @classmethod
    def fit(cls, train: Pairs, settings: PrecilySettings, knowledge: Knowledge) -> "PrecilyInputs":
        """Scores beside the training samples, and vectors of words.

        Raises:
            ConfigError: if there are no gene sets, or no structures to learn words from.
            GeneSpaceError: if no set has enough measured genes.
        """
        knowledge.require("precily", "gene_sets")
        if settings.word_vectors is None:
            knowledge.require("precily", "smiles")
        words = (
            read_word_vectors(settings.word_vectors) if settings.word_vectors else learn_word_vectors(knowledge.smiles)
        )
        members = set().union(*knowledge.gene_sets.values())
        genes = GeneSpace(tuple(one for one in train.expression.genes.symbols if one in members))
        values = on_genes(train.expression, genes)
        return cls(SetVariation.fit(genes, values, knowledge.gene_sets, fewest=settings.fewest), words)

    def reads(self) -> GeneSpace:
        """What a sample has to measure."""
        return self.pathways.genes

    def samples(self, expression: ExpressionTable) -> Rows:
        """Scores of gene sets.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        values = on_genes(expression, self.pathways.genes).astype(np.float64)
        return Rows(torch.from_numpy(self.pathways.scores(values)))

    def compounds(self, compounds: CompoundTable) -> Rows:
        """Mean vectors of words."""
        return Rows(torch.from_numpy(self.words.of(compounds.smiles)))


class PrecilyNetwork(nn.Module):
    """A perceptron, whose first layer is computed by halves."""

    def __init__(self, settings: PrecilySettings, inputs: PrecilyInputs) -> None:
        """Layers for as many sets and components as the inputs have."""
        super().__init__()
        self.sets = len(inputs.pathways.sets)
        wide = self.sets + inputs.words.vectors.shape[1]
        self.first, self.second = nn.Linear(wide, wide), nn.Linear(wide, 512)
        widths = (512, *(settings.width,) * settings.layers)
        self.hidden = nn.Sequential(
            nn.Dropout(settings.dropout),
            *(
                layer
                for a, b in pairwise(widths)
                for layer in (nn.Linear(a, b), nn.ReLU(), nn.Dropout(settings.dropout))
            ),
            nn.Linear(settings.width, 1),
        )

    def of_samples(self, samples: Float[Tensor, "n s"]) -> tuple[Float[Tensor, "n w"]]:
        """The half of the first layer that the gene sets are."""
        return (F.linear(samples, self.first.weight[:, : self.sets], self.first.bias),)

    def of_compounds(self, compounds: Float[Tensor, "c d"]) -> tuple[Float[Tensor, "c w"]]:
        """The half that the words are."""
        return (F.linear(compounds, self.first.weight[:, self.sets :]),)

    def respond(
        self, sample: tuple[Float[Tensor, "m w"]], compound: tuple[Float[Tensor, "m w"]]
    ) -> Float[Tensor, " m"]:
        """The response of every pair."""
        return self.hidden(F.relu(self.second(F.relu(sample[0] + compound[0]))))[:, 0]


DESIGN = Design(PrecilySettings, PrecilyInputs, PrecilyInputs.fit, PrecilyNetwork)
