"""Columns of a Parquet file: there, numeric, and read without a crash."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import SourceError
from drugripple.sources.public.columns import as_numbers, read_columns, require_numbers


def test_cells_that_hold_no_number_are_nan_and_absurd_exponents_do_not_crash():
    cells = pd.Series([" 10 ", "1e9999999999", "-666", "1_0", None, 3])
    np.testing.assert_array_equal(as_numbers(cells), [10, np.inf, -666, np.nan, np.nan, 3])


def test_words_are_named_with_the_first(tmp_path):
    frame = pd.DataFrame({"a": [1, 2], "b": [None, "ten"], "c": ["x", "y"]})
    with pytest.raises(SourceError, match=r"2 columns hold no numbers: \['b', 'c'\] \(first value: 'ten'\)"):
        require_numbers(tmp_path / "x", frame, ("a", "b", "c"))


def test_damaged_bytes_get_one_line(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": np.arange(50.0), "b": ["word"] * 50}).to_parquet(path)
    whole, generator = np.frombuffer(path.read_bytes(), dtype=np.uint8), np.random.default_rng(0)
    messages = []
    for _ in range(200):
        damaged = whole.copy()
        where = generator.integers(4, len(whole) - 4, size=8)
        damaged[where] = generator.integers(0, 256, size=8)
        path.write_bytes(damaged.tobytes())
        try:
            read_columns(path, ("a",))
        except SourceError as error:
            messages.append(str(error))
    assert len(messages) > 50
    assert all(message.startswith(str(path)) for message in messages)
