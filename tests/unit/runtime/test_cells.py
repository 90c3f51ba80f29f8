"""Cells that a spreadsheet would run, and text that nests too deep for a parser."""

import pandas as pd
import pytest

from drugripple.runtime.atomic import write_csv
from drugripple.runtime.cells import SAFE_CELLS, for_spreadsheets
from drugripple.runtime.nesting import DEEPEST, shallow

TABLE = pd.DataFrame({"name": ["=1+2", "-chloro", "-3.5", "plain", "@x"], "=h": [-1.0, 2.0, 3.0, 4.0, 5.0]})


@pytest.fixture
def asked_for():
    token = SAFE_CELLS.set(True)
    yield
    SAFE_CELLS.reset(token)


def test_text_that_would_run_gets_a_quote_and_numbers_stay(asked_for, tmp_path):
    safe = for_spreadsheets(TABLE)
    assert safe["name"].tolist() == ["'=1+2", "'-chloro", "-3.5", "plain", "'@x"]
    assert safe["'=h"].tolist() == TABLE["=h"].tolist()
    write_csv(tmp_path / "x.csv", TABLE)
    assert (tmp_path / "x.csv").read_text().startswith("name,'=h\n'=1+2,-1.0\n")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_no_sign_starts_a_formula(asked_for, sign):
    assert for_spreadsheets(pd.DataFrame({"name": [f"{sign}cmd|' /C calc'!A0"]})).iloc[0, 0].startswith("'")


def test_nothing_changes_where_it_is_not_asked_for():
    assert for_spreadsheets(TABLE) is TABLE


def test_deep_nesting_is_refused_before_it_is_parsed():
    assert shallow("[" * DEEPEST + "]" * DEEPEST)
    for text in ("[" * 100_000, b'{"a":' * 50_000):
        with pytest.raises(ValueError, match="nests more than"):
            shallow(text)
