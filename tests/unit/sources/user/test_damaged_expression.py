"""An expression file that cannot be read, or whose parts disagree, is one clear error."""

import gzip
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest

from drugripple.errors import SourceError, TableError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

LANDMARKS = SymbolMap.landmarks()
VALUES = np.array([[2.5, 3.25, 7.0, 9.5], [4.0, 5.5, 6.125, 8.0], [2.0, 10.5, 3.75, 12.25]], dtype=np.float32)


def frame() -> pd.DataFrame:
    return pd.DataFrame(VALUES, index=["A375", "0012", "patient 3"], columns=["TP53", "CEMIP2", "GFUS", "MYC"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"\n\n", "has only blank lines"),
        ("x.csv", b"sample,TP53,MYC\n", "has a header but no row"),
        ("x.csv", b"A375,2.5,3.5\nB,2.25,1.5\n", r"has no header: its first line holds numbers \(\['2.5', '3.5'\]\)"),
        ("x.csv", b"sample,TP53,MYC\nA,1.5,2.5\nB,1.5,2.5,3.5\n", r"line 3 has 4 fields; expected 3, as the header"),
        ("x.csv", b"sample,TP53,MYC\nA,1.5\n", "the header in line 1 has 3 names, but the rows below it have 2 fields"),
        ("x.csv", "sample,TP53\nM\u00fcller,1.5\n".encode("latin-1"), r"not UTF-8 text \(byte 0xfc in line 2\)"),
        ("x.csv", b"sample,TP53\nA,\x00\x00\n", "is binary, not text"),
        ("x.csv", b"sample,TP53\nA,high\nB,low\n", "has no column of numbers"),
        ("x.csv.gz", gzip.compress(frame().to_csv().encode(), mtime=0)[:-9], "cut short, damaged or"),
        ("x.smi", b"CCO\n", "holds structures"),
    ],
)
def test_unreadable_text_is_one_clear_error(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_expression(tmp_path / name, symbols=LANDMARKS)


def test_absurd_exponent_is_named_and_does_not_crash(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("sample,TP53,MYC\nA,2.19823e6980182408,2.5\nB,3.5,4.5\n")
    with pytest.raises(TableError, match=r"sample 'A', gene 'TP53'"):
        read_expression(tmp_path / "x.csv", symbols=LANDMARKS)


@pytest.mark.parametrize("name", ["x.parquet", "x.h5ad"])
def test_binary_file_cut_short_is_one_clear_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "x.parquet":
        frame().to_parquet(path)
    else:
        anndata.AnnData(frame()).write_h5ad(path)
    whole = path.read_bytes()
    for share in (0.3, 0.6, 0.95):
        path.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(SourceError, match=f"{name}: it cannot be read as"):
            read_expression(path, symbols=LANDMARKS)


def test_h5_file_of_another_layout_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5ad", "w") as file:
        file["data"] = [1.0]
    with pytest.raises(SourceError, match=r"it is HDF5, but no AnnData"):
        read_expression(tmp_path / "x.h5ad", symbols=LANDMARKS)


def test_h5ad_whose_parts_disagree_is_refused(tmp_path: Path) -> None:
    anndata.AnnData(frame()).write_h5ad(tmp_path / "x.h5ad")
    with h5py.File(tmp_path / "x.h5ad", "a") as file:
        del file["X"]
        file["X"] = VALUES[:, :3]
        file["X"].attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    with pytest.raises(SourceError, match=r"X is 3 x 3, but obs and var name 3 x 4"):
        read_expression(tmp_path / "x.h5ad", symbols=LANDMARKS)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame(), "it has no row"),
        (frame().head(0), r"it has no row \(\['', 'TP53', 'CEMIP2', 'GFUS', 'MYC'\]\)"),
        (pd.DataFrame(index=["A375", "MCF7"]), "it has no column of numbers"),
        (pd.DataFrame({"sample": ["A375"], "note": ["high"]}), r"it has no column of numbers \(\['sample', 'note'\]\)"),
    ],
)
def test_a_data_frame_without_rows_or_numbers_is_refused(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(SourceError, match=f"the data frame: {message}"):
        read_expression(table, symbols=LANDMARKS)
