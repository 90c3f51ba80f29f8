"""What a pair Gaussian process has learnt, and what follows from it for any samples and compounds."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.predictors.pair_gp.kronecker import Scales

BLOCK = 8192
"""Pairs whose covariances stand in memory at once."""


class Relation(NamedTuple):
    """How some samples, or some compounds, relate to those of the fit. Axes: a asked, k of the fit."""

    similarity: Float[np.ndarray, "a k"]
    known: Int[np.ndarray, " a"]
    """Which of the fit's each is; -1 for a new one."""

    def mixed(self, share: float) -> Float[np.ndarray, "a k"]:
        """`share` of the similarity, and the rest where the two are one."""
        covariance = share * self.similarity
        known = np.flatnonzero(self.known >= 0)
        covariance[known, self.known[known]] += 1 - share
        return covariance


@dataclass(frozen=True)
class PairPosterior:
    """The posterior mean of every pair, as weights of the measured ones. Axes: n sample, c compound of the fit."""

    scales: Scales
    mean: float
    weights: Float[np.ndarray, "n c"]
    """(K + noise)⁻¹ (y - mean); zero where nothing was measured, up to the tolerance."""

    def predict(
        self,
        samples: Relation,
        compounds: Relation,
        sample_row: Int[np.ndarray, " m"],
        compound_row: Int[np.ndarray, " m"],
    ) -> Float[np.ndarray, " m"]:
        """Posterior mean of pairs of related samples and compounds."""
        s = self.scales
        of_sample = s.sample_variance * (samples.mixed(s.sample_share) @ self.weights.sum(axis=1))
        of_compound = s.compound_variance * (compounds.mixed(s.compound_share) @ self.weights.sum(axis=0))
        left = s.pair_variance * (samples.mixed(s.pair_sample_share) @ self.weights)
        right = compounds.mixed(s.pair_compound_share)
        found = self.mean + of_sample[sample_row] + of_compound[compound_row]
        for start in range(0, len(found), BLOCK):
            rows = slice(start, start + BLOCK)
            found[rows] += np.einsum("mc,mc->m", left[sample_row[rows]], right[compound_row[rows]])
        return found

    def grid(self, samples: Relation, compounds: Relation) -> Float[np.ndarray, "a b"]:
        """Posterior mean of every related sample with every related compound."""
        return self.mean + covariances_times(self.scales, samples, compounds, self.weights)


def covariances_times(
    scales: Scales, samples: Relation, compounds: Relation, weights: Float[np.ndarray, "n c"]
) -> Float[np.ndarray, "a b"]:
    """The covariances of every related pair with the pairs of the fit, times weights."""
    s = scales
    pair = samples.mixed(s.pair_sample_share) @ weights @ compounds.mixed(s.pair_compound_share).T
    return (
        s.pair_variance * pair
        + s.sample_variance * (samples.mixed(s.sample_share) @ weights.sum(axis=1))[:, None]
        + s.compound_variance * (compounds.mixed(s.compound_share) @ weights.sum(axis=0))[None, :]
    )
