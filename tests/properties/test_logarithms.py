"""Whatever was added before whichever logarithm of whichever unit: the values come back, or the file is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.logarithm import BASES

LANDMARKS = SymbolMap.landmarks().space.symbols
GENES, SAMPLES = 10_007, 7
NAMES = [*LANDMARKS, *(f"OTHER{i}" for i in range(GENES - len(LANDMARKS)))]
GENERATOR = np.random.default_rng(0)
LENGTHS = GENERATOR.integers(300, 9000, GENES)
RATES = GENERATOR.lognormal(0, 2, GENES) * GENERATOR.lognormal(0, 0.7, (SAMPLES, GENES)) * LENGTHS
DEPTHS = np.geomspace(1e7, 4e7, SAMPLES)[:, None]
COUNTS = GENERATOR.poisson(RATES / RATES.sum(axis=1, keepdims=True) * DEPTHS)
COUNTS[:, ::3] *= GENERATOR.random((SAMPLES, len(LENGTHS[::3]))) < 0.6


def parts(amounts: np.ndarray, total: float) -> np.ndarray:
    return amounts / amounts.sum(axis=1, keepdims=True) * total


FACTORS = np.geomspace(0.6, 1.6, SAMPLES)[:, None]
UNITS = {
    "tpm": parts(COUNTS / LENGTHS, 1e6),
    "fpkm": COUNTS / LENGTHS / COUNTS.sum(axis=1, keepdims=True) * 1e9,
    "cpm": parts(COUNTS, 1e6),
    "tmm": parts(COUNTS, 1e6) / FACTORS,
    "cp10k": parts(COUNTS, 1e4),
    "fpkm of few genes": parts(COUNTS / LENGTHS, 3e4),
}
IN_MILLIONS = {"cp10k": 100.0}
"""What all genes show to be parts per ten thousand becomes parts per million."""


@given(
    unit=st.sampled_from(sorted(UNITS)),
    base=st.sampled_from(sorted(BASES)),
    added=st.one_of(
        st.sampled_from([1.0, 0.5, 0.25, 0.125, 0.1, 0.05, 0.03, 0.01, 1e-3, 1e-4, 1e-5]), st.floats(1e-4, 0.9)
    ),
    genes=st.sampled_from([GENES, len(LANDMARKS)]),
    decimals=st.sampled_from([3, 4, 6, 15]),
)
@example(unit="cp10k", base=2.0, added=0.5, genes=GENES, decimals=4)
@example(unit="cp10k", base=2.0, added=0.25, genes=len(LANDMARKS), decimals=4)
@example(unit="tpm", base=10.0, added=0.25, genes=GENES, decimals=4)
@example(unit="tpm", base=float(np.e), added=0.03, genes=len(LANDMARKS), decimals=4)
@example(unit="cp10k", base=float(np.e), added=0.5, genes=len(LANDMARKS), decimals=3)
@settings(max_examples=40, deadline=None)
def test_no_logarithm_is_taken_for_one_of_another_base(
    unit: str, base: float, added: float, genes: int, decimals: int
) -> None:
    linear = UNITS[unit][:, :genes]
    values = (np.log(linear + added) / np.log(base)).round(decimals)
    if added == 1 and (genes == len(LANDMARKS) or "fpkm" in unit or unit == "tmm"):
        return  # nothing tells the base of log(x + 1), which is taken for log2
    try:
        read = read_expression(pd.DataFrame(values, columns=pd.Index(NAMES[:genes])))
    except ScaleError:
        return
    in_millions = IN_MILLIONS.get(unit, 1.0) if genes == GENES else 1.0
    expected = np.log2(in_millions * linear[:, : len(LANDMARKS)] + 1)
    error = 0.51 * 10.0**-decimals * np.log2(base) * (1 + 2 * in_millions)
    np.testing.assert_allclose(read.values[:, : len(LANDMARKS)], expected, atol=error + 1e-4)


@pytest.mark.parametrize("unit", ["tpm", "fpkm", "cpm", "tmm"])
@pytest.mark.parametrize(("base", "added"), [(2.0, 1e-3), (2.0, 0.5), (float(np.e), 0.01), (10.0, 0.03)])
@pytest.mark.parametrize("genes", [GENES, len(LANDMARKS)])
def test_what_people_add_is_read_and_not_refused(unit: str, base: float, added: float, genes: int) -> None:
    linear = UNITS[unit][:, :genes]
    frame = pd.DataFrame((np.log(linear + added) / np.log(base)).round(4), columns=pd.Index(NAMES[:genes]))
    read = read_expression(frame).values[:, : len(LANDMARKS)]
    np.testing.assert_allclose(read, np.log2(linear[:, : len(LANDMARKS)] + 1), atol=1e-3)


@pytest.mark.parametrize("genes", [GENES, len(LANDMARKS)])
@pytest.mark.parametrize("decimals", [4, 15])
def test_voom_after_normalisation_by_tmm_is_read_where_it_is_stated(genes: int, decimals: int) -> None:
    libraries = COUNTS.sum(axis=1, keepdims=True) * FACTORS
    values = np.log2((COUNTS + 0.5) / (libraries + 1) * 1e6).round(decimals)[:, :genes]
    frame = pd.DataFrame(values, columns=pd.Index(NAMES[:genes]))
    read = read_expression(frame, scale="log2_cpm")
    assert read.scale == ExpressionScale.LOG2_CPM
    expected = np.log2(COUNTS / libraries * 1e6 + 1)[:, : len(LANDMARKS)]
    np.testing.assert_allclose(read.values[:, : len(LANDMARKS)], expected, atol=0.2)


@pytest.mark.parametrize("scale", ["cpm", "log2_cpm"])
def test_cpm_after_normalisation_by_tmm_is_read_where_it_is_stated(scale: str) -> None:
    values = UNITS["tmm"] if scale == "cpm" else np.log2(UNITS["tmm"] + 1)
    read = read_expression(pd.DataFrame(values, columns=pd.Index(NAMES)), scale=scale)
    np.testing.assert_allclose(read.values, np.log2(UNITS["tmm"] + 1), rtol=1e-5, atol=1e-5)


def test_a_stated_scale_that_the_values_show_but_for_their_total_is_refused_with_a_sample_and_a_cure() -> None:
    frame = pd.DataFrame(np.log2(UNITS["tpm"] * 5 + 1), columns=pd.Index(NAMES), index=list("abcdefg"))
    with pytest.raises(
        ScaleError, match=r"the genes of [a-g] add up to .*as you state; (scale each sample|leave out)"
    ) as refused:
        read_expression(frame, scale="log2_tpm")
    assert "seems to hold log2_tpm" not in str(refused.value)


@pytest.mark.parametrize("stated", [None, "log2_tpm"])
@pytest.mark.parametrize("decimals", [4, 15])
def test_tpm_with_half_the_minimum_for_zeros_is_not_called_counts(stated: str | None, decimals: int) -> None:
    tpm = UNITS["tpm"]
    half = np.array([np.where(row > 0, row, row[row > 0].min() / 2) for row in tpm])
    read = read_expression(pd.DataFrame(np.log2(half).round(decimals), columns=pd.Index(NAMES)), scale=stated)
    assert read.scale == ExpressionScale.LOG2_TPM
    np.testing.assert_allclose(read.values, np.log2(tpm + 1), atol=0.05)


@pytest.mark.parametrize("scale", ["log2_tpm", "log2_cpm"])
def test_z_scores_that_are_stated_as_a_logarithm_are_refused(scale: str) -> None:
    logs = np.log2(UNITS["tpm"] + 1)
    frame = pd.DataFrame((logs - logs.mean(axis=0)) / logs.std(axis=0).clip(0.1), columns=pd.Index(NAMES))
    with pytest.raises(ScaleError, match="are below 0"):
        read_expression(frame, scale=scale)
