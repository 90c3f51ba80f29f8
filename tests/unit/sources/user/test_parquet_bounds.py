"""Text in Parquet: however it is packed, it comes back, some at a time, or is refused by its columns."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.errors import SourceError
from drugripple.sources.user import parquet_bounds
from drugripple.sources.user.parquet_bounds import TextBytes, with_shared_text
from drugripple.sources.user.parquet_matrix import parquet_text_rows, read_parquet_matrix

TEXTS = st.lists(st.sampled_from(["a", "bb", "", "β-x", "long " * 30]), min_size=1, max_size=23)


@given(
    texts=TEXTS,
    dictionary=st.booleans(),
    stored=st.sampled_from([pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary()]),
    group=st.integers(1, 9),
    packing=st.sampled_from(["zstd", "none"]),
    at_once=st.integers(1, 200),
)
@settings(max_examples=30, deadline=None)
def test_text_comes_back_in_batches_of_bounded_size(
    tmp_path_factory, texts, dictionary, stored, group, packing, at_once
):
    path = tmp_path_factory.mktemp("text") / "x.parquet"
    bare = [text.encode() for text in texts] if "binary" in str(stored) else texts  # as Spark and Hive write text
    column = pa.array(bare, stored)
    table = pa.table({"name": column, "n": list(range(len(texts)))})
    pq.write_table(table, path, use_dictionary=dictionary, row_group_size=group, compression=packing)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet_bounds, "BYTES_AT_ONCE", at_once)
        rows = list(parquet_text_rows(path, range(2)))
        with with_shared_text(path) as file:
            text = TextBytes(file.metadata)
            assert 1 <= text.rows_at_once(["name"]) <= max(1, at_once)
    with with_shared_text(path) as file:
        assert TextBytes(file.metadata).rows_at_once(["n"]) == parquet_bounds.ROWS_AT_ONCE
    assert rows == [(one.strip(), str(i)) for i, one in enumerate(texts)]


def test_more_text_than_fits_is_refused_by_its_columns(tmp_path: Path, monkeypatch):
    table = {"name": ["a", "b"], "note": ["x" * 5_000] * 2, "DDR1": [1.5, 2.5]}
    pq.write_table(pa.table(table), tmp_path / "x.parquet", use_dictionary=False)
    assert read_parquet_matrix(tmp_path / "x.parquet", lambda name: name == "DDR1").shape == (2, 1)
    monkeypatch.setattr(parquet_bounds, "TEXT_AT_MOST", 4_000)
    with pytest.raises(
        SourceError, match=r"2 columns of text unpack to 0 MiB \(\['note', 'name'\]\); expected at most"
    ):
        read_parquet_matrix(tmp_path / "x.parquet", lambda name: name == "DDR1")


def test_bytes_that_are_no_text_are_left_out_with_a_word(tmp_path: Path):
    table = {"gene": [b"TP53", b"MYC"], "picture": [b"\x89PNG\xff", b"\x89PNG\xfe"], "A": [1.5, 2.5]}
    pq.write_table(pa.table(table), tmp_path / "x.parquet")
    read = read_parquet_matrix(tmp_path / "x.parquet", lambda name: name in ("TP53", "MYC"))
    assert read.row_labels == {"gene": ("TP53", "MYC")}
    assert "1 column holds neither text nor numbers: ['picture']" in str(read.notes[0])
