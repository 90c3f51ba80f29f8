"""Figures of a benchmark: which models differ, how much folds differ, how well lines are ranked within a drug."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from drugripple.report.figures import BLUE, GREEN, INK, PURPLE, VERMILLION, draw
from drugripple.report.findings import LearningCurve

if TYPE_CHECKING:
    import matplotlib.axes


def cliques(mean_ranks: Float[np.ndarray, " k"], critical_difference: float) -> tuple[tuple[int, int], ...]:
    """Longest runs of at least two models, in order of rank, whose ends do not differ: (first, last) places.

    >>> cliques(np.array([1.0, 1.5, 3.0, 3.2]), 1.0)
    ((0, 1), (2, 3))
    """
    ranks = np.sort(mean_ranks)
    runs: list[tuple[int, int]] = []
    for first in range(ranks.size):
        last = int(np.searchsorted(ranks, ranks[first] + critical_difference, side="right")) - 1
        if last > first and not any(last <= end for _, end in runs):
            runs.append((first, last))
    return tuple(runs)


def critical_difference_diagram(
    models: Sequence[str], mean_ranks: Float[np.ndarray, " k"], critical_difference: float
) -> str:
    """Models on an axis of mean ranks, best on the left; a bar joins those whose ranks do not differ.

    Source: Demšar 2006, JMLR 7:1-30, figure 1.
    """
    order = np.argsort(mean_ranks, kind="stable")
    ranks, names = mean_ranks[order], [models[i] for i in order]
    count = len(names)
    bars = cliques(ranks, critical_difference)
    half = (count + 1) // 2
    top = 0.35 + 0.22 * len(bars)

    def paint(axes: "matplotlib.axes.Axes") -> None:
        axes.plot([1, count], [0, 0], color=INK, lw=1)
        for tick in range(1, count + 1):
            axes.plot([tick, tick], [0, 0.12], color=INK, lw=1)
            axes.text(tick, 0.2, str(tick), ha="center", va="bottom", fontsize=9)
        axes.plot([1, 1 + critical_difference], [0.85, 0.85], color=INK, lw=1, marker="|", ms=6)
        axes.text(1, 0.95, f"critical difference {critical_difference:.2f}", ha="left", va="bottom", fontsize=9)
        for place, (rank, name) in enumerate(zip(ranks, names, strict=True)):
            left = place < half
            level = -top - 0.38 * (place if left else count - 1 - place)
            edge = 0.7 if left else count + 0.3
            axes.plot([rank, rank, edge], [0, level, level], color=INK, lw=0.8)
            text = f"{name}  {rank:.2f} " if left else f" {rank:.2f}  {name}"
            axes.text(edge, level, text, ha="right" if left else "left", va="center", fontsize=9)
        for number, (first, last) in enumerate(bars):
            level = -0.2 - 0.22 * number
            axes.plot(
                [ranks[first] - 0.04, ranks[last] + 0.04], [level, level], color=BLUE, lw=4, solid_capstyle="butt"
            )
        room = 0.34 * count + 1
        axes.set(xlim=(1 - room, count + room), ylim=(-top - 0.38 * half, 1.4))
        axes.axis("off")

    height = 0.9 + 0.3 * (top + 0.38 * half + 1.4)
    return draw((8.2, height), f"Critical-difference diagram of {count} models", paint)


def fold_values(values: Mapping[str, Float[np.ndarray, " f"]], *, label: str) -> str:
    """RMSE of every fold: one row per model in the given order, a short stroke per fold, a long one at the mean."""
    rows = np.arange(len(values), dtype=float)[::-1]

    def paint(axes: "matplotlib.axes.Axes") -> None:
        for row, several in zip(rows, values.values(), strict=True):
            strokes = np.column_stack([several, several, np.full(several.size, np.nan)]).ravel()
            axes.plot(strokes, np.tile([row - 0.22, row + 0.22, np.nan], several.size), color=BLUE, lw=1.6)
            axes.plot([several.mean()] * 2, [row - 0.42, row + 0.42], color=VERMILLION, lw=2.5)
        axes.set_yticks(rows, list(values), fontsize=9)
        axes.grid(axis="y", color=INK, alpha=0.15, lw=0.6)
        axes.set(xlabel=label)
        axes.tick_params(axis="y", length=0)

    return draw((6.6, 0.9 + 0.24 * len(values)), f"{label} of {len(values)} models, fold by fold", paint)


def drug_spread(values: Mapping[str, Float[np.ndarray, " c"]], *, label: str) -> str:
    """Spread over drugs: one row per model in the given order, with median, quartiles, 5th and 95th percentile."""
    rows = np.arange(len(values), dtype=float)[::-1]

    def paint(axes: "matplotlib.axes.Axes") -> None:
        for row, several in zip(rows, values.values(), strict=True):
            low, first, middle, third, high = np.percentile(several, [5, 25, 50, 75, 95])
            axes.plot([low, high], [row, row], color=INK, lw=1)
            axes.barh(row, third - first, left=first, height=0.55, color=BLUE, alpha=0.75)
            axes.plot([middle, middle], [row - 0.36, row + 0.36], color=VERMILLION, lw=2.5)
        axes.axvline(0, color=INK, lw=0.8, ls=":")
        axes.set_yticks(rows, list(values), fontsize=9)
        axes.set(xlabel=label)
        axes.tick_params(axis="y", length=0)

    return draw((6.6, 0.9 + 0.26 * len(values)), f"{label} of {len(values)} models, spread over drugs", paint)


def learning_curves(curves: Mapping[str, LearningCurve]) -> str:
    """Training and validation error after each epoch: one pair of lines per curve, with its best epoch marked."""
    styles = zip((BLUE, VERMILLION, GREEN, PURPLE), "osD^", strict=True)

    def paint(axes: "matplotlib.axes.Axes") -> None:
        from matplotlib.ticker import MaxNLocator

        for (label, curve), (colour, marker) in zip(curves.items(), styles, strict=False):
            best = int(np.nanargmin(curve.valid_mse))
            axes.plot(curve.epochs, curve.train_mse, color=colour, lw=1.2)
            axes.plot(curve.epochs, curve.valid_mse, color=colour, lw=1.5, ls="--")
            axes.plot(curve.epochs[best], curve.valid_mse[best], color=colour, marker=marker, ms=7, lw=0, label=label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set(xlabel="epoch", ylabel="mean squared error")
        axes.legend()

    return draw((6.4, 3.4), f"Learning curves: {', '.join(curves)}", paint)
