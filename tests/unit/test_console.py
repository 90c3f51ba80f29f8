"""What the command line prints."""

import pandas as pd

from drugripple.cli.console import print_table


def test_a_missing_number_is_a_dash_in_a_printed_table(capsys):
    print_table(pd.DataFrame({"compound": ["new", "known"], "tested_um": [float("nan"), 10.0]}), "title")
    said = capsys.readouterr().out
    assert "nan" not in said
    new, known = (line for line in said.splitlines() if "new" in line or "known" in line)
    assert "│ -" in new
    assert "│ 10" in known
