"""The default model reads the order of genes, so linear values are as good as their logarithm, without a word of it."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import ScaleError


def frame_of(table, form):
    return pd.DataFrame(form(table.values.astype(np.float64)), table.samples, table.genes.symbols)


def test_linear_values_get_the_answers_of_their_logarithm(asked):
    model = asked.model
    given = asked.new.take(np.arange(3))
    before = model.predict(given, model.training_compounds)
    linear = model.predict(frame_of(given, lambda x: np.exp(x + 5)), model.training_compounds)
    np.testing.assert_allclose(linear["ln_ic50"], before["ln_ic50"], rtol=1e-9)
    assert any("linear TPM, FPKM or intensities" in note for note in linear.attrs["notes"])


def test_counts_are_still_refused(asked):
    with pytest.raises(ScaleError, match="raw counts"):
        asked.model.samples(frame_of(asked.new, lambda x: np.round(np.exp(x + 5))))
