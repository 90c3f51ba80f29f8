"""Figures of groups and of many tests: boxes of two groups, a volcano, bars against a line."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from drugripple.report.figures import BLUE, INK, VERMILLION, draw

if TYPE_CHECKING:
    import matplotlib.axes

LABELLED = 12
"""Points of a volcano that are named."""
COLUMN_OF_BOXES, MOST_OF_BOXES = 0.55, 12.0


def two_groups(
    groups: Mapping[str, tuple[Float[np.ndarray, " a"], Float[np.ndarray, " b"]]],
    names: tuple[str, str],
    y_label: str,
    notes: Sequence[str] = (),
) -> str:
    """Two boxes per label side by side, the second hatched; `notes` stand above them."""

    def paint(axes: "matplotlib.axes.Axes") -> None:
        for side, (colour, hatch) in enumerate(((BLUE, ""), (VERMILLION, "////"))):
            places = [number + (side - 0.5) * 0.36 for number in range(len(groups))]
            boxes = axes.boxplot(
                [pair[side] for pair in groups.values()], positions=places, widths=0.3, patch_artist=True,
                showfliers=False, medianprops={"color": INK}, whiskerprops={"color": INK}, capprops={"color": INK},
            )  # fmt: skip
            for box in boxes["boxes"]:
                box.set(facecolor=colour, alpha=0.65, hatch=hatch, edgecolor=INK)
            axes.bar([0], [0], color=colour, hatch=hatch, alpha=0.65, label=names[side])
        axes.set_xticks(range(len(groups)), list(groups), rotation=40, ha="right", fontsize=9)
        for number, note in enumerate(notes):
            axes.annotate(note, (number, 1.0), xycoords=("data", "axes fraction"), ha="center", fontsize=7)
        axes.set(ylabel=y_label, xlim=(-0.6, len(groups) - 0.4))
        axes.legend(loc="lower left", fontsize=8)

    width = min(MOST_OF_BOXES, 2.0 + COLUMN_OF_BOXES * len(groups))
    return draw((width, 3.8), f"{y_label}: {names[0]} and {names[1]}", paint)


def volcano(
    difference: Float[np.ndarray, " g"],
    p_values: Float[np.ndarray, " g"],
    chosen: Bool[np.ndarray, " g"],
    symbols: Sequence[str],
    x_label: str,
) -> str:
    """Size of each difference against -log10 p; those chosen are coloured, and the strongest of them named."""
    height = -np.log10(np.maximum(p_values, 1e-300))

    def paint(axes: "matplotlib.axes.Axes") -> None:
        axes.scatter(difference[~chosen], height[~chosen], s=6, color=INK, alpha=0.35, lw=0, rasterized=True)
        axes.scatter(difference[chosen], height[chosen], s=9, color=VERMILLION, marker="D", lw=0, rasterized=True)
        named = np.flatnonzero(chosen)[np.argsort(-height[chosen], kind="stable")][:LABELLED]
        for gene in named.tolist():
            axes.annotate(symbols[gene], (difference[gene], height[gene]), fontsize=7)
        axes.axvline(0, color=INK, lw=0.8, ls=":")
        axes.set(xlabel=x_label, ylabel="−log10 p")

    return draw((5.4, 4.0), f"Volcano of {len(symbols)} genes", paint)


def bars(
    values: Mapping[str, float], x_label: str, *, line: float | None = None, line_label: str = "", width: float = 6.2
) -> str:
    """A horizontal bar per label, the first on top; `line` marks what chance gives; `width` is in inches."""

    def paint(axes: "matplotlib.axes.Axes") -> None:
        paint_bars(axes, values, x_label)
        if line is not None:
            axes.axvline(line, color=VERMILLION, lw=1.2, ls="--", label=line_label)
            axes.legend(fontsize=8)

    return draw((width, 1.2 + 0.26 * len(values)), x_label, paint)


def paint_bars(axes: "matplotlib.axes.Axes", values: Mapping[str, float], x_label: str) -> None:
    """A horizontal bar per label on given axes, the first on top."""
    rows = np.arange(len(values), dtype=float)[::-1]
    axes.barh(rows, list(values.values()), color=BLUE, height=0.7)
    axes.set_yticks(rows, list(values), fontsize=9)
    axes.set(xlabel=x_label)


def new_axes() -> "matplotlib.axes.Axes":
    """Axes of a figure of their own, which no global state of matplotlib knows."""
    from matplotlib.figure import Figure

    return Figure(layout="constrained").subplots()
