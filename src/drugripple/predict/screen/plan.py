"""The plan of a screen (inputs by digest, shards) and the layout of its folder."""

import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, ValidationError

from drugripple.config import Record
from drugripple.data.measure import Measure
from drugripple.errors import ConfigError, first_five, first_line
from drugripple.model.settings import Precision
from drugripple.predict.choices import Missing, Ranking, Size
from drugripple.predict.screen.opening import model_digest
from drugripple.predict.screen.settings import ScreenMode, ScreenRequest
from drugripple.runtime.digest import file_digest
from drugripple.runtime.provenance import versions
from drugripple.runtime.sealed import read_sealed, read_sealed_json, write_sealed, write_sealed_json
from drugripple.sources.user.stated_scale import StatedScale

COMPOUNDS_PER_SHARD = 4096
"""Upper bound of a shard; a kill then costs minutes of work even with a single sample."""


class ScreenPlan(Record):
    """The plan of a screen. Two screens with one plan give the same files, so a folder belongs to one plan.

    >>> plan = ScreenPlan(model="", library="", expression="", samples=3, compounds_per_shard=4, library_rows=10)
    >>> plan.pairs, plan.shards, plan.rows_of(2)
    (30, 3, 2)
    """

    model: str
    """SHA-256 that stands for all of the model."""
    library: str
    """SHA-256 of the library; `expression` is that of the samples' file."""
    expression: str
    measure: Measure = Measure.LN_IC50
    """What is predicted."""
    mode: ScreenMode = ScreenMode.TOP
    top: int = Field(100, gt=0)
    by: Ranking = Ranking.RESPONSE
    missing: Missing = Missing.REFUSE
    scale: StatedScale | None = None
    layer: str = ""
    size: Size = Size.TRAINED
    precision: Precision = Precision.FLOAT32
    samples: int = Field(gt=0)
    compounds_per_shard: int = Field(gt=0)
    versions: dict[str, str] = Field(default_factory=dict)
    library_rows: int = Field(0, ge=0)
    """Number of rows of the library; known after it was read."""

    @property
    def pairs(self) -> int:
        """Number of pairs: samples x rows of the library."""
        return self.samples * self.library_rows

    @property
    def shards(self) -> int:
        """Number of parts of the library that are computed and written as a whole."""
        return -(-self.library_rows // self.compounds_per_shard)

    def rows_of(self, shard: int) -> int:
        """Number of rows of one shard; only the last can be short."""
        return min(self.compounds_per_shard, self.library_rows - shard * self.compounds_per_shard)

    def differences(self, other: "ScreenPlan") -> list[str]:
        """The settings in which two plans differ, apart from what follows from the library."""
        mine, theirs = self.model_dump(exclude={"library_rows"}), other.model_dump(exclude={"library_rows"})
        return sorted(key for key in mine if mine[key] != theirs[key])


def compounds_per_shard(shard_pairs: int, samples: int) -> int:
    """Number of compounds whose pairs with every sample fit into a shard; at least one.

    >>> compounds_per_shard(1_000_000, 968), compounds_per_shard(1_000_000, 12), compounds_per_shard(10, 968)
    (1033, 4096, 1)
    """
    return max(1, min(COMPOUNDS_PER_SHARD, shard_pairs // samples))


def planned(request: ScreenRequest, samples: int, measure: Measure) -> ScreenPlan:
    """The plan of a request for so many samples, before the library was counted.

    Raises:
        SourceError: if a file cannot be read.
    """
    return ScreenPlan(
        model=model_digest(request.folder),
        library=file_digest(request.compounds),
        expression=file_digest(request.expression),
        measure=measure,
        mode=request.mode,
        top=request.top,
        by=request.by,
        missing=request.missing,
        scale=request.scale,
        layer=request.layer,
        size=request.size,
        precision=request.precision,
        samples=samples,
        compounds_per_shard=compounds_per_shard(request.shard_pairs, samples),
        versions=versions(),
    )


@dataclass(frozen=True)
class ScreenFolder:
    """The files of a screen. The folder `work` is deleted when the screen is complete."""

    out: Path

    @property
    def plan(self) -> Path:
        """The plan; it exists when the library is cut into shards."""
        return self.out / "plan.json"

    @property
    def card(self) -> Path:
        """The card; it exists when the screen is complete."""
        return self.out / "card.json"

    @property
    def left_out(self) -> Path:
        """Rows of the library without a prediction, and why."""
        return self.out / "left_out.csv"

    @property
    def top(self) -> Path:
        """The most sensitive compounds of every sample."""
        return self.out / "top.parquet"

    @property
    def work(self) -> Path:
        """Folder of files that are needed until the screen is complete."""
        return self.out / "work"

    @property
    def samples_file(self) -> Path:
        """The samples as the model reads them."""
        return self.work / "samples.npz"

    def rows(self, shard: int) -> Path:
        """The rows of a shard; the process that computes it locks this file."""
        return self.work / f"rows-{shard:05d}.parquet"

    def compounds(self, shard: int) -> Path:
        """Every row of a shard as the model reads it, or why it was left out."""
        return self.work / f"compounds-{shard:05d}.parquet"

    def result(self, shard: int, mode: ScreenMode) -> Path:
        """The result of a shard; it exists when the shard is done."""
        if mode is ScreenMode.FULL:
            return self.out / "full" / f"shard-{shard:05d}.parquet"
        return self.work / f"top-{shard:05d}.npz"

    def seal(self, shard: int) -> Path:
        """The digest of the result of a shard, as long as the screen is not complete."""
        return self.work / f"seal-{shard:05d}"

    def read_plan(self) -> ScreenPlan | None:
        """The plan that the folder belongs to, if it is a screen's.

        Raises:
            ConfigError: if it is damaged.
        """
        if not self.plan.exists():
            return None
        try:
            return ScreenPlan.model_validate_json(json.dumps(read_sealed_json(self.plan)))
        except (ValidationError, ValueError, OSError) as error:
            reason = first_line(error)
            message = f"{self.plan} is damaged or not a plan of this version ({reason}); choose another folder"
            raise ConfigError(message) from error

    def write_plan(self, plan: ScreenPlan) -> None:
        """Write the plan that the folder belongs to."""
        write_sealed_json(self.plan, plan.model_dump(mode="json"))

    def refuse_other(self, plan: ScreenPlan) -> ScreenPlan | None:
        """The folder's plan if it equals this one, or None if the folder has no plan yet.

        Raises:
            ConfigError: if the folder belongs to another plan or holds other files.
        """
        found = self.read_plan()
        if found is None:
            strange = [path.name for path in self.out.glob("*") if path.name not in (self.work.name, ".lock")]
            if strange:
                message = f"{self.out} holds other files: {first_five(sorted(strange))}; choose a new folder"
                raise ConfigError(message)
            return None
        if differ := plan.differences(found):
            message = (
                f"{self.out} belongs to another screen: {', '.join(differ)} differ"
                f"{'s' if len(differ) == 1 else ''}; choose another folder, or delete this one"
            )
            raise ConfigError(message)
        return found


@contextmanager
def made_here(path: Path) -> Iterator[None]:
    """A file that an earlier start of the screen wrote.

    Raises:
        ConfigError: if it is damaged.
    """
    try:
        yield
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, pa.ArrowException) as error:
        reason = first_line(error)
        message = f"{path} is damaged ({reason}); delete {path.parents[1]} to start the screen over"
        raise ConfigError(message) from error


def write_sealed_table(out: Path, table: pa.Table) -> None:
    """Write a table for later shards and starts, behind its digest.

    Raises:
        OutputError: if the system refuses a write.
    """
    content = pa.BufferOutputStream()
    pq.write_table(table, content, compression="zstd")
    write_sealed(out, memoryview(content.getvalue()))


def read_sealed_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A table that `write_sealed_table` wrote.

    Raises:
        ConfigError: if it is damaged.
    """
    with made_here(path):
        return pq.read_table(pa.BufferReader(pa.py_buffer(read_sealed(path))), columns=columns)
