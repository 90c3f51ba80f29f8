"""GDSC's xlsx and csv to the tidy layout, and back as a checked table."""

import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest

from drugripple.errors import SourceError
from drugripple.sources.public.gdsc import build_gdsc, read_fitted
from drugripple.sources.public.tidy import read_gdsc

HEADER = [
    "DATASET", "NLME_RESULT_ID", "NLME_CURVE_ID", "COSMIC_ID", "CELL_LINE_NAME", "SANGER_MODEL_ID", "TCGA_DESC",
    "DRUG_ID", "DRUG_NAME", "PUTATIVE_TARGET", "PATHWAY_NAME", "COMPANY_ID", "WEBRELEASE", "MIN_CONC", "MAX_CONC",
    "LN_IC50", "AUC", "RMSE", "Z_SCORE",
]  # fmt: skip


def row(line, drug_id, drug, ln_ic50, dataset="GDSC2"):
    return [
        dataset, 342, 15946310, 683667, line, "SIDM00132", "MB", drug_id, drug, "TOP1", "DNA replication", 1046, "Y",
        0.0001, 0.1, ln_ic50, 0.93022, 0.089052, 0.433123,
    ]  # fmt: skip


ROWS = [
    row("PFSK-1", 1003, "Camptothecin", -1.463887),
    row("A673", 1003, "Camptothecin", -4.869455),
    row("A673", 7, "X", 2.5),
]


@pytest.fixture
def xlsx(tmp_path):
    workbook = openpyxl.Workbook()
    for line in (HEADER, *ROWS):
        workbook.active.append(line)
    path = tmp_path / "GDSC2_fitted_dose_response_27Oct23.xlsx"
    workbook.save(path)
    return path


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "GDSC2_fitted_dose_response_27Oct23.csv"
    pd.DataFrame(ROWS, columns=HEADER).to_csv(path, index=False)
    return path


@pytest.fixture
def structures(tmp_path):
    path = tmp_path / "structures.csv"
    path.write_text("drug,smiles\nCamptothecin,OCC\nX,not a structure\nY,C\n")
    return path


def write_expression(folder):
    frame = pd.DataFrame({"cell_line": ["A673", "PFSK-1"], "DDR1": [1.0, 2.0]})
    frame.to_parquet(folder / "gdsc" / "expression.parquet")


def test_absurd_exponent_is_infinite_and_does_not_crash(tmp_path):
    path = tmp_path / "GDSC2_fitted.csv"
    pd.DataFrame([row("A673", 7, "X", "1e9999999999")], columns=HEADER).to_csv(path, index=False)
    assert np.isposinf(read_fitted(path)["ln_ic50"]).all()


def test_xlsx_and_csv_give_the_same_rows(xlsx, csv):
    pd.testing.assert_frame_equal(read_fitted(xlsx), read_fitted(csv))
    first = read_fitted(xlsx).iloc[0]
    assert (first["cell_line"], first["cosmic_id"], first["drug_id"], first["ln_ic50"]) == (
        "PFSK-1",
        "683667",
        1003,
        -1.463887,
    )


def test_blank_annotation_stays_blank(tmp_path):
    workbook = openpyxl.Workbook()
    blank = [
        None if name in {"PUTATIVE_TARGET", "COSMIC_ID"} else value for name, value in zip(HEADER, ROWS[0], strict=True)
    ]
    for line in (HEADER, blank):
        workbook.active.append(line)
    workbook.save(tmp_path / "x.xlsx")
    assert read_fitted(tmp_path / "x.xlsx")[["targets", "cosmic_id"]].iloc[0].tolist() == ["", ""]


def test_what_is_built_reads_as_a_response_table(xlsx, structures, tmp_path):
    built = build_gdsc([xlsx], structures, tmp_path / "tidy")
    assert (built.rows, built.drugs, len(built.dropped)) == (3, 2, 0)
    write_expression(tmp_path / "tidy")
    table, dropped = read_gdsc(tmp_path / "tidy", "GDSC2")
    assert table.values.tolist() == [-4.869455, -1.463887]
    assert (table.compounds.ids, table.compounds.smiles) == (("Camptothecin",), ("CCO",))
    assert (table.compounds.targets, table.compounds.mechanism) == (("TOP1",), ("DNA replication",))
    assert dropped.to_numpy().tolist() == [["no SMILES", "", "X", 1]]


def test_structures_may_go_by_drug_number(csv, tmp_path):
    path = tmp_path / "structures.csv"
    path.write_text("drug_id,smiles\n1003,C\n7,CC\n")
    build_gdsc([csv], path, tmp_path / "tidy")
    drugs = pd.read_parquet(tmp_path / "tidy" / "gdsc" / "drugs.parquet").set_index("drug")
    assert drugs["canonical_smiles"].to_dict() == {"Camptothecin": "C", "X": "CC"}


@pytest.mark.parametrize(
    "content",
    [
        "drug_id,smiles\n1003.0,C\n7.0,CC\n",
        "drug_id;smiles\n1003;C\n7;CC\n",
        "drug\tsmiles\nCAMPTO-thecin\tC\n x\tCC\n",
        "DRUG,SMILES\ncamptothecin,C\nX,CC\n",
    ],
    ids=["pandas", "semicolons", "letter case", "capitals"],
)
def test_drugs_meet_their_structures_however_they_are_written(csv, tmp_path, content):
    path = tmp_path / "structures.csv"
    path.write_text(content)
    built = build_gdsc([csv], path, tmp_path / "tidy")
    drugs = pd.read_parquet(tmp_path / "tidy" / "gdsc" / "drugs.parquet").set_index("drug")
    assert drugs["canonical_smiles"].to_dict() == {"Camptothecin": "C", "X": "CC"}
    assert built.without == ()


