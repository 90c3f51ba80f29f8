"""GCTX in blocks: the right numbers, in bounded memory, from any type and chunking."""

import tracemalloc

import h5py
import numpy as np
import pytest

from drugripple.errors import ConfigError, SourceError, TableError
from drugripple.sources.public.l1000.gctx import read_header, stream_columns, write_gctx

GENES = ("780", "7849", "6193")
SAMPLES = tuple(f"s{i}" for i in range(7))
VALUES = np.arange(21, dtype=np.float32).reshape(7, 3)


@pytest.fixture
def gctx(tmp_path):
    write_gctx(tmp_path / "x.gctx", GENES, SAMPLES, [VALUES[:5], VALUES[5:]])
    return tmp_path / "x.gctx"


def collect(path, genes, columns, memory_mib=1.0):
    blocks = list(stream_columns(path, genes=np.array(genes), columns=np.array(columns), memory_mib=memory_mib))
    return np.concatenate([b.columns for b in blocks]), np.concatenate([b.values for b in blocks]), len(blocks)


def test_header_names_genes_and_samples(gctx):
    header = read_header(gctx)
    assert (header.genes, tuple(header.samples.astype(str))) == (GENES, SAMPLES)


def test_the_matrix_lies_transposed_as_the_format_demands(gctx):
    with h5py.File(gctx) as file:
        assert file["0/DATA/0/matrix"].shape == (7, 3)
        assert file.attrs["version"] == "GCTX1.0"


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f4", "i2"])
@pytest.mark.parametrize("chunks", [None, (2, 3), (7, 1)])
@pytest.mark.parametrize("memory_mib", [1.0, 4e-4])
def test_samples_and_genes_come_as_asked_whatever_the_file_is_like(tmp_path, dtype, chunks, memory_mib):
    path = tmp_path / "x.gctx"
    with h5py.File(path, "w") as file:
        file["0/META/ROW/id"] = np.array([780, 7849, 6193])
        file["0/META/COL/id"] = [f"{name} " for name in SAMPLES]
        file.create_dataset("0/DATA/0/matrix", data=VALUES.astype(dtype), chunks=chunks)
    header = read_header(path)
    columns, values, _ = collect(path, [2, 0], [1, 2, 6], memory_mib)
    assert (header.genes, tuple(header.samples.astype(str))) == (GENES, SAMPLES)
    assert columns.tolist() == [1, 2, 6]
    assert values.tolist() == [[5.0, 3.0], [8.0, 6.0], [20.0, 18.0]]
    assert values.dtype == np.float32


def test_little_memory_means_more_blocks(gctx):
    one_row = (3 * 4 + 3 * 9) / 2**20
    assert collect(gctx, [0, 1, 2], range(7))[2] == 1
    assert collect(gctx, [0, 1, 2], range(7), memory_mib=2.5 * one_row)[2] == 4


def test_memory_for_less_than_one_sample_is_refused(gctx):
    with pytest.raises(ConfigError, match=r"one sample of 3 genes needs .* memory_mib is 1e-06"):
        collect(gctx, [0], [0], memory_mib=1e-6)


def test_memory_stays_under_the_bound(tmp_path):
    rng = np.random.default_rng(0)
    genes, samples = [str(i) for i in range(499)], [f"s{i}" for i in range(5003)]
    write_gctx(tmp_path / "x.gctx", genes, samples, [rng.random((5003, 499)).astype("f4")])
    columns = np.arange(5003)
    stream = stream_columns(tmp_path / "x.gctx", genes=np.arange(499), columns=columns, memory_mib=1.0)
    tracemalloc.start()
    total = sum(float(block.values.sum()) for block in stream)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == pytest.approx(5003 * 499 / 2, rel=0.01)
    assert peak < 1.3 * 2**20  # the whole matrix is 9.5 MiB; h5py's own objects come on top of the buffers


@pytest.mark.parametrize("culprit", [np.nan, np.inf])
def test_a_value_that_is_not_finite_names_its_sample(tmp_path, culprit):
    values = VALUES.copy()
    values[4, 1] = culprit
    write_gctx(tmp_path / "x.gctx", GENES, SAMPLES, [values])
    with pytest.raises(TableError, match=r"1 samples hold NaN or infinite values \(first: 's4'\)"):
        collect(tmp_path / "x.gctx", [0, 1, 2], range(7))
    assert collect(tmp_path / "x.gctx", [0, 2], range(7))[1].shape == (7, 2)


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        read_header(tmp_path / "x.gctx")


@pytest.mark.parametrize("keep", [0, 100, 0.9])
def test_a_truncated_file_is_refused(gctx, keep):
    whole = gctx.read_bytes()
    gctx.write_bytes(whole[: int(len(whole) * keep) if keep < 1 else keep])
    with pytest.raises(SourceError, match="truncated or of another format"):
        read_header(gctx)


@pytest.mark.parametrize("error", [RuntimeError("addr\noverflow"), KeyError("addr overflow"), OSError("addr overflow")])
def test_whatever_h5py_raises_over_damaged_bytes_is_one_line(gctx, monkeypatch, error):
    def damaged(*_):
        raise error

    monkeypatch.setattr(h5py.File, "__contains__", damaged)
    with pytest.raises(SourceError, match=r"x\.gctx cannot be read as GCTX: '?addr overflow'?; it is truncated"):
        read_header(gctx)


def test_another_hdf5_file_is_refused(tmp_path):
    with h5py.File(tmp_path / "x.gctx", "w") as file:
        file["X"] = VALUES
    with pytest.raises(SourceError, match=r"no GCTX: it lacks \['0/DATA/0/matrix'"):
        read_header(tmp_path / "x.gctx")


def test_repeated_samples_and_genes_are_refused(tmp_path):
    write_gctx(tmp_path / "x.gctx", GENES, ("a", "b", "a"), [VALUES[:3]])
    with pytest.raises(SourceError, match=r"1 sample ids repeat: \['a'\]"):
        read_header(tmp_path / "x.gctx")
    write_gctx(tmp_path / "y.gctx", ("1", "1", "2"), SAMPLES, [VALUES])
    with pytest.raises(SourceError, match=r"1 gene ids repeat: \['1'\]"):
        read_header(tmp_path / "y.gctx")


def test_ids_that_do_not_fit_the_matrix_are_refused(tmp_path):
    write_gctx(tmp_path / "x.gctx", GENES, SAMPLES, [VALUES])
    with h5py.File(tmp_path / "x.gctx", "a") as file:
        del file["0/META/COL/id"]
        file["0/META/COL/id"] = np.array([b"a"])
    with pytest.raises(SourceError, match=r"matrix is \(7, 3\), but 1 samples and 3 genes"):
        read_header(tmp_path / "x.gctx")
