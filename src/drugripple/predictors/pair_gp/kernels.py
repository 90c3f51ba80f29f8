"""Similarities of cell lines and of compounds, every one positive semi-definite.

A similarity that is thresholded (`overlap > 0.4`) is not, and a Gaussian process built on it blows up.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.data.tables import CompoundTable

UNKNOWN = frozenset({"", "unclassified", "unknown", "nan"})


def rbf(
    values: Float[np.ndarray, "n g"], fitted: Bool[np.ndarray, " n"], *, length: float = 1.0
) -> Float[np.ndarray, "n n"]:
    """exp(-d² / 2s²) of Euclidean distances, s = `length` times the median distance of the fitted rows."""
    wide = values.astype(np.float64)
    squared = squared_distances(wide)
    inside = squared[np.ix_(fitted, fitted)]
    above = inside[np.triu_indices(len(inside), 1)]
    median = float(np.median(above)) if above.size else 1.0
    return np.exp(-squared / (2 * length**2 * max(median, 1e-12)))


def compound_kernel(compounds: CompoundTable) -> Float[np.ndarray, "c c"]:
    """Mean of count-Tanimoto (Morgan, radius 2), cosine of annotated targets and same pathway, scaled to diagonal 1.

    Source: Ralaivola et al. 2005, doi:10.1016/j.neunet.2005.07.009 (the Tanimoto kernel is positive definite).
    """
    counts = morgan(compounds.molecules, counts=True)
    parts = tanimoto(counts, counts) + label_cosine(compounds.targets) + same_label(compounds.mechanism)
    size = np.sqrt(np.diag(parts))
    return parts / np.outer(size, size)


def label_cosine(labels: Sequence[str]) -> Float[np.ndarray, "c c"]:
    """Cosine of sets written as "A, B"; an empty set is similar to nothing, not even itself.

    >>> label_cosine(["A, B", "b", ""]).round(2).tolist()
    [[1.0, 0.71, 0.0], [0.71, 1.0, 0.0], [0.0, 0.0, 0.0]]
    """
    sets = [{part.strip().lower() for part in text.split(",")} - UNKNOWN for text in labels]
    names = {name: i for i, name in enumerate(sorted(set().union(*sets)))}
    member = np.zeros((len(sets), max(1, len(names))))
    for row, members in enumerate(sets):
        member[row, [names[name] for name in members]] = 1 / np.sqrt(max(1, len(members)))
    return member @ member.T


def same_label(labels: Sequence[str]) -> Float[np.ndarray, "c c"]:
    """1 where two known labels are equal, else 0."""
    names = np.array([text.strip().lower() for text in labels])
    known = np.array([name not in UNKNOWN for name in names.tolist()])
    return ((names[:, None] == names[None, :]) & known[:, None]).astype(np.float64)


def squared_distances(values: Float[np.ndarray, "n g"]) -> Float[np.ndarray, "n n"]:
    """Squared Euclidean distances of rows."""
    centred = values - values.mean(axis=0)
    size = (centred**2).sum(axis=1)
    squared = np.maximum(size[:, None] + size[None, :] - 2 * centred @ centred.T, 0)
    np.fill_diagonal(squared, 0)
    return squared
