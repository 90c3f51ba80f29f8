"""A fitted multi-trait Gaussian process: names and molecules in, means and deviations out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from drugripple.data.pair_kind import kind_numbers
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predictors.multi_trait_gp.compound_heads import DeviationHead, MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.embedding import Embedder
from drugripple.predictors.multi_trait_gp.measured_shares import TeachingGrid
from drugripple.predictors.multi_trait_gp.new_samples import NewSamples
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior, conditioned
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel
from drugripple.predictors.multi_trait_gp.told_compounds import ToldCompound, Update
from drugripple.predictors.multi_trait_gp.told_posteriors import ToldPosteriors
from drugripple.predictors.multi_trait_gp.told_samples import OwnMeasurements, ToldSample
from drugripple.runtime.threads import one_thread


@dataclass(frozen=True)
class FittedTraits:
    """Everything that predictions need. Axes: n training sample, c training compound."""

    kernel: SampleKernel
    posterior: TraitPosterior
    """Posterior of the training samples."""
    new_samples: NewSamples
    compounds: CompoundDescriptions
    """Descriptions of the training compounds, by parent SMILES."""
    mean_head: MeanHead
    deviation_head: DeviationHead
    measured: Mapping[str, OwnMeasurements] = field(default_factory=dict)
    """Samples with measurements of training compounds beyond training, by name."""
    told: Mapping[str, ToldCompound] = field(default_factory=dict)
    """Compounds that training lacks and that were measured since, by the identity key of their molecules."""
    told_samples: Mapping[str, ToldSample] = field(default_factory=dict)
    """The samples that these were measured in and that training lacks, by name."""

    def teaching(self, *, trained: bool) -> TeachingGrid:
        """The measurements that answer for training samples, or for others; with what it has computed before."""
        made = self._teaching.get(trained) or TeachingGrid.behind(self.posterior, self.new_samples, trained=trained)
        return self._teaching.setdefault(trained, made)

    @cached_property
    def _teaching(self) -> dict[bool, TeachingGrid]:
        return {}

    def predict(self, asked: Pairs, embed: Embedder | None) -> Float[np.ndarray, " m"]:
        """Mean of every pair; all rows of both tables take part, so give them in canonical order."""
        return self.means(asked.expression, self.columns(asked.compounds, embed))[asked.sample_row, asked.compound_row]

    def means(
        self, expression: ExpressionTable, columns: "Columns", known: Float[np.ndarray, "a c"] | None = None
    ) -> Float[np.ndarray, "a b"]:
        """Mean of every sample with every compound; `known` are the samples' deviations, where they are at hand."""
        known = self.deviations(expression) if known is None else known
        return self._means(known, columns, self._told_update(expression, known, columns))

    @staticmethod
    def _means(known: Float[np.ndarray, "a c"], columns: "Columns", told: Update | None) -> Float[np.ndarray, "a b"]:
        found = columns.mean + known @ columns.weights
        return found if told is None else found + told.mean

    def predict_with_sd(
        self, asked: Pairs, columns: "Columns"
    ) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
        """Mean of every pair, and standard deviation of one new measurement of it; `columns` are of its compounds."""
        known = self.deviations(asked.expression)
        told = self._told_update(asked.expression, known, columns)
        mean = self._means(known, columns, told)[asked.sample_row, asked.compound_row]
        return mean, self._standard_deviation(asked, columns, told)

    @one_thread()
    def _standard_deviation(self, asked: Pairs, columns: "Columns", told: Update | None) -> Float[np.ndarray, " m"]:
        noise = self.posterior.covariances.noise
        of_measuring = np.where(columns.known, noise[columns.place], np.median(noise))
        alone, size = columns.variance + of_measuring, self.sizes
        variance, standing = np.zeros(len(asked)), self.standing(asked.expression)
        for sample in np.unique(asked.sample_row).tolist():
            here = np.flatnonzero(asked.sample_row == sample)
            compound, covariance = asked.compound_row[here], self._covariance(standing, sample)
            variance[here] = np.diag(covariance)[columns.place[compound]]
            new = np.flatnonzero(~columns.known[compound])
            if new.size:
                weights = columns.weights[:, compound[new]]
                left = columns.left[compound[new]] * (size[0] * standing.own[sample] + size[1])
                variance[here[new]] = ((covariance @ weights) * weights).sum(axis=0) + left
        variance += alone[asked.compound_row]
        if told is not None:
            variance -= told.variance[asked.sample_row, asked.compound_row]
            variance = np.maximum(variance, of_measuring[asked.compound_row]) * told.spread[asked.compound_row]
        return np.sqrt(variance)

    def deviations(self, expression: ExpressionTable) -> Float[np.ndarray, "a c"]:
        """g + h of samples, over the training compounds."""
        place = {name: row for row, name in enumerate(self.kernel.samples)}
        found, new = np.zeros((len(expression), len(self.compounds))), list[int]()
        for row, name in enumerate(expression.samples):
            if name in self.measured:
                found[row] = self.measured[name].deviations
            elif name in place:
                found[row] = self.posterior.deviations[place[name]]
            else:
                new.append(row)
        if new:
            rows = self.kernel.rows(expression.take(np.array(new)))
            found[new] = self.new_samples.responses(rows) - self.posterior.mean
        return found

    def covariances(self, expression: ExpressionTable) -> Iterator[Float[np.ndarray, "c c"]]:
        """Covariance over training compounds of g + h of each sample."""
        standing = self.standing(expression)
        return (self._covariance(standing, row) for row in range(len(expression)))

    def standing(self, expression: ExpressionTable) -> "Standing":
        """How samples stand to those of training."""
        place = {name: row for row, name in enumerate(self.kernel.samples)}
        row = np.array([place.get(name, -1) for name in expression.samples], dtype=np.int64)
        new, known, eigen = np.flatnonzero(row < 0), np.flatnonzero(row >= 0), self.posterior.samples
        similarity, own = np.zeros((len(row), len(place))), np.zeros(len(row))
        own[known] = (eigen.vectors[row[known]] ** 2) @ eigen.values
        if new.size:
            table = expression.take(new)
            similarity[new], own[new] = self.kernel.rows(table), self.kernel.with_itself(table)
        return Standing(expression.samples, row, similarity, own)

    def _covariance(self, standing: "Standing", row: int) -> Float[np.ndarray, "c c"]:
        training = int(standing.training[row])
        if training >= 0:
            found = self.posterior.covariance_of_known(training)
        else:
            similarity, own_similarity = standing.similarity[row], float(standing.own[row])
            found = self.new_samples.covariance(self.posterior.samples, similarity, own_similarity)
        own = self.measured.get(standing.samples[row])
        return found if own is None else conditioned(found, self.posterior.covariances.noise, own.compounds)

    def kind(self, asked: Pairs, columns: "Columns") -> Int[np.ndarray, " m"]:
        """What kind of question every pair is: its place in `data.pair_kind.KINDS`."""
        return kind_numbers(self.known_samples(asked.expression)[asked.sample_row], columns.known[asked.compound_row])

    def known_samples(self, expression: ExpressionTable) -> Bool[np.ndarray, " a"]:
        """Which samples are of training, or were measured since."""
        known = set(self.kernel.samples) | set(self.measured)
        return np.array([name in known for name in expression.samples], dtype=bool)

    def columns(
        self,
        compounds: CompoundTable,
        embed: Embedder | None,
        *,
        with_variance: bool = True,
        described: CompoundDescriptions | None = None,
    ) -> "Columns":
        """What is known of each compound asked about; a salt or stereoisomer of a training compound counts as it.

        Args:
            compounds: the compounds.
            embed: what computes embeddings of molecules, where the model uses them.
            with_variance: whether variances are wanted, which cost most of the time; they are missing (NaN) otherwise.
            described: all of them, where that is at hand; those that lack an embedding get one.
        """
        place = self.places(compounds)
        known = place >= 0
        keys = [molecule.key for molecule in compounds.molecules]
        told = {row: key for row, key in enumerate(keys) if place[row] < 0 and key in self.told}
        weights = np.zeros((len(self.compounds), len(compounds)))
        weights[place[known], np.flatnonzero(known)] = 1
        mean = np.where(known, self.posterior.mean[place], 0.0)
        variance, left = np.zeros((2, len(compounds))) if with_variance else np.full((2, len(compounds)), np.nan)
        for row, key in told.items():
            one = self.told[key]
            mean[row], variance[row], weights[:, row], left[row] = one.mean, one.variance, one.weights, one.left
        new = np.array([row for row in np.flatnonzero(~known).tolist() if row not in told], dtype=np.int64)
        if new.size:
            of_new = (described or CompoundDescriptions.of(compounds)).take(new).embedded(embed)
            if with_variance:
                mean[new], variance[new] = self.mean_head.predict(of_new)
                weights[:, new], left[new] = self.deviation_head.shares(of_new)
            else:
                mean[new], weights[:, new] = self.mean_head.mean(of_new), self.deviation_head.weights(of_new)
        return Columns(known, place, mean, variance, weights, left, told)

    def _told_update(
        self, expression: ExpressionTable, known: Float[np.ndarray, "a c"], columns: "Columns"
    ) -> Update | None:
        """What measurements of compounds that training lacks change for samples of these deviations, if any."""
        if not columns.told:
            return None
        return self._told_posteriors.update(expression, known, columns.told, len(columns.mean))

    def places(self, compounds: CompoundTable) -> Int[np.ndarray, " a"]:
        """Which training compound each one is, -1 for a new one."""
        parents = {molecule.parent: row for row, molecule in enumerate(self.compounds.molecules)}
        keys = {molecule.key: row for row, molecule in reversed(list(enumerate(self.compounds.molecules)))}
        return np.array([parents.get(m.parent, keys.get(m.key, -1)) for m in compounds.molecules], dtype=np.int64)

    def with_measurements(self, measured: Mapping[str, OwnMeasurements]) -> "FittedTraits":
        """The same model, with more known of some samples."""
        return replace(self, measured={**self.measured, **measured})

    def with_told(self, pairs: Pairs, values: Float[np.ndarray, " m"], embed: Embedder | None) -> "FittedTraits":
        """The same model, knowing measurements of compounds that training lacks; give the tables in canonical order.

        Raises:
            GeneSpaceError: if new samples share too few genes with the training samples.
        """
        rows = np.unique(pairs.compound_row)
        compounds, names = pairs.compounds.take(rows), np.array(pairs.expression.samples, dtype=object)
        columns, told = self.columns(compounds, embed), dict(self.told)
        for column, (row, molecule) in enumerate(zip(rows.tolist(), compounds.molecules, strict=True)):
            here = pairs.compound_row == row
            before = told.get(molecule.key) or columns.expected(column)
            told[molecule.key] = before.with_measurements(names[pairs.sample_row[here]].tolist(), values[here])
        known, samples = {*self.kernel.samples, *self.told_samples}, dict(self.told_samples)
        new = [row for row in np.unique(pairs.sample_row).tolist() if names[row] not in known]
        if new:
            scores = self.kernel.scores_of(pairs.expression.take(np.array(new)))
            samples |= {str(names[row]): ToldSample(own) for row, own in zip(new, scores, strict=True)}
        return replace(self, told=told, told_samples=samples)

    @property
    def sizes(self) -> tuple[float, float]:
        """Mean variance of the compounds in G and in H."""
        covariances = self.posterior.covariances
        return float(np.diag(covariances.shared).mean()), float(np.diag(covariances.own).mean())

    @cached_property
    def _told_posteriors(self) -> ToldPosteriors:
        return ToldPosteriors.of(self)


