"""Figures as SVG text, drawn to be read on paper, in the dark and without colour vision.

Lines and letters take the colour of the page's text (`currentColor`); data differ by marker, dash or hatch as well as
by colour. No global plotting state is touched, and matplotlib is imported when the first figure is drawn.

Source: the palette is Okabe and Ito's (https://jfly.uni-koeln.de/color).
"""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

if TYPE_CHECKING:
    import matplotlib.axes

BLUE, VERMILLION, GREEN, PURPLE, ORANGE = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"
INK = "#0a0b0c"  # stands for the page's text colour until the SVG is written
MANY_POINTS = 2000  # above this a cloud of points is embedded as pixels: a fraction of the size
PNG_DOTS = 200
"""Dots per inch of a figure as pixels."""
_PICTURES: ContextVar[dict[str, bytes] | None] = ContextVar("pictures", default=None)


@contextmanager
def drawn_as_png() -> Iterator[dict[str, bytes]]:
    """Every figure that is drawn in the block as PNG besides, black on white, by the text of its SVG."""
    pictures: dict[str, bytes] = {}
    before = _PICTURES.set(pictures)
    try:
        yield pictures
    finally:
        _PICTURES.reset(before)


class DrugScore(NamedTuple):
    """How well cell lines are ranked within one drug."""

    drug: str
    pcc: float
    """Pearson correlation over the drug's cell lines; NaN where undefined."""
    rmse: float
    lines: int


def scatter(measured: Float[np.ndarray, " m"], predicted: Float[np.ndarray, " m"]) -> str:
    """Predicted against measured ln IC50, with the line of a perfect prediction."""
    both = np.concatenate([measured, predicted])
    low, high = float(both.min()) - 0.5, float(both.max()) + 0.5
    many = len(measured) > MANY_POINTS

    def paint(axes: "matplotlib.axes.Axes") -> None:
        axes.scatter(
            measured, predicted, s=5 if many else 14, color=BLUE, alpha=0.25 if many else 0.6, lw=0, rasterized=many
        )
        axes.plot([low, high], [low, high], color=INK, lw=1, ls="--")
        axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        axes.set(xlabel="measured ln IC50 (µM)", ylabel="predicted ln IC50 (µM)")

    return draw((5.0, 4.6), f"Predicted against measured ln IC50 of {len(measured)} rows", paint)


def learning_curve(
    epochs: Int[np.ndarray, " e"], train_mse: Float[np.ndarray, " e"], valid_mse: Float[np.ndarray, " e"]
) -> str:
    """Mean squared error after each epoch, with the epoch that was kept."""
    from matplotlib.ticker import MaxNLocator

    best = int(np.nanargmin(valid_mse))

    def paint(axes: "matplotlib.axes.Axes") -> None:
        axes.plot(epochs, train_mse, color=BLUE, marker="o", ms=3.5, lw=1.5, label="training rows")
        axes.plot(epochs, valid_mse, color=VERMILLION, marker="s", ms=3.5, lw=1.5, ls="--", label="validation rows")
        axes.axvline(float(epochs[best]), color=INK, lw=1, ls=":", label=f"kept: epoch {int(epochs[best])}")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set(xlabel="epoch", ylabel="mean squared error of ln IC50")
        axes.legend()

    return draw((6.0, 3.2), "Training and validation error after each epoch", paint)


def per_drug_bars(best: Sequence[DrugScore], worst: Sequence[DrugScore]) -> str:
    """The drugs whose cell lines are ranked best and worst, best on top."""
    shown = [*best, *worst]
    rows = np.arange(len(shown), dtype=float)[::-1]
    rows[: len(best)] += 1  # a gap between the two groups
    colours = [BLUE] * len(best) + [VERMILLION] * len(worst)

    def paint(axes: "matplotlib.axes.Axes") -> None:
        values = [score.pcc for score in shown]
        bars = axes.barh(rows, values, color=colours, height=0.75)
        for bar in bars.patches[len(best) :]:
            bar.set(hatch="////", edgecolor="white", linewidth=0)
        for row, score in zip(rows, shown, strict=True):
            text = f" {score.pcc:.2f}"
            axes.text(max(score.pcc, 0.0), row, text, va="center", ha="left", fontsize=8)
        axes.set_yticks(rows, [f"{score.drug} ({score.lines})" for score in shown], fontsize=9)
        axes.axvline(0, color=INK, lw=0.8)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set(xlim=(min(0.0, *values) - 0.02, max(0.0, *values) + 0.1))
        axes.set(xlabel="PCC of predicted with measured ln IC50 (in brackets: cell lines)")

    height = 0.9 + 0.23 * len(shown)
    return draw((6.4, height), "Drugs whose cell lines are ranked best and worst", paint)


