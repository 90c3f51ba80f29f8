"""Similarity of samples by the ranks of their genes: fitted on training samples, asked about any others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float16, Float32

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError
from drugripple.genes.ranks import normal_scores
from drugripple.genes.space import GeneSpace
from drugripple.predictors.distances import squared_distances
from drugripple.predictors.multi_trait_gp.derivatives import GeneDerivatives, PairDerivatives

FEWEST_SHARED_GENES = 50
"""Number of shared genes below which ranks within a sample mean too little."""
SMALLEST_DEVIATION = 1e-3
"""A gene that varies less among training samples is scaled as if it varied so much."""


class GeneLevels(NamedTuple):
    """Genes that some samples share with training. Axes: g gene, a sample asked about."""

    genes: GeneSpace
    mean: Float[np.ndarray, " g"]
    """Mean of the normal scores of each gene over training samples."""
    deviation: Float[np.ndarray, " g"]
    scores: Float[np.ndarray, "a g"]
    """Normal scores of the samples asked about."""


@dataclass(frozen=True)
class SampleKernel:
    """exp(-d² / (length x median d²)), centred on training samples and scaled to a mean diagonal of 1.

        d² = Σ_g (z_g - z'_g)² / sd_g,    z: normal score of a gene's rank within its sample

    Ranks make it independent of the platform and the scale of the expression. Means, deviations, the median and the
    centring come from training samples only.
    """

    samples: tuple[str, ...]
    genes: GeneSpace
    scores: Float16[np.ndarray, "n g"]
    """Normal scores of the training samples; in half precision two neighbours among 5,000 genes still differ."""
    length: float = 1.2

    @classmethod
    def fit(cls, expression: ExpressionTable, *, length: float = 1.2) -> "SampleKernel":
        """The kernel of some training samples."""
        return cls(expression.samples, expression.genes, normal_scores(expression.values), length)

    @cached_property
    def matrix(self) -> Float[np.ndarray, "n n"]:
        """Similarity of the training samples to one another."""
        centred = self._plain - self._row_means - self._row_means[:, None] + self._row_means.mean()
        return centred / self._scale

    def rows(self, expression: ExpressionTable) -> Float[np.ndarray, "a n"]:
        """Similarity of other samples to the training samples, over the genes that both have.

        Raises:
            GeneSpaceError: if they share too few genes.
        """
        kernel, scores = self._shared(expression)
        plain = kernel._similarity(kernel._scaled(scores), kernel._features)
        return kernel._centred(plain, plain.mean(axis=1), kernel._row_means) / kernel._scale

    def among(self, expression: ExpressionTable) -> Float[np.ndarray, "a a"]:
        """Similarity of other samples to one another.

        Raises:
            GeneSpaceError: if they share too few genes with the training samples.
        """
        kernel, scores = self._shared(expression)
        placed = kernel._placed(scores)
        return kernel._cross(placed, placed)

    def between(self, one: ExpressionTable, other: ExpressionTable) -> Float[np.ndarray, "a b"]:
        """Similarity of some samples to others, over the genes that both tables and training have.

        Where these are too few for ranks to mean anything it is 0, that of two random samples.
        """
        symbols = tuple(s for s in self.genes.symbols if s in one.genes and s in other.genes)
        if len(symbols) < self._fewest:
            return np.zeros((len(one), len(other)))
        genes = GeneSpace(symbols)
        kernel, scores = self._shared(one.restrict(genes))
        return kernel._cross(kernel._placed(scores), kernel._placed(normal_scores(other.restrict(genes).values)))

    def with_itself(self, expression: ExpressionTable) -> Float[np.ndarray, " a"]:
        """Similarity of each of some other samples to itself: the diagonal of `among`.

        Raises:
            GeneSpaceError: if they share too few genes with the training samples.
        """
        kernel, scores = self._shared(expression)
        _, means = kernel._placed(scores)
        return (1 - 2 * means + kernel._row_means.mean()) / kernel._scale

    def scores_of(self, expression: ExpressionTable) -> Float16[np.ndarray, "a g"]:
        """Normal scores of other samples in the genes of training; NaN for a gene that was not measured.

        Raises:
            GeneSpaceError: if they share too few genes with the training samples.
        """
        kernel, scores = self._shared(expression)
        found = np.full((len(expression), len(self.genes)), np.nan, dtype=np.float16)
        found[:, self.genes.positions(kernel.genes.symbols)] = scores
        return found

    def levels(self, expression: ExpressionTable) -> "GeneLevels":
        """Level and spread of each gene that other samples share with training.

        Raises:
            GeneSpaceError: if they share too few genes with the training samples.
        """
        kernel, scores = self._shared(expression)
        mean, root_deviation = kernel._gene_statistics
        return GeneLevels(kernel.genes, mean, root_deviation**2, scores.astype(np.float64))

    def gene_derivatives(self, one: ExpressionTable) -> GeneDerivatives:
        """Derivative of the similarity to every training sample by the normal score of every gene of one sample.

        K_i = (e_i - mean of e - constant_i) / scale,    ∂e_i/∂f_g = -2 e_i (f_g - f_ig) / l

        Raises:
            GeneSpaceError: if it shares too few genes with the training samples.
        """
        kernel, scores = self._shared(one)
        own, features, (_, root) = kernel._scaled(scores)[0], kernel._features, kernel._gene_statistics
        rate = -2 * root / (kernel.length * kernel._median * kernel._scale)
        near = kernel._similarity(own[None], features)[0]
        return GeneDerivatives(kernel.genes, own / root, rate, own, features, kernel._single, near, kernel._plain)

    def pair_derivatives(self, one: ExpressionTable, genes: Sequence[str]) -> PairDerivatives:
        """Second derivative of the similarity to every training sample by every two of some genes of one sample.

        ∂²e_i/∂f_g∂f_h = 4 e_i (f_g - f_ig)(f_h - f_ih) / l²,  g ≠ h

        Raises:
            GeneSpaceError: if it shares too few genes with the training samples, or a gene is not among them.
        """
        kernel, scores = self._shared(one)
        at, (first, second) = kernel.genes.positions(genes), np.triu_indices(len(genes), 1)
        own, features, root = kernel._scaled(scores), kernel._features[:, at], kernel._gene_statistics[1][at]
        rate = 4 * root[first] * root[second] / ((kernel.length * kernel._median) ** 2 * kernel._scale)
        away, near = own[0, at] - features, kernel._similarity(own, kernel._features)[0]
        change = rate * near[:, None] * away[:, first] * away[:, second]
        plain, a, b = kernel._plain / len(features), features[:, first], features[:, second]
        pulled = plain @ features
        mean = plain @ (a * b) - a * pulled[:, second] - b * pulled[:, first] + a * b * plain.sum(axis=1)[:, None]
        return PairDerivatives(first, second, change - change.mean(axis=0), rate * (mean - mean.mean(axis=0)))

    def rows_after(self, one: ExpressionTable, gene: str, changes: Float[np.ndarray, " k"]) -> Float[np.ndarray, "k n"]:
        """Similarity of one sample to the training samples, had one gene changed, in deviations as `level`.

        Raises:
            GeneSpaceError: if it shares too few genes with the training samples, or the gene is not among them.
        """
        kernel, scores = self._shared(one)
        at = int(kernel.genes.positions([gene])[0])
        moved = np.repeat(kernel._scaled(scores), len(changes), axis=0)
        moved[:, at] += changes * kernel._gene_statistics[1][at]
        plain = kernel._similarity(moved, kernel._features)
        return kernel._centred(plain, plain.mean(axis=1), kernel._row_means) / kernel._scale

    @cached_property
    def training(self) -> ExpressionTable:
        """The training samples, with normal scores for expression."""
        return ExpressionTable(self.samples, self.genes, self.scores, ExpressionScale.SAMPLE_Z)

    def correlation(self, expression: ExpressionTable) -> Float[np.ndarray, "a n"]:
        """Correlation of samples with the training samples, of normal scores less the training samples' mean.

        Raises:
            GeneSpaceError: if they share too few genes.
        """
        kernel, scores = self._shared(expression)
        return _unit(kernel._scaled(scores)) @ kernel._unit_features.T

    def correlation_in_training(self, expression: ExpressionTable) -> Float[np.ndarray, "n n"]:
        """Correlation of the training samples with one another, over the genes that `expression` has too."""
        return self._shared(expression)[0]._correlation

    def _shared(self, expression: ExpressionTable) -> tuple["SampleKernel", Float16[np.ndarray, "a g"]]:
        """The kernel over shared genes, and the scores of the samples asked about."""
        if self.genes.digest == expression.genes.digest:
            return self, normal_scores(expression.values)
        if all(symbol in expression.genes for symbol in self.genes.symbols):
            return self, normal_scores(expression.restrict(self.genes).values)
        shared = self.genes.shared_with(expression.genes)
        known = self._restricted.get(shared.digest)
        if known is not None:
            return known, normal_scores(expression.restrict(shared).values)
        if len(shared) < self._fewest:
            message = (
                f"the samples share {len(shared):,} genes with the {len(self.genes):,} that the model was trained on; "
                f"at least {FEWEST_SHARED_GENES} are needed; are genes given as HGNC symbols?"
            )
            raise GeneSpaceError(message)
        scores = normal_scores(self.scores[:, self.genes.positions(shared.symbols)])
        self._restricted[shared.digest] = replace(self, genes=shared, scores=scores)
        return self._restricted[shared.digest], normal_scores(expression.restrict(shared).values)

    @property
    def _fewest(self) -> int:
        return min(FEWEST_SHARED_GENES, len(self.genes))

    @cached_property
    def _restricted(self) -> dict[str, "SampleKernel"]:
        """The kernels over fewer genes that were asked for, by the digest of the genes."""
        return {}

    @cached_property
    def _gene_statistics(self) -> tuple[Float[np.ndarray, " g"], Float[np.ndarray, " g"]]:
        wide = self.scores.astype(np.float64)
        return wide.mean(axis=0), np.sqrt(np.maximum(wide.std(axis=0), SMALLEST_DEVIATION))

    def _scaled(self, scores: Float16[np.ndarray, "a g"]) -> Float[np.ndarray, "a g"]:
        mean, root_deviation = self._gene_statistics
        return (scores - mean) / root_deviation

    @cached_property
    def _features(self) -> Float[np.ndarray, "n g"]:
        return self._scaled(self.scores)

    @cached_property
    def _single(self) -> Float32[np.ndarray, "n g"]:
        return self._features.astype(np.float32)

    @cached_property
    def _sizes(self) -> Float[np.ndarray, " n"]:
        return (self._features**2).sum(axis=1)

    @cached_property
    def _squared(self) -> Float[np.ndarray, "n n"]:
        return squared_distances(self._features, self._features)

    @cached_property
    def _unit_features(self) -> Float[np.ndarray, "n g"]:
        return _unit(self._features)

    @cached_property
    def _correlation(self) -> Float[np.ndarray, "n n"]:
        return self._unit_features @ self._unit_features.T

    @cached_property
    def _median(self) -> float:
        above = self._squared[np.triu_indices(len(self._squared), 1)]
        return max(float(np.median(above)), 1e-12) if above.size else 1.0

    def _similarity(self, one: Float[np.ndarray, "a g"], other: Float[np.ndarray, "b g"]) -> Float[np.ndarray, "a b"]:
        sizes = self._sizes if other is self._features else None
        return np.exp(-squared_distances(one, other, sizes) / (self.length * self._median))

    @cached_property
    def _plain(self) -> Float[np.ndarray, "n n"]:
        return np.exp(-self._squared / (self.length * self._median))

    @cached_property
    def _row_means(self) -> Float[np.ndarray, " n"]:
        return self._plain.mean(axis=1)

    @cached_property
    def _scale(self) -> float:
        return max(float(np.diag(self._plain).mean() - self._row_means.mean()), 1e-12)

    def _placed(self, scores: Float16[np.ndarray, "a g"]) -> tuple[Float[np.ndarray, "a g"], Float[np.ndarray, " a"]]:
        """Features of other samples, and their mean similarity to the training samples before it is centred."""
        features = self._scaled(scores)
        return features, self._similarity(features, self._features).mean(axis=1)

    def _cross(
        self,
        one: tuple[Float[np.ndarray, "a g"], Float[np.ndarray, " a"]],
        other: tuple[Float[np.ndarray, "b g"], Float[np.ndarray, " b"]],
    ) -> Float[np.ndarray, "a b"]:
        return self._centred(self._similarity(one[0], other[0]), one[1], other[1]) / self._scale

    def _centred(
        self, plain: Float[np.ndarray, "a b"], one: Float[np.ndarray, " a"], other: Float[np.ndarray, " b"]
    ) -> Float[np.ndarray, "a b"]:
        return plain - one[:, None] - other[None, :] + self._row_means.mean()


def _unit(features: Float[np.ndarray, "a g"]) -> Float[np.ndarray, "a g"]:
    centred = features - features.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
