"""What the model says of a compound that no training row has: its mean, and how samples deviate from it."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.linalg import cho_factor, cho_solve

from drugripple.predictors.distances import squared_distances
from drugripple.predictors.multi_trait_gp.compound_similarity import (
    CompoundDescriptions,
    chemical_similarity,
    embedding_similarity,
)
from drugripple.predictors.multi_trait_gp.prior import prior_shape

EMBEDDING_LENGTH = 0.9
"""Length of the embedding kernel, in median distances."""
EMBEDDING_NOISE = 0.01
CHEMICAL_NOISE = 0.3
"""Variance that a kernel cannot tell, as a share of the variance of means."""
TINY = 1e-9
"""The smallest error of a map."""
STUDY_CORRELATION = 0.9
"""Correlation of a compound's mean in another study with its mean in training, where embeddings tell them."""


class MeanPrediction(NamedTuple):
    """Means of new compounds. Axis: a compound."""

    mean: Float[np.ndarray, " a"]
    variance: Float[np.ndarray, " a"]


class MeanShares(NamedTuple):
    """What the mean of one new compound is told from: intercept + Σ weights (means - intercept). Axis: c compound."""

    similarity: Float[np.ndarray, " c"]
    weights: Float[np.ndarray, " c"]
    intercept: float


class DeviationShares(NamedTuple):
    """What the deviations of new compounds are told from. Axes: c training compound, a new one."""

    weights: Float[np.ndarray, "c a"]
    left: Float[np.ndarray, " a"]
    """The share of a new compound's variance that the training compounds do not explain."""


