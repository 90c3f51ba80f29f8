"""Flat features of pairs: transformers that are fitted on training samples and compounds, and applied to any table."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from drugripple.chem.fingerprint import morgan
from drugripple.data.pairs import Pairs
from drugripple.data.tables import ExpressionTable
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap

CLIP = 10.0
FEWEST_LANDMARKS = 100
BLOCK = 8192
"""Pairs whose features stand side by side in memory at once."""


@dataclass(frozen=True)
class PairFeatures:
    """One row per sample and one per compound; the features of a pair are the two side by side."""

    sample: Float32[np.ndarray, "n p"]
    compound: Float32[np.ndarray, "c q"]

    def rows(self, pairs: Pairs) -> Float32[np.ndarray, "m d"]:
        """The features of every pair."""
        wide = np.empty((len(pairs), self.sample.shape[1] + self.compound.shape[1]), dtype=np.float32)
        wide[:, : self.sample.shape[1]] = self.sample[pairs.sample_row]
        wide[:, self.sample.shape[1] :] = self.compound[pairs.compound_row]
        return wide


@dataclass(frozen=True)
class LandmarksAndBits:
    """Robust z-scores of the landmark genes that are measured (of all genes where few are), beside Morgan bits."""

    genes: GeneSpace
    scaler: RobustScaler
    bits: Int[np.ndarray, " q"]
    """The bits that differ between training compounds."""
    width: int
    """Bits of a whole fingerprint."""

    @classmethod
    def fit(cls, train: Pairs, *, width: int = 2048) -> "LandmarksAndBits":
        """Learn genes, scale and bits from the samples and compounds of a compact table (`Pairs.compact`)."""
        genes = measured_landmarks(train.expression)
        fingerprint = morgan(train.compounds.molecules, bits=width)
        return cls(
            genes,
            RobustScaler.fit(on_genes(train.expression, genes)),
            np.flatnonzero(np.ptp(fingerprint, axis=0) > 0),
            width,
        )

    def of(self, pairs: Pairs) -> PairFeatures:
        """The features of some samples and compounds.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        z = self.scaler.transform(on_genes(pairs.expression, self.genes))
        fingerprint = morgan(pairs.compounds.molecules, bits=self.width)
        return PairFeatures(np.clip(z, -CLIP, CLIP).astype(np.float32), fingerprint[:, self.bits])


@dataclass(frozen=True)
class PrincipalAxes:
    """Scores on the leading principal components of the rows of a fit."""

    mean: Float32[np.ndarray, " d"]
    axes: Float32[np.ndarray, "d s"]

    @classmethod
    def fit(cls, values: Float32[np.ndarray, "k d"], fitted: Bool[np.ndarray, " k"], size: int) -> "PrincipalAxes":
        """The axes of the fitted rows by their Gram matrix, because there are fewer rows than columns."""
        mean = values[fitted].mean(axis=0)
        centred = values[fitted] - mean
        # Two buffers keep the product off the symmetric routine of BLAS, whose last bits would grow other trees.
        spectrum, vectors = np.linalg.eigh((centred @ centred.copy().T).astype(np.float64))
        kept = np.argsort(-spectrum)[: min(size, int((spectrum > 1e-6 * spectrum.max()).sum()))]
        axes = centred.T @ vectors[:, kept].astype(np.float32)
        return cls(mean, axes / np.linalg.norm(axes, axis=0))

    def of(self, values: Float32[np.ndarray, "k d"]) -> Float32[np.ndarray, "k s"]:
        """The scores of some rows."""
        return (values - self.mean) @ self.axes


@dataclass(frozen=True)
class Components:
    """Principal components of all genes, beside those of the logarithms of Morgan counts."""

    genes: GeneSpace
    sample: PrincipalAxes
    compound: PrincipalAxes

    @classmethod
    def fit(cls, train: Pairs, *, samples: int = 64, compounds: int = 64) -> "Components":
        """Learn the components of the samples and compounds that occur in training pairs."""
        genes = train.expression.genes
        values = on_genes(train.expression, genes).astype(np.float32)
        sample, compound = (
            np.bincount(row, minlength=length) > 0
            for row, length in ((train.sample_row, len(values)), (train.compound_row, len(train.compounds)))
        )
        return cls(
            genes,
            PrincipalAxes.fit(values, sample, samples),
            PrincipalAxes.fit(_log_counts(train), compound, compounds),
        )

    def of(self, pairs: Pairs) -> PairFeatures:
        """The features of some samples and compounds.

        Raises:
            GeneSpaceError: if a gene of the fit is not measured.
        """
        values = on_genes(pairs.expression, self.genes).astype(np.float32)
        return PairFeatures(self.sample.of(values), self.compound.of(_log_counts(pairs)))


def measured_landmarks(expression: ExpressionTable) -> GeneSpace:
    """The landmark genes that are measured, in their order; all genes where those are few."""
    landmarks = SymbolMap.landmarks().space
    measured = tuple(symbol for symbol in landmarks.symbols if symbol in expression.genes)
    return GeneSpace(measured) if len(measured) >= FEWEST_LANDMARKS else expression.genes


def on_genes(expression: ExpressionTable, genes: GeneSpace) -> Float[np.ndarray, "n g"]:
    """Expression of some genes, laid out alike whatever the order of the table's genes: sums then have the same bits.

    Raises:
        GeneSpaceError: naming the first five genes that are not measured.
    """
    return np.ascontiguousarray(expression.restrict(genes).values)


def _log_counts(pairs: Pairs) -> Float32[np.ndarray, "c d"]:
    return np.log1p(morgan(pairs.compounds.molecules, counts=True))
