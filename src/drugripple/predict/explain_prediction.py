"""Explaining one prediction of the default model: exact shares of measured pairs, and tested slopes of genes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.pair_kind import KINDS
from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.data.treatments import with_id
from drugripple.errors import ConfigError, first_five
from drugripple.predict.default_tables import names_in_studies
from drugripple.predict.explained_genes import gene_table, largest_first, pair_table
from drugripple.predict.explanation import PredictionExplanation
from drugripple.predict.named import nearest_first
from drugripple.predict.own_compounds import OwnCompounds
from drugripple.predictors.multi_trait_gp.fitted import Columns
from drugripple.predictors.multi_trait_gp.gene_pairs import pair_tests
from drugripple.predictors.multi_trait_gp.gene_slopes import gene_tests
from drugripple.predictors.multi_trait_gp.measured_shares import TeachingGrid

if TYPE_CHECKING:
    from drugripple.predict.default import DefaultModel
    from drugripple.predict.own_samples import OwnSamples
from drugripple.sources.user.drug_names import annotated, known_drug

PAIRED = 30
"""Genes that stand out most, of which every pair is looked at."""


class Question(NamedTuple):
    """One sample and one compound as the model reads them. Axes: n training sample, c training compound."""

    name: str
    """The name that the user gave the sample."""
    one: ExpressionTable
    """The sample, under the name that the model knows it by."""
    compound: CompoundTable
    columns: Columns
    training: int | None
    """The row of the sample among the training samples; None where it is new."""
    similarity: Float[np.ndarray, " n"]
    grid: TeachingGrid
    notes: tuple[str, ...]

    @property
    def column(self) -> Float[np.ndarray, " c"]:
        """Weights of the training compounds."""
        return self.columns.weights[:, 0]

    @property
    def pairs(self) -> Pairs:
        """The pair as predictors take it."""
        return Pairs.grid(self.one, self.compound)

    @property
    def own(self) -> int:
        """Which training compound it is, -1 for another."""
        return int(self.columns.place[0]) if self.columns.known[0] else -1


def ask(model: "DefaultModel", asked: "OwnSamples", compound: CompoundTable, sample: str | None) -> Question:
    """Look one sample and one compound up in training.

    Raises:
        ConfigError: if there are several samples and none is named, or the name is not among them.
    """
    traits = model.calibrated.predictor.traits
    row = _row_of(asked.names, sample)
    one = asked.expression.take(np.array([row]))
    standing = traits.standing(one)
    training = int(standing.training[0])
    trained = training >= 0
    eigen = traits.posterior.samples
    similarity = (eigen.vectors[training] * eigen.values) @ eigen.vectors.T if trained else standing.similarity[0]
    return Question(
        asked.names[row], one, compound, model.calibrated.predictor.columns(compound), training if trained else None,
        similarity, traits.teaching(trained=trained), (*asked.notes, *compound.notes),
    )  # fmt: skip


def explain_prediction(
    model: "DefaultModel",
    asked: "OwnSamples",
    compound: CompoundTable,
    *,
    sample: str | None,
    level: float,
) -> PredictionExplanation:
    """Take one prediction apart; see `DefaultModel.explain`.

    Raises:
        DrugrippleError: as there.
    """
    question = ask(model, asked, compound, sample)
    found = model.calibrated.predict_interval(question.pairs, level=level, columns=question.columns)
    prediction, half = float(found.mean[0]), float(found.half_width[0])
    shares = _shares(model, question)
    traits = model.calibrated.predictor.traits
    tested = gene_tests(traits.kernel, question.grid, question.one, question.column, own=question.own)
    genes = gene_table(tested, _targets(model, question, compound))
    chosen = genes["gene"].head(PAIRED).tolist()
    about = OwnCompounds.of(traits, compound).notes(model.calibrated.predictor)
    return PredictionExplanation(
        question.name,
        with_id(compound.names[0], compound.ids[0]),
        compound.smiles[0],
        KINDS[int(found.kind[0])],
        model.measure,
        prediction,
        prediction - half,
        prediction + half,
        level,
        _terms(model, question, prediction, float(shares.contribution.sum())),
        _pairs(model, question, shares),
        _samples(model, question, shares),
        _compounds(model, question, shares),
        _means(model, question),
        genes,
        pair_table(pair_tests(traits.kernel, question.grid, question.one, question.column, chosen, own=question.own)),
        (*question.notes, *about, *_left_out(model, question)),
    )


def _terms(model: "DefaultModel", question: Question, prediction: float, measured: float) -> pd.DataFrame:
    """What the prediction is the sum of; what no other term holds was left by the solver's tolerance."""
    traits, column = model.calibrated.predictor.traits, question.column
    plain = replace(traits, measured={}, told={})
    mean = float(question.columns.mean[0])
    if question.training is None:
        mean += float((traits.new_samples.mean - traits.posterior.mean) @ column)
    without = float(question.columns.mean[0] + (plain.deviations(question.one) @ column)[0])
    what = "mean of the compound" if question.own >= 0 else "mean of the compound, from its structure"
    rows = {what: mean, "measured pairs": measured}
    if traits.measured or question.columns.told:
        rows["your own measurements"] = prediction - without
    rows["left by the solver"] = prediction - sum(rows.values())
    return pd.DataFrame({"term": list(rows), "value": list(rows.values())})


