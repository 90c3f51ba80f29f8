"""Fitting: from a table of responses to everything that predictions need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.pair_kind import KINDS
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.studies import join_studies
from drugripple.data.tables import CompoundTable
from drugripple.errors import TrainingError
from drugripple.predictors.multi_trait_gp.auxiliary import MappedStudy, map_study
from drugripple.predictors.multi_trait_gp.compound_heads import DeviationHead, MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions, chemical_similarity
from drugripple.predictors.multi_trait_gp.embedding import Embedder
from drugripple.predictors.multi_trait_gp.expectation_maximisation import EMStep, covariance_steps
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits
from drugripple.predictors.multi_trait_gp.further_columns import further_columns
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior
from drugripple.predictors.multi_trait_gp.prior import CovariancePrior, prior_shape
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings
from drugripple.predictors.pair_gp.kronecker import Eigen

CALIBRATION_SAMPLES = 100
"""Validation samples that the scale of predicted deviations is taken from."""


class Fit(NamedTuple):
    """A fitted model, and how it came to be."""

    traits: FittedTraits
    errors: tuple[float, ...]
    """Validation error before each step."""
    steps: int
    """Steps of the one kept."""
    studies: tuple[MappedStudy, ...]
    """Other studies that took part."""


def fit_traits(
    train: ResponseTable,
    valid: ResponseTable,
    settings: MultiTraitSettings,
    *,
    embed: Embedder | None,
    auxiliary: Sequence[AuxiliaryStudy],
    seed: int,
) -> Fit:
    """Learn from training rows; validation rows choose the step and scale the deviations.

    With `refit`, as many steps are then taken on training and validation rows together. Without validation rows,
    `max_steps` are taken, and deviations stay as the model computes them.

    Raises:
        TrainingError: if there are too few samples or compounds to learn a covariance from.
        TableError: if training and validation rows are of different samples tables.
    """
    problem = TraitProblem.of(train, settings, embed, auxiliary)
    if not len(valid):
        step = problem.step(settings.max_steps, settings, seed)
        traits, studies = problem.fitted(step, train, settings, embed, auxiliary)
        return Fit(traits, (), step.number, studies)
    step, errors = problem.best_step(BlindValidation.of(valid, problem), settings, seed)
    traits, studies = problem.fitted(step, train, settings, embed, auxiliary)
    scale = _deviation_scale(traits, valid, embed, seed)
    if settings.refit:
        both = join_studies([train, valid]).table
        problem = TraitProblem.of(both, settings, embed, auxiliary)
        again = problem.step(step.number, settings, seed)
        traits, studies = problem.fitted(again, both, settings, embed, auxiliary)
    return Fit(replace(traits, deviation_scale=scale), errors, step.number, studies)


@dataclass(frozen=True)
class TraitProblem:
    """Measured rows, ready to learn covariances from."""

    kernel: SampleKernel
    eigen: Eigen
    grid: ResponseGrid
    """Columns: the training compounds, then compounds of other studies."""
    described: CompoundDescriptions
    """Of the training compounds."""
    prior: CovariancePrior
    head: DeviationHead

    @classmethod
    def of(
        cls,
        train: ResponseTable,
        settings: MultiTraitSettings,
        embed: Embedder | None,
        auxiliary: Sequence[AuxiliaryStudy] = (),
    ) -> "TraitProblem":
        """From the rows that teach, and what other studies measured of the same samples.

        Raises:
            TrainingError: if there are too few samples or compounds to learn a covariance from.
        """
        asked, sample, compound = canonical_rows(train)
        n, c = len(asked.expression), len(asked.compounds)
        if n < 3 or c < 2:
            message = (
                f"a multi-trait Gaussian process needs at least 3 samples and 2 compounds in training, got {n} and {c}"
            )
            raise TrainingError(message)
        kernel = SampleKernel.fit(asked.expression, length=settings.length)
        described = CompoundDescriptions.of(asked.compounds, embed)
        grid, columns = ResponseGrid.of(sample, compound, train.values, (n, c)), described
        for study in auxiliary if settings.further_columns else ():
            further = further_columns(study, train.compounds, kernel.samples, train.measure)
            if further is not None:
                grid = grid.beside(further.grid)
                columns = columns.joined(CompoundDescriptions.of(further.compounds, None))
        shape = prior_shape(chemical_similarity(columns, columns), common=settings.common, similar=settings.similar)
        prior = CovariancePrior(
            settings.shared_variance * shape, settings.own_variance * shape, settings.noise, settings.shared_weight,
            settings.own_weight,
        )  # fmt: skip
        return cls(
            kernel, Eigen.of(kernel.matrix), grid, described, prior,
            DeviationHead(columns, settings.common, settings.similar),
        )  # fmt: skip

    def steps(self, settings: MultiTraitSettings, seed: int) -> Iterator[EMStep]:
        """The model after 0, 1, 2, … steps."""
        return covariance_steps(
            self.eigen, self.grid, self.prior, filling=settings.filling, noise_floor=settings.noise_floor, seed=seed
        )

    def step(self, number: int, settings: MultiTraitSettings, seed: int) -> EMStep:
        """The model after so many steps."""
        return next(step for step in self.steps(settings, seed) if step.number == number)

    def best_step(
        self, judge: "BlindValidation", settings: MultiTraitSettings, seed: int
    ) -> tuple[EMStep, tuple[float, ...]]:
        """The step with the least validation error, and the errors of all that were tried."""
        errors: list[float] = []
        steps = self.steps(settings, seed)
        best = next(steps)
        errors.append(judge.error(best))
        for step in steps:
            errors.append(judge.error(step))
            if errors[-1] < min(errors[:-1]):
                best = step
            if step.number >= settings.max_steps or step.number - best.number >= settings.patience:
                break
        return best, tuple(errors)

    def fitted(
        self,
        step: EMStep,
        train: ResponseTable,
        settings: MultiTraitSettings,
        embed: Embedder | None,
        auxiliary: Sequence[AuxiliaryStudy],
    ) -> tuple[FittedTraits, tuple[MappedStudy, ...]]:
        """The posterior after a step, with what it needs for new compounds; and the other studies that took part."""
        posterior = TraitPosterior.solve(
            self.eigen, step.covariances, step.mean, self.grid, tolerance=settings.tolerance
        )
        mean_head, studies = _mean_head(
            train, self.described, posterior.mean[: len(self.described)], auxiliary, embed
        )
        return FittedTraits(self.kernel, posterior, self.described, mean_head, self.head), studies


def canonical_rows(
    table: ResponseTable,
) -> tuple[Pairs, Int[np.ndarray, " m"], Int[np.ndarray, " m"]]:
    """The samples and compounds that occur, sorted; and of every measured row, which sample and compound it is."""
    distinct, place = table.pairs.canonical()
    return distinct, distinct.sample_row[place], distinct.compound_row[place]


@dataclass(frozen=True)
class BlindValidation:
    """Validation rows, ready to be predicted after every step. Axes: m row, a sample, b compound."""

    known_sample: Int[np.ndarray, " a"]
    """Row among the training samples, -1 for a new one."""
    similarity: Float[np.ndarray, "a n"]
    """To the training samples; used where the sample is new."""
    known_compound: Int[np.ndarray, " b"]
    weights: Float[np.ndarray, "c b"]
    """Of the grid's columns."""
    sample_row: Int[np.ndarray, " m"]
    compound_row: Int[np.ndarray, " m"]
    values: Float[np.ndarray, " m"]

    @classmethod
    def of(cls, valid: ResponseTable, problem: TraitProblem) -> "BlindValidation":
        """Look samples and compounds up in training."""
        kernel, head = problem.kernel, problem.head
        asked, sample, compound = canonical_rows(valid)
        names = {name: row for row, name in enumerate(kernel.samples)}
        parents = {molecule.parent: row for row, molecule in enumerate(problem.described.molecules)}
        known_sample = np.array([names.get(name, -1) for name in asked.expression.samples], dtype=np.int64)
        known = np.array([parents.get(m.parent, -1) for m in asked.compounds.molecules], dtype=np.int64)
        similarity = np.zeros((len(known_sample), len(names)))
        new = np.flatnonzero(known_sample < 0)
        if new.size:
            similarity[new] = kernel.rows(asked.expression.take(new))
        weights = np.zeros((len(head.compounds), len(known)))
        weights[known[known >= 0], np.flatnonzero(known >= 0)] = 1
        if (known < 0).any():
            weights[:, known < 0] = head.weights(_annotated(asked.compounds, known < 0))
        return cls(known_sample, similarity, known, weights, sample, compound, valid.values.astype(np.float64))

    def error(self, step: EMStep) -> float:
        """Root mean squared error; of a compound that training lacks, of the deviations from its own mean."""
        new = self.known_sample < 0
        deviations = step.posterior.mean[self.known_sample]
        deviations[new] = self.similarity[new] @ step.posterior.weights @ step.covariances.shared
        predicted = (deviations @ self.weights)[self.sample_row, self.compound_row]
        known = self.known_compound >= 0
        mean = np.where(known, step.mean[self.known_compound], 0.0)
        left = self.values - predicted - mean[self.compound_row]
        number = np.maximum(np.bincount(self.compound_row, minlength=len(known)), 1)
        own = np.bincount(self.compound_row, weights=left, minlength=len(known)) / number
        left -= np.where(known, 0.0, own)[self.compound_row]
        return float(np.sqrt((left**2).mean()))


