"""The ways a split can leak, and one finding of an audit."""

from dataclasses import dataclass
from enum import StrEnum


class Leak(StrEnum):
    """A way in which a split can leak."""

    SHARED_ROW = "shared row"
    REPEAT = "repeat measurement"
    REPEAT_TWO_IDS = "repeat measurement under two ids"
    SHARED_LINE = "cell line on both sides"
    SYNONYM_LINE = "cell line under two names"
    MAYBE_LINE = "cell line that may be the same"
    TWO_SYSTEMS = "cell lines named by two systems"
    """A name on one side, an id on the other: they cannot be compared without a table of both."""
    PARTIAL = "hidden in part"
    """Some but not all test lines, or test compounds, are in training, and no scheme was stated."""
    SHARED_DRUG = "compound on both sides"
    SYNONYM_DRUG = "compound under two spellings"
    SAME_MOLECULE = "one molecule under two names"
    SALT_TWIN = "salt of the same molecule"
    STEREO_TWIN = "stereoisomer of the same molecule"
    TAUTOMER = "tautomer of the same molecule"
    ANALOGUE = "near analogue"
    UNREAD = "structure that cannot be read"
    """The compound goes by its name alone."""
    PRETRAINED_COMPOUND = "test compound seen in pretraining"
    PRETRAINED_LINE = "test line seen in pretraining"
    FITTED_ON_TEST = "preprocessing fitted on test lines"


class Severity(StrEnum):
    """Whether a finding breaks the claim of a scheme or only weakens it."""

    LEAK = "leak"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One kind of leak between two parts of a split."""

    leak: Leak
    severity: Severity
    between: str
    count: int
    """Number of lines, compounds or pairs concerned."""
    rows: int
    """Number of test (or validation) rows concerned."""
    examples: tuple[str, ...]
    advice: str
