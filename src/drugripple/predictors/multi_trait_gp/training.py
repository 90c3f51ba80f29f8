"""Fitting: from a table of responses to everything that predictions need."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.response import ResponseTable
from drugripple.data.studies import join_studies
from drugripple.predictors.multi_trait_gp.auxiliary import MappedStudy, map_study
from drugripple.predictors.multi_trait_gp.compound_heads import MeanHead
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.embedding import Embedder
from drugripple.predictors.multi_trait_gp.expectation_maximisation import EMStep
from drugripple.predictors.multi_trait_gp.fitted import FittedTraits
from drugripple.predictors.multi_trait_gp.new_samples import NewSamples
from drugripple.predictors.multi_trait_gp.problem import TraitProblem
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings


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
    """Learn from training rows; validation rows choose the step.

    With `refit`, as many steps are then taken on training and validation rows together. Without validation rows,
    `max_steps` are taken. Further columns of other studies are learnt from only where new samples are to be told:
    without validation rows, or with rows of samples that training lacks.

    Raises:
        TrainingError: if there are too few samples or compounds to learn a covariance from.
        TableError: if training and validation rows are of different samples tables.
    """
    problem = TraitProblem.of(train, settings, embed)
    step, errors = problem.chosen(valid, settings, seed)
    strange = valid.take(np.flatnonzero(~np.isin(_samples(valid), problem.kernel.samples)))
    widening = auxiliary if len(strange) or not len(valid) else ()
    wide = problem.widened(train, widening, settings)
    wide_step = step if wide is problem else wide.chosen(strange, settings, seed)[0]
    table = train
    if len(valid) and settings.refit:
        table = join_studies([train, valid]).table
        problem = TraitProblem.of(table, settings, embed)
        wide, step = problem.widened(table, widening, settings), problem.step(step.number, settings, seed)
        wide_step = step if wide is problem else wide.step(wide_step.number, settings, seed)
    traits, studies = _fitted(table, (problem, step), (wide, wide_step), settings, embed, auxiliary)
    return Fit(traits, errors, step.number, studies)


def _samples(table: ResponseTable) -> np.ndarray:
    """Name of every row's sample."""
    return np.array(table.expression.samples, dtype=object)[table.sample_row]


def _fitted(
    train: ResponseTable,
    known: tuple[TraitProblem, EMStep],
    new: tuple[TraitProblem, EMStep],
    settings: MultiTraitSettings,
    embed: Embedder | None,
    auxiliary: Sequence[AuxiliaryStudy],
) -> tuple[FittedTraits, tuple[MappedStudy, ...]]:
    """The posteriors for known and for new samples, with what new compounds need; and the studies that took part."""
    problem, step = known
    posterior = problem.posterior(step, settings)
    wide = posterior if new[0] is problem else new[0].posterior(new[1], settings)
    mean_head, studies = _mean_head(train, problem.described, posterior.mean, auxiliary, embed)
    new_samples = NewSamples.of(wide, len(problem.described), new[0].further)
    return FittedTraits(problem.kernel, posterior, new_samples, problem.described, mean_head, problem.head), studies


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
    compounds, every, studies, names = described, [means], [], list[str]()
    noise, variance = [np.zeros(len(means))], [np.zeros(len(means))]
    for study in auxiliary:
        mapped = map_study(study, train.compounds, of_trained, trained, hidden_samples=hidden)
        if mapped is None or not mapped.rows.size:
            continue
        studies.append(mapped)
        of_study = study.compounds.take(mapped.rows)
        names.extend(of_study.names)
        compounds = compounds.joined(CompoundDescriptions.of(of_study, embed))
        every.append(mapped.means)
        variance.append(np.full(len(mapped.rows), mapped.variance))
        noise.append(study.noise_share * variance[-1])
    study_of = np.repeat(np.arange(len(every)), [len(one) for one in every])
    every_mean, every_noise, every_variance = (np.concatenate(parts) for parts in (every, noise, variance))
    return MeanHead(compounds, every_mean, every_noise, study_of, every_variance, tuple(names)), tuple(studies)
