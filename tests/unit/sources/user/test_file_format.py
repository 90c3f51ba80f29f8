import gzip
import zipfile
from pathlib import Path

import pytest

from drugripple.errors import SourceError
from drugripple.sources.user.file_format import FileKind, kind_of


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.csv", b"gene,A\nTP53,1\n", FileKind.TEXT),
        ("a.TSV", b"gene\tA\n", FileKind.TEXT),
        ("a.txt.gz", gzip.compress(b"gene\tA\n", mtime=0), FileKind.TEXT),
        ("a.parquet", b"PAR1 and so on", FileKind.PARQUET),
        ("a.h5ad", b"\x89HDF\r\n\x1a\n and so on", FileKind.H5AD),
        ("a.smi", b"CCO ethanol\n", FileKind.SMI),
        ("a.cxsmiles", b"CCO |r| ethanol\n", FileKind.SMI),
        ("a.ism", b"CCO ethanol\n", FileKind.SMI),
    ],
)
def test_format_is_that_of_name_and_content(tmp_path: Path, name: str, content: bytes, kind: FileKind) -> None:
    (tmp_path / name).write_bytes(content)
    assert kind_of(tmp_path / name) == kind


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", r"is empty \(0 bytes\)"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "is empty after unzipping"),
        ("a.csv", b"PAR1xxxx", r"is a Parquet file by its content.*rename it to end in \.parquet"),
        ("a.csv", b"\x89HDF\r\n\x1a\nxx", r"is an HDF5 file by its content.*rename it to end in \.h5ad"),
        ("a.csv", gzip.compress(b"x,y", mtime=0), r"is gzip-compressed by its content.*rename it to end in \.gz"),
        ("a.csv", b"PK\x03\x04xxxx", "Excel workbook by its content.*export its sheet as csv"),
        ("a.xlsx", b"sample,TP53", "of an unknown format by its content, not xlsx as its name says"),
        ("a", b"gene,A", "ends in nothing; expected one of"),
        ("a.parquet", b"gene,A\n", "is of an unknown format by its content, not parquet as its name says"),
        ("a.h5ad", b"PAR1xxxxxx", "is a Parquet file by its content, not h5ad as its name says"),
        ("a.csv.gz", b"gene,A\n", "cannot be unzipped"),
        ("a.csv.gz", gzip.compress(b"gene,A\n" * 9, mtime=0)[:12], "cannot be unzipped"),
    ],
)
def test_file_that_is_not_what_its_name_says_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message):
        kind_of(tmp_path / name)


def test_absent_file_and_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not there; check its path"):
        kind_of(tmp_path / "none.csv")
    with pytest.raises(SourceError, match="is a folder; expected a file"):
        kind_of(tmp_path)


def test_workbook_inside_gzip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("sheet", "x")
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress((tmp_path / "book.xlsx").read_bytes(), mtime=0))
    with pytest.raises(SourceError, match="Excel workbook by its content"):
        kind_of(tmp_path / "a.csv.gz")


def test_a_mustard_where_archives_have_their_mark_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    text = b"smiles\tname\n" + b"C" * 240 + b"\tm"
    path.write_bytes(text + b"x" * (256 - len(text)) + b"mustard\n")
    assert path.read_bytes()[257:262] == b"ustar"
    assert kind_of(path) is FileKind.TEXT


@pytest.mark.parametrize(
    "text",
    [
        "ethanol\n  RDKit 2D\n\n  3  2  0  0  0  0  0  0  0  0999 V2000\n    0.0 0.0 0.0 C   0  0\n",
        "\n  x\n\n  0  0  0     0  0            999 V3000\nM  V30 BEGIN CTAB\n",
        "# made by a program\n@<TRIPOS>MOLECULE\nethanol\n",
    ],
)
@pytest.mark.parametrize("name", ["a.smi", "a.txt", "a.csv"])
def test_drawings_under_the_name_of_a_table_are_told(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SourceError, match="holds drawings or models of structures"):
        kind_of(tmp_path / name)


@pytest.mark.parametrize(("name", "ending"), [("HiSeqV2", ".tsv"), ("HiSeqV2.gz", ".tsv.gz"), ("x.counts", ".tsv")])
def test_a_name_without_a_known_ending_is_told_which_to_take(tmp_path: Path, name: str, ending: str) -> None:
    (tmp_path / name).write_bytes(
        gzip.compress(b"gene\ts\nTP53\t1\n") if name.endswith("gz") else b"gene\ts\nTP53\t1\n"
    )
    with pytest.raises(SourceError, match=f"rename it to end in {ending}$"):
        kind_of(tmp_path / name)


R_OBJECT = b"X\n\0\0\0\x03\0\x04\x03\x01"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.orc", b"ORC\n\x06\x12", r"ends in \.orc; .*write it as parquet"),
        ("a.npz", b"PK\x03\x04\0\0", r"ends in \.npz; .*write it as csv with the names of genes and samples"),
        ("a.h5mu", b"\x89HDF\r\n\x1a\n\0", r"ends in \.h5mu; .*as h5ad"),
        ("a.db", b"SQLite format 3\0\x10", "is a database of SQLite by its content.*export its table as csv"),
        ("a.dta", b"\x75\x02\x01\0", r"ends in \.dta; .*export it as csv, tsv, parquet or h5ad"),
        ("a.docx", b"PK\x03\x04\0\0", r"is a zip archive or an Excel workbook by its content"),
        ("a.hdf5", b"\x89HDF\r\n\x1a\n\0", r"is an HDF5 file by its content.*write it as h5ad"),
        ("a.json", b'{"a": [1, 2]}', "it is JSON, no table"),
        ("a.csv", b"ARROW1\0\0\xff", r"is an Arrow \(Feather\) file by its content.*write it as parquet"),
        ("a.parquet", b"ARROW1\0\0\xff", r"is an Arrow \(Feather\) file by its content, not parquet"),
        ("a.csv.gz", gzip.compress(R_OBJECT, mtime=0), r"is an object of R \(saveRDS\).*write\.csv"),
        ("a.csv.gz", gzip.compress(b"RDX3\nX\n\0", mtime=0), r"is a workspace of R \(save\).*write\.csv"),
        ("a.csv", b"\x93NUMPY\x01\0", "is an array of NumPy without names by its content"),
    ],
)
def test_a_file_that_is_no_text_is_told_by_what_it_is(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """Renaming such a file to end in .tsv would mend nothing."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=message) as refused:
        kind_of(tmp_path / name)
    assert "rename it to end in .tsv" not in str(refused.value)


@pytest.mark.parametrize("first", ["RDX", "ORC1", "X"])
def test_a_gene_that_is_called_as_a_format_begins_is_no_such_format(tmp_path: Path, first: str) -> None:
    (tmp_path / "a.csv").write_text(f"{first},TP53\nA,1.5,2.5\n")
    assert kind_of(tmp_path / "a.csv") is FileKind.TEXT


@pytest.mark.parametrize(
    ("inside", "cure"),
    [("matrix.mtx.gz", "read_10x_mtx"), (".zgroup", "read_zarr"), ("part-0.parquet", "name a file in it")],
)
def test_a_folder_that_holds_a_matrix_is_told_what_to_do_with_it(tmp_path: Path, inside: str, cure: str) -> None:
    (tmp_path / inside).write_text("x")
    with pytest.raises(SourceError, match=f"is a folder; expected a file; .*{cure}"):
        kind_of(tmp_path)
