"""Names of the public data sets of measured responses."""

from enum import StrEnum


class Dataset(StrEnum):
    """A data set of the tidy layout."""

    GDSC1 = "GDSC1"
    GDSC2 = "GDSC2"
