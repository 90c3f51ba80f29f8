"""What the command line prints."""

import pandas as pd

from drugripple.cli.console import print_table


def test_a_missing_number_is_a_dash_in_a_printed_table(capsys):
    print_table(pd.DataFrame({"compound": ["new", "known"], "tested_um": [float("nan"), 10.0]}), "title")
    said = capsys.readouterr().out
    assert "nan" not in said
    new, known = (line for line in said.splitlines() if "new" in line or "known" in line)
    assert new.split() == ["new", "-"]
    assert known.split() == ["known", "10"]


def test_no_number_is_broken_and_spare_columns_give_way_in_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    numbers = {f"number_{i}": [0.0012345] for i in range(5)}
    row = pd.DataFrame({"sample": ["patient derived 1"], **numbers, "extra": ["a note"], "seen": [True]})
    print_table(row, "title", spare=("extra",))
    said = capsys.readouterr().out
    assert said.count("0.001234") == 5
    assert "extra" not in said
    print_table(row, "title")
    assert {"extra", "True", "derived"} <= set(capsys.readouterr().out.split())
