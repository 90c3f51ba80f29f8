"""What most peers read of a sample: clipped robust z-scores of some genes."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float32

from drugripple.data.pairs import Pairs
from drugripple.data.tables import ExpressionTable
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predictors.features import CLIP, measured_landmarks, on_genes
from drugripple.predictors.peers.design import Knowledge
from drugripple.predictors.peers.entities import Rows
from drugripple.predictors.peers.settings import PeerSettings


@dataclass(frozen=True)
class ScaledGenes:
    """Some genes on the scale of the training samples."""

    genes: GeneSpace
    scaler: RobustScaler

    @classmethod
    def fit(cls, expression: ExpressionTable, genes: GeneSpace | None = None) -> "ScaledGenes":
        """Medians and MADs of training samples; of the landmark genes that are measured unless others are named."""
        chosen = genes or measured_landmarks(expression)
        return cls(chosen, RobustScaler.fit(on_genes(expression, chosen)))

    def of(self, expression: ExpressionTable) -> Float32[np.ndarray, "n g"]:
        """The z-scores of any samples.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        z = self.scaler.transform(on_genes(expression, self.genes))
        return np.clip(z, -CLIP, CLIP).astype(np.float32)


@dataclass(frozen=True)
class GeneInputs:
    """Features of a peer whose samples are z-scores of genes and nothing else."""

    expression: ScaledGenes

    def reads(self) -> GeneSpace:
        """What a sample has to measure."""
        return self.expression.genes

    def samples(self, expression: ExpressionTable) -> Rows:
        """The genes of the fit.

        Raises:
            GeneSpaceError: if one is not measured.
        """
        return Rows(torch.from_numpy(self.expression.of(expression)))


GeneInputsT = TypeVar("GeneInputsT", bound=GeneInputs)


@dataclass(frozen=True)
class LandmarkInputs(GeneInputs):
    """Features of a peer that learns the scales of the landmark genes from training and nothing else."""

    @classmethod
    def fit(cls: type[GeneInputsT], train: Pairs, _settings: PeerSettings, _knowledge: Knowledge) -> GeneInputsT:
        """The scales of the training samples."""
        return cls(ScaledGenes.fit(train.expression))
