"""Logarithms of expression, as their base, what was added before, and what a sample adds up to; and the ways back."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

MILLION, TEN_THOUSAND = 1e6, 1e4
E = float(np.e)
BASES = {2.0: "log2", E: "ln", 10.0: "log10"}


class Added(StrEnum):
    """What was added before a logarithm was taken."""

    NOTHING = ""
    ONE = " + 1"
    LOWEST = " + c"
    """The lowest value is the logarithm of c, that of a zero."""


class Conversion(StrEnum):
    """What takes values that are no other logarithm to a scale that a network reads."""

    NONE = "none"
    LINEAR = "x to log2(x + 1)"
    ORDER = "x by its order"
    COUNTS = "counts to log2(TPM + 1)"
    RATIO = "ratios to ln(ratio + 0.03)"
    """Ratios of linear values have long tails above; a logarithm hardly changes those of logarithms."""


class Logarithm(NamedTuple):
    """What values are the logarithm of.

    >>> str(Logarithm(10.0, Added.LOWEST))
    'log10(x + c) to log2(x + 1)'
    """

    base: float
    added: Added = Added.ONE
    total: float = MILLION
    """Parts per this are what a logarithm was taken of."""

    def __str__(self) -> str:
        """What is done with it."""
        own = f"{BASES[self.base]}(x{self.added})"
        if self.total == MILLION:
            return f"{own} to log2(x + 1)"
        return f"{own} of parts per ten thousand to log2(x + 1) of parts per million"

    def linear(self, values: Float[np.ndarray, "*n"], lowest: float) -> Float[np.ndarray, "*n"]:
        """Parts per million behind the values, of which `lowest` is the lowest."""
        added = {Added.NOTHING: 0.0, Added.ONE: 1.0, Added.LOWEST: self.base**lowest}[self.added]
        return MILLION / self.total * np.maximum(self.base**values - added, 0)


LOG2 = Logarithm(2.0)
"""What a network reads."""
