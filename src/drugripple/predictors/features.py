"""Flat features of (line, compound) pairs: expression beside a fingerprint, scaled on the training lines only."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int

from drugripple.chem.fingerprint import morgan
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap

CLIP = 10.0
FEWEST_LANDMARKS = 100


@dataclass(frozen=True)
class PairFeatures:
    """Features per sample and per compound; those of a pair are the two side by side."""

    line: Float32[np.ndarray, "n p"]
    drug: Float32[np.ndarray, "c q"]

    def rows(self, pairs: Pairs) -> Float32[np.ndarray, "m d"]:
        """The features of every measured row."""
        wide = np.empty((len(pairs), self.line.shape[1] + self.drug.shape[1]), dtype=np.float32)
        wide[:, : self.line.shape[1]] = self.line[pairs.sample_row]
        wide[:, self.line.shape[1] :] = self.drug[pairs.compound_row]
        return wide


def landmarks_and_bits(train: ResponseTable, *, radius: int = 2, bits: int = 2048) -> PairFeatures:
    """Robust z-scores of the landmark genes that are measured (all genes where few are), beside Morgan bits.

    Bits that are equal in all training compounds are left out.
    """
    landmarks = SymbolMap.landmarks().space
    measured = tuple(symbol for symbol in landmarks.symbols if symbol in train.expression.genes)
    expression = train.expression
    if len(measured) >= FEWEST_LANDMARKS:
        expression = expression.restrict(GeneSpace(measured))
    lines, drugs = _seen(train)
    z = RobustScaler.fit(expression.values[lines]).transform(expression.values)
    fingerprint = morgan(train.compounds.molecules, radius=radius, bits=bits)
    varying = np.ptp(fingerprint[drugs], axis=0) > 0
    return PairFeatures(np.clip(z, -CLIP, CLIP).astype(np.float32), fingerprint[:, varying])


def components(train: ResponseTable, *, lines: int = 64, drugs: int = 64) -> PairFeatures:
    """Principal components of all genes beside those of count fingerprints, fitted on training lines and compounds."""
    seen_lines, seen_drugs = _seen(train)
    counts = np.log1p(morgan(train.compounds.molecules, counts=True))
    return PairFeatures(
        _project(train.expression.values.astype(np.float32), seen_lines, lines), _project(counts, seen_drugs, drugs)
    )


def _project(
    values: Float32[np.ndarray, "k d"], fitted: Bool[np.ndarray, " k"], size: int
) -> Float32[np.ndarray, "k s"]:
    centred = values - values[fitted].mean(axis=0)
    gram = centred[fitted] @ centred[fitted].T
    spectrum, vectors = np.linalg.eigh(gram.astype(np.float64))
    kept = np.argsort(-spectrum)[: min(size, int((spectrum > 1e-6 * spectrum.max()).sum()))]
    axes = centred[fitted].T @ vectors[:, kept].astype(np.float32)
    return centred @ (axes / np.linalg.norm(axes, axis=0))


def _seen(train: ResponseTable) -> tuple[Bool[np.ndarray, " n"], Bool[np.ndarray, " c"]]:
    return (
        np.bincount(train.sample_row, minlength=len(train.expression)) > 0,
        np.bincount(train.compound_row, minlength=len(train.compounds)) > 0,
    )


def pair_counts(table: ResponseTable) -> Int[np.ndarray, "n c"]:
    """How often every pair was measured."""
    shape = len(table.expression), len(table.compounds)
    return np.bincount(table.pairs.number, minlength=shape[0] * shape[1]).reshape(shape)
