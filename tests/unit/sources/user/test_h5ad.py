"""A damaged h5ad takes down the process that reads it first, and nothing else."""

import sys

import anndata
import numpy as np
import pandas as pd
import pytest

from drugripple.errors import SourceError
from drugripple.sources.user import h5ad, matrix


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
