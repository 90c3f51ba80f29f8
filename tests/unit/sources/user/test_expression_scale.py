from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError, TableError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.expression_scale import advice_on, guess_scale, in_order
from drugripple.sources.user.logarithm import Conversion, Logarithm
from drugripple.sources.user.unusable_scales import Unusable


def tpm(samples: int = 5, genes: int = 3001) -> np.ndarray:
    generator = np.random.default_rng(0)
    values = generator.lognormal(0, 2, (samples, genes))
    values[generator.random(values.shape) < 0.3] = 0
    return values / values.sum(axis=1, keepdims=True) * 1e6


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (tpm(), Unusable.LINEAR),
        (np.round(tpm()), Unusable.COUNTS),
        (np.log2(tpm() + 1), ExpressionScale.LOG2_TPM),
        (np.log2(tpm(genes=10_007) / 7 + 1), ExpressionScale.LOG2_FPKM),
        (np.log2(tpm() / 7 + 1), ExpressionScale.LOG2_SEQUENCING),
        (np.log2(tpm() + 0.001), ExpressionScale.LOG2_TPM),
        (np.full((3, 5), 2.0), Unusable.CONSTANT),
        (np.full((3, 5), np.nan), Unusable.UNKNOWN),
        (np.array([[-1000.5, 3.0, 1000.25]]), Unusable.UNKNOWN),
        (np.random.default_rng(1).normal(0, 1, (7, 503)), ExpressionScale.ROBUST_Z),
        (np.clip(np.random.default_rng(1).standard_t(1, (29, 503)), -10, 10), ExpressionScale.L1000_Z),
    ],
    ids=[
        "tpm",
        "counts",
        "log2 tpm",
        "log2 fpkm",
        "unit unknown",
        "xena",
        "constant",
        "nothing",
        "odd",
        "robust z",
        "level 5",
    ],
)
def test_made_up_values_are_recognised(values: np.ndarray, scale: object) -> None:
    guess = guess_scale(values)
    assert guess.scale == scale
    assert guess.usable == (not isinstance(scale, Unusable))
    assert bool(advice_on(guess)) == isinstance(scale, Unusable)


def test_a_few_missing_values_change_nothing() -> None:
    values = np.log2(tpm() + 1)
    values[0, 7] = np.nan
    assert guess_scale(values).scale == ExpressionScale.LOG2_TPM


COUNTS = np.random.default_rng(3).negative_binomial(1, 0.02, (11, 503))


@pytest.mark.parametrize("decimals", [3, 4, 6, 15])
@pytest.mark.parametrize("base", [2, np.e, 10])
def test_counts_behind_a_logarithm_are_counts(base: float, decimals: int) -> None:
    values = (np.log(COUNTS + 1) / np.log(base)).round(decimals).astype(np.float32)
    assert guess_scale(values).scale == Unusable.LOG_COUNTS


@pytest.mark.parametrize("decimals", [4, 15])
def test_counts_behind_an_arcsinh_are_counts(decimals: int) -> None:
    guess = guess_scale(np.arcsinh(COUNTS).round(decimals).astype(np.float32))
    assert guess.scale == Unusable.LOG_COUNTS
    assert "sinh(x) is a whole number everywhere" in guess.reason
    many = np.arcsinh(np.random.default_rng(0).integers(2_000, 60_000, (3, 400)))
    assert "sinh(x) is a whole number everywhere" in guess_scale(many.round(decimals + 3)).reason


@pytest.mark.parametrize("decimals", [2, 3, 4, 15])
def test_tpm_of_few_decimals_is_no_logarithm_of_counts(decimals: int) -> None:
    for values in (np.log2(tpm() + 1).round(decimals), np.log2(tpm().round(2) + 1)):
        assert guess_scale(values.astype(np.float32)).scale == ExpressionScale.LOG2_TPM


@pytest.mark.parametrize(("base", "conversion"), [(np.e, Logarithm(float(np.e), total=1e4)), (2, Conversion.NONE)])
def test_counts_that_were_scaled_by_sample_are_told_from_tpm(base: float, conversion: Conversion) -> None:
    scaled = COUNTS / COUNTS.sum(axis=1, keepdims=True) * (1e4 if base == np.e else 1e6)
    guess = guess_scale((np.log(scaled + 1) / np.log(base)).astype(np.float32))
    assert (guess.scale, guess.conversion) == (ExpressionScale.LOG2_CPM, conversion)


def test_natural_logarithm_is_told_by_what_all_genes_add_up_to() -> None:
    values = tpm(genes=10_007)
    guess = guess_scale(np.log1p(values)[:, :211], np.log1p(values))
    assert (guess.scale, guess.conversion) == (ExpressionScale.LOG2_TPM, Logarithm(float(np.e)))


@pytest.mark.parametrize(("base", "conversion"), [(float(np.e), Logarithm(float(np.e))), (10.0, Logarithm(10.0))])
def test_another_logarithm_is_believed_where_the_file_notes_it(base: float, conversion: Conversion) -> None:
    guess = guess_scale(np.log1p(tpm()[:, :211] / 3) / np.log(base), log_base=base)
    assert (guess.scale, guess.conversion) == (ExpressionScale.LOG2_SEQUENCING, conversion)


def test_a_few_genes_of_one_sample_that_happen_to_add_up_to_ten_thousand_tell_no_unit() -> None:
    values = tpm()[:2, :211]
    together = np.log2(values / values.sum(axis=1, keepdims=True) * 1e4 + 1)
    assert guess_scale(together).conversion == Logarithm(2.0, total=1e4)
    assert guess_scale(together[:1]).conversion == Conversion.NONE


