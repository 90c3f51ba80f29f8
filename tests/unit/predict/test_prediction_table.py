"""What a table of predictions prints: the answer, whatever stands before and between it."""

import pickle

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
