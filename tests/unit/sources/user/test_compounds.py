"""Compounds in every form that people have give one table, or one clear error."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import Treatments
from drugripple.errors import CompoundError, DrugrippleError, SourceError, TableError
from drugripple.sources.user.compounds import (
    examine_compounds,
    read_compounds,
    read_treatments,
)

CSV = "drug_id,Drug Name,SMILES\n007,Ethanol,OCC\nB,Aspirin salt,CC(=O)Oc1ccccc1C(=O)[O-].[Na+]\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def treatments(source: object) -> Treatments:
    return read_treatments(source, dose_um=10.0, hours=24.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", CSV),
        ("x.csv", "\ufeff" + CSV),
        ("x.tsv", CSV.replace(",", "\t")),
        ("x.txt", CSV.replace(",", ";").replace("\n", "\r\n")),
        ("x.txt", CSV.replace(",", "|")),
        ("x.csv.gz", gzip.compress(CSV.encode(), mtime=0)),
        ("x.csv", CSV.replace("SMILES", "what we tested")),
        ("x.csv", CSV.replace("SMILES", "Structure")),
        ("x.csv", "Drug Name,SMILES,drug_id\nEthanol,OCC,007\nAspirin salt,CC(=O)Oc1ccccc1C(=O)[O-].[Na+],B\n"),
        ("x.csv", CSV.replace("OCC", "OCC |c:0|")),
        ("x.csv", CSV.replace("\n", ",\n").replace("SMILES,", "SMILES")),
    ],
    ids=[
        "csv",
        "BOM",
        "tsv",
        "semicolon",
        "bar",
        "gz",
        "by content",
        "Structure",
        "other order",
        "CXSMILES",
        "trailing",
    ],
)
def test_every_form_gives_the_same_table(tmp_path: Path, name: str, content: str | bytes) -> None:
    table = read_compounds(write(tmp_path / name, content))
    assert table.ids == ("007", "B")
    assert table.names == ("Ethanol", "Aspirin salt")
    assert table.smiles == ("CCO", "CC(=O)Oc1ccccc1C(=O)O")


FRAME = pd.DataFrame({"id": ["7", "B"], "name": ["Ethanol", "Methylamine"], "smiles": ["OCC", "CN"]})


def test_workbook_parquet_and_data_frame_give_the_same_table(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "x.parquet")
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        pd.DataFrame().to_excel(book, sheet_name="empty")
        FRAME.assign(id=[7, "B"]).to_excel(book, sheet_name="library", index=False)
    indexed = FRAME.set_index("id")
    for source in (FRAME, indexed, tmp_path / "x.parquet", str(tmp_path / "x.parquet"), tmp_path / "x.xlsx"):
        table = read_compounds(source)
        assert (table.ids, table.names, table.smiles) == (("7", "B"), ("Ethanol", "Methylamine"), ("CCO", "CN"))
    assert read_compounds(tmp_path / "x.xlsx").notes == ("the sheet 'library' is read, not ['empty']",)


def test_list_of_smiles_and_a_table_are_compounds() -> None:
    table = read_compounds(["OCC", "NCCO.Cl"])
    assert (table.ids, table.smiles) == (("OCC", "NCCO.Cl"), ("CCO", "NCCO"))
    assert read_compounds(table) is table


@pytest.mark.parametrize("kind", [pd.Series, np.array])
def test_a_column_of_smiles_is_a_list_of_them(kind: Callable[[list[str | None]], pd.Series | np.ndarray]) -> None:
    table = read_compounds(kind([" OCC", "NCCO.Cl", None]))
    assert (table.ids, table.smiles) == (("OCC", "NCCO.Cl"), ("CCO", "NCCO"))
    assert table.notes[0].startswith("1 of 3 compounds cannot be used and is left out: [")


@pytest.mark.parametrize("name", ["x.smi", "x.smiles", "x.csv", "x.txt"])
@pytest.mark.parametrize("header", ["", "SMILES Name\n"])
def test_lines_are_structure_and_name(tmp_path: Path, header: str, name: str) -> None:
    table = read_compounds(write(tmp_path / name, f"{header}OCC ethyl alcohol\n\nCN methylamine\nCCC\n"))
    assert table.ids == ("ethyl alcohol", "methylamine", "CCC")
    assert table.smiles == ("CCO", "CN", "CCC")


def test_smi_with_tabs_extensions_and_odd_separators_keeps_its_names(tmp_path: Path) -> None:
    lines = ["CCO\tZ1\t46.07", "C[C@H](N)C(=O)O |&1:1| Z2", "CN\tname\u2028with a separator", "CCN\t|c:0|\tZ4"]
    table = read_compounds(write(tmp_path / "x.smi", "\n".join(lines)))
    assert table.names == ("Z1", "Z2", "name\u2028with a separator", "Z4")


def test_smi_with_named_columns_is_a_table(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.smi", "chembl_id\tcanonical_smiles\nCHEMBL545\tCCO\n"))
    assert (table.ids, table.smiles) == (("CHEMBL545",), ("CCO",))


@pytest.mark.parametrize(
    "content",
    ["CCO,Ethanol\nCCN,Ethylamine\n", "1\tEthanol\tCCO\n2\tEthylamine\tCCN\n", "Ethanol;OCC;5,5\nEthylamine;CCN;6,5\n"],
)
def test_file_without_a_header_is_read_from_its_first_line(tmp_path: Path, content: str) -> None:
    table = read_compounds(write(tmp_path / "x.csv", content))
    assert table.names == ("Ethanol", "Ethylamine")
    assert table.smiles == ("CCO", "CCN")
    assert "it has no header, and its first line is a compound" in table.notes[0]


@pytest.mark.parametrize("header", ["IDNUMBER", "Catalog ID", "Vendor code", "CAS", "SupplierRef", "Vial ID"])
def test_a_column_that_ends_as_an_id_does_names_compounds_where_no_known_one_is_there(
    tmp_path: Path, header: str
) -> None:
    content = f"SMILES,MW,Salt code,{header}\nCCO,46.07,1,Z-1\nCCN,45.08,1,Z-2\n"
    table = read_compounds(write(tmp_path / "x.csv", content))
    assert table.ids == table.names == ("Z-1", "Z-2")
    assert header == "IDNUMBER" or f"compounds go by '{header}'" in table.notes


@pytest.mark.parametrize(
    "header",
    [
        *("Target name", "Pathway name", "Gene ID", "PubMed ref", "Supplier name", "Batch No", "Lot No.", "TargetID"),
        *("Well No", "plate_id", "Position number", "Row no", "vendor_name", "Price ref"),
    ],
)
def test_ids_of_anything_else_name_no_compound(tmp_path: Path, header: str) -> None:
    table = read_compounds(write(tmp_path / "x.csv", f"SMILES,{header}\nCCO,EGFR\nCCN,ALK\nCCC,MET\n"))
    assert table.ids == ("CCO", "CCN", "CCC")


def test_a_column_names_compounds_only_if_it_tells_all_rows_apart(tmp_path: Path) -> None:
    """The 61 rows are more than are looked at first; the last repeats the first."""
    smiles = ["C" * (i + 2) for i in range(61)]
    content = "SMILES,Sample No,Stock code\n" + "".join(f"{one},{i % 60},S{i}\n" for i, one in enumerate(smiles))
    assert read_compounds(write(tmp_path / "x.csv", content)).ids == tuple(f"S{i}" for i in range(61))
    content = "SMILES,Sample No\n" + "".join(f"{one},{i % 60}\n" for i, one in enumerate(smiles))
    assert read_compounds(write(tmp_path / "y.csv", content)).ids == tuple(smiles)


def test_a_header_that_says_compound_counts_for_more_than_the_first(tmp_path: Path) -> None:
    content = "Assay no,smiles,Our drug code\n1,CCO,Z-1\n2,CCN,Z-2\n"
    assert read_compounds(write(tmp_path / "x.csv", content)).ids == ("Z-1", "Z-2")


@pytest.mark.parametrize("name", ["x.csv", "x.txt", "x.smi"])
@pytest.mark.parametrize("header", ["", '"smiles"\n'])
def test_the_only_cell_of_a_line_may_stand_in_quotes(tmp_path: Path, header: str, name: str) -> None:
    table = read_compounds(write(tmp_path / name, f'{header}"CCO"\n"CC(=O)O"\n'))
    assert table.ids == ("CCO", "CC(=O)O")


def test_ids_that_a_program_wrote_as_fractions_are_whole(tmp_path: Path) -> None:
    frame = pd.DataFrame({"drug_id": [1003.0, np.nan], "drug": ["A", "NA"], "smiles": ["CCO", "CCN"]})
    frame.to_parquet(tmp_path / "x.parquet")
    frame.to_csv(tmp_path / "x.csv", index=False)
    for source in (frame, tmp_path / "x.parquet", tmp_path / "x.csv"):
        assert read_compounds(source).ids == ("1003", "NA")
    versions = write(tmp_path / "y.csv", "id,smiles\n1.0,CCO\n1.5,CCN\n")
    assert read_compounds(versions).ids == ("1.0", "1.5")


def test_names_that_repeat_keep_their_ids_and_are_said(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.csv", "id,name,smiles\n1004,Drug A,CCO\n1005,Drug A,CCN\n"))
    assert (table.ids, table.names) == (("1004", "1005"), ("Drug A", "Drug A"))
    assert "1 name stands for several compounds: ['Drug A (1004, 1005)']" in table.notes[0]


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("id,smiles\nA,CCO\nA,CCO\n", TableError, r"1 compound repeats at the same dose and time: \['A on line 3'\]"),
        ("id,smiles,dose_um\nA,CCO,1\nA,CCO,1.0\n", TableError, "1 compound repeats at the same dose and time"),
        ("id,smiles\nA,CCO\nA,CN\n", TableError, r"1 id has more than one structure: \['A'\]"),
        ("id,smiles\nA,xx\nB,yy\n", CompoundError, "none of 2 structures can be used .first: compound 'A'"),
        ("id,note\nA,high\nB,low\n", SourceError, r"no column of SMILES .*\['id', 'note'\].*; name it 'smiles'"),
        ("id,smiles,dose\nA,CCO,1\n", SourceError, "'dose' does not say its unit; .* name it dose_um"),
        ("id,smiles,time\nA,CCO,1\n", SourceError, "'time' does not say its unit; .* name it hours"),
        ("id,smiles\n", SourceError, "has a header but no row"),
        ("smiles\n", SourceError, "has a header but no row"),
        ("", SourceError, "is empty"),
        ("id,smiles\nA,CCO\nB,CCN,3,4\n", SourceError, "line 3 has 4 fields"),
        ('name,smiles\nA,CCO\n"B,CCN\nC",CCC\n', SourceError, "line 3 opens a quote"),
    ],
)
def test_wrong_content_is_one_clear_error(tmp_path: Path, content: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_compounds(write(tmp_path / "x.csv", content))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("CCO", r"it is not there; check its path, or give SMILES as a list: \['CCO'\]"),
        ([], "the list of SMILES: it is empty"),
        (pd.DataFrame({"smiles": pd.Series([], dtype=str)}), "it has a header but no row"),
    ],
)
def test_what_is_no_source_is_refused(source: object, message: str) -> None:
    with pytest.raises(DrugrippleError, match=message):
        examine_compounds(source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.h5ad", b"\x89HDF\r\n\x1a\nxx", "it holds expression"),
        ("x.xlsx", b"PK\x03\x04 and then nothing", "cannot be read as an Excel workbook"),
        ("x.parquet", b"PAR1 and then nothing", "cannot be read as Parquet"),
    ],
)
def test_other_and_damaged_files_are_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        read_compounds(write(tmp_path / name, content))


def test_treatments_take_a_table_at_the_condition_given() -> None:
    asked = treatments(CompoundTable.from_smiles(["CCO", "CN"]))
    assert (asked.dose_um.tolist(), asked.hours.tolist()) == ([10, 10], [24, 24])
    assert treatments(asked) is asked


def test_taking_treatments_leaves_other_compounds_behind() -> None:
    compounds = CompoundTable.from_smiles(["CCO", "CN", "CCC"])
    asked = Treatments(compounds, np.array([0, 2, 2]), np.float32([1, 2, 3]), np.float32([4, 5, 6]))
    chosen = asked.take(np.array([2]))
    assert chosen.compounds.smiles == ("CCC",)
    assert (chosen.ids, chosen.dose_um.tolist(), chosen.hours.tolist()) == (("CCC",), [3], [6])


def test_more_rows_than_are_held_are_refused_before_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr("drugripple.sources.user.compounds.ROWS_AT_MOST", 3)
    assert len(read_compounds(write(tmp_path / "x.smi", "C a\nCC b\nCCC c\n"))) == 3
    with pytest.raises(SourceError, match=r"x\.smi: it holds more than 3 compounds.*drugripple screen"):
        read_compounds(write(tmp_path / "x.smi", "C a\nCC b\nCCC c\nCCCC d\n"))


def test_a_cell_without_end_is_not_held(tmp_path):
    examined = examine_compounds(write(tmp_path / "x.csv", "id,smiles\na,CCO\nb," + "C" * 200_000 + "\n"))
    assert [len(entry.smiles) for entry in examined.entries] == [3, 50_000]
    assert ["is longer than 2,000 characters" in str(one) for one in examined.left_out] == [True]
