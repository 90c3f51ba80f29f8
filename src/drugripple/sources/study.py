"""Measured responses of a run, whether published or a user's own."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.runtime.digest import file_digest, folder_digest
from drugripple.runtime.notes import tell
from drugripple.runtime.outputs import files_below
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.public.nci60 import read_nci60
from drugripple.sources.public.registry import GDSC_PAPER, NCI60_PAPER, NCI60_TERMS, SANGER_TERMS
from drugripple.sources.public.tidy import read_gdsc
from drugripple.sources.study_settings import StudySettings
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.responses import load_responses

OWN_TERMS = "the user's own data"


class Origin(NamedTuple):
    """Where responses come from, for a card."""

    name: str
    digest: str
    """SHA-256 of the files, its first 16 digits."""
    terms: str
    citation: str


class Study(NamedTuple):
    """Measured responses, what was lost, and where they come from."""

    table: ResponseTable
    dropped: pd.DataFrame
    """Columns reason, cell_line, drug, rows."""
    origin: Origin


def read_study(settings: StudySettings) -> Study:
    """The measured responses that a run names; what is to say of a user's own files is told.

    Raises:
        DrugrippleError: if a file is missing or cannot be used, or nothing usable is left.
    """
    if settings.responses is None or settings.expression is None:
        return read_published(settings.data or Path(), settings.dataset)
    expression = read_expression(settings.expression)
    compounds: CompoundTable | None = None
    lost: tuple[str, ...] = ()
    if settings.compounds is not None:
        compounds = read_compounds(settings.compounds)
        lost = compounds.notes
    tell((*expression.notes, *lost))
    found = load_responses(settings.responses, expression, compounds, unit=settings.unit, bounds=settings.bounds)
    files = (settings.responses, settings.expression, settings.compounds)
    digest = sha256("".join(file_digest(path) for path in files if path is not None).encode()).hexdigest()[:16]
    notes = (*expression.notes, *lost, *found.table.notes)
    return Study(replace(found.table, notes=notes), found.dropped, Origin(settings.name, digest, OWN_TERMS, ""))


def read_published(data: Path, dataset: Dataset, *, expression: ExpressionTable | None = None) -> Study:
    """A published data set of the tidy layout, on its own expression or on another study's.

    Raises:
        SourceError: if a file is missing or damaged, or nothing usable is left.
    """
    if dataset is Dataset.NCI60:
        found = read_nci60(data, expression=expression)
        return Study(*found, Origin(dataset.value, folder_digest(data / "nci60"), NCI60_TERMS, NCI60_PAPER))
    found = read_gdsc(data, dataset.value, expression=expression)
    return Study(*found, Origin(dataset.value, folder_digest(data / "gdsc"), SANGER_TERMS, GDSC_PAPER))


def files_of(settings: StudySettings) -> tuple[Path, ...]:
    """The files and folders that a run's responses are read from."""
    own = (settings.responses, settings.expression, settings.compounds)
    folders = ("gdsc", "nci60", "prior", "l1000")
    below = () if settings.data is None else (path for part in folders for path in files_below(settings.data / part))
    return tuple(path for path in (settings.data, *own, *below) if path is not None)
