"""A workbook of predictions: every number as it is, samples by compounds in their order, and nothing that runs."""

import io
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from drugripple.errors import ConfigError
from drugripple.predict import workbook
from drugripple.predict.answers import Answers
from drugripple.predict.ask import Question, predict_files
from drugripple.predict.column_meanings import COLUMN_MEANINGS
from drugripple.predict.load import load_default
from drugripple.predict.workbook import LIMITS, side_by_side, write_workbook

TABLE = pd.DataFrame(
    {
        "sample": ["late", "late", "=1+2", "=1+2"],
        "id": ["C2", "C1"] * 2,
        "compound": ["zeta", "alpha"] * 2,
        "ln_ic50": [0.5, 1.5, -2.0, 3.0],
        "ic50_um": [1.6487, 4.4817, 0.1353, 20.0855],
        "in_domain": [True, False, True, True],
    }
)


def sheets(table, notes=()):
    file = io.BytesIO()
    write_workbook(file, table, notes)
    return openpyxl.load_workbook(file)


def rows(sheet):
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_every_number_is_kept_and_rows_can_be_filtered():
    sheet = sheets(TABLE)["predictions"]
    assert rows(sheet)[0] == list(TABLE.columns)
    assert rows(sheet)[1] == ["late", "C2", "zeta", 0.5, 1.6487, True]
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("A1:F5", "D2")


def test_samples_stand_beside_compounds_in_the_order_of_the_table():
    found = rows(sheets(TABLE)["samples x compounds"])
    assert found == [["ic50_um of sample", "zeta", "alpha"], ["late", 1.6487, 4.4817], ["'=1+2", 0.1353, 20.0855]]


@pytest.mark.parametrize(
    "table",
    [
        TABLE.head(3),  # a pair is missing, as in a table of the best
        TABLE.head(2),  # one sample
        TABLE.iloc[[0, 2]],  # one compound
        TABLE.assign(compound="twin"),
        TABLE.drop(columns=["ln_ic50", "ic50_um"]),
    ],
)
def test_what_is_no_grid_has_no_such_sheet(table):
    assert side_by_side(table) is None
    assert sheets(table).sheetnames == ["predictions", "notes", "columns"]


def test_notes_and_meanings_stand_beside_the_numbers():
    book = sheets(TABLE, ("intervals of 90%", "=cmd\t"))
    assert [row[0] for row in rows(book["notes"])[1:]] == [LIMITS, "intervals of 90%", "'=cmd\\t"]
    assert ["tested_um"] not in [row[:1] for row in rows(book["columns"])]
    assert ["ic50_um", COLUMN_MEANINGS["ic50_um"]] in rows(book["columns"])
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    with pytest.raises(ConfigError, match="4 predictions are too many for a workbook, which takes 3"):
        sheets(TABLE)


def test_more_than_fits_is_refused_before_it_is_predicted(small_default_model, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    monkeypatch.setattr(Answers, "table", pytest.fail)
    with pytest.raises(ConfigError, match="predictions are too many for a workbook, which takes 3"):
        predict_files(Question(None, None, small_default_model), tmp_path / "p.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_no_row_is_a_workbook_too():
    """The best inside the domain, where nothing is inside."""
    assert rows(sheets(TABLE.head(0))["predictions"]) == [list(TABLE.columns)]


def test_every_column_has_a_meaning_here_and_in_the_docs(small_default_model):
    model = load_default(small_default_model)
    table = model.predict(model.training.samples[0], model.calibrated.calibration.names[0])
    assert [name for name in table.columns if name not in COLUMN_MEANINGS] == []
    page = Path(__file__).parents[3].joinpath("docs", "default_model.md").read_text(encoding="utf-8")
    told = {name for line in page.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line)}
    assert [name for name in table.columns if name not in told] == []
