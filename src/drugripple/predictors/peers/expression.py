"""What most peers read of a sample: clipped robust z-scores of some genes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from drugripple.data.tables import ExpressionTable
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predictors.features import CLIP, landmark_panel, on_genes


@dataclass(frozen=True)
class ScaledGenes:
    """Some genes on the scale of the training samples."""

    genes: GeneSpace
    scaler: RobustScaler

    @classmethod
    def fit(cls, expression: ExpressionTable, genes: GeneSpace | None = None) -> "ScaledGenes":
        """Medians and MADs of training samples; of the landmark genes that are measured unless others are named."""
        chosen = genes or landmark_panel(expression)
        return cls(chosen, RobustScaler.fit(on_genes(expression, chosen)))

    def of(self, expression: ExpressionTable) -> Float32[np.ndarray, "n g"]:
        """The z-scores of any samples.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        z = self.scaler.transform(on_genes(expression, self.genes))
        return np.clip(z, -CLIP, CLIP).astype(np.float32)