def test_floor_of_vst_and_values_beyond_a_scanner_are_no_microarray() -> None:
    arrays = np.random.default_rng(0).uniform(2.5, 14, (5, 503)).round(3)
    assert guess_scale(arrays).scale == ExpressionScale.RMA
    with_floor = arrays.copy()
    with_floor[:, :3] = 2.1
    assert guess_scale(with_floor).scale == ExpressionScale.VST
    high = arrays.copy()
    high[0, 0] = 17.5
    assert guess_scale(high).scale == ExpressionScale.VST


@pytest.mark.parametrize("clip", [np.inf, 10.0])
def test_gene_wise_z_of_sparse_cells_is_no_z_of_samples(clip: float) -> None:
    cells = np.log1p(np.random.default_rng(0).poisson(0.3, (211, 97)))
    scaled = np.clip((cells - cells.mean(axis=0)) / cells.std(axis=0, ddof=1), -10, clip)
    assert guess_scale(scaled).scale == ExpressionScale.GENE_Z


@pytest.mark.shared
def test_real_matrices_are_recognised(shared_data: Path) -> None:
    import pandas as pd

    def numbers(name: str) -> np.ndarray:
        return pd.read_parquet(shared_data / name).select_dtypes("number").to_numpy(np.float32)[::8]

    rma = numbers("gdsc/expression.parquet")
    median = np.median(rma, axis=0)
    robust = (rma - median) / (1.4826 * np.maximum(np.median(np.abs(rma - median), axis=0), 0.1))
    sample_z = (rma - rma.mean(axis=1, keepdims=True)) / rma.std(axis=1, keepdims=True)
    for values, scale in (
        (rma, ExpressionScale.RMA),
        (rma[:1], ExpressionScale.RMA),
        (np.exp2(rma), Unusable.LINEAR),
        (np.round(np.exp2(rma)), Unusable.COUNTS),
        (robust, ExpressionScale.ROBUST_Z),
        (robust[:1], ExpressionScale.ROBUST_Z),
        (sample_z, ExpressionScale.SAMPLE_Z),
        (sample_z[:1], ExpressionScale.SAMPLE_Z),
        (numbers("nci60/expression.parquet"), ExpressionScale.RMA),
        (numbers("l1000/perturbed.parquet"), ExpressionScale.L1000_LOG2),
        (numbers("l1000/level5_modz.parquet"), ExpressionScale.L1000_Z),
    ):
        assert guess_scale(values).scale == scale


def linear(samples: int = 4) -> pd.DataFrame:
    """TPM of landmark genes, none of it whole numbers."""
    genes = SymbolMap.landmarks().space.symbols[:300]
    values = np.exp(np.random.default_rng(3).normal(2, 2, (samples, len(genes))))
    return pd.DataFrame(values, [f"s{i}" for i in range(samples)], genes).rename_axis("sample")


def test_linear_values_are_read_where_only_their_order_counts():
    found = read_expression(linear(), by_order=True)
    np.testing.assert_allclose(found.values, np.log2(linear().to_numpy() + 1), rtol=1e-5)
    assert found.scale == ExpressionScale.LOG2_SEQUENCING
    assert any("linear TPM, FPKM or intensities, of which the order of genes counts" in note for note in found.notes)
    with pytest.raises(ScaleError, match=r"linear TPM.*`--scale tpm`.*default model"):
        read_expression(linear())


def test_what_does_not_hold_the_order_of_genes_is_refused_where_it_counts():
    counts = linear().round()
    with pytest.raises(ScaleError, match="raw counts"):
        read_expression(counts, by_order=True)
    logarithms = np.log2(linear() + 1)
    mixed = pd.concat([linear(), logarithms.rename(index=lambda name: f"log {name}")])
    with pytest.raises(ScaleError, match=r"4 samples hold .*, the others"):
        read_expression(mixed, by_order=True)
    logarithms.iloc[0, 0] = 1e6
    with pytest.raises(TableError, match="1 value lies far from all others"):
        read_expression(logarithms, by_order=True)


@pytest.mark.parametrize("most", [1, 3, 16])
def test_small_whole_numbers_are_not_called_raw_counts(most):
    classes = np.random.default_rng(0).integers(0, most + 1, (6, 40)).astype(float)
    assert guess_scale(classes).scale is Unusable.FEW_NUMBERS
    assert guess_scale(classes * 100).scale is Unusable.COUNTS


@pytest.mark.parametrize("samples", [1, 12])
@pytest.mark.parametrize("decimals", [3, 6])
@pytest.mark.parametrize("to", ["size factors", "a million"])
def test_counts_that_were_scaled_by_sample_are_named_and_read_by_their_order(samples, decimals, to):
    draws = np.random.default_rng(3)
    counts = np.floor(np.exp(draws.normal(4, 2, (samples, 900))))
    size = draws.uniform(0.5, 1.8, (samples, 1)) if to == "size factors" else counts.sum(axis=1, keepdims=True) / 1e6
    found = guess_scale((counts / size).round(decimals))
    assert found.scale == Unusable.SCALED_COUNTS
    assert in_order(found).scale == ExpressionScale.LOG2_CPM


@pytest.mark.parametrize("samples", [1, 12])
@pytest.mark.parametrize("decimals", [1, 2, 4])
def test_rounded_tpm_is_no_scaled_counts(samples, decimals):
    draws = np.random.default_rng(4)
    level = np.exp(draws.normal(2, 2, (samples, 900)))
    assert guess_scale(level.round(decimals)).scale == Unusable.LINEAR
