"""What is found in a user's file, said once: a reader raises the first problem, the doctor prints everything."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from drugripple.errors import CompoundError, DrugrippleError, Fault, GeneSpaceError, ScaleError, SourceError, TableError


class Level(StrEnum):
    """How much a finding matters."""

    FINE = "fine"
    """What was recognised."""
    NOTE = "note"
    """Worth knowing; the file can be used."""
    PROBLEM = "problem"
    """The file cannot be used as it is."""


class Topic(StrEnum):
    """What a finding is about."""

    FILE = "file"
    LAYOUT = "layout"
    COVERAGE = "coverage"
    DUPLICATES = "duplicates"
    ALIASES = "aliases"
    DATES = "dates"
    SAMPLES = "samples"
    VALUES = "values"
    SCALE = "scale"
    UNITS = "units"
    REPEATS = "repeats"
    STRUCTURES = "structures"
    COMPOUNDS = "compounds"
    CONDITIONS = "conditions"
    USE = "use"
    DEFAULT = "default model"


ERRORS: dict[Topic, type[DrugrippleError]] = {
    Topic.COVERAGE: GeneSpaceError,
    Topic.DUPLICATES: GeneSpaceError,
    Topic.SAMPLES: TableError,
    Topic.VALUES: TableError,
    Topic.SCALE: ScaleError,
    Topic.STRUCTURES: CompoundError,
    Topic.COMPOUNDS: TableError,
    Topic.CONDITIONS: TableError,
}
"""The error that a problem becomes; SourceError for the others."""


@dataclass(frozen=True)
class Finding:
    """What was seen, and what to do about it."""

    level: Level
    topic: Topic
    text: str
    advice: str = ""
    names: tuple[str, ...] = ()
    """All genes, samples or compounds it is about; the text shows the first few."""

    def __str__(self) -> str:
        return f"{self.text}; {self.advice}" if self.advice else self.text


def problem(topic: Topic, what: str, *, got: str = "", expected: str = "", do: str = "") -> Finding:
    """A problem in the words of a fault.

    >>> str(problem(Topic.VALUES, "2 values are odd", got="['-1']", expected="areas", do="correct them"))
    "2 values are odd (['-1']); expected areas; correct them"
    """
    return Finding(Level.PROBLEM, topic, Fault("", what, got, expected).statement, do)


def problem_of(error: DrugrippleError) -> Finding:
    """A refusal while a file was read, as the finding that the doctor prints."""
    fault = error.fault
    return Finding(Level.PROBLEM, Topic.FILE, fault.statement, fault.do)


def notes_or_refusal(where: str | Path, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The notes among findings.

    Raises:
        DrugrippleError: the first problem, as the error of its topic.
    """
    notes = []
    for finding in findings:
        if finding.level == Level.PROBLEM:
            raise ERRORS.get(finding.topic, SourceError)(Fault(where, finding.text, do=finding.advice))
        if finding.level == Level.NOTE:
            notes.append(finding)
    return tuple(notes)
