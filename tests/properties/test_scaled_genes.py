"""Genes scaled one by one, and logarithms spoilt on the way: never ranked in silence as if they were levels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

GENES = SymbolMap.landmarks().space.symbols
GENERATOR = np.random.default_rng(3)
LEVELS = GENERATOR.normal(GENERATOR.uniform(2.5, 12, len(GENES)), GENERATOR.uniform(0.3, 1.5, len(GENES)), (24, 978))
TPM = np.clip(np.exp2(LEVELS) - 2**4.5, 0, None)
TPM *= 1e6 / TPM.sum(axis=1, keepdims=True)

BY_GENE = {
    "min to max": lambda x: (x - x.min(axis=0)) / np.ptp(x, axis=0),
    "-1 to 1": lambda x: 2 * (x - x.min(axis=0)) / np.ptp(x, axis=0) - 1,
    "by the maximum": lambda x: x / x.max(axis=0),
    "by the mean": lambda x: x / x.mean(axis=0),
    "by the median": lambda x: x / np.median(x, axis=0),
    "ratio to the mean": lambda x: np.exp2(x - x.mean(axis=0)) / np.exp2(x - x.mean(axis=0)).mean(axis=0),
    "less the mean": lambda x: x - x.mean(axis=0),
    "z-scores": lambda x: (x - x.mean(axis=0)) / x.std(axis=0),
    "z-scores of Pareto": lambda x: (x - x.mean(axis=0)) / np.sqrt(x.std(axis=0)),
    "quantiles": lambda x: (np.argsort(np.argsort(x, axis=0), axis=0) + 1) / len(x),
}


def frame(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, columns=list(GENES), index=[f"P{i}" for i in range(len(values))])


@given(how=st.sampled_from(sorted(BY_GENE)), samples=st.integers(7, 24), decimals=st.integers(3, 6))
@settings(max_examples=40, deadline=None)
def test_genes_scaled_one_by_one_are_known_as_such(how: str, samples: int, decimals: int) -> None:
    table = read_expression(frame(BY_GENE[how](LEVELS[:samples]).round(decimals)), by_order=True)
    assert table.scale in (ExpressionScale.GENE_Z, ExpressionScale.ROBUST_Z)


@given(samples=st.integers(1, 24), shift=st.floats(-1, 3), factor=st.floats(0.5, 1.1), decimals=st.integers(2, 6))
@settings(max_examples=30, deadline=None)
def test_levels_are_never_taken_for_scaled_genes(samples: int, shift: float, factor: float, decimals: int) -> None:
    values = (LEVELS[:samples] * factor + shift).round(decimals)
    for given_values in (values, np.log2(TPM[:samples] + 1).round(decimals), TPM[:samples].round(decimals)):
        table = read_expression(frame(given_values), by_order=True)
        assert table.scale not in (ExpressionScale.GENE_Z, ExpressionScale.ROBUST_Z)


@pytest.mark.parametrize("added", [1.0, 0.5, 0.25, 0.1])
@pytest.mark.parametrize("logarithm", [np.log2, np.log, np.log10])
def test_logarithms_of_counts_are_refused_whatever_was_added(added, logarithm):
    counts = GENERATOR.poisson(TPM[:8] / 20)
    with pytest.raises(ScaleError, match="the logarithm of raw counts"):
        read_expression(frame(logarithm(counts + added).round(5)), by_order=True)


def test_zeros_put_where_a_logarithm_has_none_are_refused():
    with np.errstate(divide="ignore"):
        values = np.where(TPM > 0, np.log2(TPM / 20), 0).round(4)
    with pytest.raises(ScaleError, match="zeros whose logarithm was not taken"):
        read_expression(frame(values), by_order=True)


def test_values_a_little_below_zero_after_a_correction_are_read_by_their_order():
    values = (np.log2(TPM + 1) + GENERATOR.normal(0, 0.1, len(GENES))).round(4)
    assert values.min() < 0
    table = read_expression(frame(values), by_order=True)
    assert any("of which the order of genes counts" in note for note in table.notes)
    assert np.array_equal(table.values, values.astype(np.float32))
    with pytest.raises(ScaleError, match="both sides of 0"):
        read_expression(frame(values))


def test_one_negative_number_for_what_is_missing_is_still_refused():
    values = np.where(GENERATOR.random(TPM.shape) < 0.02, -1, TPM.round(2))
    with pytest.raises(ScaleError, match="an unknown scale"):
        read_expression(frame(values), by_order=True)


def test_fractions_of_all_transcripts_are_read_without_a_warning(recwarn):
    read_expression(frame(TPM / 1e6), by_order=True)
    assert not [one for one in recwarn if issubclass(one.category, RuntimeWarning)]


@pytest.mark.parametrize("by", ["mean", "maximum", "median", "percent of the mean"])
def test_ratios_of_linear_values_are_read_as_logarithms(by: str) -> None:
    """Without it the few samples of highest levels decided the mean and the spread of every gene."""
    linear = np.exp2(0.7 * LEVELS)
    level = {"maximum": linear.max(axis=0), "median": np.median(linear, axis=0)}.get(by, linear.mean(axis=0))
    ratios = linear / level * (100 if by.startswith("percent") else 1)
    table = read_expression(frame(ratios))
    assert table.scale == ExpressionScale.GENE_Z
    assert any("taken from ratios to ln(ratio + 0.03)" in note for note in table.notes)
    own, truth = (x[:, LEVELS.std(axis=0) > 0.5] for x in (table.values, LEVELS))
    agree = [np.corrcoef(a, b)[0, 1] for a, b in zip(own.T, truth.T, strict=True)]
    assert np.median(agree) > 0.99


def test_ratios_of_logarithms_and_ranks_stay_as_they_are() -> None:
    for how in ("by the mean", "quantiles"):
        assert not any("ln(ratio" in note for note in read_expression(frame(BY_GENE[how](LEVELS))).notes)