def test_drugs_without_a_structure_are_told_and_one_may_be_called_na(tmp_path):
    path = tmp_path / "GDSC2_fitted_dose_response.csv"
    rows = [*ROWS, row("A673", 9, "NA", 1.0), row("A673", 10.5, "half", 1.0)]
    pd.DataFrame(rows, columns=HEADER).to_csv(path, index=False)
    (tmp_path / "structures.csv").write_text("drug,smiles\nNA,C\nX,C1CC\n")
    built = build_gdsc([path], tmp_path / "structures.csv", tmp_path / "tidy")
    drugs = pd.read_parquet(tmp_path / "tidy" / "gdsc" / "drugs.parquet").set_index("drug")
    assert drugs.loc["NA", "canonical_smiles"] == "C"
    assert [name.split(" ")[0] for name in built.without] == ["X", "Camptothecin"]
    assert "cannot be read" in built.without[0]
    assert built.dropped.to_numpy().tolist() == [["no drug number", "A673", "half", 1]]


def test_what_a_spreadsheet_saved_with_semicolons_and_commas_is_the_same(csv, tmp_path):
    saved = tmp_path / "GDSC2_fitted_dose_response_saved.csv"
    pd.DataFrame(ROWS, columns=HEADER).to_csv(saved, index=False, sep=";", decimal=",")
    pd.testing.assert_frame_equal(read_fitted(saved), read_fitted(csv))


def test_a_structure_given_twice_is_refused(csv, tmp_path):
    path = tmp_path / "structures.csv"
    path.write_text("drug,smiles\nX,C\nX,CC\n")
    with pytest.raises(SourceError, match=r"1 drug repeats: \['X'\]"):
        build_gdsc([csv], path, tmp_path / "tidy")


def test_an_unpaired_quote_is_refused_by_its_line_and_a_comma_at_each_end_is_not(csv):
    whole = read_fitted(csv)
    lines = csv.read_text().splitlines()
    csv.write_text("\n".join([lines[0], *(f"{line}," for line in lines[1:])]) + "\n")
    pd.testing.assert_frame_equal(read_fitted(csv), whole)
    lines[2] = lines[2].replace("Camptothecin", '"Camptothecin')
    csv.write_text("\n".join(lines) + "\n")
    with pytest.raises(SourceError, match="line 3"):
        read_fitted(csv)


def test_a_file_without_any_usable_row_is_refused(csv, tmp_path):
    pd.read_csv(csv, dtype=str).assign(LN_IC50="n/a").to_csv(csv, index=False)
    with pytest.raises(SourceError, match="none of 3 rows can be used: 3 times ln IC50 is not a number"):
        build_gdsc([csv], None, tmp_path / "tidy")
    assert not (tmp_path / "tidy").exists()


@pytest.mark.parametrize("value", ["", "inf", "n/a"])
def test_rows_without_a_number_are_listed(csv, tmp_path, value):
    frame = pd.read_csv(csv, dtype=str)
    frame.loc[0, "LN_IC50"] = value
    frame.to_csv(csv, index=False)
    built = build_gdsc([csv], None, tmp_path / "tidy")
    assert built.rows == 2
    assert built.dropped.to_numpy().tolist() == [["ln IC50 is not a number", "PFSK-1", "Camptothecin", 1]]


def test_the_same_file_twice_is_refused(csv, tmp_path):
    with pytest.raises(SourceError, match=r"3 rows repeat a line and drug number: \['GDSC2 A673 7'.*given twice"):
        build_gdsc([csv, csv], None, tmp_path / "tidy")
    assert not (tmp_path / "tidy").exists()


@pytest.mark.parametrize("keep", [0, 300, -100])
def test_a_truncated_workbook_is_named(xlsx, keep):
    xlsx.write_bytes(xlsx.read_bytes()[:keep])
    with pytest.raises(SourceError, match=r"27Oct23\.xlsx (is empty|cannot be read as GDSC)"):
        read_fitted(xlsx)


def test_a_missing_column_is_named(csv):
    pd.read_csv(csv).drop(columns=["LN_IC50", "AUC"]).to_csv(csv, index=False)
    with pytest.raises(SourceError, match=r"lacks 2 of 11 columns: \['LN_IC50', 'AUC'\]"):
        read_fitted(csv)


def test_a_table_without_rows_is_refused(csv):
    csv.write_text(",".join(HEADER) + "\n")
    with pytest.raises(SourceError, match="has a header but no row"):
        read_fitted(csv)


def test_a_workbook_that_declares_a_wrong_size_is_read_whole(xlsx):
    """The publisher's workbook declares its used range as one cell."""
    with zipfile.ZipFile(xlsx) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert b'ref="A1:S4"' in parts[sheet]
    parts[sheet] = parts[sheet].replace(b'ref="A1:S4"', b'ref="A1"')
    with zipfile.ZipFile(xlsx, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert len(read_fitted(xlsx)) == 3
    assert np.isfinite(read_fitted(xlsx)["ln_ic50"]).all()
