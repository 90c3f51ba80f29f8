"""A user's responses: values recovered exactly in any unit and layout, or one clear error."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import DrugrippleError, SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.sources.user.responses import load_responses, read_responses

SAMPLES = ("A549", "MCF7", "K-562", "HT-29", "SK-MEL-28")
EXPRESSION = ExpressionTable(SAMPLES, GeneSpace(("TP53", "EGFR")), np.zeros((5, 2)), ExpressionScale.RMA)
COMPOUNDS = CompoundTable.from_smiles(("CCO", "NCCO"), ids=("D1", "D2"), names=("ethanol", "ethanolamine"))


def long(**columns):
    """Three measurements: A549 x ethanol twice, MCF7 x ethanolamine once."""
    frame = {"cell_line": ["A549", "A549", "MCF7"], "drug": ["ethanol", "ethanol", "ethanolamine"]}
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize(
    ("column", "values", "measure", "expected"),
    [
        ("LN_IC50", [-1.0, 0.0, 2.0], Measure.LN_IC50, [-1.0, 0.0, 2.0]),
        ("IC50 (uM)", [1.0, np.e, 10.0], Measure.LN_IC50, [0.0, 1.0, 2.302585]),
        ("ic50_nM", [1000.0, 1.0, 100.0], Measure.LN_IC50, [-6.907755, 0.0, -2.302585]),
        ("log10_ic50_um", [0.0, 1.0, -1.0], Measure.LN_IC50, [0.0, 2.302585, -2.302585]),
        ("pIC50", [6.0, 5.0, 7.0], Measure.LN_IC50, [0.0, 2.302585, -2.302585]),
        ("LN_IC50_curvecurator", [0.5, 1.5, 2.5], Measure.LN_IC50, [0.5, 1.5, 2.5]),
        ("-log10(IC50 [M])", [6.0, 5.0, 7.0], Measure.LN_IC50, [0.0, 2.302585, -2.302585]),
        ("\u2212log10 IC50 (M)", [6.0, 5.0, 7.0], Measure.LN_IC50, [0.0, 2.302585, -2.302585]),
        ("neglog10_gi50_molar", [6.0, 5.0, 7.0], Measure.LN_GI50, [0.0, 2.302585, -2.302585]),
        ("area_under_curve", [14.5, 3.0, 9.0], Measure.AUC, [3.0, 14.5, 9.0]),
        ("ActArea", [0.2, 3.0, 1.0], Measure.ACTIVITY_AREA, [0.2, 3.0, 1.0]),
        ("aac_recomputed", [0.2, 0.9, 0.5], Measure.ACTIVITY_AREA, [0.2, 0.9, 0.5]),
        ("IC50_M", [1e-6, 1e-5, 1e-7], Measure.LN_IC50, [0.0, 2.302585, -2.302585]),
        ("z_neglog_gi50", [0.2, 3.0, -1.0], Measure.Z_SCORE, [0.2, 3.0, -1.0]),
    ],
)
def test_each_unit_is_recognised_and_converted_by_hand_numbers(column, values, measure, expected):
    """Rows come sorted by sample, compound and value: the two of A549 first."""
    table = read_responses(long(**{column: values}), EXPRESSION, COMPOUNDS)
    assert table.measure is measure
    assert table.values[2] == pytest.approx(expected[2], abs=1e-6)
    assert sorted(table.values[:2]) == pytest.approx(sorted(expected[:2]), abs=1e-6)
    assert table.sample_row.tolist() == [0, 0, 1]
    assert table.compound_row.tolist() == [0, 0, 1]
    assert any(repr(column) in note for note in table.notes)


@pytest.mark.parametrize(
    ("sample", "compound", "value"),
    [
        ("CELL_LINE_NAME", "DRUG_NAME", "LN_IC50"),
        ("CCLE Cell Line Name", "Compound", "IC50 (uM)"),
        ("ccl_name", "cpd_name", "area_under_curve"),
        ("ccle_name", "name", "auc"),
        ("cell_line_name", "drug_name", "LN_IC50_curvecurator"),
        ("sample", "compound", "ic50_um"),
    ],
)
def test_the_column_names_of_publishers_are_recognised(sample, compound, value):
    frame = pd.DataFrame({sample: ["A549"], compound: ["ethanol"], value: [1.5], "comment": ["x"]})
    assert len(read_responses(frame, EXPRESSION, COMPOUNDS)) == 1


def test_names_meet_by_letters_and_digits_and_suffixes_of_ccle():
    frame = long(ln_ic50=[1.0, 2.0, 3.0]).assign(cell_line=["K562", "SKMEL28_SKIN", "HT29"])
    table = read_responses(frame, EXPRESSION, COMPOUNDS)
    assert [SAMPLES[row] for row in table.sample_row] == ["K-562", "HT-29", "SK-MEL-28"]
    assert table.values.tolist() == [1.0, 3.0, 2.0]
    respelt = "['K562 as K-562', 'SKMEL28_SKIN as SK-MEL-28', 'HT29 as HT-29']"
    assert f"3 samples matched by another spelling or name: {respelt}" in table.notes


@pytest.mark.parametrize("name", ["A549_R", "A549_p53KO", "A549(R)", "A549+stroma"])
def test_a_derived_line_is_not_its_parent(name):
    frame = long(ln_ic50=[1.0, 2.0, 3.0]).assign(cell_line=["A549", name, "MCF7"])
    found = load_responses(frame, EXPRESSION, COMPOUNDS)
    assert found.dropped["cell_line"].tolist() == [name]


@pytest.mark.parametrize("name", ["ethanol_plus_ethanolamine", "ethanol(+)", "ethanol_T790M", "D1_D2"])
def test_a_combination_or_another_form_is_not_its_first_compound(name):
    frame = long(ln_ic50=[1.0, 2.0, 3.0]).assign(drug=["ethanol", name, "ethanolamine"])
    found = load_responses(frame, EXPRESSION, COMPOUNDS)
    assert found.dropped["drug"].tolist() == [name]


def test_numbers_as_ids_are_compared_as_numbers():
    """pandas writes 1.0 for 1 in a column with one id missing; without the point it would be 10."""
    several = CompoundTable.from_smiles(("CCO", "CCN", "CCC"), ids=("1", "2", "10"), names=("a", "b", "c"))
    frame = pd.DataFrame(
        {"cell_line": ["A549", "MCF7", "A549"], "drug_id": [1.0, 2.0, np.nan], "ln_ic50": [1.0, 2.0, 3.0]}
    )
    found = load_responses(frame, EXPRESSION, several)
    assert [several.ids[row] for row in found.table.compound_row] == ["1", "2"]
    text = frame.assign(drug_id=["1.0", "2.0", ""])
    assert [several.ids[row] for row in load_responses(text, EXPRESSION, several).table.compound_row] == ["1", "2"]


def test_the_column_that_names_most_samples_is_taken():
    frame = long(auc=[1.0, 2.0, 3.0]).assign(sample=["s1", "s2", "s3"])
    table = read_responses(frame, EXPRESSION, COMPOUNDS)
    assert "samples from 'cell_line'" in table.notes[1]


def test_structures_in_the_table_need_no_compound_file():
    frame = long(ln_ic50=[1.0, 2.0, 3.0]).assign(smiles=["CCO", "CCO", "NCCO.Cl"])
    table = read_responses(frame, EXPRESSION)
    assert table.compounds.ids == ("ethanol", "ethanolamine")
    assert table.compounds.smiles == ("CCO", "NCCO")
    assert len(read_responses(frame.drop(columns="drug"), EXPRESSION)) == 3


def test_rows_that_cannot_be_used_are_counted_and_listed():
    frame = pd.DataFrame(
        {
            "sample": ["A549", "HeLa", "MCF7", "MCF7"],
            "compound": ["ethanol", "ethanol", "morphine", "D2"],
            "ic50_um": [1.0, 2.0, 3.0, 0.0],
        }
    )
    found = load_responses(frame, EXPRESSION, COMPOUNDS)
    assert len(found.table) == 1
    assert int(found.dropped["rows"].sum()) == 3
    assert set(found.dropped["reason"]) == {"no expression", "compound unknown", "0 has no logarithm"}
    assert any("1 row left out, no expression: ['HeLa']" in note for note in found.table.notes)


def test_of_several_columns_the_complete_one_is_taken_and_the_others_are_named():
    frame = long(ln_ic50=[1.0, np.nan, np.nan], auc=[0.5, 0.6, 0.7])
    table = read_responses(frame, EXPRESSION, COMPOUNDS)
    assert table.measure is Measure.AUC
    assert "not used: ['ln_ic50']" in table.notes
    assert read_responses(frame, EXPRESSION, COMPOUNDS, unit="ln_ic50_um").values.tolist() == [1.0]


@pytest.mark.parametrize(
    ("frame", "error", "match"),
    [
        (long(ic50=[1.0, 2.0, 3.0]), SourceError, "'ic50' does not say its unit; state the unit"),
        (long(log_ic50=[1.0, 2.0, 3.0]), SourceError, "'log_ic50' does not say its unit"),
        (long(logIC50_uM=[1.0, 2.0, 3.0]), SourceError, "'logIC50_uM' does not say its unit"),
        (long(), SourceError, "no column names the responses"),
        (long(auc=[1, 2, 3]).drop(columns="drug"), SourceError, "no column names the compounds"),
        (long(auc=[1, 2, 3]).drop(columns="cell_line"), SourceError, "no column names the samples"),
        (long(auc=[np.nan] * 3), TableError, "none of 3 rows can be used"),
        (long(ln_ic50=[1.0, 2.0, 4000.0]), TableError, r"1 value of 'ln_ic50' cannot be ln_ic50_um \(\['4000'\]\)"),
        (long(auc=[1, 2, 3]).assign(cell_line="HeLa"), TableError, "no expression"),
    ],
)
def test_what_cannot_be_read_is_one_clear_error(frame, error, match):
    with pytest.raises(error, match=match):
        read_responses(frame, EXPRESSION, COMPOUNDS)


@pytest.mark.parametrize(
    ("column", "unit"), [("IC50_uM", "ic50_nm"), ("LN_IC50", "ic50_nm"), ("AUC", "ic50_um"), ("pIC50", "ln_ic50_um")]
)
def test_a_unit_that_the_name_of_the_column_contradicts_is_refused(column, unit):
    frame = long(**{column: [4.0, 5.0, 6.0]})
    with pytest.raises(SourceError, match=f"'{column}' says .*, and {unit} is stated; state no unit, or rename"):
        read_responses(frame, EXPRESSION, COMPOUNDS, unit=unit)
    own = load_responses(frame, EXPRESSION, COMPOUNDS).table
    assert len(read_responses(frame.assign(value=[1.0, 2.0, 3.0]), EXPRESSION, COMPOUNDS, unit=unit)) == len(own) == 3


@pytest.mark.parametrize("column", ["-LN_IC50", "- log10(IC50 [uM])", "\u2013Z-score", "-AUC"])
def test_a_minus_before_the_name_of_a_column_is_part_of_it(column):
    with pytest.raises(SourceError, match="no column names the responses"):
        read_responses(long(**{column: [0.1, 0.2, 0.3]}), EXPRESSION, COMPOUNDS)


@pytest.mark.parametrize(
    ("unit", "taken"),
    [("ic50_um", "ic50"), ("log10_ic50_um", "log_ic50"), ("ln_gi50_um", "GI50")],
)
def test_of_columns_without_a_unit_the_one_that_is_called_after_what_is_stated_is_taken(unit, taken):
    frame = long(ec50=[7.0, 8.0, 9.0], value=[4.0, 4.0, 5.0], ic50=[1.0, 2.0, 3.0], log_ic50=[0.0, 0.3, 0.4])
    table = read_responses(frame.assign(GI50=[1.0, 2.0, 2.5]), EXPRESSION, COMPOUNDS, unit=unit)
    assert any(f"responses from {taken!r}" in note for note in table.notes)
    with pytest.raises(SourceError, match=r"several columns could be the ic50_um that you state .*'ec50', 'value'"):
        read_responses(frame.drop(columns=["ic50", "log_ic50"]), EXPRESSION, COMPOUNDS, unit="ic50_um")


@pytest.mark.parametrize("unit", ["ln_ic50_um", "pic50"])
def test_a_logarithm_may_stand_under_a_name_with_log_or_without_so_that_both_are_refused(unit):
    frame = long(value=[4.0, 4.0, 5.0], ic50=[1.0, 2.0, 3.0], log_ic50=[0.0, 0.3, 0.4])
    with pytest.raises(SourceError, match=rf"several columns could be the {unit} that you state .*'ic50', 'log_ic50'"):
        read_responses(frame, EXPRESSION, COMPOUNDS, unit=unit)
    for name, other in (("ic50", "log_ic50"), ("log_ic50", "ic50")):
        table = read_responses(frame.drop(columns=other), EXPRESSION, COMPOUNDS, unit=unit)
        assert any(f"responses from {name!r}" in note for note in table.notes)


def test_two_structures_of_one_name_are_refused():
    frame = long(auc=[1.0, 2.0, 3.0]).assign(smiles=["CCO", "CCC", "NCCO"])
    with pytest.raises(TableError, match=r"1 compound has more than one structure: \['ethanol'\]"):
        read_responses(frame, EXPRESSION)


def test_an_unknown_unit_is_named_with_those_there_are():
    with pytest.raises(DrugrippleError, match="no unit is called 'uM'; there are ln_ic50_um, "):
        read_responses(long(ic50=[1.0, 2.0, 3.0]), EXPRESSION, COMPOUNDS, unit="uM")


VALUE = st.floats(1e-3, 100, allow_nan=False).map(lambda x: float(f"{x:.6g}"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from(SAMPLES), st.sampled_from(COMPOUNDS.ids), VALUE), min_size=2, max_size=9),
    kind=st.sampled_from(["csv", "tsv", "semicolon", "parquet", "xlsx"]),
    names=st.permutations(["sample", "compound", "ic50_um", "comment"]),
)
def test_values_are_recovered_exactly_from_every_layout(tmp_path, rows, kind, names):
    frame = pd.DataFrame(rows, columns=["sample", "compound", "ic50_um"]).assign(comment="said, so")[list(names)]
    path = tmp_path / f"own.{ {'semicolon': 'csv'}.get(kind, kind) }"
    if kind == "parquet":
        frame.to_parquet(path, index=False)
    elif kind == "xlsx":
        frame.to_excel(path, index=False)
    elif kind == "semicolon":
        frame.assign(comment="said so").to_csv(path, index=False, sep=";", decimal=",")
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",")
    table = read_responses(path, EXPRESSION, COMPOUNDS)
    found = zip(
        [SAMPLES[row] for row in table.sample_row],
        [COMPOUNDS.ids[row] for row in table.compound_row],
        np.exp(table.values).round(9).tolist(),
        strict=True,
    )
    np.testing.assert_equal(
        sorted((s, c, float(f"{v:.6g}")) for s, c, v in found), sorted((s, c, float(f"{v:.6g}")) for s, c, v in rows)
    )


def test_what_is_not_read_of_a_workbook_or_above_a_header_is_told(tmp_path):
    frame = long(LN_IC50=[-1.0, 0.0, 2.0])
    with pd.ExcelWriter(tmp_path / "x.xlsx") as book:
        frame.to_excel(book, sheet_name="day 1", index=False)
        frame.to_excel(book, sheet_name="day 2", index=False)
    table = read_responses(tmp_path / "x.xlsx", EXPRESSION, COMPOUNDS)
    assert any("the sheet 'day 1' is read, not ['day 2']" in note for note in table.notes)
    (tmp_path / "x.csv").write_text("# of the second screen\n" + frame.to_csv(index=False))
    table = read_responses(tmp_path / "x.csv", EXPRESSION, COMPOUNDS)
    assert any("of the second screen" in note for note in table.notes)
