"""Why one sample is predicted to respond to one compound as it is: measured pairs that carry the answer, and genes."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from drugripple.data.measure import Measure
from drugripple.data.pair_kind import PairKind
from drugripple.report import html, markdown
from drugripple.runtime.atomic import whole_folder, write_csv, write_text

if TYPE_CHECKING:
    import matplotlib.axes

    from drugripple.report.document import Report

NOT_MEASURED = "not measured"
TABLES = ("terms", "pairs", "samples", "compounds", "means", "genes", "gene_pairs")


@dataclass(frozen=True, eq=False)
class PredictionExplanation:
    """What a prediction of the default model is made of; made by `DefaultModel.explain`.

        prediction = mean of the compound + Σ weight x (measured - mean of its compound) over measured pairs

    In a notebook it renders as a page. Values are in the unit of the measure, ln IC50 in micromolar for GDSC.
    """

    sample: str
    compound: str
    smiles: str
    kind: PairKind
    measure: Measure
    prediction: float
    low: float
    high: float
    """Ends of the interval of `level`."""
    level: float
    terms: pd.DataFrame
    """term, value: what the prediction is the sum of."""
    pairs: pd.DataFrame
    """sample, compound, measured, centred, weight, contribution: every measured pair, the largest contribution first.

    `centred` is measured less the mean of the pair's compound, `weight` how far the prediction would move if the pair
    had been measured one unit higher, `contribution` their product.
    """
    samples: pd.DataFrame
    """sample, tissue, similarity, measured (with this compound), contribution: of all pairs of each training sample."""
    compounds: pd.DataFrame
    """compound, target, mechanism, correlation, contribution: of all pairs of each compound.

    `correlation` is what the model has learnt of how alike samples respond to it and to the compound asked about.
    """
    means: pd.DataFrame
    """compound, similarity, weight, mean, contribution: what the mean of a new compound is told from; else empty."""
    genes: pd.DataFrame
    """gene, level, slope, effect, mean_slope, mean_z, is_target, and p and q of two nulls; the largest |mean_z| first.

    `level` is the sample's, in standard deviations of the gene's normal score among training samples from their mean.
    `slope` is how far the prediction moves per such deviation, all other genes held; `effect` is slope x level;
    `mean_slope` is the slope on average over the training samples, `mean_z` the same in standard deviations of what
    chance makes of it. `q_permuted` (slope) and `mean_q_permuted`: against expression dealt to other samples.
    `mean_q_others`: against the other training compounds (`gene_slopes.py` beside the model). There is a p for each q,
    which is Benjamini and Hochberg's.
    """
    gene_pairs: pd.DataFrame
    """gene_a, gene_b, interaction, mean_interaction, mean_z, known, p and q of two nulls; the largest |mean_z| first.

    Every pair of the genes that stand out most. `interaction` is how far the slope of one gene moves when the other
    rises by one deviation; `mean_interaction`, `mean_z`, `mean_q_permuted` and `mean_q_others` are to it what the
    columns of `genes` are to a slope. `known`: STRING holds the pair, of which the package knows landmark genes alone.
    """
    notes: tuple[str, ...] = ()
    """What was found when the sample and the compound were read, and what is left out here."""

    def report(self, *, top: int = 15) -> "Report":
        """The page as plain values; `top` rows of each table."""
        from drugripple.predict.explanation_report import explanation_report

        return explanation_report(self, top)

    def to_html(self, *, top: int = 15) -> str:
        """One HTML document that needs no network."""
        return html.render(self.report(top=top))

    def plot(self, axes: "matplotlib.axes.Axes | None" = None, *, top: int = 15) -> "matplotlib.axes.Axes":
        """Bars of the genes that stand out most (`mean_z`), on axes of yours or new ones."""
        from drugripple.report.group_figures import new_axes, paint_bars

        axes = new_axes() if axes is None else axes
        paint_bars(axes, self.standing_out(top), self.z_label)
        return axes

    def plot_samples(self, axes: "matplotlib.axes.Axes | None" = None, *, top: int = 15) -> "matplotlib.axes.Axes":
        """Bars of the training samples that contribute most, on axes of yours or new ones."""
        from drugripple.report.group_figures import new_axes, paint_bars

        axes = new_axes() if axes is None else axes
        paint_bars(axes, self.sample_contributions(top), self.contribution_label)
        return axes

    def standing_out(self, top: int) -> dict[str, float]:
        """The largest `mean_z`, by gene."""
        first = self.genes.head(top)
        return dict(zip(first["gene"].tolist(), first["mean_z"].tolist(), strict=True))

    def shown_samples(self, top: int) -> pd.DataFrame:
        """The training samples that contribute most, as a person reads them."""
        first = self.samples.head(top)
        measured = first["measured"].astype(object).where(first["measured"].notna(), NOT_MEASURED)
        return first.assign(measured=measured)

    def sample_contributions(self, top: int) -> dict[str, float]:
        """The largest contributions, by training sample."""
        first = self.samples.head(top)
        return dict(zip(first["sample"].tolist(), first["contribution"].tolist(), strict=True))

    @property
    def answer(self) -> str:
        """The prediction and the ends of its interval, as concentrations where the measure is the logarithm of one."""
        unit, level = self.measure.micromolar, f"{self.level:.0%} interval"
        if not unit:
            return f"{self.measure.value} {self.prediction:.2f} ({level} {self.low:.2f} to {self.high:.2f})"
        value, low, high = (f"{np.exp(end):.3g}" for end in (self.prediction, self.low, self.high))
        return f"{unit.removesuffix('_um').upper()} {value} µM ({level} {low} to {high} µM)"

    @property
    def z_label(self) -> str:
        """What an axis of `mean_z` is called."""
        return f"mean slope of {self.measure.value}, in SDs of chance"

    @property
    def contribution_label(self) -> str:
        """What an axis of contributions is called."""
        return f"contribution to {self.measure.value}"

    def write(self, folder: str | Path, *, pairs: int = 1000) -> Path:
        """Write the page (explanation.html and .md with its figures) and every table as csv; returns the page.

        Args:
            folder: replaced as a whole if it holds an explanation.
            pairs: how many measured pairs pairs.csv lists, the largest contributions first; the last row adds the rest.

        Raises:
            OutputError: if the system refuses a write.
        """
        place, report, few = Path(folder), self.report(), self.with_pairs(pairs)
        with whole_folder(place, replace=True) as part:
            for name in TABLES:
                write_csv(part / f"{name}.csv", getattr(few, name))
            write_text(part / "explanation.html", html.render(report))
            markdown.write(report, part / "explanation.md")
        return place / "explanation.html"

    def with_pairs(self, number: int) -> "PredictionExplanation":
        """The same with only the pairs that contribute most, and one row for the rest."""
        if len(self.pairs) <= number:
            return self
        rest = self.pairs["contribution"].iloc[number:]
        row = {"sample": f"{len(rest):,} further pairs", "compound": "", "contribution": float(rest.sum())}
        return replace(self, pairs=pd.concat([self.pairs.head(number), pd.DataFrame([row])], ignore_index=True))

    def _repr_html_(self) -> str:
        """The page inside a notebook, apart from the notebook's own styles."""
        from html import escape

        return f'<iframe srcdoc="{escape(self.to_html(), quote=True)}" width="100%" height="600"></iframe>'

    def __repr__(self) -> str:
        """One line: the answer and what it rests on most."""
        shown = ", ".join(f"{name} {value:+.2f}" for name, value in self.sample_contributions(3).items())
        of_it = f"{self.measure.value} {self.prediction:.2f}, of which {shown}, …"
        return f"{self.sample} with {self.compound}: {self.answer}; {of_it}"
