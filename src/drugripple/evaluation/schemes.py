"""What folds hide from training, and the policies that they keep; imports nothing heavy.

Source: the scheme names are those of Partin et al. 2023, which the paper follows.
"""

from enum import StrEnum


class Scheme(StrEnum):
    """What a test row does not share with any training row."""

    MIXED = "mixed"
    """A test row does not share its (cell line, compound) pair."""
    CELL_BLIND = "cell_blind"
    """A test row does not share its cell line."""
    DRUG_BLIND = "drug_blind"
    """A test row does not share its compound."""
    DISJOINT = "disjoint"
    """A test row shares neither its cell line nor its compound."""

    @property
    def hides_lines(self) -> bool:
        """Whether test lines are new to training."""
        return self in (Scheme.CELL_BLIND, Scheme.DISJOINT)

    @property
    def hides_drugs(self) -> bool:
        """Whether test compounds are new to training."""
        return self in (Scheme.DRUG_BLIND, Scheme.DISJOINT)


class Replicates(StrEnum):
    """What happens to repeat measurements of one (cell line, compound) pair."""

    GROUP = "group"
    """Repeats are kept, together on one side of every fold."""
    KEEP = "keep"
    """Repeats are kept and may be split; mixed folds then leak, as most published splits do."""
    MEAN = "mean"
    """Repeats were averaged beforehand by `merge_repeats`."""


class Validation(StrEnum):
    """How far the validation rows are from the training rows."""

    BLIND = "blind"
    """Validation rows are as far from the training rows as the test rows are."""
    LENIENT = "lenient"
    """Training keeps the rows that share a line or a compound with validation, which matters in disjoint folds."""
    RANDOM = "random"
    """Validation is a random ninth of the pairs outside the test part, an easier task than the test."""


class Grid(StrEnum):
    """Which blocks of lines x compounds the disjoint scheme tests."""

    DIAGONAL = "diagonal"
    """Blocks (f, f): every line and every compound is tested once."""
    FULL = "full"
    """Every block, which squares the number of folds: every row is tested once."""
