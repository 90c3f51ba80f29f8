"""Values that stand for missing ones: some share the lowest or the highest number, and far from it lies the next."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

AMONG = 200
FEWEST = 3
SHARE_AT_MOST = 0.2
"""Among so many values, more of one value than this share mark no missing ones."""
BACKGROUND = 1.5
"""Below it lies hardly a value of a microarray."""
HIGHEST = 30.0
"""No logarithm of expression, and hardly a z-score, is larger."""
TIMES = 2.0
AMID_SHARE, AMID_TIMES = 0.02, 10
"""So many values are 0, and so many times as many as are any other value near it."""


class Mark(NamedTuple):
    """A number that marks missing values."""

    value: float
    says: str


def lowest_mark(finite: Float[np.ndarray, " k"]) -> Mark | None:
    """A lowest value, of zero or less, that some share far below all others.

    >>> lowest_mark(np.concatenate([np.full(5, -9.0), np.linspace(3, 14, 300)])).says
    '5 values are -9 and no other is below 3: they seem to mark missing values'
    """
    distinct = np.unique(finite)
    if len(distinct) < 2 or distinct[0] > 0 or distinct[1] < BACKGROUND:
        return None
    return _mark(finite, distinct[0], f"below {distinct[1]:.3g}")


def highest_mark(finite: Float[np.ndarray, " k"]) -> Mark | None:
    """A highest value, too large for a logarithm or a z-score, that some share far above all others, which are not.

    >>> highest_mark(np.concatenate([np.full(5, 99.0), np.linspace(3, 14, 300)])).says
    '5 values are 99 and no other is above 14: they seem to mark missing values'
    >>> highest_mark(np.concatenate([np.full(5, 99.0), np.linspace(3, 60, 300)]))
    """
    distinct = np.unique(finite)
    if len(distinct) < 2 or distinct[-1] <= max(HIGHEST, TIMES * distinct[-2]) or distinct[-2] > HIGHEST:
        return None
    return _mark(finite, distinct[-1], f"above {distinct[-2]:.3g}")


def zeros_amid(finite: Float[np.ndarray, " k"]) -> Mark | None:
    """Zeros among logarithms on both sides of 0, written where there was none to take: they stand above small numbers.

    Logarithms of ratios lie around 0 themselves.

    >>> zeros_amid(np.concatenate([np.zeros(50), np.linspace(-3, 14, 300)])).says
    '50 values are 0 and 53 lie below: they seem to be zeros whose logarithm was not taken'
    >>> zeros_amid(np.concatenate([np.zeros(50), np.linspace(-3, 3, 300)]))
    """
    others = finite[finite != 0]
    count, below = len(finite) - len(others), int((others < 0).sum())
    if len(finite) < AMONG or count < max(FEWEST, AMID_SHARE * len(finite)) or not below:
        return None
    near = np.unique(others[np.abs(others) < 1], return_counts=True)[1].max(initial=1)
    if np.median(others) < BACKGROUND or others.max() > HIGHEST or count < AMID_TIMES * near:
        return None
    says = f"{count} values are 0 and {below} lie below: they seem to be zeros whose logarithm was not taken"
    return Mark(0.0, says)


def _mark(finite: Float[np.ndarray, " k"], value: float, others: str) -> Mark | None:
    count = int((finite == value).sum())
    if len(finite) < AMONG or not FEWEST <= count <= SHARE_AT_MOST * len(finite):
        return None
    return Mark(
        float(value), f"{count} values are {value:g} and no other is {others}: they seem to mark missing values"
    )
