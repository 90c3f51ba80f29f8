"""A library read in blocks is the library read at once."""

import gzip

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from drugripple.errors import SourceError
from drugripple.sources.user.compound_library import SCHEMA, library_blocks
from drugripple.sources.user.compounds import examine_compounds

CSV = "Drug Name,SMILES,drug_id,conc_uM\nA,CCO,007,1\n,C1CC,,2.5\n\nC,OCC , 9,x\nD,CCN,10,1\nE,CCC,11,1\n"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("lines", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", CSV),
        ("x.csv.gz", gzip.compress(b"\xef\xbb\xbf" + CSV.encode(), mtime=0)),
        ("x.csv", CSV.replace("SMILES", "what we tested")),
        ("x.csv", CSV.replace(",", ";").replace("2.5", "2,5").replace(";1\n", ";1,5\n")),
        ("x.tsv", CSV.replace(",", "\t")),
        ("x.smi", "smiles name\nCCO A\n\nC1CC\nCCN the third\nCCC\nCCCC\n"),
        ("x.smi", "CCO A\nC1CC\nCCN the third\n"),
    ],
    ids=["csv", "gz", "by content", "decimal comma", "tsv", "smi", "smi without header"],
)
def test_blocks_are_the_file(tmp_path, name, content, lines):
    path = write(tmp_path / name, content)
    whole = examine_compounds(path)
    blocks = list(library_blocks(path, lines))
    assert {len(block) for block in blocks[:-1]} <= {lines}
    assert 0 < len(blocks[-1]) <= lines
    together = pa.concat_tables(blocks)
    assert together.schema == SCHEMA
    rows = [tuple(cell or "" for cell in row.values()) for row in together.to_pylist()]
    assert rows == [tuple(entry) for entry in whole.entries]
    assert together["dose_um"].null_count == (0 if whole.columns.dose_um is not None else len(rows))


def test_parquet_is_read_by_row_group_and_keeps_numbers(tmp_path):
    table = pa.table({"cid": [7, None, 9, 10], "vector": [[1.0]] * 4, "smiles": ["CCO", None, "CCN", "C"]})
    pq.write_table(table, tmp_path / "x.parquet", row_group_size=3)
    blocks = list(library_blocks(tmp_path / "x.parquet", 2))
    assert [block["id"].to_pylist() for block in blocks] == [["7", ""], ["9", "10"]]
    assert [block["smiles"].to_pylist() for block in blocks] == [["CCO", ""], ["CCN", "C"]]
    assert [block["line"].to_pylist() for block in blocks] == [[2, 3], [4, 5]]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.csv", "a,b\n1,2\n", "no column of SMILES"),
        ("x.csv", "id,smiles\n", "a header but no row"),
        ("x.csv", "id,smiles\n1,CCO\n2,CCO,3,4\n", "line 3 has 4 fields; expected 2"),
        ("x.csv", b"id,smiles\n1,CCO\n2,\xff\n", "not UTF-8 text .byte 0xff in line 3"),
        ("x.csv.gz", gzip.compress(CSV.encode() * 99, mtime=0)[:-20], "cannot be read"),
        ("x.csv", "id,smiles,dose\n1,CCO,1\n", "does not say its unit"),
        ("x.smi", "smiles\n", "has a header but no row"),
        ("x.sdf", "x", "expected one of"),
    ],
)
def test_unusable_libraries_are_refused(tmp_path, name, content, told):
    with pytest.raises(SourceError, match=told):
        list(library_blocks(write(tmp_path / name, content), 2))


def test_a_library_without_a_row_is_refused(tmp_path):
    pd.DataFrame({"smiles": pd.Series([], dtype=str)}).to_parquet(tmp_path / "x.parquet")
    with pytest.raises(SourceError, match="a header but no row"):
        list(library_blocks(tmp_path / "x.parquet", 2))
