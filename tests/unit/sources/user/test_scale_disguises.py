"""One set of samples in every scale that people give: read as it is, or refused, never taken for another."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError, TableError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.stated_scale import StatedScale

LANDMARKS = SymbolMap.landmarks()
GENES = 10_007
GENERATOR = np.random.default_rng(0)
LENGTHS = GENERATOR.integers(300, 9000, GENES).astype(float)
RATES = GENERATOR.lognormal(0, 2, (13, GENES)) * (GENERATOR.random((13, GENES)) < 0.7) * LENGTHS
COUNTS = GENERATOR.poisson(RATES / RATES.sum(axis=1, keepdims=True) * GENERATOR.uniform(1e7, 4e7, (13, 1))).astype(
    float
)
PER_BASE = COUNTS / LENGTHS
TPM = PER_BASE / PER_BASE.sum(axis=1, keepdims=True) * 1e6
NAMES = [*LANDMARKS.space.symbols, *(f"OTHER{i}" for i in range(GENES - 978))]
ALL = np.log2(TPM + 1)
EXPRESSED = np.r_[np.flatnonzero((COUNTS[:, :978] > 0).all(axis=0))[:40], 978:GENES]
TRUTH = np.log2(TPM + 1)[:, :978]


def table(values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, index=pd.Index([f"L-{i}" for i in range(13)]), columns=pd.Index(NAMES))


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.log2(TPM + 1), None),
        (np.log(TPM + 1), None),
        (np.log2(TPM + 0.001), None),
        (TPM, StatedScale.TPM),
        (np.log(TPM + 1), StatedScale.LN_TPM),
        (np.log2(TPM + 0.001), StatedScale.LOG2_TPM_FLOOR),
        (np.log2(TPM + 1), ExpressionScale.LOG2_TPM),
    ],
    ids=["log2", "ln", "xena", "stated tpm", "stated ln", "stated floor", "stated log2"],
)
def test_tpm_in_disguise_is_read_as_log2_tpm(values: np.ndarray, scale: StatedScale | ExpressionScale | None) -> None:
    read = read_expression(table(values), wanted=LANDMARKS.space, scale=scale)
    assert read.scale == ExpressionScale.LOG2_TPM
    np.testing.assert_allclose(read.values, TRUTH, atol=2e-4)
    assert any("taken from" in note for note in read.notes) == (not np.allclose(values, np.log2(TPM + 1)))


@pytest.mark.parametrize("log", [np.log2, np.log10, np.log], ids=["log2", "log10", "ln"])
@pytest.mark.parametrize("total", [1e4, 1e6])
def test_the_base_of_a_logarithm_is_told_by_what_samples_add_up_to(log, total: float) -> None:
    parts = COUNTS / COUNTS.sum(axis=1, keepdims=True)
    read = read_expression(table(log(parts * total + 1)), wanted=LANDMARKS.space)
    np.testing.assert_allclose(read.values, np.log2(parts[:, :978] * 1e6 + 1), atol=1e-3)
    assert read.scale == ExpressionScale.LOG2_CPM


def test_log10_of_tpm_is_no_log10_of_cpm() -> None:
    read = read_expression(table(np.log10(TPM + 1)), wanted=LANDMARKS.space)
    assert read.scale == ExpressionScale.LOG2_TPM
    np.testing.assert_allclose(read.values, TRUTH, atol=2e-4)


@pytest.mark.parametrize("log", [np.log2, np.log10, np.log], ids=["log2", "log10", "ln"])
@pytest.mark.parametrize("power", [1, 2, 3])
def test_what_was_added_before_a_logarithm_of_any_base_is_taken_away(log, power: int) -> None:
    read = read_expression(table(log(TPM + 10.0**-power)), wanted=LANDMARKS.space)
    assert read.scale == ExpressionScale.LOG2_TPM
    np.testing.assert_allclose(read.values, TRUTH, atol=2e-3)


LIBRARY = COUNTS.sum(axis=1, keepdims=True)
PRIOR = 2 * LIBRARY / LIBRARY.mean()


@pytest.mark.parametrize(
    "values",
    [np.log2((COUNTS + 0.5) / (LIBRARY + 1) * 1e6), np.log2((COUNTS + PRIOR) / (LIBRARY + 2 * PRIOR) * 1e6)],
    ids=["voom", "edgeR"],
)
def test_log_cpm_with_a_little_added_is_no_tpm(values: np.ndarray) -> None:
    read = read_expression(table(values), wanted=LANDMARKS.space)
    assert read.scale == ExpressionScale.LOG2_CPM
    cpm = COUNTS / LIBRARY * 1e6
    np.testing.assert_allclose(read.values, np.log2(cpm + 1)[:, :978], atol=0.1)


@pytest.mark.parametrize("power", [1, 2, 3, 5])
def test_few_zeros_at_the_logarithm_of_a_power_of_ten_tell_what_was_added(power: int) -> None:
    """Of genes that nearly all samples express, far fewer than one value in a hundred is a zero."""
    part = TPM[:, EXPRESSED][:, :400].clip(min=0.3)
    part[[0, 4, 7], [3, 1, 2]] = 0
    frame = pd.DataFrame(np.log2(part + 10.0**-power), columns=pd.Index([NAMES[i] for i in EXPRESSED[:400]])).round(4)
    read = read_expression(frame)
    np.testing.assert_allclose(read.values, np.log2(part + 1), atol=1e-3)
    assert any("taken from" in note for note in read.notes)


def test_silent_genes_beside_a_panel_of_expressed_ones_tell_sequencing() -> None:
    """40 landmark genes without a zero look like a microarray; what all genes add up to does not."""
    part = TPM[:, EXPRESSED] / TPM[:, EXPRESSED].sum(axis=1, keepdims=True) * 1e6
    frame = pd.DataFrame(np.log2(part + 1), columns=pd.Index([NAMES[i] for i in EXPRESSED]))
    assert read_expression(frame, wanted=LANDMARKS.space).scale == ExpressionScale.LOG2_TPM


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.log2(COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e6 + 1), ExpressionScale.LOG2_CPM),
        (ALL + GENERATOR.normal(0, 4, GENES), ExpressionScale.SAMPLE_Z),
    ],
    ids=["cpm", "sample z"],
)
@pytest.mark.parametrize("samples", [2, 13])
def test_a_scale_is_told_by_all_genes_where_few_expressed_ones_are_known(
    values: np.ndarray, scale: ExpressionScale, samples: int
) -> None:
    """Nothing is silent among the known ones, so that their values alone look like another scale."""
    frame = pd.DataFrame(values[:samples, EXPRESSED], columns=pd.Index([NAMES[i] for i in EXPRESSED]))
    if scale == ExpressionScale.SAMPLE_Z:  # scaled over the genes that the file has
        frame = frame.sub(frame.mean(axis=1), axis=0).div(frame.std(axis=1, ddof=0), axis=0)
    assert read_expression(frame, wanted=LANDMARKS.space).scale == scale


def test_counts_beside_gene_lengths_become_tpm(tmp_path: Path) -> None:
    frame = table(COUNTS).T
    frame.insert(0, "Length", LENGTHS)
    frame.to_csv(tmp_path / "featureCounts.txt", sep="\t")
    read = read_expression(tmp_path / "featureCounts.txt", wanted=LANDMARKS.space)
    assert read.scale == ExpressionScale.LOG2_TPM
    np.testing.assert_allclose(read.values, TRUTH, atol=1e-4)
    data = anndata.AnnData(table(COUNTS), var=pd.DataFrame({"gene_length": LENGTHS}, index=NAMES))
    np.testing.assert_allclose(read_expression(data, wanted=LANDMARKS.space).values, TRUTH, atol=1e-4)
    scaled = table((COUNTS / np.linspace(0.7, 1.4, len(COUNTS))[:, None]).round(4)).T  # by size factors
    scaled.insert(0, "Length", LENGTHS)
    np.testing.assert_allclose(read_expression(scaled, wanted=LANDMARKS.space).values, TRUTH, atol=1e-3)
    few = table(np.minimum(COUNTS, 9)).T  # of a shallow run
    few.insert(0, "Length", LENGTHS)
    assert read_expression(few, wanted=LANDMARKS.space).scale == ExpressionScale.LOG2_TPM


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (COUNTS, "raw counts"),
        (np.log2(COUNTS + 1), "the logarithm of raw counts"),
        (np.log1p(COUNTS), "the logarithm of raw counts"),
        (TPM, "linear TPM"),
    ],
    ids=["counts", "log2 counts", "ln counts", "tpm"],
)
def test_what_cannot_be_read_is_refused_by_its_name(values: np.ndarray, told: str) -> None:
    with pytest.raises(ScaleError, match=f"the data frame: it seems to hold {told}"):
        read_expression(table(values), wanted=LANDMARKS.space)


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.log2(TPM / 3 + 1), ExpressionScale.LOG2_FPKM),
        ((TRUTH - TRUTH.mean(axis=0)) / TRUTH.std(axis=0).clip(0.01), ExpressionScale.GENE_Z),
        (np.log2(COUNTS / COUNTS.sum(axis=1, keepdims=True) * 2e7 + 4), ExpressionScale.VST),
        (np.log1p(COUNTS / COUNTS.sum(axis=1, keepdims=True) * 1e4), ExpressionScale.LOG2_CPM),
    ],
    ids=["fpkm", "gene z", "vst-like", "scanpy"],
)
def test_another_scale_keeps_its_own_name(values: np.ndarray, scale: ExpressionScale) -> None:
    names = NAMES[: values.shape[1]]
    read = read_expression(table(values) if len(names) == GENES else pd.DataFrame(values, columns=pd.Index(names)))
    assert read.scale == scale


@pytest.mark.parametrize(
    ("values", "scale", "told"),
    [
        (COUNTS, ExpressionScale.LOG2_TPM, "are no logarithms"),
        (np.log2(TPM + 1), ExpressionScale.ROBUST_Z, "no value is below 0"),
        (np.log2(TPM + 0.001), ExpressionScale.LOG2_TPM, "are below 0"),
        (np.log2(TPM + 0.001), StatedScale.TPM, "are below 0"),
        (np.minimum(COUNTS * 1.013, 9e5), StatedScale.TPM, "not to a million"),
        (np.log2(COUNTS * 1.013 + 1), StatedScale.LOG2_TPM, "not to a million"),
        (np.log(COUNTS * 3.013 + 1), StatedScale.LN_CPM, "not to a million"),
    ],
)
def test_a_stated_scale_that_the_values_contradict_is_refused(
    values: np.ndarray, scale: StatedScale | ExpressionScale, told: str
) -> None:
    with pytest.raises(ScaleError, match=f"{told}.*expected {scale}, as you state"):
        read_expression(table(values), wanted=LANDMARKS.space, scale=scale)


@pytest.mark.parametrize("absurd", [np.nan, 1e30, np.inf])
def test_a_sample_of_log_cpm_that_holds_nothing_or_too_much_costs_no_warning(absurd: float) -> None:
    values = np.log2((COUNTS + 0.5) / (LIBRARY + 1) * 1e6)
    values[3] = absurd
    with pytest.raises((ScaleError, TableError), match="L-3"):
        read_expression(table(values), wanted=LANDMARKS.space)


def test_counts_that_are_stated_as_tpm_are_to_be_converted_not_stated_again() -> None:
    with pytest.raises(ScaleError, match=r"as you state; convert counts to TPM \(divide by gene length"):
        read_expression(table(np.minimum(COUNTS * 1.013, 9e5)), wanted=LANDMARKS.space, scale="tpm")


def test_z_scores_are_read_with_a_word_about_the_raw_part(tmp_path: Path) -> None:
    logs = table(np.log2(TPM + 1)).iloc[:, :211]
    data = anndata.AnnData(((logs - logs.mean()) / logs.std().clip(lower=0.01)).astype(np.float32))
    data.raw = anndata.AnnData(logs)
    data.write_h5ad(tmp_path / "x.h5ad")
    for source in (data, tmp_path / "x.h5ad"):
        read = read_expression(source)
        assert read.scale == ExpressionScale.GENE_Z
        assert "the file also holds raw" in read.notes[-1]
        np.testing.assert_allclose(read_expression(source, layer="raw").values, logs, rtol=1e-6)


LEVELS = GENERATOR.lognormal(4, 2, GENES) * GENERATOR.lognormal(0, 0.5, (13, GENES))
BULK = GENERATOR.poisson(LEVELS).astype(float)
"""Counts of samples that express much the same genes."""
LIBRARIES = GENERATOR.uniform(0.6, 1.7, (13, 1)) * BULK.sum(axis=1, keepdims=True)
SIZES = LIBRARIES / LIBRARIES.mean()
PARTS = GENERATOR.uniform(0.01, 0.99, BULK.shape).round(2) * (GENERATOR.random(BULK.shape) < 0.3)
ESTIMATED = BULK + PARTS * (BULK > 0)


def kept(values: np.ndarray, genes: np.ndarray) -> pd.DataFrame:
    return table(values).loc[:, genes]


@pytest.mark.parametrize("least", [10, 50])
@pytest.mark.parametrize("decimals", [2, 6, 12])
def test_counts_divided_by_size_factors_are_known_where_low_ones_were_filtered_out(least: int, decimals: int) -> None:
    """The least count of a sample is no 1 then, and the others are no multiples of it."""
    expressed = kept(np.round(BULK / SIZES, decimals), BULK.min(axis=0) >= least)
    with pytest.raises(ScaleError, match="counts that were divided by size factors"):
        read_expression(expressed)
    assert read_expression(expressed, by_order=True).scale == ExpressionScale.LOG2_CPM


@pytest.mark.parametrize("fewest", [0, 1, 5])
def test_voom_without_its_lowest_genes_is_log_cpm(fewest: int) -> None:
    voom = np.log2((BULK + 0.5) / (LIBRARIES + 1) * 1e6)
    read = read_expression(kept(voom, np.median(BULK, axis=0) > fewest))
    assert read.scale == ExpressionScale.LOG2_CPM


@pytest.mark.parametrize(("values", "told"), [(ESTIMATED, "raw counts"), (np.log2(ESTIMATED + 1), "logarithm of raw")])
def test_counts_that_a_program_estimated_are_counts(values: np.ndarray, told: str) -> None:
    """RSEM and salmon divide reads between transcripts; most of theirs are whole nevertheless."""
    for by_order in (False, True):
        with pytest.raises(ScaleError, match=told):
            read_expression(table(values), by_order=by_order)


def test_estimated_counts_beside_gene_lengths_become_tpm(tmp_path: Path) -> None:
    beside = table(ESTIMATED).T
    beside.insert(0, "Length", LENGTHS)
    beside.to_csv(tmp_path / "x.tsv", sep="\t")
    rates = ESTIMATED / LENGTHS
    tpm = rates / rates.sum(axis=1, keepdims=True) * 1e6
    read = read_expression(tmp_path / "x.tsv", wanted=LANDMARKS.space)
    np.testing.assert_allclose(read.values, np.log2(tpm + 1)[:, :978], atol=2e-4)


def test_tpm_without_decimals_is_not_divided_by_gene_lengths_again(tmp_path: Path) -> None:
    beside = table(TPM.round()).T
    beside.insert(0, "Length", LENGTHS)
    beside.to_csv(tmp_path / "x.csv")
    read = read_expression(tmp_path / "x.csv", wanted=LANDMARKS.space, by_order=True)
    np.testing.assert_allclose(read.values, np.log2(TPM.round() + 1)[:, :978], atol=2e-4)


@pytest.mark.parametrize("digits", [2, 3, 4, 6])
def test_tpm_of_few_digits_is_no_counts(digits: int) -> None:
    written = np.vectorize(lambda value: float(f"{value:.{digits}g}"))(TPM[:4])
    read = read_expression(table(TPM).iloc[:4] * 0 + written, by_order=True)
    assert any("linear TPM, FPKM or intensities" in note for note in read.notes)
