"""Where measured responses come from: a published data set, or a user's own files. The same keys in every run file."""

from pathlib import Path
from typing import ClassVar

from pydantic import model_validator

from drugripple.config import Record
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.stated_bounds import Bounds


class StudySettings(Record):
    """Keys of a run file that name the measured responses.

    Either `data` and `dataset` name a published data set in the tidy layout, or `responses` and `expression` (and
    `compounds`, where the responses hold no SMILES) name a user's files, in the forms that `predict` takes.

    >>> StudySettings(responses="screen.csv", expression="samples.h5ad").name
    'screen'
    """

    fetches: ClassVar[bool] = False
    """Whether a run that names no responses fetches some."""

    data: Path | None = None
    """Folder of the tidy layout: the data set, the landmark genes and the interaction prior. Beside `responses` it
    gives a network with random weights its prior; without it, the shipped network's is taken."""
    dataset: Dataset = Dataset.GDSC2
    """Whose measured responses, of those in `data`; `responses` goes before it."""
    responses: Path | None = None
    """Your own responses: csv, tsv, Parquet or xlsx with a sample, a compound (or SMILES) and a value per row."""
    expression: Path | None = None
    """Expression of the samples in `responses`."""
    compounds: Path | None = None
    """Structures of the compounds in `responses`; not needed where that file has a column of SMILES."""
    unit: ResponseUnit | None = None
    """What the values in `responses` are; read off the column's name where it is not given."""
    bounds: Bounds = Bounds.AS_MEASURED
    """Rows of `responses` with only a bound (`> 10`): it counts as the value (as_measured), or they are left out."""

    @model_validator(mode="after")
    def _one_source(self) -> "StudySettings":
        leave_out = None if self.bounds is Bounds.AS_MEASURED else self.bounds
        own = {"expression": self.expression, "compounds": self.compounds, "unit": self.unit, "bounds": leave_out}
        if self.responses is None:
            without = [key for key, value in own.items() if value is not None]
            if without:
                message = f"{', '.join(without)} belong to `responses`; name that file, or leave them out"
                raise ValueError(message)
            if self.data is None and not self.fetches:
                message = "no responses are named: set `data`, the folder of a published data set, or `responses`"
                raise ValueError(message)
            return self
        if self.expression is None:
            message = f"responses = '{self.responses}' needs `expression`, the file with the samples' expression"
            raise ValueError(message)
        return self

    @property
    def name(self) -> str:
        """What tables and cards call the responses."""
        return self.dataset.value if self.responses is None else self.responses.name.split(".")[0]
