"""Single numbers of an expression matrix that lie far from all others, and would decide what the whole matrix is."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

AT_MOST = 5
"""More numbers than these, and more than one in `SHARE`, are no slips."""
SHARE = 10_000
GAP = 0.17
"""Step to the next number, as a share of the range of the others, beyond which a number lies apart. In real matrices
the last step is 0.014 at most, in small panels of genes more."""
FEWEST = 200
"""Numbers that tell what is usual."""
ABSURD = 30.0
"""No logarithm of expression is larger."""
ABSURD_Z = 100.0
"""With CMap's floor under the MAD, the robust z-score of a log2 intensity is smaller."""
TIMES = 3.0
ROWS_AT_ONCE = 1024


class Cell(NamedTuple):
    """One number and its place."""

    row: int
    column: int
    value: float


class Extreme(NamedTuple):
    """The numbers that lie apart, and between which all others lie."""

    cells: tuple[Cell, ...]
    low: float
    high: float

    @property
    def absurd(self) -> bool:
        """Whether one of them is many times as large as all others, and too large to be meant."""
        usual = max(abs(self.low), abs(self.high))
        limit = ABSURD_Z if self.low < 0 else ABSURD
        return usual <= limit and any(abs(cell.value) > max(limit, TIMES * usual) for cell in self.cells)


NOTHING_EXTREME = Extreme((), np.nan, np.nan)


def extreme_cells(values: Float[np.ndarray, "n k"], columns: Bool[np.ndarray, " k"]) -> Extreme:
    """The few numbers above or below all others that a gap parts from them; none among few numbers.

    Args:
        values: samples x genes; NaN and infinite ones are passed over.
        columns: which genes to look at.

    >>> values = np.linspace(2, 14, 300).reshape(3, 100)
    >>> values[1, 7] = 999_999
    >>> extreme_cells(values, np.ones(100, dtype=bool)).cells
    (Cell(row=1, column=7, value=999999.0),)
    """
    most = max(AT_MOST, int(columns.sum()) * len(values) // SHARE)
    at = np.flatnonzero(columns)
    ends = [_end(values, at, most + 1, sign) for sign in (-1.0, 1.0)]
    if ends[0].size <= most or len(values) * len(at) < FEWEST:
        return NOTHING_EXTREME
    low, high = -ends[0]["value"].min(), ends[1]["value"].min()
    found = []
    limits = []
    for sign, end in zip((-1.0, 1.0), ends, strict=True):
        ordered = np.sort(end, order="value")
        gaps = np.flatnonzero(np.diff(ordered["value"]) > GAP * max(high - low, 0.0))
        first = int(gaps[0]) + 1 if high > low and len(gaps) else len(ordered)
        found += [Cell(int(one["row"]), int(one["column"]), float(sign * one["value"])) for one in ordered[first:]]
        limits.append(float(sign * ordered["value"][first - 1]))
    return Extreme(tuple(found), limits[0], limits[1])


_PLACED = np.dtype([("value", np.float64), ("row", np.int64), ("column", np.int64)])


def _end(values: Float[np.ndarray, "n k"], at: np.ndarray, count: int, sign: float) -> np.ndarray:
    """The largest numbers times `sign`, with their places."""
    best = np.empty(0, dtype=_PLACED)
    for start in range(0, len(values), ROWS_AT_ONCE):
        part = sign * values[start : start + ROWS_AT_ONCE, at].astype(np.float64).ravel()
        part[~np.isfinite(part)] = -np.inf
        chosen = np.argpartition(part, -count)[-count:] if part.size > count else np.arange(part.size)
        some = np.empty(len(chosen), dtype=_PLACED)
        some["value"], some["row"] = part[chosen], start + chosen // max(1, len(at))
        some["column"] = at[chosen % max(1, len(at))] if len(at) else 0
        best = np.concatenate([best, some[np.isfinite(some["value"])]])
        best = best[np.argsort(best["value"])[-count:]]
    return best