def attention_heatmap(
    scores: Float[np.ndarray, "k k"],
    symbols: Sequence[str],
    known: Bool[np.ndarray, "k k"] | None = None,
    *,
    label: str = "interaction score",
) -> str:
    """Scores between some genes; a dot marks a pair that the prior network knows.

    The diagonal is left blank: a gene's score with itself dwarfs every other.
    """
    between = np.where(np.eye(len(scores), dtype=bool), np.nan, scores)
    limit = float(np.nanmax(np.abs(between)))

    def paint(axes: "matplotlib.axes.Axes") -> None:
        image = axes.imshow(between, cmap="PuOr_r", vmin=-limit, vmax=limit, interpolation="nearest")
        ticks = np.arange(len(symbols))
        axes.set_xticks(ticks, symbols, rotation=90, fontsize=8)
        axes.set_yticks(ticks, symbols, fontsize=8)
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        if known is not None:
            row, column = np.nonzero(known & ~np.eye(len(scores), dtype=bool))
            axes.scatter(column, row, s=9, color="black", edgecolor="white", lw=0.6)
        figure = axes.get_figure()
        if figure is not None:
            figure.colorbar(image, ax=axes, shrink=0.8, label=label)

    side = 2.0 + 0.19 * len(symbols)
    return draw((side + 0.9, side), f"{label.capitalize()} between {len(symbols)} genes", paint)


def curve(
    x: Float[np.ndarray, " k"],
    series: Mapping[str, Float[np.ndarray, " k"]],
    *,
    x_label: str,
    y_label: str,
    deviation: Mapping[str, Float[np.ndarray, " k"]] | None = None,
    levels: Mapping[str, float] | None = None,
    logarithmic: bool = False,
) -> str:
    """One line per series over a shared axis; `deviation` draws error bars, `levels` dotted lines to compare with.

    `logarithmic` holds for both axes and puts a mark at every x.
    """
    marks = cycle(zip((BLUE, VERMILLION, GREEN, PURPLE, ORANGE), "osD^v", ("-", "--", "-.", "-", "--"), strict=True))

    def paint(axes: "matplotlib.axes.Axes") -> None:
        for (label, y), (colour, marker, dash) in zip(series.items(), marks, strict=False):
            bars = (deviation or {}).get(label)
            axes.errorbar(x, y, yerr=bars, color=colour, marker=marker, ms=4.5, lw=1.5, ls=dash, capsize=2, label=label)
        for label, level in (levels or {}).items():
            axes.axhline(level, color=INK, lw=1, ls=":")
            axes.annotate(label, (1, level), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)
        if logarithmic:
            axes.set(xscale="log", yscale="log")
            axes.set_xticks(x, [f"{place:,.10g}" for place in x])
            axes.minorticks_off()
        axes.set(xlabel=x_label, ylabel=y_label)
        axes.legend()

    return draw((6.0, 3.6), f"{y_label} against {x_label}", paint)


def draw(size: tuple[float, float], description: str, paint: Callable[["matplotlib.axes.Axes"], None]) -> str:
    """A drawing as one SVG element without prolog or metadata: the same data give the same text."""
    import matplotlib
    from matplotlib.figure import Figure

    buffer, pixels, pictures = io.StringIO(), io.BytesIO(), _PICTURES.get()
    with matplotlib.rc_context(
        rc={
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.unicode_minus": True,
            "font.sans-serif": ["DejaVu Sans"],
            "font.size": 10.0,
            "legend.frameon": False,
            "savefig.dpi": 150,
            "svg.fonttype": "none",
            "svg.hashsalt": "drugripple",
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    ):
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        axes.patch.set_alpha(0)
        paint(axes)
        figure.savefig(buffer, format="svg", transparent=True)
        if pictures is not None:
            figure.savefig(pixels, format="png", dpi=PNG_DOTS, facecolor="white", metadata={"Software": None})
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r"(\d+\.\d\d)\d+", r"\1", text)  # a hundredth of a point is enough
    text = re.sub(r"\s+", " ", re.sub(r'<g id="[a-z]+_\d+">', "<g>", text)).replace("> <", "><")
    text = re.sub(r"font-family: [^;\"]*; | transform=\"rotate\(-0 [^)]*\)\"", "", text)
    text = text.replace(INK, "currentColor").strip()
    head = f'<svg role="img" aria-label="{escape(description)}" font-family="DejaVu Sans, sans-serif" '
    text = text.replace("<svg ", head, 1)
    if pictures is not None:
        pictures[text] = pixels.getvalue()
    return text