class Shares(NamedTuple):
    """Measured pairs and what each adds. Axis: m measured pair."""

    sample: Int[np.ndarray, " m"]
    column: Int[np.ndarray, " m"]
    centred: Float[np.ndarray, " m"]
    weight: Float[np.ndarray, " m"]

    @property
    def contribution(self) -> Float[np.ndarray, " m"]:
        """Weight x centred."""
        return self.weight * self.centred


def _shares(model: "DefaultModel", question: Question) -> Shares:
    """What was measured is taken from the calibration, which has it exactly, else from the posterior."""
    grid, calibration = question.grid, model.calibrated.calibration
    weights = grid.share_weights(question.similarity, question.column, question.training)
    sample, column = np.nonzero(grid.measured)
    kept = np.pad(calibration.measured, ((0, 0), (0, len(grid.further))), constant_values=np.nan)[sample, column]
    exact = kept.astype(np.float64) - grid.mean[column]
    centred = np.where(np.isfinite(exact), exact, grid.centred[sample, column])
    return Shares(sample, column, centred, weights[sample, column])


def _pairs(model: "DefaultModel", question: Question, shares: Shares) -> pd.DataFrame:
    samples = np.array(model.calibrated.predictor.traits.kernel.samples, dtype=object)
    table = pd.DataFrame(
        {
            "sample": samples[shares.sample],
            "compound": _column_names(model, question)[shares.column],
            "measured": shares.centred + question.grid.mean[shares.column],
            "centred": shares.centred,
            "weight": shares.weight,
            "contribution": shares.contribution,
        }
    )
    return largest_first(table, "contribution")


def _samples(model: "DefaultModel", question: Question, shares: Shares) -> pd.DataFrame:
    names, calibration = model.calibrated.predictor.traits.kernel.samples, model.calibrated.calibration
    measured = calibration.measured[:, question.own] if question.own >= 0 else np.full(len(names), np.nan)
    table = pd.DataFrame(
        {
            "sample": names,
            "tissue": calibration.tissue,
            "similarity": question.similarity,
            "measured": measured.astype(np.float64),
            "contribution": np.bincount(shares.sample, weights=shares.contribution, minlength=len(names)),
        }
    )
    return largest_first(table, "contribution")


def _compounds(model: "DefaultModel", question: Question, shares: Shares) -> pd.DataFrame:
    grid, described = question.grid, model.calibrated.predictor.traits.compounds
    names = _column_names(model, question)
    shared, b = grid.covariances.shared, np.pad(question.column, (0, len(grid.further)))
    size = np.sqrt(np.maximum(np.diag(shared) * float(b @ shared @ b), 1e-300))
    blank = ("",) * len(grid.further)
    target, mechanism = annotated(names.tolist(), [*described.targets, *blank], [*described.mechanism, *blank])
    table = pd.DataFrame(
        {
            "compound": names,
            "target": target,
            "mechanism": mechanism,
            "correlation": shared @ b / size,
            "contribution": np.bincount(shares.column, weights=shares.contribution, minlength=len(names)),
        }
    )
    return largest_first(table, "contribution")


def _column_names(model: "DefaultModel", question: Question) -> np.ndarray:
    return np.array([*model.calibrated.calibration.names, *question.grid.further], dtype=object)


def _means(model: "DefaultModel", question: Question) -> pd.DataFrame:
    """What the mean of a new compound is told from; empty for a training compound."""
    predictor = model.calibrated.predictor
    if question.own >= 0:
        return pd.DataFrame(columns=["compound", "similarity", "weight", "mean", "contribution"])
    found, head = predictor.mean_shares(question.compound), predictor.traits.mean_head
    names = [*model.calibrated.calibration.names, *names_in_studies(head)]
    table = pd.DataFrame(
        {"compound": names, "similarity": found.similarity, "weight": found.weights, "mean": head.means}
    )
    table["contribution"] = table["weight"] * (table["mean"] - found.intercept)
    return largest_first(table, "contribution")


def _targets(model: "DefaultModel", question: Question, compound: CompoundTable) -> str:
    """The compound's own targets, else those of training; and those of a drug of its name, in symbols of genes."""
    known, row = model.calibrated.predictor.traits.compounds.targets, question.own
    trained = (known[row], model.calibrated.calibration.names[row]) if row >= 0 else ("", "")
    drug = known_drug(compound.names[0]) or known_drug(trained[1])
    return ", ".join(filter(None, (compound.targets[0] or trained[0], drug.targets if drug else "")))


def _left_out(model: "DefaultModel", question: Question) -> tuple[str, ...]:
    if question.one.samples[0] in model.calibrated.predictor.traits.measured:
        return ("slopes of genes are those before your own measurements of the sample",)
    if question.training is not None:
        return (
            "a training sample: its own measurements count in the prediction, and slopes of genes say how a new sample "
            "with its expression would move",
        )
    return ()


def _row_of(names: Sequence[str], sample: str | None) -> int:
    if sample is None and len(names) == 1:
        return 0
    if sample is None:
        got = f"{len(names)}: {first_five(names)}"
        message = f"one sample can be asked about at a time, got {got}; name one as `sample`"
        raise ConfigError(message)
    if sample not in names:
        shown = first_five(nearest_first(sample, names))
        message = f"there is no sample {sample!r}; there are {len(names)}: {shown}"
        raise ConfigError(message)
    return list(names).index(sample)
