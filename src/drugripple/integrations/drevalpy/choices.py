"""Choices of whoever exchanges files with drevalpy; imports nothing heavy."""

from enum import StrEnum


class LeaveOut(StrEnum):
    """What drevalpy says that its folds leave out."""

    PAIRS = "LPO"
    CELL_LINES = "LCO"
    DRUGS = "LDO"
    TISSUES = "LTO"


class Strangers(StrEnum):
    """What to do about rows of split files that our table has not got."""

    REFUSE = "refuse"
    DROP = "drop"
    """Leave them out and count them."""
