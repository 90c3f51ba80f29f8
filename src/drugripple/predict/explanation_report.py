"""The page of one explained prediction, as plain values for the writers of reports."""

import numpy as np
import pandas as pd

from drugripple.chem.drawing import structure_svg
from drugripple.chem.molecule import standardise
from drugripple.predict.explanation import PredictionExplanation
from drugripple.report.document import Cell, Column, Figure, Highlight, Report, Section, Table
from drugripple.report.group_figures import bars
from drugripple.report.map_figures import gene_network
from drugripple.runtime.provenance import versions

LEVEL = 0.05
SMALL = ".2g"
NARROW = 4.6
"""Inches of a figure whose words can be read on a telephone."""
WHERE_KNOWN = ("tissue", "target", "mechanism", "is_target")
"""Columns that are left out where nothing is known."""


def explanation_report(why: PredictionExplanation, top: int) -> Report:
    """The page, with `top` rows of each table."""
    unit, name, lower = why.measure.micromolar, why.measure.value, why.measure.lower_is_sensitive
    shown = f"{why.prediction:.2f}" + (f" ({np.exp(why.prediction):.3g} µM)" if unit else "")
    sections = [_terms(why), _samples(why, top), _compounds(why, top), _genes(why, top), _gene_pairs(why, top)]
    if len(why.means):
        sections.insert(1, _means(why, top))
    return Report(
        f"Why {why.compound} in {why.sample}?",
        (
            f"{why.answer}. {why.kind.value.capitalize()}. Structure: {why.smiles}.",
            *(f"Note: {note}." for note in why.notes),
        ),
        tuple(sections),
        {"versions": ", ".join(f"{name} {version}" for name, version in versions().items())},
        (
            Highlight(f"predicted {name}", shown, f"{'lower' if lower else 'higher'} is more sensitive"),
            Highlight(f"{why.level:.0%} interval", f"{why.low:.2f} to {why.high:.2f}", f"{name} of a new measurement"),
            Highlight("genes", _passed(why.genes), "move this compound beyond both nulls (q < 0.05)"),
        ),
    )


def _terms(why: PredictionExplanation) -> Section:
    unit = "Values are natural logarithms of micromolar: +0.69 doubles the concentration, -2.3 divides it by ten."
    return Section(
        "What it is the sum of",
        (
            "Every measured pair adds its weight times its distance from the mean of its compound. The weights are "
            "those of the model's kernels, and the sum is exact.",
            *([unit] if why.measure.micromolar else []),
        ),
        (_table(why.terms, {"term": "", "value": ".3f"}),),
        (Figure(structure_svg(standardise(why.smiles, name=why.compound), why.compound), f"{why.compound}."),),
    )


def _means(why: PredictionExplanation, top: int) -> Section:
    columns = {"compound": "", "similarity": ".2f", "weight": ".3f", "mean": ".2f", "contribution": ".3f"}
    return Section(
        "What the mean of the compound is told from",
        ("It is new to the model: its mean comes from the means of compounds with like structures.",),
        (_table(why.means.head(top), columns),),
    )


def _samples(why: PredictionExplanation, top: int) -> Section:
    columns = {"sample": "", "tissue": "", "similarity": ".2f", "measured": ".2f", "contribution": ".3f"}
    drawn = bars(why.sample_contributions(top), why.contribution_label, width=NARROW)
    return Section(
        "Samples that carry it",
        ("Contributions of all measured pairs of a training sample; `measured` is its response to this compound.",),
        (_table(why.shown_samples(top), columns),),
        (Figure(drawn, "Training samples that contribute most."),),
    )


def _compounds(why: PredictionExplanation, top: int) -> Section:
    columns = {"compound": "", "target": "", "mechanism": "", "correlation": ".2f", "contribution": ".3f"}
    pairs = {"sample": "", "compound": "", "measured": ".2f", "centred": ".2f", "weight": ".4f", "contribution": ".4f"}
    return Section(
        "Compounds and pairs that carry it",
        ("`correlation` is what the model has learnt of how alike samples respond to both compounds.",),
        (
            _table(why.compounds.head(top), columns, "Compounds that contribute most, with all their measured pairs"),
            _table(why.pairs.head(top), pairs, "Measured pairs that contribute most"),
        ),
    )


