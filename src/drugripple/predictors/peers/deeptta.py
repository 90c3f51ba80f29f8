"""DeepTTA (DeepTTC): a transformer over sub-words of SMILES beside a perceptron of the genes (Jiang et al. 2022).

    s = MLP(x)                                          genes, 1024, 256, 64, 256, a ReLU behind each
    T = encoder⁸(drop(LN(token + position)))            50 sub-words at most, 128 each
    y = MLP([T at the first sub-word, s])               384, 1024, 1024, 512, 1

| symbol | meaning | in the code |
|---|---|---|
| x | genes of the sample, z-scores | `DeepTTAInputs.samples` |
| token, position | learnt vectors | `tokens`, `places` |
| encoder | BERT's layer | `bert.EncoderLayer` |

Source: doi:10.1093/bib/bbac100 and the published hyper-parameters (deeptta.toml). Written from a specification of the
method, without its code.
Differs: the merges (deeptta_merges.txt) were learnt from lead-like molecules of ZINC and compounds of L1000, because
those of its authors, from ChEMBL, have no licence; `merges` takes theirs. A sub-word that is in no vocabulary has a
token of its own, where theirs turns the whole molecule into one token. Nothing is computed of padding, nor of the last
layer but its first token.
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import cast

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.chem.subwords import Merge, split_subwords
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable
from drugripple.errors import SourceError
from drugripple.predictors.peers.bert import EPSILON, EncoderLayer, Layout
from drugripple.predictors.peers.design import Design, Knowledge
from drugripple.predictors.peers.entities import Rows
from drugripple.predictors.peers.expression import GeneInputs, ScaledGenes
from drugripple.predictors.peers.settings import PeerSettings

SHIPPED = Path(__file__).parent / "deeptta_merges.txt"
LONGEST = 50
"""Sub-words of a molecule that are read."""
PADDING, UNKNOWN = 0, 1
"""Tokens that are no sub-word."""
WIDE, HEADS, INNER, LAYERS, DROPOUT = 128, 8, 512, 8, 0.1


class DeepTTASettings(PeerSettings):
    """What DeepTTA is made of."""

    merges: Path | None = None
    """Merges of a published vocabulary, two pieces a line, as subword-nmt writes them; ours where none is given."""


@dataclass(frozen=True)
class DeepTTAInputs(GeneInputs):
    """What DeepTTA reads."""

    merges: tuple[Merge, ...]
    vocabulary: tuple[str, ...]
    """Sub-words; the first has token 2."""

    @classmethod
    def fit(cls, train: Pairs, settings: DeepTTASettings, _knowledge: Knowledge) -> "DeepTTAInputs":
        """The scales of the training samples; the vocabulary is fixed beforehand.

        Raises:
            SourceError: if the merges cannot be read.
        """
        merges = read_merges(settings.merges or SHIPPED)
        letters = {letter for merge in merges for letter in "".join(merge)}
        return cls(
            ScaledGenes.fit(train.expression),
            merges,
            tuple(dict.fromkeys((*sorted(letters), *(left + right for left, right in merges)))),
        )

    def compounds(self, compounds: CompoundTable) -> Rows:
        """Tokens of molecules, with zeros behind the last."""
        number = {piece: token for token, piece in enumerate(self.vocabulary, start=UNKNOWN + 1)}
        tokens = torch.full((len(compounds), LONGEST), PADDING)
        for row, smiles in enumerate(compounds.smiles):
            some = [number.get(piece, UNKNOWN) for piece in split_subwords(smiles, self.merges)[:LONGEST]]
            tokens[row, : len(some)] = torch.tensor(some)
        return Rows(tokens)


def read_merges(path: Path) -> tuple[Merge, ...]:
    """Two pieces a line, after lines that begin with a hash.

    Raises:
        SourceError: if the file cannot be read, or a line holds another number of pieces.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read as merges: {error}"
        raise SourceError(message) from error
    merges = []
    for number, line in enumerate(lines, start=1):
        pieces = line.split()
        if not pieces or line.startswith("#version") or line.startswith("# "):
            continue
        if len(pieces) != 2:
            message = f"{path}, line {number}: expected two pieces and a blank between them, got {line[:60]!r}"
            raise SourceError(message)
        merges.append((pieces[0], pieces[1]))
    return tuple(merges)


class DeepTTANetwork(nn.Module):
    """Both branches and the head."""

    def __init__(self, _settings: DeepTTASettings, inputs: DeepTTAInputs) -> None:
        """Layers for as many genes and sub-words as the inputs have."""
        super().__init__()
        sizes = (len(inputs.expression.genes), 1024, 256, 64, 256)
        self.genes = nn.Sequential(*(layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())))
        self.tokens = nn.Embedding(len(inputs.vocabulary) + UNKNOWN + 1, WIDE)
        self.places = nn.Embedding(LONGEST, WIDE)
        self.norm = nn.LayerNorm(WIDE, eps=EPSILON)
        self.layers = nn.ModuleList(EncoderLayer(WIDE, HEADS, INNER, DROPOUT) for _ in range(LAYERS))
        widths = (WIDE + 256, 1024, 1024, 512)
        self.head = nn.Sequential(
            *(layer for a, b in pairwise(widths) for layer in (nn.Linear(a, b), nn.Dropout(DROPOUT), nn.ReLU())),
            nn.Linear(512, 1),
        )

    def of_samples(self, samples: Float[Tensor, "n g"]) -> tuple[Float[Tensor, "n 256"]]:
        """The branch of the genes."""
        return (self.genes(samples),)

    def of_compounds(self, compounds: Int[Tensor, "c t"]) -> tuple[Float[Tensor, "c 128"]]:
        """The branch of the molecule: its first sub-word, which has looked at the others."""
        real: Bool[Tensor, "c t"] = compounds != PADDING
        longest = int(real.sum(dim=1).max())
        tokens, real = compounds[:, :longest], real[:, :longest]
        layout = Layout.of(real)
        x = self.tokens(tokens[layout.row, layout.place]) + self.places(layout.place)
        x = F.dropout(self.norm(x), DROPOUT, self.training)
        *before, last = self.layers
        for layer in before:
            x = layer(x, layout)
        return (cast("EncoderLayer", last).at_first(x, layout),)

    def respond(
        self, sample: tuple[Float[Tensor, "m 256"]], compound: tuple[Float[Tensor, "m 128"]]
    ) -> Float[Tensor, " m"]:
        """The response of every pair."""
        return self.head(torch.cat([compound[0], sample[0]], dim=1))[:, 0]


DESIGN = Design(DeepTTASettings, DeepTTAInputs, DeepTTAInputs.fit, DeepTTANetwork)
