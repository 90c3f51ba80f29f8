"""What became of bad and odd files: counts by kind, and one file on ten scales."""

import csv
from collections.abc import Callable

from drugripple.errors import TableError
from tools.pages.measured import Measured
from tools.pages.numbers import decimals, table

FINE = ("right", "refused clearly")
"""The outcomes that a file may have."""


def robustness(measured: Measured) -> str:
    """Each kind of file, and what became of them."""
    found = _read(measured, "robustness.csv", "python -m benchmarks.robustness")
    counts = [_counts(row) for row in found]
    rows = [(row["says"], *(f"{number:,}" for number in of_kind)) for row, of_kind in zip(found, counts, strict=True)]
    together = ("all", *(f"{sum(column):,}" for column in zip(*counts, strict=True)))
    return table(("kind of file", "files", "right", "refused clearly", "anything else"), [*rows, together])


def disguises(measured: Measured) -> str:
    """How far the answers for one file on other scales lie from those for the file as it is."""
    found = _read(measured, "disguises.csv", "python -m runs.disguises")
    columns = list(dict.fromkeys((row["model"], row["lines"]) for row in found))
    cells = {(row["file"], row["model"], row["lines"]): _apart(row) for row in found}
    files = list(dict.fromkeys(row["file"] for row in found))
    rows = [(name, *(cells[name, *column] for column in columns)) for name in files]
    return table(("the file", *(f"{model}, {lines} lines" for model, lines in columns)), rows)


def _apart(row: dict[str, str]) -> str:
    if row["outcome"] == "refused":
        return "refused"
    if not row["median"]:
        return "answered"
    return f"{decimals(float(row['median']), 2)} / {decimals(float(row['largest']), 2)}"


def _read(measured: Measured, name: str, command: str) -> list[dict[str, str]]:
    path = measured.folder / name
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); run {command}"
        raise TableError(message) from error


def _counts(row: dict[str, str]) -> tuple[int, int, int, int]:
    files, right, refused = (int(row[name]) for name in ("files", *FINE))
    return files, right, refused, files - right - refused


TRAINED_ON = {
    "published": "the published values",
    "as_measured": "bounds as values (`as_measured`)",
    "leave_out": "without them (`leave_out`)",
}


def bounds(measured: Measured) -> str:
    """What a model learns from bounds: errors and ranking of test rows, by what it was trained on."""
    found = _read(measured, "bounds.csv", "python -m runs.bounds")
    cells = {(row["scheme"], row["training"]): row for row in found}
    schemes = list(dict.fromkeys(row["scheme"] for row in found))
    columns = ("rmse", "rmse_inside", "per_drug_pcc")
    rows = [
        (said, *(decimals(float(cells[scheme, way][column]), 3) for scheme in schemes for column in columns))
        for way, said in TRAINED_ON.items()
    ]
    heads = ("RMSE", "within the tested range", "PCC within a drug")
    names = [scheme.replace("_", "-") for scheme in schemes]
    return table(("trained on", *(f"{name}: {head}" for name in names for head in heads)), rows)


ROBUSTNESS: dict[str, Callable[[Measured], str]] = {"robustness": robustness, "disguises": disguises, "bounds": bounds}
