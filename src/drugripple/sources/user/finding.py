"""One thing that the doctor says about a file."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    NOTE = "note"
    """Worth knowing; the file can be used."""
    PROBLEM = "problem"
    """The file cannot be used as it is."""


@dataclass(frozen=True)
class Finding:
    """What was seen, and what to do about it."""

    level: Level
    topic: str
    text: str
    advice: str = ""
    names: tuple[str, ...] = ()
    """All genes, samples or compounds it is about; the text shows the first few."""
