"""Does a network that never saw a response move sensitive samples farther? Distances, and what explains them.

    δ = ‖ĝ - g‖₂          distance between predicted and basal profile                   [n]

Source: paper section 4.2 and Figure S1. Ours: the test within each compound (over all rows, compounds are compared, not
samples), the partial correlation given ‖g‖, the shift beyond dose 0, and random weights.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.evaluation.group_tests import welch_lower
from drugripple.evaluation.metrics import spearman
from drugripple.interpretation.expression import quartile_groups

FEWEST_ROWS = 12
"""Number of rows below which a compound has no quarters worth comparing."""


class ZeroShot(NamedTuple):
    """How far sensitive and resistant rows move."""

    sensitive: float
    """Mean distance of the most sensitive quarter of all rows."""
    resistant: float
    p_value: float
    """One-sided, sensitive farther; over all rows."""
    compounds: pd.DataFrame
    """compound, rows, difference (sensitive - resistant), p, q, correlation, partial (Spearman, δ with sensitivity)."""


def compare_distances(
    distance: Float[np.ndarray, " m"],
    response: Float[np.ndarray, " m"],
    compound: Int[np.ndarray, " m"],
    norm: Float[np.ndarray, " m"],
    names: tuple[str, ...],
) -> ZeroShot:
    """Compare distances of sensitive and resistant rows, over all and within compounds.

    Args:
        distance: how far each row moves.
        response: lower is more sensitive.
        compound: number of each row's compound.
        norm: length of each row's basal profile.
        names: of the compounds.
    """
    groups = quartile_groups(response)
    near, far = distance[groups.resistant], distance[groups.sensitive]
    rows = []
    for number in np.unique(compound).tolist():
        at = np.flatnonzero(compound == number)
        if len(at) < FEWEST_ROWS:
            continue
        own = quartile_groups(response[at])
        low, high = distance[at[own.resistant]], distance[at[own.sensitive]]
        rows.append(
            (names[number], len(at), float(high.mean() - low.mean()), welch_lower(low, high).p_value,
             spearman(distance[at], -response[at]), partial_rank(distance[at], -response[at], norm[at]))
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=["compound", "rows", "difference", "p", "correlation", "partial"])
    table.insert(4, "q", false_discovery_rate(table["p"].to_numpy(np.float64)))
    compounds = table.sort_values("p", ignore_index=True)
    return ZeroShot(float(far.mean()), float(near.mean()), welch_lower(near, far).p_value, compounds)


def partial_rank(one: Float[np.ndarray, " n"], other: Float[np.ndarray, " n"], known: Float[np.ndarray, " n"]) -> float:
    """Spearman's correlation of two given a third: (r - ab)/√((1 - a²)(1 - b²)); NaN where it is undefined."""
    r, a, b = spearman(one, other), spearman(one, known), spearman(other, known)
    below = (1 - a * a) * (1 - b * b)
    return float((r - a * b) / np.sqrt(below)) if below > 1e-12 else float("nan")