@dataclass(frozen=True)
class MeanHead:
    """The mean response of a compound, by a Gaussian process over compounds with an unknown overall mean.

        mean of c in study s = μ + f(c) + noise for training,  μ + ρ f(c) + √(1 - ρ²) d_s(c) + noise for other studies
        f and every d_s ~ N(0, v κ),    κ: RBF of embeddings with ρ = 0.9, else chemical similarity with ρ = 1

    f is what the studies share, d_s what is one study's own: like compounds differ alike between two studies, so that
    d_s is no noise. Compounds of other studies take part with the value that a linear map gives them, and with the
    error of that map as further noise.
    """

    compounds: CompoundDescriptions
    """The compounds of training, then those of other studies."""
    means: Float[np.ndarray, " c"]
    extra_noise: Float[np.ndarray, " c"]
    """Variance of each mean beyond the common noise; 0 for compounds of training."""
    study: Int[np.ndarray, " c"]
    """Which study each mean is of: 0 for training, then a number for each of the others."""
    map_variance: Float[np.ndarray, " c"]
    """Residual variance of the map that gave each mean of another study; 0 for training."""
    further: tuple[str, ...]
    """Names of the compounds of other studies."""

    @property
    def trained(self) -> int:
        """How many of the compounds are of training."""
        return int((self.study == 0).sum())

    def mean(self, compounds: CompoundDescriptions) -> Float[np.ndarray, " a"]:
        """The mean alone, which costs a fraction of its variance."""
        mean = self._intercept + self._across(compounds) @ self._weights
        for row, places in self._measured(compounds).items():
            mean[row] = self._shares_of(places) @ self.means[places]
        return mean

    def predict(self, compounds: CompoundDescriptions) -> MeanPrediction:
        """Mean and its variance for compounds that are not among the training ones."""
        across = self._across(compounds)
        solved = cho_solve(self._factor, across.T)
        of_intercept = (1 - across @ self._ones) ** 2 / self._ones.sum()
        left = 1 + self._noise - (across * solved.T).sum(axis=1) + of_intercept
        found = MeanPrediction(self._intercept + across @ self._weights, self._variance * np.maximum(left, self._noise))
        for row, places in self._measured(compounds).items():
            found.mean[row] = self._shares_of(places) @ self.means[places]
            found.variance[row] = self.map_variance[places].min()
        return found

    def measured_elsewhere(self, compounds: CompoundDescriptions) -> Bool[np.ndarray, " a"]:
        """Which compounds another study measured."""
        return np.isin(np.arange(len(compounds)), list(self._measured(compounds)))

    def _shares_of(self, places: Int[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
        """Weights of some means: the precision of their maps, which may be perfect, over the sum of all."""
        precision = 1 / np.maximum(self.map_variance[places], TINY)
        return precision / precision.sum()

    def _measured(self, compounds: CompoundDescriptions) -> dict[int, Int[np.ndarray, " k"]]:
        """Where the means of other studies stand that are of the very compound; a salt or stereoisomer counts as it."""
        found = ((row, self._places_of_studies.get(one.key)) for row, one in enumerate(compounds.molecules))
        return {row: places for row, places in found if places is not None}

    @cached_property
    def _places_of_studies(self) -> dict[str, Int[np.ndarray, " k"]]:
        places: dict[str, list[int]] = {}
        for place in np.flatnonzero(self.study > 0).tolist():
            places.setdefault(self.compounds.molecules[place].key, []).append(place)
        return {key: np.array(several) for key, several in places.items()}

    def shares(self, compound: CompoundDescriptions) -> MeanShares:
        """How the mean of one compound that is not among the training ones comes about."""
        similarity = self._similarity(compound, self.compounds)[0]
        weights = cho_solve(self._factor, similarity * self._loading)
        for places in self._measured(compound).values():
            weights = np.zeros(len(weights))
            weights[places] = self._shares_of(places)
        return MeanShares(similarity, weights, self._intercept)

    def _across(self, compounds: CompoundDescriptions) -> Float[np.ndarray, "a c"]:
        """Covariance of new compounds with those of the head, in units of v."""
        return self._similarity(compounds, self.compounds) * self._loading

    @cached_property
    def _loading(self) -> Float[np.ndarray, " c"]:
        correlation = 1.0 if self.compounds.embedding is None else STUDY_CORRELATION
        return np.where(self.study == 0, 1.0, correlation)

    def _similarity(self, one: CompoundDescriptions, other: CompoundDescriptions) -> Float[np.ndarray, "a b"]:
        if self.compounds.embedding is None:
            return chemical_similarity(one, other)
        return embedding_similarity(one, other, self._squared_length)

    @property
    def _noise(self) -> float:
        return CHEMICAL_NOISE if self.compounds.embedding is None else EMBEDDING_NOISE

    @cached_property
    def _squared_length(self) -> float:
        embedding = self.compounds.embedding
        if embedding is None or self.trained < 2:
            return 1.0
        wide = embedding[: self.trained].astype(np.float64)
        above = squared_distances(wide, wide)[np.triu_indices(self.trained, 1)]
        return max(EMBEDDING_LENGTH**2 * float(np.median(above)), 1e-12)

    @cached_property
    def _covariance(self) -> Float[np.ndarray, "c c"]:
        variance = max(float(self.means[: self.trained].var()), 1e-12)
        own = self._noise + self.extra_noise / variance
        same = self.study[:, None] == self.study[None, :]
        correlation = np.where(same, 1.0, np.outer(self._loading, self._loading))
        return self._similarity(self.compounds, self.compounds) * correlation + np.diag(own)

    @cached_property
    def _factor(self) -> tuple[Float[np.ndarray, "c c"], bool]:
        return cho_factor(self._covariance)

    @cached_property
    def _ones(self) -> Float[np.ndarray, " c"]:
        """C⁻¹ 1, for the covariance C of the means."""
        return cho_solve(self._factor, np.ones(len(self.means)))

    @cached_property
    def _intercept(self) -> float:
        return float(self._ones @ self.means / self._ones.sum())

    @cached_property
    def _weights(self) -> Float[np.ndarray, " c"]:
        return cho_solve(self._factor, self.means - self._intercept)

    @cached_property
    def _variance(self) -> float:
        """v: each training compound's mean, told from all others, is as far off as predicted, on average of squares.

        Source: Rasmussen and Williams 2006, equations 5.12 and 2.43. Differs: the likelihood of the means would give a
        third of it with embeddings, whose kernel was chosen for its errors and not for its likelihood.
        """
        precision = np.diag(cho_solve(self._factor, np.eye(len(self.means))))
        alone = (precision - self._ones**2 / self._ones.sum())[: self.trained]
        told = alone > TINY
        return float((self._weights[: self.trained][told] ** 2 / alone[told]).mean()) if told.any() else 0.0


@dataclass(frozen=True)
class DeviationHead:
    """How samples deviate from a new compound's mean: the deviations of the training compounds, weighted by likeness.

    deviation of c = Σ_j B_jc deviation of j + rest,    B = S⁻¹ s_c,    S the shape of the priors of G and H
    """

    compounds: CompoundDescriptions
    common: float
    similar: float

    def weights(self, compounds: CompoundDescriptions) -> Float[np.ndarray, "c a"]:
        """B."""
        return np.linalg.solve(self.shape, self._across(compounds))

    def shares(self, compounds: CompoundDescriptions) -> DeviationShares:
        """B, and what it leaves."""
        across = self._across(compounds)
        weights = np.linalg.solve(self.shape, across)
        return DeviationShares(weights, np.maximum(1 - (across * weights).sum(axis=0), 0))

    def _across(self, compounds: CompoundDescriptions) -> Float[np.ndarray, "c a"]:
        return self.common + self.similar * chemical_similarity(self.compounds, compounds)

    @cached_property
    def shape(self) -> Float[np.ndarray, "c c"]:
        """S."""
        similarity = chemical_similarity(self.compounds, self.compounds)
        return prior_shape(similarity, common=self.common, similar=self.similar)
