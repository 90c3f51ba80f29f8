"""Genes or samples of one file on two scales are told by name; one scale of uneven samples is not taken for two."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.mixed_genes import linear_among_logarithms

LANDMARKS = SymbolMap.landmarks()
GENERATOR = np.random.default_rng(3)
LEVELS = GENERATOR.normal(2.5, 2.2, 978)
TPM = np.exp(LEVELS + GENERATOR.normal(0, 0.6, (12, 978))).clip(0, 3e4) - 0.02
NAMES = [f"S{i}" for i in range(12)]


def table(values):
    return pd.DataFrame(values, index=NAMES, columns=list(LANDMARKS.space.symbols))


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05])
@pytest.mark.parametrize("log", [np.log2, np.log], ids=["log2", "ln"])
def test_a_few_linear_genes_among_logarithms_are_refused_by_name(share, log):
    values = log(TPM.clip(0) + 1)
    linear = GENERATOR.choice(978, max(6, round(share * 978)), replace=False)
    linear[0] = int(LEVELS.argmax())
    values[:, linear] = TPM[:, linear]
    told = r"\d+ genes hold numbers above 32, the others logarithms: \[.*; give all genes on one scale"
    with pytest.raises(DrugrippleError, match=told):
        read_expression(table(values), by_order=True)
    found = linear_among_logarithms(values, np.ones(978, dtype=bool))
    assert set(found) <= set(linear)
    assert LEVELS.argmax() in found


@pytest.mark.parametrize("values", [TPM, TPM * 0.1, TPM * 10, np.sqrt(TPM.clip(0)), TPM[:, LEVELS > 2]], ids=range(5))
def test_linear_values_are_not_taken_for_two_scales(values):
    assert not len(linear_among_logarithms(values, np.ones(values.shape[1], dtype=bool)))


@pytest.mark.parametrize("scale", np.geomspace(0.02, 1, 12).round(3))
def test_samples_divided_by_their_upper_quartiles_are_of_one_scale(scale):
    """However many values of a sample lie above the highest logarithm, one sample has a few more than another."""
    tpm = TPM.clip(0)
    read = read_expression(table(tpm / np.percentile(tpm, 75, axis=1, keepdims=True) * 30 * scale), by_order=True)
    assert len(read.samples) == 12
