"""Every measured figure of the project, looked up by name; one that is absent is an error, never a blank."""

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from drugripple.errors import TableError
from tools.ledger import BenchmarkRecord, ResultRow, read_benchmarks, read_results

VARIANT = r"\bfloat32\b|\bbfloat16\b|mask for every \w+|\d+ rows at once|compiled|captured|as written"
"""Words in a record of speed that set it apart from others of the same name and size."""


@dataclass(frozen=True)
class Measured:
    """What the files of results hold."""

    results: tuple[ResultRow, ...]
    history: tuple[BenchmarkRecord, ...]
    folder: Path
    """results/, for tables that are files of their own."""

    @classmethod
    def read(cls, root: Path) -> "Measured":
        """Everything under a checkout of the repository.

        Raises:
            TableError: if a file of results is damaged.
        """
        results = root / "results"
        history = read_benchmarks(root / "benchmarks" / "history.jsonl")
        return cls(read_results(results / "results.csv"), newest(history), results)

    def result(self, key: str, **chosen: object) -> ResultRow:
        """The one row of results.csv under `experiment/model/preset/scheme/metric` and further columns.

        Raises:
            TableError: if there is no such row, or several.
        """
        columns = ("experiment", "model", "preset", "scheme", "metric")
        parts = key.split("/")
        if len(parts) != len(columns):
            message = f"{key!r} does not name a row of results.csv; write {'/'.join(columns)}"
            raise TableError(message)
        wanted = dict(zip(columns, parts, strict=True)) | chosen
        found = [row for row in self.results if all(str(getattr(row, k)) == str(v) for k, v in wanted.items())]
        if len(found) != 1:
            there = ", ".join(f"folds={row.folds} seed={row.seed}" for row in found) or "none"
            message = f"{key} {chosen or ''} must be one row of results.csv, and there is: {there}"
            raise TableError(message)
        return found[0]

    def cell(self, file: str, column: str, **chosen: str) -> float:
        """A number of the one row of a table under results/ that has some cells; a blank in one is written `_`.

        Raises:
            TableError: if there is no such row, or several.
        """
        table = pd.read_csv(self.folder / file, dtype=str)
        of_row = pd.Series(data=True, index=table.index)
        for key, text in chosen.items():
            of_row &= table[key].str.replace(" ", "_") == text
        if of_row.sum() != 1:
            message = f"{chosen} must be one row of {file}, and there are {of_row.sum()}"
            raise TableError(message)
        return float(table.loc[of_row, column].iloc[0])

    def benchmark(
        self, name: str, *, words: str = "", genes: int | None = None, rows: int | None = None
    ) -> BenchmarkRecord:
        """The one record of a name in benchmarks/history.jsonl, with some words in what it was compared with.

        Raises:
            TableError: if there is none, or several.
        """
        found = [
            record
            for record in self.history
            if record.name == name
            and words in record.ratio_to
            and genes in (None, record.genes)
            and rows in (None, record.rows)
        ]
        if len(found) != 1:
            there = "; ".join(f"genes={r.genes} rows={r.rows} {r.ratio_to}" for r in found) or "none"
            message = (
                f"{name} (genes: {genes}, rows: {rows}, words: {words!r}) must be one record, and there is: {there}"
            )
            raise TableError(message)
        return found[0]


def variant(record: BenchmarkRecord) -> tuple[str, ...]:
    """What sets records of one name and size apart, in their own words: precision, masks, batch, compiled."""
    return tuple(re.findall(VARIANT, record.ratio_to))


def newest(records: tuple[BenchmarkRecord, ...]) -> tuple[BenchmarkRecord, ...]:
    """The last record of each name, genes, rows and variant, in the order of the history.

    Of a name that was measured on another machine since, nothing of the older machine is left.
    """
    machine = {record.name: record.hardware for record in records}
    latest: dict[tuple[object, ...], BenchmarkRecord] = {}
    for record in records:
        if record.hardware == machine[record.name]:
            key = (record.name, record.genes, record.rows, variant(record))
            latest.pop(key, None)
            latest[key] = record
    return tuple(latest.values())
