"""Files, columns and names of drevalpy, and predictions in its format.

    LABEL/splits/cv_split_F_ROLE.csv                          cell_line_name, pubchem_id, response, tissue
    LABEL/splits/split_manifest.json                          test_mode, number of folds
    LABEL/MODEL/predictions/predictions_split_F.csv           the same with predictions

LABEL is LPO, LCO, LDO or LTO (leave pairs, lines, drugs, tissues out) or a name whose manifest says which. There are no
row numbers: a row is its line, its drug and, among repeats of one pair, the rank of its response.

Source: drevalpy 1.6 (datasets/utils.py, datasets/dataset.py, datasets/splits), column and file names only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int

from drugripple.data.response import ResponseTable
from drugripple.errors import SplitError, first_five
from drugripple.runtime.atomic import write_csv

if TYPE_CHECKING:
    import pandas as pd

LINE, DRUG, RESPONSE, PREDICTION, TISSUE = "cell_line_name", "pubchem_id", "response", "predictions", "tissue"
AGREE = 1e-3
"""Tolerance (ln micromolar) for responses that drevalpy scaled and scaled back."""


@dataclass(frozen=True)
class Names:
    """What drevalpy calls the samples and the compounds of a table, in the table's order.

    Raises:
        SplitError: if two of either share a name.
    """

    lines: tuple[str, ...]
    drugs: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a name that two samples or two compounds share."""
        for what, names in (("cell lines", self.lines), ("drugs", self.drugs)):
            shared = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
            if shared:
                message = f"{len(shared)} names stand for several {what}: {first_five(shared)}; give each its own"
                raise SplitError(message)

    @classmethod
    def of(
        cls, table: ResponseTable, lines: Mapping[str, str] | None = None, drugs: Mapping[str, str] | None = None
    ) -> "Names":
        """The table's own names, except for those that are renamed."""
        lines, drugs = lines or {}, drugs or {}
        return cls(
            tuple(lines.get(name, name) for name in table.expression.samples),
            tuple(drugs.get(name, name) for name in table.compounds.ids),
        )


def write_predictions(
    path: Path, table: ResponseTable, names: Names, rows: Int[np.ndarray, " m"], predicted: Float[np.ndarray, " m"]
) -> None:
    """Write `predictions_split_F.csv`: the test rows of one fold and a model's predictions."""
    frame = frame_of(table, names, rows)
    frame.insert(3, PREDICTION, predicted)
    write_csv(path, frame)


def read_predictions(
    path: Path, table: ResponseTable, names: Names, rows: Int[np.ndarray, " m"]
) -> Float[np.ndarray, " m"]:
    """Predictions of some rows of a table, in the order of the rows.

    Raises:
        SplitError: if a column is missing, the file is of other rows or other responses, or a prediction is not finite.
    """
    frame = read_rows(path, (RESPONSE, PREDICTION))
    pair = pairs_of(frame, table, names)
    asked = table.take(rows)
    if not np.array_equal(np.sort(pair), np.sort(asked.pairs.number)):
        lacking = np.setdiff1d(asked.pairs.number, pair)
        drugs = [names.drugs[key] for key in np.unique(lacking % len(table.compounds))]
        message = (
            f"{path} has {pair.size} rows where the fold tests {rows.size}, and lacks {lacking.size} of its pairs "
            f"(drugs {first_five(drugs)}); it is of another fold, or rows were left out for want of features"
        )
        raise SplitError(message)
    theirs, ours = np.lexsort((frame[RESPONSE], pair)), np.lexsort((asked.values, asked.pairs.number))
    off = np.abs(frame[RESPONSE].to_numpy()[theirs] - asked.values[ours])
    if (off > AGREE).any():
        message = (
            f"{path}: {int((off > AGREE).sum())} of {off.size} responses are not our {table.measure.label} (off by "
            f"up to {off.max():.3g}); it is of another measure or data set"
        )
        raise SplitError(message)
    predicted = np.empty(rows.size)
    predicted[ours] = frame[PREDICTION].to_numpy()[theirs]
    return predicted


def frame_of(table: ResponseTable, names: Names, rows: Int[np.ndarray, " m"]) -> "pd.DataFrame":
    """Rows of a table in drevalpy's columns, with tissues if they are known."""
    import pandas as pd

    columns = {
        LINE: np.array(names.lines, dtype=object)[table.sample_row[rows]],
        DRUG: np.array(names.drugs, dtype=object)[table.compound_row[rows]],
        RESPONSE: table.values[rows].astype(np.float64),
    }
    if any(table.expression.tissue):
        columns[TISSUE] = np.array(table.expression.tissue, dtype=object)[table.sample_row[rows]]
    return pd.DataFrame(columns)


def read_rows(path: Path, numbers: Sequence[str]) -> "pd.DataFrame":
    """The rows of a file, with names as text.

    Raises:
        SplitError: if the file cannot be read, a column is missing, or one of the `numbers` is not finite.
    """
    import pandas as pd

    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        message = f"cannot read {path}: {error}"
        raise SplitError(message) from error
    lacking = [name for name in (LINE, DRUG, *numbers) if name not in frame.columns]
    if lacking:
        message = (
            f"{path} lacks the columns {first_five(lacking)}; drevalpy writes {LINE}, {DRUG}, {', '.join(numbers)}"
        )
        raise SplitError(message)
    for name in numbers:
        frame[name] = frame[name].map(_number).astype(np.float64)
        bad = ~np.isfinite(frame[name].to_numpy())
        if bad.any():
            message = (
                f"{path}: {int(bad.sum())} values of {name} are not finite numbers (first: row {int(bad.argmax())})"
            )
            raise SplitError(message)
    return frame


def pairs_of(frame: "pd.DataFrame", table: ResponseTable, names: Names) -> Int[np.ndarray, " m"]:
    """The pair number of every row as in `ResponseTable.pair`; -1 where its line or drug is unknown."""
    line, drug = (
        frame[column].map({name: place for place, name in enumerate(known)}).fillna(-1).to_numpy(dtype=np.int64)
        for column, known in ((LINE, names.lines), (DRUG, names.drugs))
    )
    return np.where((line < 0) | (drug < 0), -1, line * len(table.compounds) + drug)


def _number(text: str) -> float:
    try:
        return float(text)  # to the last digit, which pandas' own reading is not
    except ValueError:
        return np.nan
