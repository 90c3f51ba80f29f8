"""Samples whose numbers are of another kind than those of the others: no one scale fits such a file."""

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Float, Int

FEWEST_GENES = 50
ABOVE_LOGARITHMS = 30.0
ABOVE_SHARE, HARDLY_ABOVE = 0.01, 0.001
"""Linear samples have more numbers above the highest logarithm; logarithms have none, but for a few wrong cells."""
SIGNED_SHARE = 0.2
"""Share of negative genes beyond which a sample counts as z-scores."""
ROWS_AT_ONCE = 1024
LOGARITHMS = {"log2 and ln": np.log(2), "log2 and log10": np.log10(2), "ln and log10": 1 / np.log(10)}
"""Factors by which two logarithms of one number differ."""
NEAR = 0.12
"""How far ln of the ratio of two groups may lie from ln of such a factor. The spread of samples of one kind scatters by
0.03 (GDSC) to 0.10 (TCGA), in steps of 0.03 at most."""
STEP = 0.15
SHIFT_FROM = 1.5
"""Medians of differences from the cohort lie within 0.16 in GDSC and, one of 1,160 tumours apart, 0.8 in TCGA."""
SHIFT_TIMES = 6.0
SHIFT_AMONG = (4, 5_000)
"""So many samples show what is usual, and are looked at."""


class Kind(StrEnum):
    """What the numbers of one sample can be."""

    COUNTS = "whole numbers"
    LINEAR = "numbers above 30"
    SIGNED = "numbers on both sides of 0"
    LOGARITHMS = "logarithms"
    UNCLEAR = ""


def kinds(values: Float[np.ndarray, "n k"], columns: Bool[np.ndarray, " k"]) -> tuple[Kind, ...]:
    """What each sample holds by its own numbers alone, in the columns that count.

    >>> values = np.array([np.arange(60.0), np.linspace(2.03, 14, 60), np.linspace(-3, 3, 60)])
    >>> kinds(values, np.ones(60, dtype=bool))
    (<Kind.COUNTS: 'whole numbers'>, <Kind.LOGARITHMS: 'logarithms'>, <Kind.SIGNED: 'numbers on both sides of 0'>)
    """
    found: list[Kind] = []
    for part in _parts(values, columns):
        known = np.isfinite(part)
        count = known.sum(axis=1)
        whole = ((part == np.round(part)) | ~known).all(axis=1) & ((part > 1).sum(axis=1) >= FEWEST_GENES // 2)
        above = (part > ABOVE_LOGARITHMS).sum(axis=1)
        below = (part < 0).sum(axis=1)
        for i in range(len(part)):
            if count[i] < FEWEST_GENES:
                found.append(Kind.UNCLEAR)
            elif below[i]:
                found.append(Kind.SIGNED if below[i] > SIGNED_SHARE * count[i] else Kind.UNCLEAR)
            elif whole[i]:
                found.append(Kind.COUNTS)
            elif above[i] > ABOVE_SHARE * count[i]:
                found.append(Kind.LINEAR)
            else:
                found.append(Kind.UNCLEAR if above[i] > max(1, HARDLY_ABOVE * count[i]) else Kind.LOGARITHMS)
    return tuple(found)


def by_logarithm(
    values: Float[np.ndarray, "n k"], columns: Bool[np.ndarray, " k"]
) -> tuple[str, Int[np.ndarray, " m"]]:
    """Two logarithms if the samples are of two, and the fewer samples; blank and none if they are of one.

    Between two groups of samples, both the spread over the genes and the level of the highest genes differ as the
    logarithms do. Samples with few values are passed over.
    """
    nobody = np.array([], dtype=np.int64)
    if len(values) < 2:
        return "", nobody
    measured = np.concatenate([np.isfinite(part).sum(axis=1) >= FEWEST_GENES for part in _parts(values, columns)])
    if measured.sum() < 2:
        return "", nobody
    spreads, levels = [], []
    for part in _parts(values if measured.all() else values[measured], columns):
        wide = np.where(np.isfinite(part), part, np.nan)
        highest = max(1, part.shape[1] // 20)
        top = np.partition(np.where(np.isnan(wide), -np.inf, wide), -highest, axis=1)[:, -highest:]
        spreads.append(np.nanstd(wide, axis=1))
        levels.append(top.mean(axis=1))
    spread, level = np.concatenate(spreads), np.concatenate(levels)
    if not (np.all(spread > 0) and np.all(level > 0) and np.isfinite(level).all()):
        return "", nobody
    order = np.argsort(spread)
    steps = np.diff(np.log(spread[order]))
    cut = int(steps.argmax()) + 1
    if steps[cut - 1] < STEP:
        return "", nobody
    below, above = order[:cut], order[cut:]
    ratios = [np.log(np.median(one[above]) / np.median(one[below])) for one in (spread, level)]
    for name, factor in LOGARITHMS.items():
        if all(abs(ratio + np.log(factor)) < NEAR for ratio in ratios):
            return name, np.flatnonzero(measured)[np.sort(below if len(below) <= len(above) else above)]
    return "", nobody


def shifts_from_the_others(
    values: Float[np.ndarray, "n k"], columns: Bool[np.ndarray, " k"]
) -> list[tuple[int, float]]:
    """Samples whose genes lie above or below the cohort's medians on the whole, and by how much, where few others do.

    >>> values = np.tile(np.linspace(2, 12, 60), (5, 1)) + np.linspace(0, 0.1, 5)[:, None]
    >>> values[3] += 4
    >>> [(row, round(shift, 2)) for row, shift in shifts_from_the_others(values, np.ones(60, dtype=bool))]
    [(3, 4.02)]
    """
    if not SHIFT_AMONG[0] <= len(values) <= SHIFT_AMONG[1] or columns.sum() < FEWEST_GENES:
        return []
    part = values[:, columns].astype(np.float64)
    part = part[:, np.isfinite(part).all(axis=0)]
    if part.shape[1] < FEWEST_GENES:
        return []
    shift = np.median(part - np.median(part, axis=0), axis=1)
    usual = 1.4826 * np.median(np.abs(shift - np.median(shift)))
    rows = np.flatnonzero(np.abs(shift) > max(SHIFT_FROM, SHIFT_TIMES * usual))
    return [(int(row), float(shift[row])) for row in rows]


def _parts(values: Float[np.ndarray, "n k"], columns: Bool[np.ndarray, " k"]) -> Iterator[Float[np.ndarray, "r c"]]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        yield values[start : start + ROWS_AT_ONCE, columns].astype(np.float64)
