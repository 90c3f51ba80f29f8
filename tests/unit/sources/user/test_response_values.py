"""Tables of responses as people have them: what their cells mean, and what cannot be of the unit that is said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import ConfigError, SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.sources.user.responses import load_responses, read_bounded_responses, read_responses

SAMPLES = ("A549", "MCF7", "K-562", "HT-29", "TT")
NAMES = ("ethanol", "ethanolamine", "urea", "glycine")
EXPRESSION = ExpressionTable(SAMPLES, GeneSpace(("TP53", "EGFR")), np.zeros((5, 2)), ExpressionScale.RMA)
COMPOUNDS = CompoundTable.from_smiles(("CCO", "NCCO", "NC(N)=O", "NCC(=O)O"), ids=("D1", "D2", "D3", "D4"), names=NAMES)
PAIRS = [(sample, name) for sample in SAMPLES for name in NAMES]
LN_IC50 = np.random.default_rng(0).normal(1, 2, len(PAIRS)).round(4)
IC50 = np.exp(LN_IC50)


def table(**columns):
    """Twenty measurements: five samples by four compounds."""
    return pd.DataFrame(PAIRS, columns=["sample", "drug"]).assign(**columns)


def read(frame, **options):
    """What was read, by sample and compound."""
    found = load_responses(frame, EXPRESSION, COMPOUNDS, **options)
    rows = zip(found.table.sample_row, found.table.compound_row, found.table.values, strict=True)
    return {(SAMPLES[sample], NAMES[compound]): value for sample, compound, value in rows}, found


def lost(found):
    return dict(found.dropped.groupby("reason")["rows"].sum())


@pytest.mark.parametrize("sign", [">", "<", ">= ", "\u2265", "<= "])
def test_a_bound_counts_as_measured_or_is_left_out_and_counted(sign):
    cells = [f"{value:.6g}" if i % 5 else f"{sign}10" for i, value in enumerate(IC50)]
    left, found = read(table(ic50_um=cells), bounds="leave_out")
    assert lost(found) == {"only a bound": 4}
    assert all(left[pair] == pytest.approx(LN_IC50[i], abs=1e-4) for i, pair in enumerate(PAIRS) if i % 5)
    values, found = read(table(ic50_um=cells))
    assert lost(found) == {}
    assert {pair: values[pair] for pair in left} == left
    assert [values[pair] for pair in PAIRS[::5]] == pytest.approx([np.log(10)] * 4)
    assert any("4 rows hold only a bound, which counts as if it were measured" in note for note in found.table.notes)
    with pytest.raises(ConfigError, match="elsewhere"):
        read(table(ic50_um=cells), bounds="elsewhere")


@pytest.mark.parametrize("name", ["relation", "standard_relation", "IC50 qualifier"])
def test_a_column_may_say_which_values_are_bounds(name):
    marks = ["=" if i % 5 else ">" for i in range(20)]
    values, found = read(table(ic50_um=IC50, **{name: marks}), bounds="leave_out")
    assert len(values) == 16
    assert lost(found) == {"only a bound": 4}


@settings(max_examples=30, deadline=None)
@given(units=st.lists(st.sampled_from(["nM", "uM", "\u00b5M", "mM", "M", "nmol/L"]), min_size=20, max_size=20))
def test_a_column_of_units_is_read_row_by_row(units):
    per = {"nM": 1e-3, "nmol/L": 1e-3, "mM": 1e3, "M": 1e6}
    numbers = [value / per.get(unit, 1.0) for value, unit in zip(IC50, units, strict=True)]
    values, found = read(table(ic50=numbers, unit=units))
    assert [values[pair] for pair in PAIRS] == pytest.approx(LN_IC50.tolist())
    assert "each row's unit from 'unit'" in found.table.notes[0]


def test_a_unit_that_is_no_concentration_is_left_out_with_its_name():
    units = ["nM"] * 18 + ["%", ""]
    values, found = read(table(ic50=IC50 * 1000, units=units))
    assert len(values) == 18
    assert lost(found) == {"unit '%' is no concentration": 1, "no unit": 1}


@pytest.mark.parametrize(("column", "unit"), [("ic50_um", None), ("ic50", "ic50_um"), ("ln_ic50", None)])
def test_a_column_of_units_that_contradicts_the_values_is_refused(column, unit):
    frame = table(**{column: IC50 if "ln" not in column else LN_IC50}, units=["nM"] * 3 + ["uM"] * 17)
    with pytest.raises(SourceError, match=r"3 rows of 'units' say another unit than l?n?_?ic50_um \(\['nM'\]\)"):
        read(frame, unit=unit)


def test_cells_may_state_their_unit():
    cells = [f"{value * 1000:.6g} nM" if i % 2 else f"{value:.6g}" for i, value in enumerate(IC50)]
    values, _ = read(table(ic50_um=cells))
    assert [values[pair] for pair in PAIRS] == pytest.approx(LN_IC50.tolist(), abs=1e-4)


def test_cells_that_all_state_their_unit_need_no_other_word_for_it():
    cells = [f"{value * 1000:.6g} nM" if i % 2 else f"{value:.6g}uM" for i, value in enumerate(IC50)]
    values, found = read(table(ic50=[*cells[:-2], "> 10 uM", "NA"]), bounds="leave_out")
    assert [values[pair] for pair in PAIRS[:-2]] == pytest.approx(LN_IC50[:-2].tolist(), abs=1e-4)
    assert lost(found) == {"only a bound": 1, "no ic50": 1}
    assert "each cell's unit" in found.table.notes[0]
    with pytest.raises(SourceError, match="'ic50' does not say its unit"):
        read(table(ic50=[*cells[:-1], "0.5"]))


@pytest.mark.parametrize("odd", ["3,495.4", "0,35", "~5", "5 \u00b1 1", "1.2.3"])
def test_numbers_that_are_not_understood_are_refused_and_words_are_counted(odd):
    cells = [odd, "not tested", "#DIV/0!", *map(str, IC50[3:])]
    with pytest.raises(SourceError, match="1 value of 'ic50_um' cannot be read as a number"):
        read(table(ic50_um=cells))
    _, found = read(table(ic50_um=["NA", *cells[1:]]))
    assert lost(found) == {"no ic50_um": 1, "no number in ic50_um": 2}


@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"ic50_um": LN_IC50}, r"values of 'ic50_um' cannot be ic50_um .*name them ln_ic50 or log10_ic50_um"),
        ({"ic50_um": [-1.0, *IC50[1:]]}, r"1 value of 'ic50_um' cannot be ic50_um \(\['-1.0'\]\)"),
        ({"ic50_um": IC50 * 1000}, r"half of the values of 'ic50_um' lie above [\d.e+]+ micromolar"),
        ({"ln_ic50": 6 - np.log10(IC50 / 100)}, "half of the values of 'ln_ic50' lie above"),
        ({"ln_ic50": LN_IC50 - 13.8}, "half of the values of 'ln_ic50' lie below"),
        ({"auc": [-999.0, *np.linspace(0.4, 1, 19)]}, r"1 value of 'auc' cannot be auc \(\['-999.0'\]\)"),
        ({"auc": [999.0, *np.linspace(0.4, 1, 19)]}, r"1 value of 'auc' cannot be auc \(\['999.0'\]\)"),
        ({"auc": [-0.2, *np.linspace(0.4, 1, 19)]}, "expected areas of zero or more"),
        ({"auc": [*np.linspace(0.4, 1, 10), *np.linspace(30, 90, 10)]}, "two scales, shares and percent"),
        ({"z_score": [-999.0, *np.linspace(-3, 3, 19)]}, "cannot be z_score"),
    ],
)
def test_values_that_cannot_be_of_their_unit_are_refused(columns, match):
    with pytest.raises(TableError, match=match):
        read(table(**columns))


def test_a_handful_of_resistant_samples_passes_with_a_note():
    """One measurement of a pair that nothing kills is what `calibrate` is for."""
    values, found = read(table(ln_ic50=[9.0, 8.5, 7.0, *[None] * 17]))
    assert sorted(values.values()) == [7.0, 8.5, 9.0]
    assert any("half of the values of 'ln_ic50' lie above 4.91e+03 micromolar" in note for note in found.table.notes)


def test_an_unusual_median_passes_with_a_note_where_the_unit_is_stated():
    values, found = read(table(ic50_um=IC50 * 1000), unit="ic50_um")
    assert len(values) == 20
    assert any("half of the values of 'ic50_um' lie above" in note for note in found.table.notes)


@pytest.mark.parametrize(
    "area", [np.linspace(3, 29, 20), np.linspace(0.2, 1.3, 20), np.linspace(8, 99, 20), np.ones(20)]
)
def test_areas_on_the_scale_of_any_publisher_pass(area):
    """CTRP's reach 30, PRISM's 1.3, others are percent."""
    assert len(read(table(auc=area))[0]) == 20


def test_pairs_measured_in_two_units_are_refused():
    frame = table(ic50_um=IC50)
    with pytest.raises(TableError, match="5 pairs of 'ic50_um' stand twice, with values that differ by 1,000"):
        read(pd.concat([frame, table(ic50_um=IC50 * 1000)[:5]]))


@pytest.mark.parametrize(("beside", "refused"), [(0, True), (2, True), (3, False), (10, False)])
def test_two_pairs_in_two_units_are_refused_also_beside_a_few_that_differ_by_nearly_as_much(beside, refused):
    """Of 49 windows around ln 1000, n neighbours fill n: two pairs have P(N >= 2) = 0.0008 for n = 2, 0.0018 for 3."""
    factor = np.exp(np.log(1000) + np.array([0, 0, *np.linspace(0.2, 0.4, beside)]))
    again = table(ic50_um=IC50)[: len(factor)].assign(ic50_um=IC50[: len(factor)] * factor)
    frame = pd.concat([table(ic50_um=IC50), again])
    said = "2 pairs of 'ic50_um' stand twice, with values that differ by"
    if refused:
        with pytest.raises(TableError, match=said):
            read(frame)
    else:
        notes = read(frame)[1].table.notes
        assert any(note.startswith(f"{said} 1,000, maybe by accident: ['A549 x ethanol', 'A5") for note in notes)


def test_one_pair_that_differs_by_what_parts_two_units_is_named():
    _, found = read(pd.concat([table(ic50_um=IC50), table(ic50_um=IC50 * 1e6)[2:3]]))
    said = "1 pair of 'ic50_um' stands twice, with values that differ by 1,000,000, maybe by accident: ['A549 x urea']"
    assert any(note.startswith(said) for note in found.table.notes)


def test_a_table_put_together_twice_is_told():
    frame = table(ln_ic50=LN_IC50)
    _, found = read(pd.concat([frame, frame[:3]]))
    assert any("3 rows repeat another to the last digit" in note for note in found.table.notes)
    assert not any("repeat" in note for note in read(frame)[1].table.notes)


@pytest.mark.parametrize(("rows", "columns", "what"), [("sample", "drug", "compounds"), ("drug", "sample", "samples")])
def test_a_matrix_is_refused_with_the_way_to_turn_it(rows, columns, what):
    wide = table(ln_ic50=LN_IC50).pivot(index=rows, columns=columns, values="ln_ic50").reset_index()
    with pytest.raises(SourceError, match=rf"columns are named as {what} are .*one row per measurement"):
        read(wide)


def test_exchanged_columns_are_named():
    frame = table(ln_ic50=LN_IC50).rename(columns={"sample": "drug", "drug": "sample"})
    with pytest.raises(TableError, match="'sample' names compounds: exchange the names of the columns"):
        read(frame)


def test_names_that_do_not_meet_are_shown_beside_the_known_ones():
    with pytest.raises(TableError, match=r"'sample' names \['HeLa'\], the expression has \['A549', 'MCF7'"):
        read(table(ln_ic50=LN_IC50).assign(sample="HeLa"))


def test_several_kinds_of_values_in_one_column_are_refused():
    kinds = ["IC50" if i % 2 else "AUC" for i in range(20)]
    with pytest.raises(SourceError, match=r"'standard_type' says that the values are of several kinds"):
        read(table(standard_value=IC50, standard_type=kinds), unit="ic50_um")


def test_a_name_of_two_compounds_is_none_of_them():
    two = CompoundTable.from_smiles(("CCO", "NCCO", "CCCO"), ids=("D1", "D2", "D3"), names=("A", "B", "A"))
    frame = pd.DataFrame({"sample": ["A549"] * 3, "drug": ["A", "B", "D3"], "ln_ic50": [1.0, 2.0, 3.0]})
    found = load_responses(frame, EXPRESSION, two)
    assert [two.ids[row] for row in found.table.compound_row] == ["D2", "D3"]
    assert lost(found) == {"name of several compounds": 1}
    same = CompoundTable.from_smiles(("CCO", "NCCO", "OCC"), ids=("D1", "D2", "D3"), names=("A", "B", "A"))
    assert len(read_responses(frame, EXPRESSION, same)) == 3


def test_lines_of_two_tissues_are_not_one_line():
    """TT_OESOPHAGUS and TT_THYROID of CCLE are two lines."""
    frame = pd.DataFrame(
        {"sample": ["TT_THYROID", "TT_OESOPHAGUS", "A549"], "drug": "urea", "ln_ic50": [1.0, 2.0, 3.0]}
    )
    found = load_responses(frame, EXPRESSION, COMPOUNDS)
    assert found.table.values.tolist() == [3.0]
    assert found.dropped["cell_line"].tolist() == ["TT_OESOPHAGUS", "TT_THYROID"]
    assert len(read_responses(frame[1:], EXPRESSION, COMPOUNDS)) == 2


def test_an_index_with_names_is_columns():
    frame = table(ln_ic50=LN_IC50)
    assert len(read(frame.set_index(["sample", "drug"]))[0]) == 20
    assert len(read(frame.set_index("sample", drop=False))[0]) == 20


def test_a_cell_that_was_merged_names_no_sample():
    frame = table(ln_ic50=LN_IC50)
    frame.loc[frame["drug"] != "ethanol", "sample"] = ""
    assert lost(read(frame)[1]) == {"no sample is named": 15}


@pytest.mark.parametrize(
    ("column", "cell", "unit", "bound", "above"),
    [
        ("ic50_nm", ">10000", None, 10.0, True),
        ("ic50_nm", "> 10 uM", None, 10.0, True),
        ("ic50_um", "<0.1", None, 0.1, False),
        ("ic50_um", "\u2264 100 nM", None, 0.1, False),
        ("pIC50", "<5", None, 10.0, True),
        ("pic50", ">7", None, 0.1, False),
        ("ic50", ">=1e4", "nM", 10.0, True),
    ],
)
def test_a_bound_is_read_with_its_unit_and_side(column, cell, unit, bound, above):
    frame = table(**{column: [cell, *(f"{value:.6g}" for value in np.linspace(5, 7, 19))]})
    frame = frame if unit is None else frame.assign(unit=unit)
    found = read_bounded_responses(frame, EXPRESSION, COMPOUNDS)
    assert len(found.table) == 19
    assert np.exp(found.bounds.values) == pytest.approx([bound])
    assert found.above.tolist() == [above]
    assert (found.bounds.expression.samples[found.bounds.sample_row[0]], found.bounds.compound_row[0]) == ("A549", 0)
    assert not [note for note in found.table.notes if "left out" in note]


def test_a_column_of_relations_says_the_side_of_a_bound():
    marks = ["=" if i % 5 else "><"[i // 5 % 2] for i in range(20)]
    found = read_bounded_responses(table(ic50_um=IC50, relation=marks), EXPRESSION, COMPOUNDS)
    assert found.bounds.values.tolist() == pytest.approx(LN_IC50[::5].tolist())
    assert found.above.tolist() == [True, False, True, False]


def test_bounds_alone_can_be_read_and_bounds_of_the_unknown_cannot():
    frame = table(ic50_um=">10").head(3)
    assert len(read_bounded_responses(frame, EXPRESSION, COMPOUNDS).bounds) == 3
    with pytest.raises(TableError, match="none of 3 rows can be used"):
        read_bounded_responses(frame.assign(drug="nothing"), EXPRESSION, COMPOUNDS)
    frame.loc[1, "drug"] = "nothing"
    frame.loc[2, "ic50_um"] = ">0"
    found = read_bounded_responses(frame, EXPRESSION, COMPOUNDS)
    assert len(found.bounds) == 1
    assert [note for note in found.table.notes if "left out" in note] == [
        "2 rows left out, only a bound: ['nothing', 'urea']"
    ]
