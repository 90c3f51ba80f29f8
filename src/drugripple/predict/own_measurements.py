"""A user's own measurements, of compounds that the model knows by name or that come with their structures."""

from pathlib import Path

import pandas as pd

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.runtime.notes import tell
from drugripple.sources.user.response_columns import STRUCTURES
from drugripple.sources.user.response_units import plain
from drugripple.sources.user.responses import read_responses
from drugripple.sources.user.text_table import read_table


def own_measurements(
    source: str | Path | pd.DataFrame,
    samples: ExpressionTable,
    compounds: CompoundTable | None,
    known: CompoundTable,
    *,
    unit: str | None,
) -> ResponseTable:
    """Responses as `read_responses` reads them; where nothing gives structures, by the names that the model knows.

    Raises:
        SourceError, TableError: as `read_responses`.
    """
    if compounds is not None or _has_structures(source):
        return read_responses(source, samples, compounds, unit=unit)
    tell(["compounds without structures are looked up among those that the model was trained with"])
    return read_responses(source, samples, known, unit=unit)


def _has_structures(source: str | Path | pd.DataFrame) -> bool:
    header = source.columns if isinstance(source, pd.DataFrame) else read_table(Path(source)).header
    return any(plain(str(name)) in STRUCTURES for name in header)
