"""What kind of question a pair is: whether training rows hold its sample, and its compound."""

from enum import StrEnum

import numpy as np
from jaxtyping import Bool, Int


class PairKind(StrEnum):
    """Which side of a pair a model was trained on: a known sample or compound has training rows.

    The four kinds are as blind as the test rows of mixed, cell-blind, drug-blind and disjoint folds.
    """

    KNOWN = "known sample, known compound"
    NEW_SAMPLE = "new sample, known compound"
    NEW_COMPOUND = "known sample, new compound"
    NEW_BOTH = "new sample, new compound"


KINDS = tuple(PairKind)
KNOWN_COMPOUND = tuple(kind in (PairKind.KNOWN, PairKind.NEW_SAMPLE) for kind in KINDS)
"""Whether the compound of each kind in `KINDS` is known."""
LEVEL = 0.9
"""Probability with which an interval covers a new measurement, unless another is asked for."""


def kind_numbers(known_sample: Bool[np.ndarray, " m"], known_compound: Bool[np.ndarray, " m"]) -> Int[np.ndarray, " m"]:
    """The kind of each pair, as its place in `KINDS`.

    >>> numbers = kind_numbers(np.array([True, False]), np.array([False, False]))
    >>> [KINDS[i].value for i in numbers]
    ['known sample, new compound', 'new sample, new compound']
    """
    return (~known_sample).astype(np.int64) + 2 * (~known_compound).astype(np.int64)
