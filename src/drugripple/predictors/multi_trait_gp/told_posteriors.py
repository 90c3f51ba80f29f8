"""All compounds that training lacks and that were measured since, conditioned on what was measured.

The equations are those of `told_compounds.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from drugripple.data.tables import ExpressionTable
from drugripple.predictors.multi_trait_gp.told_compounds import Rest, Standings, ToldPosterior, Update
from drugripple.predictors.multi_trait_gp.told_samples import (
    SampleGroup,
    asked_groups,
    group_similarity,
    known_groups,
    similarity_with_itself,
)

if TYPE_CHECKING:
    from drugripple.predictors.multi_trait_gp.fitted import FittedTraits


@dataclass(frozen=True)
class Among:
    """Samples that the model knows by name, and compounds that training lacks. Axes: k sample, b compound."""

    rest: Rest
    groups: list[SampleGroup]
    deviations: Float[np.ndarray, "k c"]
    """f̂."""
    standings: Standings
    similarity: Float[np.ndarray, "k k"]
    """K."""
    variance: Float[np.ndarray, "k b"]
    """BᵀCov_iB of every compound."""

    @classmethod
    def of(cls, traits: "FittedTraits", names: Sequence[str], weights: Float[np.ndarray, "c b"]) -> "Among":
        """What is known of samples, by name; `weights` are B of the compounds."""
        groups = known_groups(traits.kernel, traits.told_samples, names)
        deviations, variance = np.zeros((len(names), len(weights))), np.zeros((len(names), weights.shape[1]))
        for group in groups:
            deviations[group.rows] = traits.deviations(group.table)
            for here, covariance in zip(group.rows.tolist(), traits.covariances(group.table), strict=True):
                variance[here] = ((covariance @ weights) * weights).sum(axis=0)
        rest = Rest.of(*traits.sizes, traits.deviation_head.shape, traits.posterior.deviations)
        standings = _standings(traits, rest, groups, deviations)
        similarity = group_similarity(traits.kernel, traits.posterior.samples, groups, groups)
        return cls(rest, groups, deviations, standings, similarity, variance)


@dataclass(frozen=True)
class ToldPosteriors:
    """The posteriors by identity key, and the samples that measurements are of. Axis: k measured sample."""

    traits: "FittedTraits"
    place: Mapping[str, int]
    """Place of each measured sample among all of them."""
    among: Among
    found: Mapping[str, ToldPosterior]

    @classmethod
    def of(cls, traits: "FittedTraits") -> "ToldPosteriors":
        """Solve the system of every compound that was measured."""
        names = sorted({name for one in traits.told.values() for name in one.samples})
        keys, place = sorted(traits.told), {name: row for row, name in enumerate(names)}
        weights = np.stack([traits.told[key].weights for key in keys], axis=1)
        among = Among.of(traits, names, weights)
        noise, found = float(np.median(traits.posterior.covariances.noise)), {}
        for column, key in enumerate(keys):
            one = traits.told[key]
            there = np.array([place[name] for name in one.averaged()[0]])
            found[key] = ToldPosterior.solve(
                one, among.rest, among.standings.take(there), among.similarity[np.ix_(there, there)],
                among.deviations[there] @ weights[:, column], among.variance[there, column], noise,
            )  # fmt: skip
        return cls(traits, place, among, found)

    def update(
        self, expression: ExpressionTable, deviations: Float[np.ndarray, "a c"], told: Mapping[int, str], columns: int
    ) -> Update:
        """What the measurements change for some samples.

        Args:
            expression: the samples.
            deviations: their f̂.
            told: identity keys of the compounds asked about that were measured, by column.
            columns: how many compounds are asked about.
        """
        traits, update = self.traits, Update.none(len(expression), columns)
        groups = asked_groups(traits.kernel, traits.told_samples, expression)
        asked = _standings(traits, self.among.rest, groups, deviations)
        similarity = group_similarity(traits.kernel, traits.posterior.samples, groups, self.among.groups)
        same = np.array(expression.samples, dtype=object)[:, None] == np.array(list(self.place), dtype=object)
        for column, key in told.items():
            one = self.found[key]
            there = [self.place[name] for name in one.told.averaged()[0]]
            update.mean[:, column], update.variance[:, column] = one.update(asked, similarity[:, there], same[:, there])
            update.spread[column] = one.spread
        return update


def _standings(
    traits: "FittedTraits", rest: Rest, groups: list[SampleGroup], deviations: Float[np.ndarray, "a c"]
) -> Standings:
    itself = similarity_with_itself(traits.kernel, traits.posterior.samples, groups)
    return Standings(rest.profiles(deviations), itself)
