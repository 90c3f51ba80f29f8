import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import CompoundError, SourceError, TableError
from drugripple.sources.user.compounds import read_compounds

CSV = "drug_id,Drug Name,SMILES\n007,Ethanol,OCC\nB,Aspirin salt,CC(=O)Oc1ccccc1C(=O)[O-].[Na+]\n"


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", CSV),
        ("x.csv", "\ufeff" + CSV),
        ("x.tsv", CSV.replace(",", "\t")),
        ("x.txt", CSV.replace(",", ";").replace("\n", "\r\n")),
        ("x.csv.gz", gzip.compress(CSV.encode())),
        ("x.csv", CSV.replace("SMILES", "what we tested")),
        ("x.csv", "Drug Name,SMILES,drug_id\nEthanol,OCC,007\nAspirin salt,CC(=O)Oc1ccccc1C(=O)[O-].[Na+],B\n"),
    ],
    ids=["csv", "BOM", "tsv", "semicolon", "gz", "SMILES by content", "other order"],
)
def test_every_form_gives_the_same_table(tmp_path: Path, name: str, content: str | bytes) -> None:
    user = read_compounds(write(tmp_path / name, content))
    assert user.table.ids == ("007", "B")
    assert user.table.names == ("Ethanol", "Aspirin salt")
    assert user.table.smiles == ("CCO", "CC(=O)Oc1ccccc1C(=O)O")
    assert user.compound_row.tolist() == [0, 1]
    assert user.dose_um is None
    assert user.hours is None
    assert user.rejected.empty


def test_parquet_gives_the_same_table(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": ["007", "B"], "smiles": ["OCC", "CN"], "dose_um": [0.5, 2.0], "note": [None, 1.5]})
    frame.to_parquet(tmp_path / "x.parquet")
    user = read_compounds(tmp_path / "x.parquet")
    assert user.table.ids == ("007", "B")
    assert user.dose_um is not None
    assert user.dose_um.tolist() == [0.5, 2.0]


@pytest.mark.parametrize("header", ["", "SMILES Name\n"])
def test_smi_lines_are_structure_and_name(tmp_path: Path, header: str) -> None:
    user = read_compounds(write(tmp_path / "x.smi", f"{header}OCC ethyl alcohol\n\nCN\tmethylamine\nCCC\n"))
    assert user.table.ids == ("ethyl alcohol", "methylamine", "CCC")
    assert user.table.smiles == ("CCO", "CN", "CCC")


def test_one_compound_may_have_many_conditions(tmp_path: Path) -> None:
    content = "name,smiles,Dose (µM),Time (h)\nA,CCO,0.1,24\nB,CN,1e1,6\nA,CCO,0.1,72\nA,CCO,10,24\n"
    user = read_compounds(write(tmp_path / "x.csv", content))
    assert user.table.ids == ("A", "B")
    assert user.compound_row.tolist() == [0, 1, 0, 0]
    np.testing.assert_array_equal(user.dose_um, [0.1, 10, 0.1, 10])
    np.testing.assert_array_equal(user.hours, [24, 6, 72, 24])


def test_decimal_comma_of_a_semicolon_file_is_read(tmp_path: Path) -> None:
    user = read_compounds(write(tmp_path / "x.csv", "name;smiles;dose_um\nA;CCO;0,5\nB;CN;12,25\n"))
    assert user.dose_um is not None
    assert user.dose_um.tolist() == [0.5, 12.25]


def test_unusable_structures_are_listed_and_nothing_shifts(tmp_path: Path) -> None:
    content = "id,smiles,dose_um\nA,CCO,1\nbad,C1CC,2\nblank,,3\nD,CN,4\nvalence,C(C)(C)(C)(C)C,-1\n"
    user = read_compounds(write(tmp_path / "x.csv", content))
    assert user.table.ids == ("A", "D")
    assert user.dose_um is not None
    assert user.dose_um.tolist() == [1, 4]
    assert user.rejected[["line", "id"]].to_numpy().tolist() == [[3, "bad"], [4, "blank"], [6, "valence"]]
    assert [bool(reason) for reason in user.rejected["reason"]] == [True] * 3
    assert "compound 'bad'" in user.rejected["reason"].iloc[0]


def test_each_rejected_line_is_told_under_its_own_name(tmp_path: Path) -> None:
    user = read_compounds(write(tmp_path / "x.csv", "id,smiles\nA,CCO\nfirst,C1CC\nsecond,C1CC\n"))
    assert ["'first'" in user.rejected["reason"].iloc[0], "'second'" in user.rejected["reason"].iloc[1]] == [True, True]


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e300", "1e-300", "", "ten"])
@pytest.mark.parametrize("column", ["dose_um", "hours"])
def test_dose_or_time_that_is_no_number_above_zero_is_named(tmp_path: Path, column: str, value: str) -> None:
    path = write(tmp_path / "x.csv", f"id,smiles,{column}\nA,CCO,1\nB,CN,{value}\n")
    with pytest.raises(
        TableError, match=rf"1 values of {column} are not numbers above 0 .*\['B on line 3: {value or 'blank'}'\]"
    ):
        read_compounds(path)


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        ("id,smiles\nA,CCO\nA,CCO\n", TableError, r"1 compounds repeat at the same dose and time: \['A on line 3'\]"),
        ("id,smiles\nA,CCO\nA,CN\n", TableError, r"1 ids have more than one structure: \['A'\]"),
        ("id,smiles\nA,xx\nB,yy\n", CompoundError, "none of the 2 structures can be used .first: compound 'A'"),
        ("id,note\nA,high\nB,low\n", SourceError, r"no column of SMILES among \['id', 'note'\]; name it 'smiles'"),
        ("CCO,ethanol\nCCN,amine\n", SourceError, "has no header: its first line holds the structure 'CCO'"),
        ("id,smiles,dose\nA,CCO,1\n", SourceError, r"'dose' does not say its unit, or not ours; .* name it dose_um"),
        ("id,smiles,time\nA,CCO,1\n", SourceError, "'time' does not say its unit, or not ours; .* name it hours"),
        ("id,smiles\n", SourceError, "has a header but no row"),
        ("", SourceError, "is empty"),
    ],
)
def test_wrong_content_is_one_clear_error(tmp_path: Path, content: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_compounds(write(tmp_path / "x.csv", content))


def test_expression_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds expression"):
        read_compounds(write(tmp_path / "x.h5ad", b"\x89HDF\r\n\x1a\nxx"))
