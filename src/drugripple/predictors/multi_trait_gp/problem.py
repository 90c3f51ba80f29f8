"""A grid of responses with its kernels and priors, the steps of learning from it, and validation rows to judge them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable
from drugripple.errors import TrainingError
from drugripple.predictors.multi_trait_gp.compound_heads import DeviationHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions, chemical_similarity
from drugripple.predictors.multi_trait_gp.embedding import Embedder
from drugripple.predictors.multi_trait_gp.expectation_maximisation import EMStep, covariance_steps
from drugripple.predictors.multi_trait_gp.further_columns import further_columns
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.posterior import TraitPosterior
from drugripple.predictors.multi_trait_gp.prior import CovariancePrior, prior_shape
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings
from drugripple.predictors.pair_gp.kronecker import Eigen


@dataclass(frozen=True)
class TraitProblem:
    """Measured rows, ready to learn covariances from."""

    kernel: SampleKernel
    eigen: Eigen
    grid: ResponseGrid
    """Columns: the training compounds, then compounds of other studies."""
    described: CompoundDescriptions
    """Descriptions of the training compounds."""
    prior: CovariancePrior
    head: DeviationHead
    further: tuple[str, ...] = ()
    """Names of the compounds of other studies."""

    @classmethod
    def of(cls, train: ResponseTable, settings: MultiTraitSettings, embed: Embedder | None) -> "TraitProblem":
        """Make the problem of some training rows.

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
        return cls(
            kernel, Eigen.of(kernel.matrix), ResponseGrid.of(sample, compound, train.values, (n, c)), described,
            _prior(described, settings), DeviationHead(described, settings.common, settings.similar),
        )  # fmt: skip

    def widened(
        self, train: ResponseTable, studies: Sequence[AuxiliaryStudy], settings: MultiTraitSettings
    ) -> "TraitProblem":
        """This problem with further columns of other studies, where they have any (`further_columns.py`)."""
        grid, columns, names = self.grid, self.described, self.further
        for study in studies if settings.further_columns else ():
            further = further_columns(study, train.compounds, self.kernel.samples, train.measure)
            if further is not None:
                grid = grid.beside(further.grid)
                columns = columns.joined(CompoundDescriptions.of(further.compounds, None))
                names += further.compounds.names
        if columns is self.described:
            return self
        return replace(self, grid=grid, prior=_prior(columns, settings), further=names)

    def steps(self, settings: MultiTraitSettings, seed: int) -> Iterator[EMStep]:
        """The model after 0, 1, 2, … steps."""
        return covariance_steps(
            self.eigen, self.grid, self.prior, filling=settings.filling, noise_floor=settings.noise_floor, seed=seed
        )

    def step(self, number: int, settings: MultiTraitSettings, seed: int) -> EMStep:
        """The model after so many steps."""
        return next(step for step in self.steps(settings, seed) if step.number == number)

    def chosen(self, valid: ResponseTable, settings: MultiTraitSettings, seed: int) -> tuple[EMStep, tuple[float, ...]]:
        """The step with the least validation error, and the errors of all that were tried; without rows, the last."""
        if not len(valid):
            return self.step(settings.max_steps, settings, seed), ()
        judge, errors = BlindValidation.of(valid, self), list[float]()
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

    def posterior(self, step: EMStep, settings: MultiTraitSettings) -> TraitPosterior:
        """The exact posterior after a step."""
        return TraitPosterior.solve(self.eigen, step.covariances, step.mean, self.grid, tolerance=settings.tolerance)


def _prior(columns: CompoundDescriptions, settings: MultiTraitSettings) -> CovariancePrior:
    shape = prior_shape(chemical_similarity(columns, columns), common=settings.common, similar=settings.similar)
    return CovariancePrior(
        settings.shared_variance * shape, settings.own_variance * shape, settings.noise, settings.shared_weight,
        settings.own_weight,
    )  # fmt: skip


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
    """Similarity to the training samples; used where the sample is new."""
    known_compound: Int[np.ndarray, " b"]
    weights: Float[np.ndarray, "c b"]
    """Weight of each column of the grid in each compound."""
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
        weights = np.zeros((problem.grid.values.shape[1], len(known)))
        weights[known[known >= 0], np.flatnonzero(known >= 0)] = 1
        if (known < 0).any():
            weights[: len(head.compounds), known < 0] = head.weights(_annotated(asked.compounds, known < 0))
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


def _annotated(compounds: CompoundTable, chosen: np.ndarray) -> CompoundDescriptions:
    return CompoundDescriptions.of(compounds.take(np.flatnonzero(chosen)), None)
