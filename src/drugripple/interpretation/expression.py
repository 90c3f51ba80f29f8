"""Differential expression between two groups of profiles, as they are and within tissues.

Source: paper section 4.4. Differs: the paper states neither its test nor its cut; here Welch's t per gene and lowest
against highest quarter. The same test on basal profiles is the control: groups that differ before treatment differ
after it, too.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int
from scipy import stats

from drugripple.errors import TableError
from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.genes.space import GeneSpace

FEWEST = 3


class Groups(NamedTuple):
    """Rows of the sensitive and of the resistant group."""

    sensitive: Int[np.ndarray, " a"]
    resistant: Int[np.ndarray, " b"]


def quartile_groups(values: Float[np.ndarray, " n"], *, lower_is_sensitive: bool = True) -> Groups:
    """The quarter with the lowest and that with the highest values.

    >>> quartile_groups(np.array([4.0, 1.0, 3.0, 2.0]))
    Groups(sensitive=array([1]), resistant=array([0]))
    """
    order = np.argsort(values, kind="stable")
    quarter = len(values) // 4
    low, high = np.sort(order[:quarter]), np.sort(order[len(values) - quarter :])
    return Groups(low, high) if lower_is_sensitive else Groups(high, low)


def differential(
    profiles: Float[np.ndarray, "n g"], groups: Groups, genes: GeneSpace, *, tissue: Sequence[str] = ()
) -> pd.DataFrame:
    """Gene, difference (sensitive - resistant), t, p (two-sided) and q, gene by gene in the order of the space.

    Args:
        profiles: expression, a row per sample.
        groups: rows that are compared.
        genes: of the columns.
        tissue: of each sample; where given, a linear model takes tissue means out: Student's t of the group's
            coefficient. Tissues in one group only then say nothing.

    Raises:
        TableError: if a group has fewer than three profiles.
    """
    if min(map(len, groups)) < FEWEST:
        message = f"groups of {len(groups.sensitive)} and {len(groups.resistant)} profiles are too few to compare"
        raise TableError(message)
    if tissue:
        difference, t, p = _within_tissue(profiles, groups, tissue)
    else:
        first, second = (profiles[rows].astype(np.float64) for rows in groups)
        difference = first.mean(axis=0) - second.mean(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            found = stats.ttest_ind(first, second, axis=0, equal_var=False)
        t, p = found.statistic, found.pvalue
    table = {"gene": genes.symbols, "difference": difference, "t": t, "p": p, "q": false_discovery_rate(p)}
    return pd.DataFrame(table)


def _within_tissue(
    profiles: Float[np.ndarray, "n g"], groups: Groups, tissue: Sequence[str]
) -> tuple[Float[np.ndarray, " g"], Float[np.ndarray, " g"], Float[np.ndarray, " g"]]:
    rows = np.concatenate(groups)
    values = profiles[rows].astype(np.float64)
    sensitive = (np.arange(len(rows)) < len(groups.sensitive)).astype(np.float64)
    code = np.unique([tissue[row] for row in rows.tolist()], return_inverse=True)[1]
    dummies = np.eye(code.max() + 1)[code]
    share = dummies / np.maximum(dummies.sum(axis=0), 1)
    left = sensitive - dummies @ (share.T @ sensitive)
    centred = values - dummies @ (share.T @ values)
    freedom = len(rows) - dummies.shape[1] - 1
    squares = float(left @ left)
    if squares < 1e-12 or freedom < 1:
        nothing = np.full(values.shape[1], np.nan)
        return nothing, nothing, nothing
    slope = left @ centred / squares
    residual = centred - left[:, None] * slope
    error = np.sqrt((residual**2).sum(axis=0) / freedom / squares)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = slope / error
    return slope, t, 2 * stats.t.sf(np.abs(t), freedom)