def _genes(why: PredictionExplanation, top: int) -> Section:
    columns = {
        "gene": "", "mean_z": ".1f", "mean_slope": ".4f", "mean_q_permuted": SMALL, "mean_q_others": SMALL,
        "is_target": "", "level": ".2f", "slope": ".4f", "q_permuted": SMALL,
    }  # fmt: skip
    steepest = why.genes.iloc[np.argsort(-why.genes["slope"].abs().to_numpy(np.float64), kind="stable")]
    drawn = bars(why.standing_out(top), why.z_label, width=NARROW)
    return Section(
        "Genes that move it",
        (
            f"`slope` is how far {why.measure.value} moves when the gene rises by one standard deviation of its normal "
            "score among training samples, all other genes held; `level` is the sample's, in the same unit. A slope "
            "says what the model uses, not what the cell does.",
            "`mean_slope` is the slope on average over the training samples, `mean_z` the same in standard deviations "
            "of what it is with expression dealt to other samples; its q is `mean_q_permuted`. `mean_q_others`: "
            "against the other training compounds; what passes the first alone is common to compounds.",
        ),
        (
            _table(why.genes.head(top), columns, "Genes that stand out most over the training samples"),
            _table(steepest.head(top), columns, "Genes with the largest slopes at this sample"),
        ),
        (Figure(drawn, "Genes that stand out most."),),
    )


def _gene_pairs(why: PredictionExplanation, top: int) -> Section:
    columns = {
        "gene_a": "", "gene_b": "", "mean_z": ".1f", "mean_interaction": SMALL, "interaction": SMALL,
        "mean_q_permuted": SMALL, "mean_q_others": SMALL, "known": "",
    }  # fmt: skip
    first = why.gene_pairs.head(top)
    drawn = gene_network(first["gene_a"].tolist(), first["gene_b"].tolist(), first["known"].to_numpy(bool))
    genes = len({*why.gene_pairs["gene_a"], *why.gene_pairs["gene_b"]})
    return Section(
        "Genes that move it together",
        (
            f"Every pair of the {genes} genes that stand out most. `interaction` is how far the slope of one moves "
            "when the other rises by one deviation, at the sample; `mean_interaction` is its average over the training "
            "samples, with the two nulls of the slopes: expression dealt to other samples, and the other training "
            f"compounds. {_passed(why.gene_pairs)} pairs are beyond both (q < {LEVEL}); where none is, the network "
            "shows the strongest of what chance gives as well.",
            "`known`: STRING holds the pair; only landmark genes are looked up. The model itself knows no "
            "network, and has no attention map: a trained CSG²A network has one, which `drugripple explain --model` "
            "writes.",
        ),
        (_table(first, columns),),
        (Figure(drawn, "The strongest pairs. Solid blue lines are known to STRING, dashed orange ones are not."),),
    )


def _passed(table: pd.DataFrame) -> str:
    passed = (table["mean_q_permuted"] < LEVEL) & (table["mean_q_others"] < LEVEL)
    return f"{int(passed.sum()):,} of {len(table):,}"


def _table(frame: pd.DataFrame, columns: dict[str, str], caption: str = "") -> Table:
    shown = {name: form for name, form in columns.items() if name not in WHERE_KNOWN or frame[name].astype(bool).any()}

    def cell(value: object) -> Cell:
        if isinstance(value, bool | np.bool_):
            return bool(value)
        return float(value) if isinstance(value, float) else str(value)

    rows = tuple(tuple(cell(value) for value in row) for row in frame[list(shown)].itertuples(index=False))
    return Table(tuple(Column(name, form) for name, form in shown.items()), rows, caption)
