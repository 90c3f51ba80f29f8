"""Which column names the samples."""

from pathlib import Path

import pytest

from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.sample_names import is_running, sample_names

ROWS = ("0", "1", "2", "3")
LINES = ("A375", "K-562", "786-0", "HeLa")
TWICE = ("A375", "A375", "786-0", "HeLa")
NOTES = ("note 0", "note 1", "note 2", "note 3")


def test_a_column_that_says_so_goes_before_running_numbers() -> None:
    assert sample_names({"column 1": ROWS, "cell_line": LINES}, 4).names == LINES
    assert sample_names({"column 1": ROWS, "cell_line": LINES}, 4).notes == ()


def test_running_numbers_are_told_where_there_is_nothing_else() -> None:
    found = sample_names({"column 1": ROWS, "batch": ("a", "a", "b", "b")}, 4)
    assert found.names == ROWS
    assert "samples go by running numbers" in found.notes[0].text
    found = sample_names({}, 2)
    assert found.names == ("sample 1", "sample 2")
    assert "have no names and are numbered" in found.notes[0].text
    found = sample_names({"obs_names": ("AAAC", "AAAC", "AAAC")}, 3)
    assert "have no names that tell them apart and are numbered" in found.notes[0].text


def test_a_selection_of_running_numbers_is_no_name_but_ids_are() -> None:
    assert sample_names({"column 1": ("0", "3", "9", "12"), "title": LINES}, 4).names == LINES
    ids = ("683665", "684052", "906826", "910927")
    assert sample_names({"column 1": ids, "title": LINES}, 4).names == ids


@pytest.mark.parametrize(
    "numbers",
    [
        ("3", "1", "2", "0"),
        ("12", "9", "3", "0"),
        ("5", "9000", "42", "77777"),
        ("0", "1", "0", "1"),
        ("1", "2", "2", "3"),
        ("0-0", "1-0", "0-1", "1-1"),
    ],
    ids=["shuffled", "descending", "sparse", "repeated", "once more", "of batches"],
)
def test_numbers_of_rows_in_any_order_never_go_before_a_column_of_text(numbers: tuple[str, ...]) -> None:
    for column in ("cell_line", "title"):
        found = sample_names({"column 1": numbers, column: LINES}, 4)
        assert (found.names, found.label) == (LINES, column)


@pytest.mark.parametrize("names", [("786-0",), ("101-1", "101-2", "102-1")], ids=["a line", "biopsies of patients"])
def test_numbers_with_a_dash_are_names_unless_they_count_batches_from_0(names: tuple[str, ...]) -> None:
    tissue = tuple(f"tissue {i}" for i in range(len(names)))
    assert sample_names({"column 1": names, "tissue": tissue}, len(names)).names == names


def test_what_names_the_samples_in_place_of_numbers_is_said() -> None:
    found = sample_names({"column 1": ("10", "1", "7", "3"), "cell_line": LINES}, 4)
    assert found.notes[0].text == "samples go by 'cell_line', not by the numbers before them: ['10', '1', '7', '3']"
    alone = sample_names({"column 1": ("10", "1", "7", "3")}, 4)
    assert alone.names == ("10", "1", "7", "3")
    assert "samples go by running numbers" in alone.notes[0].text


def test_a_column_that_names_lines_goes_before_numbers_that_are_ids() -> None:
    ids = ("683665", "684052", "906826", "910927")
    assert sample_names({"column 1": ids, "cell_line": LINES}, 4).names == LINES
    assert sample_names({"column 1": ids, "cell_line": TWICE}, 4).names == ids


def test_a_column_of_notes_does_not_stand_in_for_repeated_names() -> None:
    assert sample_names({"sample": TWICE, "note": NOTES}, 4).names == TWICE
    assert sample_names({"column 1": TWICE, "note": NOTES}, 4).names == TWICE


def test_depmap_goes_by_model_or_by_sequencing_where_a_model_repeats() -> None:
    default = ("Yes", "No", "Yes", "Yes")
    cds = ("CDS-1", "CDS-2", "CDS-3", "CDS-4")
    depmap = {"column 1": ROWS, "SequencingID": cds, "ModelID": TWICE, "IsDefaultEntryForModel": default}
    found = sample_names(depmap, 4)
    assert found.names == cds
    assert "samples go by 'SequencingID', because 'ModelID' does not tell them apart: ['A375']" in found.notes[0].text
    assert found.notes[1].names == ("CDS-2",)
    assert sample_names(depmap | {"ModelID": LINES}, 4).names == LINES


def test_barcodes_of_cells_go_before_the_line_that_many_share() -> None:
    barcodes = ("AAAC-1", "AAAG-1", "AAAT-1", "AACC-1")
    assert sample_names({"obs_names": barcodes, "cell_line": ("A375",) * 4}, 4).names == barcodes


def test_only_numbers_from_the_start_are_running() -> None:
    assert is_running(("1", "2", "3"))
    assert is_running(("V1", "V2"))
    assert not is_running(("7157", "4609"))
    assert not is_running(("1", "3"))
    assert not is_running(())


def test_columns_that_tell_samples_apart_together_name_them() -> None:
    labels = {"patient": ("p1", "p1", "p2", "p2"), "tissue": ("lung",) * 4, "visit": ("v1", "v2", "v1", "v2")}
    found = sample_names(labels, 4)
    assert found.names == ("p1 v1", "p1 v2", "p2 v1", "p2 v2")
    assert "['patient', 'visit'] together" in found.notes[0].text
    assert sample_names({"patient": labels["patient"], "tissue": labels["tissue"]}, 4).names[0] == "sample 1"


@pytest.mark.parametrize("label", ["patient", "Sample ID", "obs_names"])
def test_names_that_stand_twice_each_are_not_called_absent(label: str) -> None:
    found = sample_names({label: ("P1", "P1", "P2", "P2"), "tissue": ("lung", "lung", "lung", "skin")}, 4)
    assert "samples have no names that tell them apart and are numbered" in found.notes[0].text


def test_numbers_with_decimals_in_front_under_a_blank_header_are_names(tmp_path: Path) -> None:
    rows = ["20.0,2.5,7.5,5.75", "20.1,3.25,4.125,6.5", "21.5,1.5,2.125,6.25"]
    (tmp_path / "x.csv").write_text("\n".join([",TP53,MYC,EGFR", *rows]) + "\n")
    assert read_expression(tmp_path / "x.csv").samples == ("20.0", "20.1", "21.5")