class Standing(NamedTuple):
    """Samples among those of training. Axes: a asked sample, n training sample."""

    samples: tuple[str, ...]
    training: Int[np.ndarray, " a"]
    """Which training sample it is, -1 for another."""
    similarity: Float[np.ndarray, "a n"]
    """Similarity of a new sample to each training sample; 0 for a training sample."""
    own: Float[np.ndarray, " a"]
    """Similarity of each sample to itself."""


class Columns(NamedTuple):
    """Compounds asked about. Axes: c training compound, a asked compound."""

    known: Bool[np.ndarray, " a"]
    place: Int[np.ndarray, " a"]
    """Which training compound it is, where it is known."""
    mean: Float[np.ndarray, " a"]
    variance: Float[np.ndarray, " a"]
    """Variance of the mean; 0 for a known compound."""
    weights: Float[np.ndarray, "c a"]
    """Weights of the training compounds' deviations in the compound's own."""
    left: Float[np.ndarray, " a"]
    """Share of its deviations' variance that the training compounds do not tell."""
    told: Mapping[int, str]
    """Identity keys of the compounds that training lacks and that were measured since. What the other fields say of
    them leaves the measurements out; `ToldPosteriors` has these."""

    def expected(self, row: int) -> ToldCompound:
        """A compound that training lacks, before any measurement of it."""
        return ToldCompound(
            float(self.mean[row]), float(self.variance[row]), self.weights[:, row].copy(), float(self.left[row])
        )