def _mean_head(
    train: ResponseTable,
    described: CompoundDescriptions,
    means: Float[np.ndarray, " c"],
    auxiliary: Sequence[AuxiliaryStudy],
    embed: Embedder | None,
) -> tuple[MeanHead, tuple[MappedStudy, ...]]:
    place = {molecule.parent: row for row, molecule in enumerate(described.molecules)}
    trained = np.unique(train.compound_row)
    of_trained = means[[place[train.compounds.molecules[row].parent] for row in trained.tolist()]]
    seen = {train.expression.samples[row] for row in np.unique(train.sample_row).tolist()}
    hidden = frozenset(train.expression.samples) - seen
    compounds, every, noise, studies = described, [means], [np.zeros(len(means))], []
    for study in auxiliary:
        mapped = map_study(study, train.compounds, of_trained, trained, hidden_samples=hidden)
        if mapped is None or not mapped.rows.size:
            continue
        studies.append(mapped)
        compounds = compounds.joined(CompoundDescriptions.of(study.compounds.take(mapped.rows), embed))
        every.append(mapped.means)
        noise.append(np.full(len(mapped.rows), mapped.variance))
    return MeanHead(compounds, np.concatenate(every), np.concatenate(noise), len(means)), tuple(studies)


def _deviation_scale(traits: FittedTraits, valid: ResponseTable, embed: Embedder | None, seed: int) -> dict[str, float]:
    """For each kind of validation pair: root mean squared error over root mean predicted variance."""
    samples = np.random.default_rng(seed).permutation(np.unique(valid.sample_row))[:CALIBRATION_SAMPLES]
    some = valid.take(np.flatnonzero(np.isin(valid.sample_row, samples)))
    asked, place = some.pairs.canonical()
    mean, deviation = traits.predict_with_sd(asked, embed)
    error, variance = some.values - mean[place], deviation[place] ** 2
    kind = traits.kind(asked)[place]
    return {
        KINDS[one].value: float(np.sqrt((error[kind == one] ** 2).mean() / variance[kind == one].mean()))
        for one in np.unique(kind).tolist()
    }


def _annotated(compounds: CompoundTable, chosen: np.ndarray) -> CompoundDescriptions:
    return CompoundDescriptions.of(compounds.take(np.flatnonzero(chosen)), None)
