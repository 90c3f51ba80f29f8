"""What a model answers is one table, with its notes; nothing asked is an error that says so."""

import pandas as pd
import pytest

from drugripple.errors import TableError
from drugripple.predict.answers import Answers


def test_blocks_become_one_table_with_the_notes():
    blocks = iter(
        [pd.DataFrame({"sample": ["a"], "ln_ic50": [0.5]}), pd.DataFrame({"sample": ["b"], "ln_ic50": [1.5]})]
    )
    table = Answers(2, 1, ("said",), blocks).table()
    assert table["ln_ic50"].tolist() == [0.5, 1.5]
    assert table.index.tolist() == [0, 1]
    assert table.attrs["notes"] == ["said"]


@pytest.mark.parametrize(("samples", "compounds"), [(0, 3), (2, 0)])
def test_nothing_to_predict_is_said(samples, compounds):
    with pytest.raises(TableError, match=f"nothing to predict: {samples} samples, {compounds} compounds"):
        Answers(samples, compounds, (), iter(())).table()
