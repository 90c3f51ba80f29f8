"""What the text of a Parquet file takes once it is unpacked: a few bytes may stand for gigabytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from drugripple.errors import Fault, SourceError, counted, first_five

ROWS_AT_ONCE = 1 << 14
"""Rows of one batch: Parquet packs a constant so well that a row group may unpack to any size."""
BYTES_AT_ONCE = 1 << 26
"""Text of one batch."""
TEXT_AT_MOST = 1 << 29
"""Text that may be kept as names."""


def with_shared_text(path: Path) -> pq.ParquetFile:
    """A Parquet file whose texts stay numbers into a dictionary, so that one that repeats is held once."""
    with pq.ParquetFile(path) as file:
        schema, metadata = file.schema_arrow, file.metadata
    words = [one.name for one in schema if pa.types.is_string(one.type) or pa.types.is_large_string(one.type)]
    return pq.ParquetFile(path, metadata=metadata, read_dictionary=words)


@dataclass(frozen=True)
class TextBytes:
    """The unpacked bytes of the text columns of a file, by its metadata."""

    metadata: pq.FileMetaData

    @cached_property
    def _places(self) -> dict[str, int]:
        schema = self.metadata.schema
        leaves = [schema.column(i) for i in range(len(schema))]
        return {leaf.path: i for i, leaf in enumerate(leaves) if leaf.physical_type == "BYTE_ARRAY"}

    def rows_at_once(self, names: Sequence[str]) -> int:
        """The rows of a batch of some columns, so that the text in it is bounded too."""
        places = [self._places[name] for name in names if name in self._places]
        per_row = 0.0
        for number in range(self.metadata.num_row_groups) if places else ():
            group = self.metadata.row_group(number)
            text = sum(group.column(place).total_uncompressed_size for place in places)
            per_row = max(per_row, text / max(1, group.num_rows))
        return max(1, min(ROWS_AT_ONCE, int(BYTES_AT_ONCE / max(1.0, per_row))))

    def refuse_to_keep(self, path: Path, names: Sequence[str]) -> None:
        """Refuse to hold more text than fits.

        Raises:
            SourceError: naming the columns.
        """
        groups = [self.metadata.row_group(i) for i in range(self.metadata.num_row_groups)]
        some = {name: self._places[name] for name in names if name in self._places}
        sizes = {name: sum(group.column(i).total_uncompressed_size for group in groups) for name, i in some.items()}
        if sum(sizes.values()) > TEXT_AT_MOST:
            largest = sorted(sizes, key=lambda name: -sizes[name])
            fault = Fault(
                path,
                f"{counted(len(some), 'column of text unpacks', 'columns of text unpack')} to "
                f"{sum(sizes.values()) >> 20:,} MiB",
                got=first_five(largest),
                expected=f"at most {TEXT_AT_MOST >> 20:,} MiB",
                do="delete the columns that are no names",
            )
            raise SourceError(fault)
