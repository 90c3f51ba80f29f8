"""A damaged h5ad takes down the process that reads it first, and nothing else."""

import sys

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from drugripple.errors import SourceError
from drugripple.sources.user import h5ad, matrix
from drugripple.sources.user.sample_names import sample_names


@pytest.fixture
def path(tmp_path):
    names = pd.DataFrame(index=["a", "b"]), pd.DataFrame(index=["TP53", "MYC", "EGFR"])
    anndata.AnnData(np.arange(6, dtype=np.float32).reshape(2, 3), *names).write_h5ad(tmp_path / "x.h5ad")
    return tmp_path / "x.h5ad"


def behaving(tmp_path, monkeypatch, what):
    """A stand-in for the process that reads first."""
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\n{what}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def test_whole_file_is_read(path):
    matrix = h5ad.read_h5ad(path)
    assert matrix.take(np.arange(2), np.arange(3)).values.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert matrix.column_labels == {"var_names": ("TP53", "MYC", "EGFR")}


def test_crash_of_hdf5_is_one_clear_error(path, tmp_path, monkeypatch):
    behaving(tmp_path, monkeypatch, "kill -SEGV $$")
    with pytest.raises(SourceError, match=r"x\.h5ad: it is damaged: HDF5 crashed over it \(signal 11\)"):
        h5ad.read_h5ad(path)


def test_endless_reading_is_one_clear_error(path, tmp_path, monkeypatch):
    behaving(tmp_path, monkeypatch, "exec sleep 60")
    with pytest.raises(SourceError, match=r"x\.h5ad: it is damaged: reading it did not end within 0 s"):
        h5ad.read_h5ad(path, seconds=0.2)


def test_the_file_is_read_first_by_another_process(path, tmp_path, monkeypatch):
    behaving(tmp_path, monkeypatch, f'echo "$@" > {tmp_path}/asked')
    h5ad.read_h5ad(path)
    assert (tmp_path / "asked").read_text().split() == ["-m", "drugripple.sources.user.h5ad_probe", str(path)]


def test_file_too_large_for_memory_is_refused(path, monkeypatch):
    monkeypatch.setattr(matrix, "VALUES_AT_MOST", 5)
    with pytest.raises(
        SourceError, match="2 x 3 numbers are too many to hold; expected at most 5; split it by samples"
    ):
        h5ad.read_h5ad(path).take(np.arange(2), np.arange(3))


VALUES = np.array([[0, 2.5, 0], [4.5, 0, 5.25], [0, 0, 6.5], [1.5, 0, 0]], dtype=np.float32)
LINES = ("A375", "K-562", "786-0", "HeLa")


def annotated(values=VALUES):
    names = pd.DataFrame(index=list(LINES)), pd.DataFrame(index=["TP53", "MYC", "EGFR"])
    return anndata.AnnData(values, *names)


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix, sp.csc_matrix], ids=["dense", "rows", "columns"])
@pytest.mark.parametrize("at_once", [1, 2, 1 << 23])
def test_blocks_of_any_size_give_the_same_numbers(tmp_path, monkeypatch, make, at_once):
    monkeypatch.setattr(h5ad, "VALUES_AT_ONCE", at_once)
    annotated(make(VALUES)).write_h5ad(tmp_path / "x.h5ad")
    read = h5ad.read_h5ad(tmp_path / "x.h5ad")
    for rows in ([0, 1, 2, 3], [1, 3], [2]):
        for columns in ([0, 1, 2], [0, 2], [1]):
            found = read.take(np.array(rows), np.array(columns)).values
            np.testing.assert_array_equal(found, VALUES[np.ix_(rows, columns)])


def test_layers_and_raw_are_read_by_name_and_offered_where_x_is_empty(tmp_path):
    data = annotated()
    data.layers["log"] = VALUES + 1
    data.raw = annotated(VALUES + 2)
    data.X = None
    data.write_h5ad(tmp_path / "x.h5ad")
    for layer, more in (("log", 1), ("raw", 2)):
        read = h5ad.read_h5ad(tmp_path / "x.h5ad", layer=layer)
        np.testing.assert_array_equal(read.take(np.arange(4), np.arange(3)).values, VALUES + more)
    with pytest.raises(
        SourceError, match=r"its X holds no values; name one of its other matrices as `layer`: raw, log"
    ):
        h5ad.read_h5ad(tmp_path / "x.h5ad")
    with pytest.raises(
        SourceError, match=r"it has no layer 'counts'; name one of its other matrices as `layer`: raw, log"
    ):
        h5ad.read_h5ad(tmp_path / "x.h5ad", layer="counts")


def before_07(path, values):
    """The layout of AnnData before 0.7: compound datasets, categories under uns, sparse matrices by another name."""
    with h5py.File(path, "w") as file:
        if sp.issparse(values):
            group = file.create_group("X")
            group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = b"csr", values.shape
            for name in ("data", "indices", "indptr"):
                group[name] = getattr(values, name)
        else:
            file["X"] = values
        lines = np.array(
            [(name.encode(), i % 2) for i, name in enumerate(LINES)], dtype=[("index", "S9"), ("tissue", "i1")]
        )
        file["obs"] = lines
        file["uns/tissue_categories"] = np.array([b"skin", b"blood"])
        file["var"] = np.array([(b"TP53",), (b"MYC",), (b"EGFR",)], dtype=[("index", "S9")])


