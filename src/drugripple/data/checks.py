"""Checks that tables share: what is refused where data enter."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Num

from drugripple.errors import TableError, first_five
from drugripple.runtime.mapped import release

ROWS_AT_ONCE = 4096
"""Rows that are checked at a time."""


def require_positive(values: Num[np.ndarray, " m"], what: str, unit: str) -> None:
    """Refuse a dose or a time that is zero, negative or not finite.

    Raises:
        TableError: naming the first culprit.
    """
    bad = ~(np.isfinite(values) & (values > 0))
    if bad.any():
        row = int(bad.argmax())
        message = f"{int(bad.sum())} values of {what} are not above 0 {unit} (first: row {row}, {values[row]})"
        raise TableError(message)


def require_at_most(values: Num[np.ndarray, " m"], largest: float, what: str, unit: str) -> None:
    """Refuse a dose or a time that no experiment has.

    Raises:
        TableError: naming the first culprit.
    """
    bad = values > largest
    if bad.any():
        row = int(bad.argmax())
        message = f"{int(bad.sum())} values of {what} are above {largest:,g} {unit} (first: row {row}, {values[row]:g})"
        message += "; check their unit"
        raise TableError(message)


def refuse_repeats(names: Sequence[str], what: str) -> None:
    """Refuse a list that names something twice.

    Raises:
        TableError: naming the first five.
    """
    if len(set(names)) != len(names):
        repeated = sorted(name for name, count in Counter(names).items() if count > 1)
        message = f"{len(repeated)} {what} repeat: {first_five(repeated)}; give each its own name or merge them"
        raise TableError(message)


def count_not_finite(values: Float[np.ndarray, "m g"]) -> int:
    """How many values are NaN or infinite; some rows at a time, because a memory-mapped array may exceed the memory."""
    bad = 0
    for row in range(0, len(values), ROWS_AT_ONCE):
        bad += int((~np.isfinite(values[row : row + ROWS_AT_ONCE])).sum())
        release(values)
    return bad


def require_length(column: Sequence[object] | np.ndarray, length: int, what: str) -> None:
    """Refuse a column that is shorter or longer than its table.

    Raises:
        TableError: with both lengths.
    """
    if len(column) != length:
        message = f"{len(column)} {what} for {length} rows"
        raise TableError(message)


def require_rows(rows: Int[np.ndarray, " m"], length: int, what: str) -> None:
    """Refuse row numbers that point outside a table.

    Raises:
        TableError: naming the highest.
    """
    if rows.size and (rows.min() < 0 or rows.max() >= length):
        message = f"a row points at number {int(rows.max())} of {length} {what}"
        raise TableError(message)
