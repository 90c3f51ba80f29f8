"""Public data sets of measured responses, read from a folder in the tidy layout that `drugripple data build` writes."""

from pathlib import Path

from drugripple.data.response import ResponseTable
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.study import read_study
from drugripple.sources.study_settings import StudySettings

DATA = "data"
"""Where the tidy layout is looked for, unless another folder is named."""


def gdsc1(folder: str | Path = DATA) -> ResponseTable:
    """ln IC50 of GDSC1 with the expression of its cell lines.

    Raises:
        SourceError: if the folder does not hold it.
    """
    return _published(folder, Dataset.GDSC1)


def gdsc2(folder: str | Path = DATA) -> ResponseTable:
    """ln IC50 of GDSC2 with the expression of its cell lines.

    Raises:
        SourceError: if the folder does not hold it.
    """
    return _published(folder, Dataset.GDSC2)


def nci60(folder: str | Path = DATA) -> ResponseTable:
    """z-scores of activity over the NCI-60 lines.

    Raises:
        SourceError: if the folder does not hold it.
    """
    return _published(folder, Dataset.NCI60)


def _published(folder: str | Path, dataset: Dataset) -> ResponseTable:
    return read_study(StudySettings(data=Path(folder), dataset=dataset)).table
