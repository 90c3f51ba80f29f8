"""Where measured figures live: results/results.csv and benchmarks/history.jsonl.

Every figure of the README and the docs is one of these rows; `python -m tools.pages` writes them there.
"""

import csv
import io
import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from drugripple.errors import TableError
from drugripple.runtime.atomic import write_text
from drugripple.runtime.lock import lock_file
from drugripple.runtime.provenance import commit, hardware, today


@dataclass(frozen=True)
class ResultRow:
    """One measured figure: a metric of a model in a scheme, over folds."""

    experiment: str
    model: str
    preset: str
    """Blank for a model without presets."""
    scheme: str
    folds: int
    seed: int
    metric: str
    mean: float
    """NaN, written as a blank, where the metric is undefined."""
    sd: float
    """Over folds; NaN for a single one."""
    n: int
    """Rows that were scored, all folds together."""
    data_digest: str
    command: str
    commit: str = field(default_factory=commit)
    """Of the code that computed it, several of several folds; of the code that exported it where that is not known."""
    hardware: str = field(default_factory=hardware)
    date: str = field(default_factory=today)

    @property
    def key(self) -> tuple[object, ...]:
        """What makes two rows the same measurement: the later replaces the earlier."""
        return (self.experiment, self.model, self.preset, self.scheme, self.folds, self.seed, self.metric)


COLUMNS = tuple(column.name for column in fields(ResultRow))


@dataclass(frozen=True)
class BenchmarkRecord:
    """One measurement of speed or memory. History: a repeat is a new record."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    """How many times better than `ratio_to` in the same run; None where there is nothing to compare with."""
    ratio_to: str = ""
    genes: int | None = None
    rows: int | None = None
    """Rows, pairs or conditions that the measurement went through."""
    hardware: str = field(default_factory=hardware)
    commit: str = field(default_factory=commit)
    date: str = field(default_factory=today)


def append_results(path: Path, rows: Iterable[ResultRow]) -> None:
    """Add rows to the table; a row of the same measurement takes the old one's place.

    Raises:
        TableError: if the file has other columns than a result row, or a row without a number.
    """
    with lock_file(path, wait=True):
        kept = {row.key: row for row in (read_results(path) if path.exists() else ())}
        kept.update((row.key, row) for row in rows)
        write_text(path, _as_csv(kept.values()))


def drop_uncommitted(path: Path) -> int:
    """Take the rows out that were measured by code which nobody can look up; the number of them.

    Such a row has no commit, or a plus sign behind it (files differed from the commit).

    Raises:
        TableError: as `read_results`.
    """
    with lock_file(path, wait=True):
        rows = read_results(path)
        kept = [row for row in rows if is_committed(row)]
        write_text(path, _as_csv(kept))
    return len(rows) - len(kept)


def is_committed(row: ResultRow) -> bool:
    """Whether the code behind a row can be looked up."""
    return bool(row.commit) and "+" not in row.commit


def _as_csv(rows: Iterable[ResultRow]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in asdict(row).values()] for row in rows)
    return buffer.getvalue()


def read_results(path: Path) -> tuple[ResultRow, ...]:
    """Every row of the table.

    Raises:
        TableError: if the file has other columns than a result row, or a row without a number.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            message = f"{path} has columns {reader.fieldnames}, expected {list(COLUMNS)}"
            raise TableError(message)
        try:
            return tuple(_row(found) for found in reader)
        except (TypeError, ValueError) as error:
            message = f"{path}, line {reader.line_num}: {error}; each row needs {', '.join(COLUMNS)}"
            raise TableError(message) from error


def append_benchmark(path: Path, record: BenchmarkRecord) -> None:
    """Add a measurement at the end of the history."""
    with lock_file(path, wait=True):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        write_text(path, f"{before}{json.dumps(asdict(record), allow_nan=False)}\n")


def read_benchmarks(path: Path) -> tuple[BenchmarkRecord, ...]:
    """Every measurement, oldest first.

    Raises:
        TableError: naming a line that is not a record.
    """
    records = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            records.append(BenchmarkRecord(**json.loads(line)))
        except (TypeError, ValueError) as error:
            message = f"{path}, line {number} is not a benchmark record: {error}"
            raise TableError(message) from error
    return tuple(records)


def _row(found: dict[str, str]) -> ResultRow:
    def number(name: str) -> float:
        return float(found[name]) if found[name] else math.nan

    counts = {name: int(found[name]) for name in ("folds", "seed", "n")}
    values = {"mean": number("mean"), "sd": number("sd")}
    return ResultRow(**{**found, **counts, **values})  # type: ignore[arg-type]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else format(value, ".6g")
    return str(value)
