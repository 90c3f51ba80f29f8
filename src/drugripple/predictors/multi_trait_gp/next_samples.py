"""Which training samples to measure a compound in next that training lacks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from drugripple.predictors.multi_trait_gp.next_experiments import most_informative
from drugripple.predictors.multi_trait_gp.told_compounds import without_negative
from drugripple.predictors.multi_trait_gp.told_posteriors import Among

if TYPE_CHECKING:
    from drugripple.predictors.multi_trait_gp.fitted import Columns, FittedTraits


def next_samples(
    traits: "FittedTraits", columns: "Columns", number: int, allowed: Bool[np.ndarray, " n"]
) -> Iterator[tuple[str, ...]]:
    """For each compound, the samples that leave the least variance of its response over all training samples.

    What it was measured in since is known, and not chosen again.

    Args:
        traits: the model.
        columns: the compounds, none of them of training.
        number: of samples per compound.
        allowed: which training samples can be chosen.
    """
    training, count = traits.kernel.samples, len(traits.kernel.samples)
    names = (*training, *sorted(traits.told_samples))
    among = Among.of(traits, names, columns.weights)
    place = {name: row for row, name in enumerate(names)}
    noise = np.full(len(names), np.median(traits.posterior.covariances.noise))
    for column in range(len(columns.mean)):
        one = columns.expected(column)
        own = one.left * among.rest.alone(among.standings) + among.variance[:, column]
        left = one.covariance(among.rest, among.standings, among.similarity, own)
        key = columns.told.get(column)
        told = [] if key is None else [place[name] for name in traits.told[key].averaged()[0]]
        if told:
            similarity = without_negative(among.similarity[np.ix_(told, told)])
            seen = one.covariance(among.rest, among.standings.take(np.array(told)), similarity, own[told] + noise[told])
            left = left - left[:, told] @ np.linalg.solve(seen, left[told])
        free = allowed.copy()
        free[[row for row in told if row < count]] = False
        chosen = most_informative(left[:count, :count], noise[:count], number, allowed=free)
        yield tuple(training[row] for row in chosen.tolist())
