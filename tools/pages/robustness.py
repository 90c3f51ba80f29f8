"""The counts of generated files by kind, from results/robustness.csv."""

import csv
from collections.abc import Callable

from drugripple.errors import TableError
from tools.pages.measured import Measured
from tools.pages.numbers import table

FINE = ("right", "refused clearly")
"""The outcomes that a file may have."""


def robustness(measured: Measured) -> str:
    """Each kind of file, and what became of them."""
    path = measured.folder / "robustness.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); run python -m benchmarks.robustness"
        raise TableError(message) from error
    counts = [_counts(row) for row in found]
    rows = [(row["says"], *(f"{number:,}" for number in of_kind)) for row, of_kind in zip(found, counts, strict=True)]
    together = ("all", *(f"{sum(column):,}" for column in zip(*counts, strict=True)))
    return table(("kind of file", "files", "right", "refused clearly", "anything else"), [*rows, together])


def _counts(row: dict[str, str]) -> tuple[int, int, int, int]:
    files, right, refused = (int(row[name]) for name in ("files", *FINE))
    return files, right, refused, files - right - refused


ROBUSTNESS: dict[str, Callable[[Measured], str]] = {"robustness": robustness}
