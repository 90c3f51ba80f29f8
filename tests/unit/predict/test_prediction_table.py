"""What a table of predictions prints: the answer, whatever stands before and between it."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest

from drugripple.predict.prediction_table import PredictionTable

ANSWER = ["sample", "compound", "ic50_um", "low_um", "high_um", "in_domain"]


@pytest.fixture
def table():
    """Twenty-four columns, of which a narrow screen shows four."""
    number = 70
    further = {f"further{i}": np.arange(number) for i in range(16)}
    return PredictionTable(
        {
            "sample": [f"s{i}" for i in range(number)],
            "id": "x",
            "compound": "C" * 99,
            "ln_ic50": 0.123456,
            "ic50_um": 1.131399,
            "low_um": 0.25,
            "high_um": 5123.456,
            **further,
            "in_domain": True,
        }
    )


def test_the_answer_is_printed_and_other_columns_are_named(table):
    with pd.option_context("display.width", 80, "display.max_columns", 0):
        lines = repr(table).splitlines()
    assert lines[0].split() == ANSWER
    assert lines[1].split() == ["0", "s0", "C" * 26 + "...", "1.131", "0.25", "5123", "True"]
    assert "[70 rows; further columns: id, ln_ic50, further0, " in " ".join(lines)
    assert max(map(len, lines)) <= 80
    assert len(lines) < 20  # of 70 rows, as many as pandas prints


def test_rows_are_counted_where_not_all_are_shown_and_no_column_is_left(table):
    assert repr(table[ANSWER]).splitlines()[-1] == "[70 rows x 6 columns]"
    assert "rows" not in repr(table[ANSWER].head(3))
    assert "<p>70 rows × 6 columns</p>" in table[ANSWER]._repr_html_()


def test_options_of_pandas_are_heard_where_they_were_set(table):
    with pd.option_context("display.max_rows", 4, "display.min_rows", 4):
        assert len([line for line in repr(table).splitlines() if " s" in line]) == 1 + 4  # the header, four rows
    with pd.option_context("display.max_rows", None):
        assert " s35 " in repr(table)
    with pd.option_context("display.precision", 2):
        assert "1.13" in repr(table)
        assert "5123.46" in repr(table)
    with pd.option_context("display.float_format", "{:.1f}".format):
        assert "5123.5" in repr(table)
    with pd.option_context("display.max_colwidth", 10):
        assert "CCCCCC..." in repr(table)
        assert "CCCCCCC..." not in repr(table)


def test_a_notebook_shows_the_answer_too(table):
    told = table.rename(columns={"further3": "a<b"})._repr_html_()
    assert re.findall("<th>(.*?)</th>", told)[: 1 + len(ANSWER)] == ["", *ANSWER]
    assert "5123" in told
    assert "5123.4" not in told
    assert told.endswith("further14, further15]</p>")
    assert "<p>[70 rows; further columns: id, ln_ic50, further0, further1, further2, a&lt;b, " in told
    with pd.option_context("display.notebook_repr_html", False):
        assert table._repr_html_() is None
    chosen = table[["sample", "ln_ic50"]]
    assert chosen._repr_html_() == pd.DataFrame(chosen)._repr_html_()


def test_columns_that_were_chosen_are_printed_as_they_are(table):
    chosen = table[["sample", "ln_ic50", "further3"]]
    assert repr(chosen) == repr(pd.DataFrame(chosen))
    assert repr(table[ANSWER].head(2)).splitlines()[0].split() == ANSWER
    assert "further columns" not in repr(table[ANSWER])


@pytest.mark.parametrize("response", ["auc", "activity_area"])
def test_a_measure_without_concentration_has_an_interval_of_its_own(response):
    table = PredictionTable(
        {"sample": ["a"], "id": ["b"], "compound": ["b"], response: 0.5, "low": 0.25, "high": 0.75, "in_domain": False}
    )
    assert repr(table).splitlines()[0].split() == ["sample", "compound", response, "low", "high", "in_domain"]


def test_it_is_a_data_frame_wherever_it_goes(table, tmp_path):
    table.attrs["notes"] = ["said"]
    first = table.head(3)
    assert first.attrs["notes"] == ["said"]
    assert isinstance(first, PredictionTable)
    assert isinstance(pickle.loads(pickle.dumps(first)), PredictionTable)
    first.to_parquet(tmp_path / "p.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "p.parquet"), pd.DataFrame(first))
