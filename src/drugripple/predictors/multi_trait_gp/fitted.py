"""A fitted multi-trait Gaussian process: names and molecules in, means and deviations out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.data.pair_kind import KINDS, kind_numbers
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predictors.multi_trait_gp.compound_heads import DeviationHead, MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.embedding import Embedder
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior, conditioned
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel


@dataclass(frozen=True)
class OwnMeasurements:
    """What measuring a sample made of it. Axes: c training compound, k measured one."""

    deviations: Float[np.ndarray, " c"]
    """g + h after the measurements."""
    compounds: Int[np.ndarray, " k"]


@dataclass(frozen=True)
class FittedTraits:
    """Everything that predictions need. Axes: n training sample, c training compound."""

    kernel: SampleKernel
    posterior: TraitPosterior
    compounds: CompoundDescriptions
    """Of training, by parent SMILES."""
    mean_head: MeanHead
    deviation_head: DeviationHead
    deviation_scale: Mapping[str, float] = field(default_factory=dict)
    """By which the predicted deviation of a `PairKind` is multiplied, from validation."""
    measured: Mapping[str, OwnMeasurements] = field(default_factory=dict)
    """Samples with measurements beyond training, by name."""

    def predict(self, asked: Pairs, embed: Embedder | None) -> Float[np.ndarray, " m"]:
        """Mean of every pair; all rows of both tables take part, so give them in canonical order."""
        columns = self.columns(asked.compounds, embed)
        deviations = self.deviations(asked.expression)
        return columns.mean[asked.compound_row] + (deviations @ columns.weights)[asked.sample_row, asked.compound_row]

    def standard_deviation(self, asked: Pairs, embed: Embedder | None) -> Float[np.ndarray, " m"]:
        """Of one new measurement of every pair."""
        columns, noise = self.columns(asked.compounds, embed), self.posterior.covariances.noise
        alone = columns.variance + np.where(columns.known, noise[columns.place], np.median(noise))
        size = np.diag(self.posterior.covariances.shared).mean(), np.diag(self.posterior.covariances.own).mean()
        variance = np.zeros(len(asked))
        for sample in np.unique(asked.sample_row).tolist():
            here = np.flatnonzero(asked.sample_row == sample)
            one = asked.expression.take(np.array([sample]))
            weights = columns.weights[:, asked.compound_row[here]]
            similarity = self.own_similarity(one)
            left = columns.left[asked.compound_row[here]] * (size[0] * similarity + size[1])
            variance[here] = ((self.covariance(one) @ weights) * weights).sum(axis=0) + left
        variance += alone[asked.compound_row]
        scale = np.array([self.deviation_scale.get(kind.value, 1.0) for kind in KINDS])[self.kind(asked)]
        return np.sqrt(variance) * scale

    def deviations(self, expression: ExpressionTable) -> Float[np.ndarray, "a c"]:
        """g + h of samples, over the training compounds."""
        place = {name: row for row, name in enumerate(self.kernel.samples)}
        found = np.zeros((len(expression), len(self.compounds)))
        new = []
        for row, name in enumerate(expression.samples):
            if name in self.measured:
                found[row] = self.measured[name].deviations
            elif name in place:
                found[row] = self.posterior.deviations[place[name]]
            else:
                new.append(row)
        if new:
            rows = self.kernel.rows(expression.take(np.array(new)))
            found[new] = self.posterior.of_new(rows)
        return found

    def covariance(self, one: ExpressionTable) -> Float[np.ndarray, "c c"]:
        """Covariance over training compounds of g + h of one sample."""
        name = one.samples[0]
        if name in self.kernel.samples:
            found = self.posterior.covariance_of_known(self.kernel.samples.index(name))
        else:
            found = self.posterior.covariance_of_new(self.kernel.rows(one)[0], self.own_similarity(one))
        own = self.measured.get(name)
        return found if own is None else conditioned(found, self.posterior.covariances.noise, own.compounds)

    def own_similarity(self, one: ExpressionTable) -> float:
        """Of a sample to itself."""
        name = one.samples[0]
        if name in self.kernel.samples:
            row = self.kernel.samples.index(name)
            return float((self.posterior.samples.vectors[row] ** 2 * self.posterior.samples.values).sum())
        return float(self.kernel.among(one)[0, 0])

    def kind(self, asked: Pairs) -> Int[np.ndarray, " m"]:
        """What kind of question every pair is: its place in `data.pair_kind.KINDS`."""
        known_compound = self.places(asked.compounds) >= 0
        return kind_numbers(self.known_samples(asked.expression)[asked.sample_row], known_compound[asked.compound_row])

    def known_samples(self, expression: ExpressionTable) -> Bool[np.ndarray, " a"]:
        """Which samples are of training, or were measured since."""
        known = set(self.kernel.samples) | set(self.measured)
        return np.array([name in known for name in expression.samples], dtype=bool)

    def columns(self, compounds: CompoundTable, embed: Embedder | None) -> "Columns":
        """What is known of each compound asked about; a salt or stereoisomer of a training compound counts as it."""
        place = self.places(compounds)
        known = place >= 0
        weights = np.zeros((len(self.compounds), len(compounds)))
        weights[place[known], np.flatnonzero(known)] = 1
        mean = np.where(known, self.posterior.mean[place], 0.0)
        variance, left = np.zeros(len(compounds)), np.zeros(len(compounds))
        new = np.flatnonzero(~known)
        if new.size:
            described = CompoundDescriptions.of(compounds.take(new), embed)
            found = self.mean_head.predict(described)
            mean[new], variance[new] = found
            weights[:, new] = self.deviation_head.weights(described)
            left[new] = self.deviation_head.left(described, weights[:, new])
        return Columns(known, place, mean, variance, weights, left)

    def places(self, compounds: CompoundTable) -> Int[np.ndarray, " a"]:
        """Which training compound each one is, -1 for a new one."""
        parents = {molecule.parent: row for row, molecule in enumerate(self.compounds.molecules)}
        keys = {molecule.key: row for row, molecule in reversed(list(enumerate(self.compounds.molecules)))}
        return np.array([parents.get(m.parent, keys.get(m.key, -1)) for m in compounds.molecules], dtype=np.int64)

    def with_measurements(self, measured: Mapping[str, OwnMeasurements]) -> "FittedTraits":
        """The same model, with more known of some samples."""
        return replace(self, measured={**self.measured, **measured})


class Columns(NamedTuple):
    """Compounds asked about. Axes: c training compound, a asked compound."""

    known: Bool[np.ndarray, " a"]
    place: Int[np.ndarray, " a"]
    """Which training compound it is, where it is known."""
    mean: Float[np.ndarray, " a"]
    variance: Float[np.ndarray, " a"]
    """Of the mean; 0 for a known compound."""
    weights: Float[np.ndarray, "c a"]
    """Of the training compounds' deviations in its own."""
    left: Float[np.ndarray, " a"]
    """Share of its deviations' variance that the training compounds do not tell."""
