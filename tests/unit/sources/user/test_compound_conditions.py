"""The dose and the time of each compound: in every unit and header, and refused where they cannot be meant."""

from pathlib import Path

import numpy as np
import pytest

from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import SEEN_DOSES_UM, SEEN_HOURS, Treatments
from drugripple.errors import SourceError, TableError
from drugripple.sources.public.l1000.selection import PAPER_DOSES_UM, PAPER_HOURS
from drugripple.sources.user.compounds import read_compounds, read_treatments


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def treatments(source: Path) -> Treatments:
    return read_treatments(source, dose_um=10.0, hours=24.0)


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


@pytest.mark.parametrize(("name", "delimiter"), [("x.csv", ";"), ("x.tsv", "\t")])
def test_decimal_commas_are_read(tmp_path: Path, name: str, delimiter: str) -> None:
    content = "name;smiles;dose_um\nA;CCO;0,5\nB;CN;12,25\n".replace(";", delimiter)
    assert treatments(write(tmp_path / name, content)).dose_um.tolist() == [0.5, 12.25]


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


@pytest.mark.parametrize("row", [0, 60, 1499])
def test_a_unit_in_any_row_counts(tmp_path: Path, row: int) -> None:
    units = ["uM"] * 1500
    units[row] = "nM"
    lines = [f"c{i},{'C' * (1 + i % 7)}O,{1 + i},{unit}" for i, unit in enumerate(units)]
    (tmp_path / "x.csv").write_text("\n".join(["id,smiles,dose_um,dose_unit", *lines]) + "\n")
    with pytest.raises(SourceError, match=r"'dose_unit' says another unit than 'dose_um' has \(\['nM'\]\)"):
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
