"""The multi-trait Gaussian process as a predictor of responses."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predictors.multi_trait_gp.compound_heads import MeanShares
from drugripple.predictors.multi_trait_gp.compound_similarity import CompoundDescriptions
from drugripple.predictors.multi_trait_gp.embedding import Embedder, can_embed, minimol
from drugripple.predictors.multi_trait_gp.fitted import Columns, FittedTraits
from drugripple.predictors.multi_trait_gp.grid import ResponseGrid
from drugripple.predictors.multi_trait_gp.next_experiments import most_informative
from drugripple.predictors.multi_trait_gp.next_samples import next_samples
from drugripple.predictors.multi_trait_gp.posterior import correction
from drugripple.predictors.multi_trait_gp.problem import canonical_rows
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure
from drugripple.predictors.multi_trait_gp.told_samples import OwnMeasurements
from drugripple.predictors.multi_trait_gp.training import Fit, fit_traits
from drugripple.predictors.saving import laid_out, read_saved, require_fitted, write_saved
from drugripple.runtime.threads import one_thread


class MultiTraitGP:
    """Responses of samples to compounds by a Gaussian process whose covariance of compounds is learnt.

        Y = 1mᵀ + g + h + e,   g ~ N(0, K ⊗ G),   rows of h ~ N(0, H),   e ~ N(0, noise of the compound)

    K is the similarity of samples by the ranks of their genes. G and H start from chemistry and annotation and are
    learnt from the responses by expectation-maximisation, for as many steps as serve validation rows best. It answers
    for known and new samples and compounds; `README.md` beside this file has the mathematics.
    """

    def __init__(
        self,
        settings: MultiTraitSettings | None = None,
        *,
        auxiliary: Sequence[AuxiliaryStudy] = (),
        embed: Embedder = minimol,
        name: str = "multi_trait_gp",
    ) -> None:
        """Keep settings and other studies.

        Args:
            settings: sizes of the priors and when to stop.
            auxiliary: other studies, whose further compounds help to tell the mean of a new one. What the tables given
                to `fit` name but do not measure in training is hidden in them.
            embed: what computes embeddings of molecules, where the model uses them.
            name: what tables and the card of a saved one call it.
        """
        self.name = name
        self.settings = settings or MultiTraitSettings()
        self.auxiliary = tuple(auxiliary)
        self._embed = embed
        self.measure: Measure | None = None
        self._fit: Fit | None = None
        self._traits: FittedTraits | None = None

    @property
    def traits(self) -> FittedTraits:
        """What was learnt.

        Raises:
            TrainingError: before `fit`.
        """
        return require_fitted(self._traits, self.name)

    @property
    def structure(self) -> Structure:
        """What the mean of a new compound is predicted from: MiniMol or fingerprints."""
        embedded = self.traits.mean_head.compounds.embedding is not None
        return Structure.MINIMOL if embedded else Structure.FINGERPRINT

    def fit(self, train: ResponseTable, valid: ResponseTable, *, seed: int) -> None:
        """Learn from the training rows; validation rows choose the number of steps.

        Raises:
            TrainingError: if there are too few samples or compounds.
            ConfigError: if MiniMol was asked for and is not installed.
        """
        chosen = self.settings.structure
        use_embedding = chosen is Structure.MINIMOL or (chosen is Structure.AUTO and can_embed())
        self._fit = fit_traits(
            train, valid, self.settings,
            embed=self._embed if use_embedding else None, auxiliary=self.auxiliary, seed=seed,
        )  # fmt: skip
        self._traits, self.measure = laid_out(self._fit.traits), train.measure

    def predict(self, pairs: Pairs) -> Float[np.ndarray, " m"]:
        """Posterior mean of every pair.

        Raises:
            ConfigError: if a new compound has no embedding and the model needs one.
            GeneSpaceError: if new samples share too few genes with the training samples.
        """
        asked, place = pairs.canonical()
        return self.traits.predict(asked, self._embedder())[place]

    def predict_with_sd(self, pairs: Pairs) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
        """Posterior mean, and standard deviation of one new measurement, scaled to the errors of validation."""
        asked, place = pairs.canonical()
        mean, deviation = self.traits.predict_with_sd(asked, self.columns(asked.compounds))
        return mean[place], deviation[place]

    def columns(self, compounds: CompoundTable, described: CompoundDescriptions | None = None) -> Columns:
        """What is known of some compounds before any sample is asked about; `described` are the same, if at hand.

        Raises:
            ConfigError: if a new compound has no embedding and the model needs one.
        """
        return self.traits.columns(compounds, self._embedder(), described=described)

    def mean_shares(self, compound: CompoundTable) -> MeanShares:
        """What the mean of one compound that training lacks is told from.

        Raises:
            ConfigError: if it has no embedding and the model needs one.
        """
        return self.traits.mean_head.shares(CompoundDescriptions.of(compound, self._embedder()))

    def condition(self, responses: ResponseTable) -> "MultiTraitGP":
        """The same model, knowing some measurements of its user besides; the covariances that were learnt stay.

        Each sample is conditioned exactly on its own measurements of training compounds. Each compound that training
        lacks is conditioned on its measurements in any samples, training samples or new ones, given what is known of
        these (`told_compounds.py`). Samples are then known by name, compounds by the identity key of their molecule.

        Raises:
            ConfigError: if a new compound has no embedding and the model needs one.
            GeneSpaceError: if new samples share too few genes with the training samples.
        """
        asked, sample, compound = canonical_rows(responses)
        column = self.traits.places(asked.compounds)[compound]
        known, new = np.flatnonzero(column >= 0), np.flatnonzero(column < 0)
        traits = self.traits
        if known.size:
            traits = _with_own(traits, asked.expression, sample[known], column[known], responses.values[known])
        if new.size:
            rows = replace(asked, sample_row=sample[new], compound_row=compound[new])
            traits = traits.with_told(rows, responses.values[new], self._embedder())
        other = MultiTraitGP(self.settings, auxiliary=self.auxiliary, embed=self._embed, name=self.name)
        other._fit, other._traits, other.measure = self._fit, traits, self.measure
        return other

    @one_thread()
    def next_experiments(
        self, expression: ExpressionTable, number: int, among: CompoundTable | None = None
    ) -> dict[str, tuple[str, ...]]:
        """For each sample, the parents of the training compounds to measure next, the most telling first.

        A measurement tells as much as it lowers the variance of all compounds together; compounds that the sample
        was measured with are left out, and all that are not among those given, if any are.
        """
        traits, found = self.traits, {}
        offered = np.ones(len(traits.compounds), dtype=bool)
        if among is not None:
            places = traits.places(among)
            offered = np.isin(np.arange(len(traits.compounds)), places[places >= 0])
        for name, covariance in zip(expression.samples, traits.covariances(expression), strict=True):
            allowed = offered.copy()
            if name in traits.kernel.samples:
                allowed &= ~traits.posterior.measured[traits.kernel.samples.index(name)]
            if name in traits.measured:
                allowed[traits.measured[name].compounds] = False
            chosen = most_informative(covariance, traits.posterior.covariances.noise, number, allowed=allowed)
            found[name] = tuple(traits.compounds.molecules[j].parent for j in chosen.tolist())
        return found

    @one_thread()
    def next_samples(
        self, compounds: CompoundTable, number: int, among: ExpressionTable | None = None
    ) -> list[tuple[str, ...]]:
        """For each of some compounds that training lacks, the training samples to measure it in next, best first.

        A measurement tells as much as it lowers the variance of the compound's response over all training samples.
        What the compound was measured in is left out, and all samples that are not among those given, if any are.

        Raises:
            ConfigError: if a compound has no embedding and the model needs one.
        """
        samples = self.traits.kernel.samples
        allowed = np.isin(np.array(samples, dtype=object), samples if among is None else among.samples)
        return list(next_samples(self.traits, self.columns(compounds), number, allowed))

    def save(self, folder: Path) -> None:
        """Write the model as a folder, replaced as a whole; it holds expression of its training samples.

        Raises:
            TrainingError: before `fit`.
            OutputError: if the system refuses a write.
        """
        settings = {"settings": self.settings.model_dump(mode="json"), "name": self.name}
        write_saved(folder, type(self), self.name, self.measure, settings, self.traits)

    @classmethod
    def load(cls, folder: Path) -> "MultiTraitGP":
        """Read a model that `save` wrote; the function that embeds molecules is MiniMol's where the model needs one.

        Raises:
            CheckpointError: if the folder holds no such model, or a damaged one.
        """
        saved = read_saved(folder, cls, FittedTraits)
        settings = MultiTraitSettings.model_validate(saved.settings["settings"])
        model = cls(settings, name=str(saved.settings["name"]))
        model._traits, model.measure = saved.learnt, saved.measure
        return model

    def _embedder(self) -> Embedder | None:
        return self._embed if self.structure is Structure.MINIMOL else None


def _with_own(
    traits: FittedTraits,
    expression: ExpressionTable,
    sample: Int[np.ndarray, " m"],
    column: Int[np.ndarray, " m"],
    values: Float[np.ndarray, " m"],
) -> FittedTraits:
    """Condition samples on their measurements of training compounds."""
    grid = ResponseGrid.of(sample, column, values, (len(expression), len(traits.compounds)))
    deviations, noise = traits.deviations(expression), traits.posterior.covariances.noise
    measured, rows = {}, np.unique(sample)
    for row, covariance in zip(rows.tolist(), traits.covariances(expression.take(rows)), strict=True):
        name, seen = expression.samples[row], np.flatnonzero(grid.measured[row])
        surprise = grid.values[row, seen] - traits.posterior.mean[seen] - deviations[row, seen]
        added = correction(covariance, noise, seen, surprise)
        before = traits.measured.get(name)
        every = seen if before is None else np.concatenate([before.compounds, seen])
        measured[name] = OwnMeasurements(deviations[row] + added, every)
    return traits.with_measurements(measured)
