import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drugripple.errors import SplitError
from drugripple.evaluation.schemes import Scheme, Validation
from drugripple.evaluation.split_file import read_splits, split_digest, write_splits
from drugripple.evaluation.splits import make_folds

LINES, DRUGS = np.meshgrid(np.arange(7), np.arange(5), indexing="ij")
SAMPLES, COMPOUNDS = LINES.ravel(), DRUGS.ravel()


def plan(**options):
    return {scheme: make_folds(SAMPLES, COMPOUNDS, scheme, folds=3, **options) for scheme in Scheme}


def test_folds_come_back_as_written(tmp_path):
    folds = plan(validation=Validation.LENIENT)
    digest = write_splits(tmp_path / "out" / "splits.parquet", folds, seed=5)
    back = read_splits(tmp_path / "out" / "splits.parquet", SAMPLES, COMPOUNDS)
    assert back.digest == digest
    assert back.seed == 5
    for scheme in Scheme:
        for a, b in zip(folds[scheme], back.folds[scheme], strict=True):
            assert [p.tolist() for p in (a.train, a.valid, a.test)] == [p.tolist() for p in (b.train, b.valid, b.test)]
            assert b.validation is Validation.LENIENT


def test_file_has_one_row_a_scheme_fold_and_row_with_the_stated_columns(tmp_path):
    write_splits(tmp_path / "s.parquet", plan(), seed=0)
    frame = pq.read_table(tmp_path / "s.parquet").to_pandas()
    assert list(frame.columns) == ["scheme", "seed", "fold", "row_id", "role"]
    assert len(frame) == 4 * 3 * 35
    assert set(frame["role"]) == {"train", "valid", "test", "drop"}


def test_digest_is_the_sha256_of_scheme_fold_and_roles():
    folds = {Scheme.MIXED: make_folds(SAMPLES, COMPOUNDS, Scheme.MIXED, folds=3)}
    role_bytes = b""
    for number, fold in enumerate(folds[Scheme.MIXED]):
        train, valid = set(fold.train.tolist()), set(fold.valid.tolist())
        role_bytes += f"mixed/{number}/35".encode()
        role_bytes += bytes(1 if r in train else 2 if r in valid else 3 for r in range(35))
    assert split_digest(folds) == hashlib.sha256(role_bytes).hexdigest()


def test_another_table_is_refused(tmp_path):
    write_splits(tmp_path / "s.parquet", plan(), seed=0)
    with pytest.raises(SplitError, match="splits 35 rows, this table has 34"):
        read_splits(tmp_path / "s.parquet", SAMPLES[1:], COMPOUNDS[1:])
    swapped = COMPOUNDS.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    with pytest.raises(SplitError):
        read_splits(tmp_path / "s.parquet", SAMPLES, swapped)


def test_altered_file_is_refused(tmp_path):
    path = tmp_path / "s.parquet"
    write_splits(path, plan(), seed=0)
    table = pq.read_table(path)
    frame = table.to_pandas().copy()
    frame["role"] = frame["role"].astype(str)
    train = frame.index[frame["role"] == "train"][0]
    frame.loc[train, "role"] = "drop"
    pq.write_table(
        pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(table.schema.metadata), path
    )
    with pytest.raises(SplitError, match="was altered after it was written"):
        read_splits(path, SAMPLES, COMPOUNDS)


def test_an_altered_bit_changes_nothing_or_is_refused(tmp_path):
    """Parquet keeps no checksum of its footer, and the audit of a file goes by its numbers of rows."""
    path, folds = tmp_path / "s.parquet", {Scheme.MIXED: plan()[Scheme.MIXED]}
    digest = write_splits(path, folds, seed=0)
    whole = path.read_bytes()
    wanted = pq.read_table(path).select(["scheme", "fold", "row_id", "role"])
    refused = 0
    for place in range(0, len(whole), 3):
        altered = bytearray(whole)
        altered[place] ^= 1 << (place % 8)
        path.write_bytes(altered)
        try:
            assert read_splits(path, SAMPLES, COMPOUNDS).digest == digest
        except SplitError:
            refused += 1
        else:
            assert pq.read_table(path).select(wanted.column_names).to_pydict() == wanted.to_pydict()
    assert refused > len(whole) / 12


@pytest.mark.parametrize(("column", "change"), [("row_id", 1), ("fold", 1)])
def test_rows_that_are_counted_otherwise_are_refused(tmp_path, column, change):
    path = tmp_path / "s.parquet"
    write_splits(path, plan(), seed=0)
    table = pq.read_table(path)
    frame = table.to_pandas()
    frame.loc[0, column] += change
    pq.write_table(pa.Table.from_pandas(frame, table.schema, preserve_index=False), path)
    with pytest.raises(SplitError, match="was altered after it was written"):
        read_splits(path, SAMPLES, COMPOUNDS)


def test_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "s.parquet").write_text("no parquet")
    with pytest.raises(SplitError, match="is not a split file of this package"):
        read_splits(tmp_path / "s.parquet", SAMPLES, COMPOUNDS)
    with pytest.raises(SplitError, match="is not a split file of this package"):
        read_splits(tmp_path / "absent.parquet", SAMPLES, COMPOUNDS)


def test_nothing_to_write_is_refused(tmp_path):
    with pytest.raises(SplitError, match="0 folds of one table"):
        write_splits(tmp_path / "s.parquet", {}, seed=0)
