"""A store gives back the table that was written, from disk, and refuses anything altered."""

import errno
import json

import numpy as np
import pytest

from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable, PerturbationTable
from drugripple.errors import OutputError, SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.sources.public.l1000 import store as profile_store
from drugripple.sources.public.l1000.store import is_store, open_store, row_file, write_store


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    genes = GeneSpace(("TP53", "EGFR", "MYC"))
    basal = ExpressionTable(("c1", "c2"), genes, rng.random((2, 3)).astype("f4"), ExpressionScale.L1000_Z)
    return PerturbationTable(
        basal=basal,
        compounds=CompoundTable.from_smiles(
            ("C", "CC"), ids=("a", "b"), names=("a (x)", "b"), targets=("EGFR", ""), mechanism=("", "inhibitor")
        ),
        basal_row=np.array([1, 0, 1, 1, 0]),
        compound_row=np.array([1, 1, 0, 0, 1]),
        dose_um=np.array([10, 1, 0.04, 10, 3.33]),
        hours=np.array([24.0, 6, 24, 48, 6]),
        treated=rng.random((5, 3)).astype("f4"),
        plate=("p2", "p1", "p2", "p2", "p1"),
        cell_line=("A375", "MCF7", "A375", "A375", "MCF7"),
        weight=np.array([1, 0.25, 1, 1, 1]),
    )


def test_a_store_gives_back_the_table(table, tmp_path):
    write_store(table, tmp_path / "store", block=2)
    assert (is_store(tmp_path / "store"), is_store(tmp_path)) == (True, False)
    back = open_store(tmp_path / "store")
    assert back.compounds == table.compounds
    assert (back.plate, back.cell_line) == (table.plate, table.cell_line)
    assert (back.basal.samples, back.basal.genes, back.basal.scale) == (
        table.basal.samples,
        table.basal.genes,
        table.basal.scale,
    )
    for name in ("basal_row", "compound_row", "dose_um", "hours", "weight", "treated"):
        np.testing.assert_array_equal(getattr(back, name), getattr(table, name))
    np.testing.assert_array_equal(back.basal.values, table.basal.values)


def test_matrices_stay_on_disk(table, tmp_path):
    write_store(table, tmp_path / "store")
    back = open_store(tmp_path / "store")
    assert isinstance(back.treated, np.memmap)
    assert isinstance(back.basal.values, np.memmap)
    assert not back.treated.flags.writeable


def test_a_file_of_rows_takes_them_in_any_order(tmp_path):
    with row_file(tmp_path / "x.npy", 5, 2) as file:
        file.write(np.array([4, 0, 1, 3]), np.array([[8.0, 9], [0, 1], [2, 3], [6, 7]]))
        file.write(np.array([], dtype=int), np.empty((0, 2)))
    assert np.load(tmp_path / "x.npy").tolist() == [[0, 1], [2, 3], [0, 0], [6, 7], [8, 9]]


@pytest.mark.parametrize("name", ["treated.npy", "basal.npy", "profiles.parquet", "store.json"])
def test_a_truncated_store_is_refused(table, tmp_path, name):
    write_store(table, tmp_path / "store")
    path = tmp_path / "store" / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(SourceError, match=name.replace(".", r"\.")):
        open_store(tmp_path / "store")


def test_other_genes_are_refused(table, tmp_path):
    write_store(table, tmp_path / "store")
    (tmp_path / "store" / "genes.txt").write_text("EGFR\nTP53\nMYC\n")
    with pytest.raises(SourceError, match="not the gene list that this store was built with"):
        open_store(tmp_path / "store")


def test_a_matrix_of_another_shape_is_refused(table, tmp_path):
    write_store(table, tmp_path / "store")
    np.save(tmp_path / "store" / "treated.npy", np.zeros((4, 3), np.float32))
    with pytest.raises(SourceError, match=r"float32 \(4, 3\), expected float32 \(5, 3\)"):
        open_store(tmp_path / "store")


def test_a_store_of_a_later_format_is_refused(table, tmp_path):
    write_store(table, tmp_path / "store")
    path = tmp_path / "store" / "store.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 3}))
    with pytest.raises(SourceError, match="format 3, expected 2"):
        open_store(tmp_path / "store")


@pytest.mark.parametrize("name", ["genes.txt", "controls.txt", "profiles.parquet", "treated.npy", "store.json"])
@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe nonsense", b"[1]"])
def test_a_damaged_part_is_refused(table, tmp_path, name, content):
    write_store(table, tmp_path / "store")
    path = tmp_path / "store" / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(SourceError, match="store"):
        open_store(tmp_path / "store")


def test_an_empty_folder_is_no_store(tmp_path):
    with pytest.raises(SourceError, match="not a profile store"):
        open_store(tmp_path)


def test_nan_in_a_store_is_found_block_by_block(table, tmp_path):
    write_store(table, tmp_path / "store")
    values = table.treated.copy()
    values[4, 2] = np.nan
    np.save(tmp_path / "store" / "treated.npy", values)
    with pytest.raises(TableError, match="1 treated values are NaN or infinite"):
        open_store(tmp_path / "store")


def test_a_full_disk_leaves_nothing(table, tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(profile_store.RowFile, "write", refuse)
    with pytest.raises(OutputError, match="no space left on the disk"):
        write_store(table, tmp_path / "store")
    assert list(tmp_path.iterdir()) == []