@pytest.mark.parametrize("make", [np.asarray, sp.csr_matrix], ids=["dense", "sparse"])
def test_files_of_old_anndata_are_read(tmp_path, make):
    before_07(tmp_path / "x.h5ad", make(VALUES))
    read = h5ad.read_h5ad(tmp_path / "x.h5ad")
    assert read.row_labels == {"obs_names": LINES, "tissue": ("skin", "blood", "skin", "blood")}
    assert read.column_labels == {"var_names": ("TP53", "MYC", "EGFR")}
    np.testing.assert_array_equal(read.take(np.arange(4), np.arange(3)).values, VALUES)


def test_parts_in_other_files_are_refused_and_never_opened(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret" * 99)
    annotated().write_h5ad(tmp_path / "link.h5ad")
    with h5py.File(tmp_path / "link.h5ad", "a") as file:
        del file["obs"]
        file["obs"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/obs")
    with pytest.raises(SourceError, match=r"1 part lies in other files, which are not opened \(\['//obs'\]\)"):
        h5ad.read_h5ad(tmp_path / "link.h5ad")
    annotated().write_h5ad(tmp_path / "storage.h5ad")
    with h5py.File(tmp_path / "storage.h5ad", "a") as file:
        del file["X"]
        file.create_dataset("X", (4, 3), "f4", external=[(str(tmp_path / "secret"), 0, 48)])
    with pytest.raises(SourceError, match=r"1 part lies in other files.*/X"):
        h5ad.read_h5ad(tmp_path / "storage.h5ad")


def test_compression_by_a_plugin_is_called_by_its_name(path):
    plugin = 32015
    with h5py.File(path, "a") as file:
        del file["X"]
        made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        made.set_chunk((2, 3))
        made.set_filter(plugin, h5py.h5z.FLAG_OPTIONAL, ())
        h5py.h5d.create(file.id, b"X", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((2, 3)), made)
    with pytest.raises(SourceError, match=r"/X is compressed by a plugin.*filter 32015.*compression='gzip'"):
        h5ad.read_h5ad(path)


@pytest.mark.parametrize(
    ("part", "value"), [("indices", [9, 9, 9, 9, 9]), ("indptr", [0, 3, 1, 4, 5]), ("indptr", [0, 1, 2, 3, 99])]
)
def test_sparse_matrix_that_points_outside_itself_is_refused(tmp_path, part, value):
    annotated(sp.csr_matrix(VALUES)).write_h5ad(tmp_path / "x.h5ad")
    with h5py.File(tmp_path / "x.h5ad", "a") as file:
        file[f"X/{part}"][...] = value
    read = h5ad.read_h5ad(tmp_path / "x.h5ad")
    with pytest.raises(SourceError, match="its sparse matrix"):
        read.take(np.arange(4), np.arange(3))


def test_running_numbers_of_cells_are_the_last_choice_for_names(tmp_path):
    data = annotated()
    data.obs = pd.DataFrame({"cell_line": list(LINES), "batch": ["a", "a", "b", "b"]}, index=["0", "1", "2", "3"])
    data.write_h5ad(tmp_path / "x.h5ad")
    labels = h5ad.read_h5ad(tmp_path / "x.h5ad").row_labels
    assert sample_names(labels, 4).names == LINES


def promising(path, name, rows, kind):
    """Put a column that says it has so many rows, of which none was written, in place of one of a file."""
    with h5py.File(path, "r+") as file:
        attributes = dict(file[name].attrs) if name in file else {"encoding-type": "array", "encoding-version": "0.2.0"}
        if name in file:
            del file[name]
        made = file.create_dataset(name, (rows,), dtype=kind, chunks=(1 << 12,))
        made.attrs.update(attributes)
        if name == "obs/more":
            file["obs"].attrs["column-order"] = np.array(["more"], dtype=h5py.string_dtype())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("obs/_index", h5py.string_dtype()),
        ("var/_index", h5py.string_dtype()),
        ("obs/more", "f8"),
        ("uns/more_categories", h5py.string_dtype()),
    ],
)
def test_names_that_would_fill_the_memory_are_not_read(path, name, kind):
    promising(path, name, 600_000_000, kind)
    with pytest.raises(
        SourceError, match=rf"its names and annotations take [\d,]+ MiB \(most of it /{name}\); expected"
    ):
        h5ad.read_h5ad(path)


def test_chunks_that_unpack_to_gigabytes_are_not_read(path):
    with h5py.File(path, "r+") as file:
        attributes = dict(file["X"].attrs)
        del file["X"]
        made = file.create_dataset("X", (2, 3), "f4", maxshape=(None, None), chunks=(20_000, 20_000), compression=1)
        made.attrs.update(attributes)
    with pytest.raises(SourceError, match=r"/X is stored in pieces of 1,525 MiB; expected at most 512 MiB"):
        h5ad.read_h5ad(path)


def test_pointers_are_counted_before_they_are_read(path):
    names = pd.DataFrame(index=["a", "b"]), pd.DataFrame(index=["TP53", "MYC", "EGFR"])
    anndata.AnnData(sp.csr_matrix(np.eye(2, 3, dtype=np.float32)), *names).write_h5ad(path)
    promising(path, "X/indptr", 40_000_000_000, "i8")
    with pytest.raises(SourceError, match="its sparse matrix has impossible pointers"):
        h5ad.read_h5ad(path).take(np.arange(2), np.arange(3))
