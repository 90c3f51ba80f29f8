"""Files for the benchmark of memory, in small: the real command reads them, and holds less than the budget."""

import anndata
import pytest

from benchmarks.reading import (
    peak_gib,
    read_bomb_peak_gib,
    read_parquet_peak_gib,
    write_h5ad,
)


@pytest.mark.parametrize("by_row", [True, False])
def test_the_file_is_an_anndata(tmp_path, by_row):
    write_h5ad(tmp_path / "x.h5ad", 30, 1_000, by_row=by_row)
    data = anndata.read_h5ad(tmp_path / "x.h5ad")
    assert data.shape == (30, 1_000)
    assert data.X.nnz == (30 * 30 if by_row else 1_000)
    assert data.X.data.min() > 1


def test_a_small_file_is_read_within_the_budget():
    (wide,) = read_parquet_peak_gib(20, 2_000)
    assert 0.1 < wide.value < 1


def test_a_column_of_text_that_unpacks_to_any_size_costs_little(tmp_path):
    (bomb,) = read_bomb_peak_gib(300, 1_000_000)
    assert bomb.value < 0.7  # 300 MB once unpacked, and never held at once


def test_the_status_of_a_command_that_refuses_is_told(tmp_path):
    (tmp_path / "x.csv").write_text("nothing\n")
    assert peak_gib("data", "doctor", str(tmp_path / "x.csv"))[1] == 2
