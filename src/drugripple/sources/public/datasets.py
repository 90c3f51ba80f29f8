"""Names of the public data sets of measured responses."""

from enum import StrEnum


class Dataset(StrEnum):
    """A data set of the tidy layout."""

    GDSC1 = "GDSC1"
    GDSC2 = "GDSC2"
    NCI60 = "NCI-60"
    """z-scores of activity over the NCI-60 lines: higher is more sensitive."""
