"""Similarities of samples and of compounds, every one positive semi-definite.

A similarity that is thresholded (`overlap > 0.4`) is not, and a Gaussian process built on it blows up.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.data.tables import CompoundTable

UNKNOWN = frozenset({"", "unclassified", "unknown", "nan"})


def bandwidth(squared: Float[np.ndarray, "n n"], *, length: float = 1.0) -> float:
    """2s² of exp(-d² / 2s²), where s is `length` times the median of the distances."""
    above = squared[np.triu_indices(len(squared), 1)]
    median = float(np.median(above)) if above.size else 1.0
    return 2 * length**2 * max(median, 1e-12)


def compound_kernel(compounds: CompoundTable) -> Float[np.ndarray, "c c"]:
    """Mean of count-Tanimoto (Morgan, radius 2), cosine of annotated targets and same pathway, scaled to diagonal 1.

    Source: Ralaivola et al. 2005, doi:10.1016/j.neunet.2005.07.009 (the Tanimoto kernel is positive definite).
    """
    parts = _parts(compounds, compounds)
    size = np.sqrt(np.diag(parts))
    return parts / np.outer(size, size)


def compound_kernel_to(one: CompoundTable, other: CompoundTable) -> Float[np.ndarray, "a c"]:
    """The entries of `compound_kernel` between the compounds of one table and those of another."""
    return _parts(one, other) / np.sqrt(np.outer(_with_itself(one), _with_itself(other)))


def label_cosine(labels: Sequence[str], others: Sequence[str]) -> Float[np.ndarray, "a b"]:
    """Cosine of sets written as "A, B"; an empty set is similar to nothing, not even itself.

    >>> label_cosine(["A, B", ""], ["A, B", "b", ""]).round(2).tolist()
    [[1.0, 0.71, 0.0], [0.0, 0.0, 0.0]]
    """
    sets = [[_labels(text) for text in side] for side in (labels, others)]
    names = {name: i for i, name in enumerate(sorted(set().union(*sets[0], *sets[1])))}
    member = [np.zeros((len(side), max(1, len(names)))) for side in sets]
    for matrix, side in zip(member, sets, strict=True):
        for row, members in enumerate(side):
            matrix[row, [names[name] for name in members]] = 1 / np.sqrt(max(1, len(members)))
    return member[0] @ member[1].T


def same_label(labels: Sequence[str], others: Sequence[str]) -> Float[np.ndarray, "a b"]:
    """1 where two known labels are equal, else 0."""
    one, other = (np.array([text.strip().lower() for text in side], dtype=str) for side in (labels, others))
    known = np.array([name not in UNKNOWN for name in one.tolist()], dtype=bool)
    return ((one[:, None] == other[None, :]) & known[:, None]).astype(np.float64)


def _labels(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",")} - UNKNOWN


def _parts(one: CompoundTable, other: CompoundTable) -> Float[np.ndarray, "a c"]:
    """Sum of the three similarities."""
    counts = [morgan(table.molecules, counts=True) for table in (one, other)]
    return (
        tanimoto(counts[0], counts[1])
        + label_cosine(one.targets, other.targets)
        + same_label(one.mechanism, other.mechanism)
    )


def _with_itself(compounds: CompoundTable) -> Float[np.ndarray, " c"]:
    """`_parts` of each compound with itself: one for its structure, and one for each kind of annotation that it has."""
    known = [
        1.0 + bool(_labels(targets)) + (mechanism.strip().lower() not in UNKNOWN)
        for targets, mechanism in zip(compounds.targets, compounds.mechanism, strict=True)
    ]
    return np.array(known, dtype=np.float64)
