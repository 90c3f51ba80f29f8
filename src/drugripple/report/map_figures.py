"""Figures of maps: a clustered heat map of similarities, and the strongest gene pairs as a network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float

from drugripple.report.figures import BLUE, INK, VERMILLION, draw

if TYPE_CHECKING:
    import matplotlib.axes


def clustered(similarity: Float[np.ndarray, "c c"], names: Sequence[str], groups: Sequence[str], label: str) -> str:
    """Similarities with like rows side by side (average linkage); each name is followed by its group."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    far = np.nan_to_num(1.0 - similarity, nan=1.0)
    far = (far + far.T) / 2
    np.fill_diagonal(far, 0.0)
    order = leaves_list(linkage(squareform(far.clip(0.0), checks=False), "average")) if len(names) > 1 else np.arange(1)
    shown = similarity[np.ix_(order, order)]
    limit = float(np.nanmax(np.abs(np.where(np.eye(len(shown), dtype=bool), 0.0, shown)))) or 1.0

    def paint(axes: "matplotlib.axes.Axes") -> None:
        image = axes.imshow(shown, cmap="PuOr_r", vmin=-limit, vmax=limit, interpolation="nearest")
        ticks = [f"{names[i]} ({groups[i]})" if groups[i] else names[i] for i in order.tolist()]
        axes.set_yticks(range(len(ticks)), ticks, fontsize=7)
        axes.set_xticks([])
        axes.spines[:].set_visible(False)
        figure = axes.get_figure()
        if figure is not None:
            figure.colorbar(image, ax=axes, shrink=0.7, label=label)

    side = 2.4 + 0.14 * len(names)
    return draw((side + 2.2, side), f"{label.capitalize()} of {len(names)} compounds, clustered", paint)


def gene_network(first: Sequence[str], second: Sequence[str], known: Bool[np.ndarray, " p"]) -> str:
    """Gene pairs as lines between genes on a circle; those that the prior knows are solid, the others dashed."""
    genes = list(dict.fromkeys([*first, *second]))
    angle = {gene: 2 * np.pi * place / len(genes) for place, gene in enumerate(genes)}

    def paint(axes: "matplotlib.axes.Axes") -> None:
        for a, b, inside in zip(first, second, known.tolist(), strict=True):
            ends = np.array([[np.cos(angle[gene]), np.sin(angle[gene])] for gene in (a, b)])
            colour, dash = (BLUE, "-") if inside else (VERMILLION, "--")
            axes.plot(ends[:, 0], ends[:, 1], color=colour, ls=dash, lw=0.9, alpha=0.8)
        for gene, turn in angle.items():
            left = np.cos(turn) < 0
            degrees = np.degrees(turn) + (180 if left else 0)
            axes.text(
                1.04 * np.cos(turn), 1.04 * np.sin(turn), gene, fontsize=9, rotation=degrees, color=INK,
                rotation_mode="anchor", ha="right" if left else "left", va="center",
            )  # fmt: skip
        axes.set(xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal", xticks=[], yticks=[])
        axes.spines[:].set_visible(False)

    return draw((4.6, 4.6), f"Network of {len(first)} gene pairs", paint)
