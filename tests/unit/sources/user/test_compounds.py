"""Compounds in every form that people have give one table, or one clear error."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import SEEN_DOSES_UM, SEEN_HOURS, Treatments
from drugripple.errors import CompoundError, DrugrippleError, SourceError, TableError
from drugripple.sources.public.l1000.selection import PAPER_DOSES_UM, PAPER_HOURS
from drugripple.sources.user.compounds import (
    examine_compounds,
    excluded_keys,
    read_compounds,
    read_treatments,
    structures_of,
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


def test_one_compound_may_have_many_conditions(tmp_path: Path) -> None:
    content = "name,smiles,Dose (µM),Time (h)\nA,CCO,0.1,24\nB,CN,1e1,6\nA,CCO,0.1,72\nA,CCO,10,24\n"
    asked = treatments(write(tmp_path / "x.csv", content))
    assert asked.compounds.ids == ("A", "B")
    assert asked.compound_row.tolist() == [0, 1, 0, 0]
    assert asked.ids == ("A", "B", "A", "A")
    np.testing.assert_array_equal(asked.dose_um, np.float32([0.1, 10, 0.1, 10]))
    np.testing.assert_array_equal(asked.hours, [24, 6, 72, 24])


@pytest.mark.parametrize("header", ["uM", "µM", "h"])
def test_a_header_that_is_nothing_but_our_unit_names_it(tmp_path: Path, header: str) -> None:
    asked = treatments(write(tmp_path / "x.csv", f"name,smiles,{header}\nA,CCO,3\n"))
    assert (asked.hours if header == "h" else asked.dose_um).tolist() == [3]


@pytest.mark.parametrize(
    "header",
    [
        *("Dose [µmol/L]", "Final conc. (uM)", "concUM", "pert_dose_um", "Concentration in micromolar"),
        *("Incubation time (h)", "Hours of treatment", "exposure_hrs", "PertTimeH", "hours"),
    ],
)
def test_our_units_are_known_in_every_spelling(tmp_path: Path, header: str) -> None:
    asked = treatments(write(tmp_path / "x.csv", f"name,smiles,{header}\nA,CCO,3\n"))
    assert (asked.dose_um.tolist(), asked.hours.tolist()) in (([3], [24]), ([10], [3]))


@pytest.mark.parametrize(
    ("header", "understood"),
    [
        ("conc_nM", "doses in nm"),
        ("Dose nmol/L", "doses in nmoll"),
        ("Final conc. (mM)", "doses in mm"),
        ("treatment_days", "times in days"),
        ("Time (days)", "times in days"),
        ("TimeMin", "times in min"),
        ("log10 dose M", "logarithms of doses"),
        ("log_conc_um", "logarithms of doses"),
        ("dose (mg/kg)", "doses in mgkg"),
        ("nM", "doses in nm"),
        ("days", "times in days"),
    ],
)
def test_a_dose_or_time_in_another_unit_is_refused(tmp_path: Path, header: str, understood: str) -> None:
    match = (
        rf"holds {understood}; expected (doses in micromolar|times in hours); convert it and name it (dose_um|hours)"
    )
    with pytest.raises(SourceError, match=match):
        read_compounds(write(tmp_path / "x.csv", f"name,smiles,{header}\nA,CCO,3\n"))


@pytest.mark.parametrize(
    "header",
    [
        *("dose_response_curve_id", "time_stamp", "max_conc_tested", "MIN_CONC", "doubling time (h)"),
        *("stock conc (mM)", "treatment", "unit", "Retention time (min)", "min", "half-life (h)"),
    ],
)
def test_other_columns_are_no_condition(tmp_path: Path, header: str) -> None:
    asked = treatments(write(tmp_path / "x.csv", f"name,smiles,{header}\nA,CCO,3\n"))
    assert (asked.dose_um.tolist(), asked.hours.tolist()) == ([10], [24])


@pytest.mark.parametrize("header", ["unit", "Dose units", "conc_unit"])
def test_a_column_of_units_may_not_contradict_the_dose(tmp_path: Path, header: str) -> None:
    content = f"name,smiles,dose_um,{header}\nA,CCO,3,µM\nB,CCN,4,{{}}\n"
    assert treatments(write(tmp_path / "x.csv", content.format("uM"))).dose_um.tolist() == [3, 4]
    with pytest.raises(SourceError, match=rf"{header}' says another unit than 'dose_um' has \(\['nM'\]\)"):
        read_compounds(write(tmp_path / "x.csv", content.format("nM")))


def test_two_columns_of_one_condition_may_not_differ(tmp_path: Path) -> None:
    content = "name,smiles,dose_um,Final conc. (uM)\nA,CCO,3,{}\n"
    assert treatments(write(tmp_path / "x.csv", content.format("3"))).dose_um.tolist() == [3]
    with pytest.raises(SourceError, match=r"'dose_um' and 'Final conc. \(uM\)' hold different doses"):
        read_compounds(write(tmp_path / "x.csv", content.format("5")))


@pytest.mark.parametrize(("header", "field"), [("H", "hours"), ("UM", "dose_um")])
def test_a_header_that_may_mean_anything_is_no_condition_and_that_is_said(
    tmp_path: Path, header: str, field: str
) -> None:
    asked = treatments(write(tmp_path / "x.csv", f"name,smiles,{header}\nA,CCO,3\n"))
    assert (asked.dose_um.tolist(), asked.hours.tolist()) == ([10], [24])
    assert asked.compounds.notes == (f"the column {header!r} is not read as {field}; name it {field} if it is",)


def test_column_called_structure_that_holds_none_is_passed_over(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.csv", "Structure,name,what\nsee picture 1,A,CCO\nsee picture 2,B,CCN\n"))
    assert table.smiles == ("CCO", "CCN")


def test_isomeric_structures_are_taken_before_flat_ones_and_that_is_said(tmp_path: Path) -> None:
    content = "CID,CanonicalSMILES,IsomericSMILES\n5311,CC(N)C(=O)O,C[C@H](N)C(=O)O\n"
    table = read_compounds(write(tmp_path / "x.csv", content))
    assert table.smiles == ("C[C@H](N)C(=O)O",)
    assert table.notes == ("structures are read from 'IsomericSMILES', not from ['CanonicalSMILES']",)


@pytest.mark.parametrize(
    "header",
    [
        "Murcko scaffold,SMILES string",
        "scaffold_smiles,SMILES string",
        "Murcko scaffold,structure (smiles)",
        "Reactant SMILES,Product SMILES",
        "coreSMILES,what we tested",
        "Counter-ion structure,2D Structure",
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_part_of_a_compound_is_not_taken_for_it_and_that_is_said(tmp_path: Path, header: str, turned: bool) -> None:
    part, whole = header.split(",")
    frame = pd.DataFrame({"Name": ["A", "B"], part: ["c1ccccc1", "C1CC1"], whole: ["Cc1ccccc1", "CC1CC1"]})
    frame.iloc[:, [2, 1, 0] if turned else [0, 1, 2]].to_csv(tmp_path / "x.csv", index=False)
    table = read_compounds(tmp_path / "x.csv")
    assert (table.names, table.smiles) == (("A", "B"), ("Cc1ccccc1", "CC1CC1"))
    assert table.notes == (f"structures are read from {whole!r}, not from [{part!r}]",)


@pytest.mark.parametrize(
    "header", ["SMILES A,SMILES B", "left,right", "Structure,Molecule", "scaffold,salt", "smiles,SMILES"]
)
def test_two_columns_of_structures_that_differ_are_refused(tmp_path: Path, header: str) -> None:
    left, right = header.split(",")
    match = (
        f"the columns '{left}' and '{right}' hold different structures; name the one that holds the compounds 'smiles'"
    )
    with pytest.raises(SourceError, match=match):
        read_compounds(write(tmp_path / "x.csv", f"name,{header}\nA,CCO,CCO\nB,CCO,CCN\n"))
    alike = read_compounds(write(tmp_path / "x.csv", f"name,{header}\nA,CCO,OCC\nB,CCN,CCN.Cl\n"))
    assert alike.smiles == ("CCO", "CCN")


def test_what_is_only_about_structures_is_none(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.csv", "name,SMILES length,has smiles,drawn\nA,3,yes,CCO\n"))
    assert (table.smiles, table.notes) == (("CCO",), ())


@pytest.mark.parametrize(("name", "delimiter"), [("x.csv", ";"), ("x.tsv", "\t")])
def test_decimal_commas_are_read(tmp_path: Path, name: str, delimiter: str) -> None:
    content = "name;smiles;dose_um\nA;CCO;0,5\nB;CN;12,25\n".replace(";", delimiter)
    assert treatments(write(tmp_path / name, content)).dose_um.tolist() == [0.5, 12.25]


def test_ids_that_a_program_wrote_as_fractions_are_whole(tmp_path: Path) -> None:
    frame = pd.DataFrame({"drug_id": [1003.0, np.nan], "drug": ["A", "NA"], "smiles": ["CCO", "CCN"]})
    frame.to_parquet(tmp_path / "x.parquet")
    frame.to_csv(tmp_path / "x.csv", index=False)
    for source in (frame, tmp_path / "x.parquet", tmp_path / "x.csv"):
        assert read_compounds(source).ids == ("1003", "NA")
    versions = write(tmp_path / "y.csv", "id,smiles\n1.0,CCO\n1.5,CCN\n")
    assert read_compounds(versions).ids == ("1.0", "1.5")


def test_unusable_structures_are_listed_and_nothing_shifts(tmp_path: Path) -> None:
    content = "id,smiles,dose_um\nA,CCO,1\nbad,C1CC,2\nblank,,3\nD,CN,4\nvalence,C(C)(C)(C)(C)C,-1\n"
    asked = treatments(write(tmp_path / "x.csv", content))
    assert asked.compounds.ids == ("A", "D")
    assert asked.dose_um.tolist() == [1, 4]
    assert [(one.line, one.id) for one in asked.left_out] == [(3, "bad"), (4, "blank"), (6, "valence")]
    assert "compound 'bad' with SMILES 'C1CC' cannot be read" in asked.left_out[0].reason
    assert asked.compounds.notes[0].startswith('3 of 5 compounds cannot be used and are left out: ["line 3: compound')


def test_each_line_left_out_is_told_under_its_own_name(tmp_path: Path) -> None:
    lost = treatments(write(tmp_path / "x.csv", "id,smiles\nA,CCO\nfirst,C1CC\nsecond,C1CC\n")).left_out
    assert ["'first'" in lost[0].reason, "'second'" in lost[1].reason] == [True, True]


def test_names_that_repeat_keep_their_ids_and_are_said(tmp_path: Path) -> None:
    table = read_compounds(write(tmp_path / "x.csv", "id,name,smiles\n1004,Drug A,CCO\n1005,Drug A,CCN\n"))
    assert (table.ids, table.names) == (("1004", "1005"), ("Drug A", "Drug A"))
    assert "1 name stands for several compounds: ['Drug A (1004, 1005)']" in table.notes[0]


def test_mixture_without_a_counter_ion_is_said(tmp_path: Path) -> None:
    mixture = "CC(=O)Nc1ccc(O)cc1.CN1CCC[C@H]1c1cccnc1"
    table = read_compounds(write(tmp_path / "x.csv", f"id,smiles\nmix,{mixture}\nsalt,CCN.Cl\n"))
    assert len(table.notes) == 1
    assert "1 is a mixture of parts of which either may be the drug; one is used: ['mix as" in table.notes[0]


def test_parent_chosen_is_among_the_findings() -> None:
    examined = examine_compounds(["CCN.CCCCCCCCCCCCOS(O)(=O)=O", "CCO"])
    said = [finding.text for finding in examined.findings() if "parent" in finding.text]
    assert len(said) == 1
    assert "1 was given as a salt" in said[0]
    assert " as CCN" in said[0]


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e300", "1e-300", "", "ten"])
@pytest.mark.parametrize("column", ["dose_um", "hours"])
def test_dose_or_time_that_is_no_number_above_zero_is_named(tmp_path: Path, column: str, value: str) -> None:
    path = write(tmp_path / "x.csv", f"id,smiles,{column}\nA,CCO,1\nB,CN,{value}\n")
    with pytest.raises(
        TableError, match=rf"1 value of {column} is no number above 0 .*\['B on line 3: {value or 'blank'}'\]"
    ):
        read_compounds(path)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("dose_um", "1e9", r"above 10,000 micromolar: \['B on line 3: 1e9'\]; are they nanomolar"),
        ("dose_um", "10001", "above 10,000 micromolar"),
        ("hours", "100000", r"above 1,000 hours: \['B on line 3: 100000'\]; are they minutes"),
    ],
)
def test_a_dose_or_time_that_no_experiment_has_is_refused(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    path = write(tmp_path / "x.csv", f"id,smiles,{column}\nA,CCO,10\nB,CN,{value}\n")
    with pytest.raises(TableError, match=f"1 value of {column} is {message}"):
        read_treatments(path, dose_um=10.0, hours=24.0)
    with pytest.raises(TableError, match=r"1 values of .* are above .* \(first: row 0"):
        Treatments.at(
            CompoundTable.from_smiles(["CCO"]), *((float(value), 24.0) if column == "dose_um" else (10.0, float(value)))
        )


def test_a_dose_or_time_that_no_network_has_seen_is_said(tmp_path: Path) -> None:
    content = "id,smiles,dose_um,hours\nA,CCO,100,6\nB,CN,10000,72\nC,CCN,1e-5,96\n"
    notes = treatments(write(tmp_path / "x.csv", content)).compounds.notes
    assert notes == (
        "2 values of dose_um are outside the 0.001 to 100 micromolar that networks are trained on: "
        "['B on line 3: 10000', 'C on line 4: 1e-5']",
        "1 value of hours is outside the 6 to 72 hours that networks are trained on: ['C on line 4: 96']",
    )
    assert (min(PAPER_DOSES_UM), max(PAPER_DOSES_UM), min(PAPER_HOURS)) == (*SEEN_DOSES_UM, SEEN_HOURS[0])


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
        ([], "it has a header but no row"),
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


def test_structures_come_from_the_named_column_or_the_one_that_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "x.tsv", "smiles\tsecond\nCCO\tC\n\tCC\nCCN\tCCC\n")
    assert list(structures_of(path)) == ["CCO", "CCN"]
    assert list(structures_of(path, column="second")) == ["C", "CC", "CCC"]
    with pytest.raises(SourceError, match="it has no column 'third'"):
        list(structures_of(path, column="third"))


def test_excluded_molecules_go_by_key_and_an_unreadable_one_is_refused(tmp_path: Path) -> None:
    assert excluded_keys(["C[C@H](N)C(=O)O.Cl"]) == {"QNAYBMKLOCPYGJ"}
    with pytest.raises(CompoundError, match="C1CC"):
        excluded_keys(write(tmp_path / "x.smi", "CCO\nC1CC\n"))


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


def test_each_distinct_smiles_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rdkit import Chem

    parsed = []
    whole = Chem.MolFromSmiles
    monkeypatch.setattr(Chem, "MolFromSmiles", lambda text, **k: parsed.append(text) or whole(text, **k))
    treatments(write(tmp_path / "x.csv", "id,smiles,hours\nA,CCO,1\nA,CCO,2\nB,CN.Cl,1\nC,C1CC,1\n"))
    assert sorted(set(parsed)) == sorted(["CCO", "CN.Cl", "C1CC"])
    assert parsed.count("CCO") == parsed.count("CN.Cl") == 1


@pytest.mark.parametrize("row", [0, 60, 1499])
def test_a_unit_in_any_row_counts(tmp_path: Path, row: int) -> None:
    units = ["uM"] * 1500
    units[row] = "nM"
    lines = [f"c{i},{'C' * (1 + i % 7)}O,{1 + i},{unit}" for i, unit in enumerate(units)]
    (tmp_path / "x.csv").write_text("\n".join(["id,smiles,dose_um,dose_unit", *lines]) + "\n")
    with pytest.raises(SourceError, match=r"'dose_unit' says another unit than 'dose_um' has \(\['nM'\]\)"):
        read_compounds(tmp_path / "x.csv")


@pytest.mark.parametrize("rows", [700, 9000])
def test_two_columns_of_structures_are_compared_over_the_whole_file(tmp_path: Path, rows: int) -> None:
    """They are alike in their first 600 rows, spelt in two ways."""
    lines = [f"c{i},OCC,{'CCO' if i < 600 else 'CCN'}" for i in range(rows)]
    (tmp_path / "x.csv").write_text("\n".join(["id,SMILES A,SMILES B", *lines]) + "\n")
    with pytest.raises(SourceError, match="'SMILES A' and 'SMILES B' hold different structures"):
        read_compounds(tmp_path / "x.csv")


@pytest.mark.parametrize(
    ("header", "cells", "dose", "hours"),
    [
        ("dose_um,hours", ["10 uM,24 h", "500 nM,1440 min"], [10, 0.5], [24, 24]),
        ("pert_idose,pert_itime", ["10.0um,24 h", "0.04 um,6 h"], [10, 0.04], [24, 6]),
        ("dose,time", ["1 mM,1 day", "10 \u00b5M,72hr"], [1000, 10], [24, 72]),
    ],
)
def test_doses_and_times_may_state_their_units_themselves(
    tmp_path: Path, header: str, cells: list[str], dose: list[float], hours: list[float]
) -> None:
    text = f"id,smiles,{header}\na,CCO,{cells[0]}\nb,CCN,{cells[1]}\n"
    (tmp_path / "x.csv").write_text(text, encoding="utf-8")
    read = read_treatments(tmp_path / "x.csv", dose_um=7.0, hours=8.0)
    np.testing.assert_allclose(read.dose_um, dose, rtol=1e-6)
    np.testing.assert_allclose(read.hours, hours, rtol=1e-6)


def test_a_dose_without_any_unit_among_those_with_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("id,smiles,pert_idose\na,CCO,10 um\nb,CCN,10\n")
    with pytest.raises(SourceError, match="'pert_idose' does not say its unit"):
        read_compounds(tmp_path / "x.csv")
