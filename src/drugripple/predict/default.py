"""The default model: any samples with any compounds, with intervals, context and a domain verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from drugripple.data.measure import Measure
from drugripple.data.pair_kind import LEVEL
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predict.answers import Answers
from drugripple.predict.asked_compounds import asked_compounds, one_compound
from drugripple.predict.asked_samples import AskedSamples, named_samples, refuse_reading
from drugripple.predict.choices import CHANGES
from drugripple.predict.context import described_grid
from drugripple.predict.default_tables import compounds_of, denoised, described, named_compounds
from drugripple.predict.next_to_measure import compounds_to_measure, samples_to_measure
from drugripple.predict.own_bounds import conditioned_with_bounds
from drugripple.predict.own_compounds import OwnCompounds
from drugripple.predict.own_measurements import own_measurements, require_measure
from drugripple.predict.own_samples import OwnSamples
from drugripple.predictors.calibrated import CalibratedPredictor
from drugripple.predictors.saving import require_fitted
from drugripple.runtime.notes import tell
from drugripple.runtime.progress import Progress, notebook_progress
from drugripple.sources.user.compound_source import Source as CompoundSource
from drugripple.sources.user.expression import read_expression

if TYPE_CHECKING:
    from drugripple.predict.explanation import PredictionExplanation
    from drugripple.predict.request import SampleSource
    from drugripple.predict.screen.run import Screened
    from drugripple.predict.what_if import WhatIf


@dataclass(frozen=True, repr=False)
class DefaultModel:
    """The model that is used where no other is named; load it with `drugripple.load("default")`.

        model = drugripple.load("default")
        table = model.predict("samples.csv", ["CC(=O)Oc1ccccc1C(=O)O"])
        model = model.condition("samples.csv", "my_measurements.csv")

    Samples are a path, a DataFrame, an AnnData or an ExpressionTable on any scale that keeps the order of genes within
    a sample, or names of training samples; compounds a path, a DataFrame, names and SMILES, or a CompoundTable. The
    table says how sure answers are.
    """

    calibrated: CalibratedPredictor
    folder: Path | None = None
    """Where it was loaded from, unless it was told measurements since."""

    def __repr__(self) -> str:
        """One line: what it predicts, and of how much."""
        return described(self.calibrated)

    @property
    def measure(self) -> Measure:
        """What is predicted."""
        return require_fitted(self.calibrated.measure, self.calibrated.name)

    def predict(
        self,
        expression: AskedSamples = None,
        compounds: CompoundSource | CompoundTable | None = None,
        *,
        scale: str | None = None,
        layer: str = "",
        level: float = LEVEL,
        compact: bool = False,
        progress: Progress = notebook_progress,
    ) -> pd.DataFrame:
        """Every sample with every compound: the response, its interval, and whether the model knows their like.

        Args:
            expression: the samples; a text, or each of a list, is the name of a training sample; all, unless given.
            compounds: the compounds; a text, or each of a list, is the name of a training compound or a SMILES. All
                training compounds, unless given.
            scale: scale of the expression, if you state it; found out otherwise.
            layer: of an AnnData or .h5ad, the layer to read, or `raw`.
            level: probability with which an interval covers a new measurement.
            compact: only names, response, interval and domain.
            progress: told of pairs.

        Returns:
            One row per pair: sample, id, compound, the response (`ln_ic50` with `ic50_um`), the ends of its interval
            (`low_um`, `high_um`), what was measured nearby, `in_domain` (docs/default_model.md has all columns). It
            prints its answers first; `attrs["notes"]` says what was found, assumed or left out.

        Raises:
            DrugrippleError: if an input cannot be used.
        """
        asked = self.samples(expression, scale=scale, layer=layer)
        return self.ask(asked, self.compounds(compounds), level=level, compact=compact, progress=progress).table()

    def ask(
        self,
        asked: OwnSamples,
        compounds: CompoundTable,
        *,
        level: float = LEVEL,
        compact: bool = False,
        progress: Progress = notebook_progress,
    ) -> Answers:
        """What `predict` answers about samples and compounds that were read, some of them at a time."""
        own = OwnCompounds.of(self.calibrated.predictor.traits, compounds)
        notes = (*asked.notes, *asked.outside, *compounds.notes, *own.notes(self.calibrated.predictor))
        frames = described_grid(self.calibrated, asked, own, level, compact=compact, progress=progress)
        return Answers(len(asked), len(own), notes, frames)

    def compounds(self, source: CompoundSource | CompoundTable | None) -> CompoundTable:
        """Compounds as the model knows them: those of `source`, as for `predict`, or all of training."""
        return asked_compounds(source, self.training_compounds, self.named_compounds)

    def samples(self, expression: AskedSamples, *, scale: str | None = None, layer: str = "") -> OwnSamples:
        """Samples as the model knows them: those of `expression`, as for `predict`, or all of training."""
        traits = self.calibrated.predictor.traits
        if (named := named_samples(expression, self.training)) is not None:
            refuse_reading(scale, layer)
            return OwnSamples.of_training(traits, named)
        genes = traits.kernel.genes
        table = read_expression(expression, wanted=genes, scale=scale, layer=layer, by_order=True, as_in_file=True)
        return OwnSamples.of(traits, table)

    def condition(
        self,
        expression: "SampleSource | None",
        responses: str | Path | pd.DataFrame,
        compounds: CompoundSource | CompoundTable | None = None,
        *,
        unit: str | None = None,
        scale: str | None = None,
        layer: str = "",
    ) -> "DefaultModel":
        """The same model, knowing some measurements of yours besides: in a moment, without training again.

        A sample learns from its own measurements of compounds that the model was trained with. A compound that is new
        to the model learns from its measurements in any samples, training samples or new ones. A bound ('> 10')
        that the answer would contradict counts as a measurement at the bound; any other changes nothing.

        Args:
            expression: the samples; the same names must be asked about afterwards. None if what was measured are
                training samples alone.
            responses: one row per measurement, as `drugripple.read_responses` takes them.
            compounds: structures of compounds that the model does not know, where the responses hold no SMILES.
            unit: of the responses, if the column does not say it.
            scale: as for `predict`.
            layer: as for `predict`.

        Raises:
            DrugrippleError: if an input cannot be used, or the responses are of another measure.
        """
        asked = self.samples(expression, scale=scale, layer=layer)
        library = None if compounds is None else self.compounds(compounds)
        tell((*asked.notes, *(() if library is None else library.notes)))
        named = replace(asked.expression, samples=asked.names)
        told = own_measurements(responses, named, library, self.named_compounds, unit=unit)
        require_measure(told.table.measure, self.measure)
        return DefaultModel(conditioned_with_bounds(self.calibrated, told.of(asked.expression)))

    def screen(
        self,
        expression: str | Path,
        compounds: str | Path,
        out: str | Path,
        *,
        progress: Progress = notebook_progress,
        **settings: object,
    ) -> "Screened":
        """A library of any length against samples, from files into the folder `out`; settings as in `ScreenRequest`.

        Raises:
            ConfigError: if the model was not loaded from a folder, or a setting is unknown.
            DrugrippleError: if an input cannot be used.
        """
        from drugripple.predict.screen.run import screen_with

        return screen_with(self.folder, expression, compounds, out, settings, progress=progress)

    def next_experiments(
        self,
        expression: AskedSamples,
        number: int = 5,
        *,
        among: CompoundSource | CompoundTable | None = None,
        scale: str | None = None,
        layer: str = "",
    ) -> pd.DataFrame:
        """For each sample, the `number` training compounds to measure next: columns sample, order, compound, smiles.

        The first leaves the least variance over all compounds, the second the least after it, and so on. They are
        chosen `among` some compounds, such as those that can be bought, if given; `attrs["notes"]` says more.

        Raises:
            DrugrippleError: if an input cannot be used, or the model was trained with none of `among`.
        """
        asked = self.samples(expression, scale=scale, layer=layer)
        offered = None if among is None else self.compounds(among)
        return compounds_to_measure(self.calibrated, asked, number, offered)

    def next_samples(
        self, compounds: CompoundSource | CompoundTable, number: int = 5, *, among: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """For each compound that training lacks, the `number` training samples to measure it in next.

        The first leaves the least variance of the response over all training samples, the second the least after it;
        they are chosen `among` named ones, if given. Columns compound, id, order, sample, tissue; notes in `attrs`.

        Raises:
            DrugrippleError: if an input cannot be used, or training has all of the compounds.
        """
        advice = "only training samples can be chosen"
        offered = None if among is None else named_samples(list(among), self.training, advice=advice)
        return samples_to_measure(self.calibrated, self.compounds(compounds), number, offered)

    def explain(
        self,
        expression: AskedSamples,
        compounds: CompoundSource | CompoundTable,
        *,
        sample: str | None = None,
        compound: str | None = None,
        level: float = LEVEL,
        scale: str | None = None,
        layer: str = "",
    ) -> "PredictionExplanation":
        """Why one sample is predicted to respond to one compound as it is (docs/why.md).

        Both are as for `predict`; `sample` and `compound` choose one of several.

        Raises:
            DrugrippleError: if an input cannot be used, or several samples or compounds are given and none is chosen.
        """
        from drugripple.predict.explain_prediction import explain_prediction

        one = one_compound(self.compounds(compounds), compound)
        asked = self.samples(expression, scale=scale, layer=layer)
        return explain_prediction(self, asked, one, sample=sample, level=level)

    def what_if(
        self,
        expression: AskedSamples,
        compounds: CompoundSource | CompoundTable,
        *,
        sample: str | None = None,
        compound: str | None = None,
        genes: Sequence[str] = (),
        changes: Sequence[float] = CHANGES,
        scale: str | None = None,
        layer: str = "",
    ) -> "WhatIf":
        """What the model would answer if one gene of a sample were up or down, all others held.

        Sample and compound are as for `explain`; without `genes`, the five with the largest slopes are changed, by
        `changes` standard deviations of the gene's normal score among training samples.

        Raises:
            DrugrippleError: as `explain`, or if a gene is not among those that the samples share with the model.
        """
        from drugripple.predict.what_if import what_if_genes

        one = one_compound(self.compounds(compounds), compound)
        asked = self.samples(expression, scale=scale, layer=layer)
        return what_if_genes(self, asked, one, genes, sample=sample, changes=changes)

    @property
    def training(self) -> ExpressionTable:
        """The training samples, with normal scores of their genes' ranks for expression."""
        kernel = self.calibrated.predictor.traits.kernel
        return replace(kernel.training, tissue=self.calibrated.calibration.tissue)

    @cached_property
    def training_compounds(self) -> CompoundTable:
        """The training compounds, with the parent SMILES for ids."""
        return compounds_of(self.calibrated)

    @cached_property
    def named_compounds(self) -> CompoundTable:
        """The compounds that the model knows by name: those of training, then those that other studies measured."""
        return named_compounds(self.training_compounds, self.calibrated.predictor.traits.mean_head)

    def denoise(self) -> pd.DataFrame:
        """The measurements that the model learnt from, and its posterior of each: sample, compound, measured, denoised.

        The posterior weighs a pair's own measurement against those of like samples and like compounds. To denoise a
        screen of yours, build a model from it (`build_default` with `responses`).
        """
        return denoised(self.calibrated)

    def save(self, folder: str | Path) -> None:
        """Write it as a folder that `drugripple.load` reads; of a conditioned model, with what it was told.

        Raises:
            OutputError: if the system refuses a write.
        """
        self.calibrated.save(Path(folder))
