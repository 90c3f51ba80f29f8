"""Numbers about genes are no sample, whatever stands above them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import examine_expression, read_expression

LANDMARKS = SymbolMap.landmarks()
GENES = LANDMARKS.space.symbols[:60]
LINES = ["A375", "HT29", "K562", "MCF7", "PC3"]
RANDOM = np.random.default_rng(7)
LEVEL = RANDOM.uniform(3, 12, size=(60, 1))
TABLE = pd.DataFrame((LEVEL + RANDOM.normal(0, 0.3, (60, 5))).round(4), index=pd.Index(GENES), columns=LINES)
POSITIONS = RANDOM.permutation(60) + 1.5


@pytest.mark.parametrize(
    "header",
    [
        *("mean", "sd", "variance", "baseMean", "AveExpr", "NumProbes", "qval", "log2FoldChange", "median", "MAD", "n"),
        *("cluster", "HGNC", "start_position", "end_position", "transcript_count", "row", "num", "rank", "adj.P.Val"),
    ],
)
@pytest.mark.parametrize("place", [0, 5])
def test_what_programs_compute_per_gene_is_set_aside_and_said(tmp_path: Path, header: str, place: int) -> None:
    table = TABLE.copy()
    table.insert(place, header, POSITIONS)
    table.to_csv(tmp_path / "x.csv")
    found = examine_expression(tmp_path / "x.csv", symbols=LANDMARKS)
    assert found.layout.samples.names == tuple(LINES)
    np.testing.assert_array_equal(found.layout.values, TABLE.to_numpy().T.astype(np.float32))
    assert f"1 column describes genes and is no sample: ['{header}']" in [one.text for one in found.findings()]


def test_a_frame_and_parquet_lose_the_same_columns(tmp_path: Path) -> None:
    table = TABLE.assign(mean=POSITIONS, rank=POSITIONS)[["mean", *LINES, "rank"]]
    table.to_parquet(tmp_path / "x.parquet")
    for source in (table, tmp_path / "x.parquet"):
        assert read_expression(source, symbols=LANDMARKS).samples == tuple(LINES)


def test_a_table_of_statistics_alone_is_refused() -> None:
    table = pd.DataFrame({"mean": POSITIONS, "sd": POSITIONS}, index=pd.Index(GENES))
    with pytest.raises(DrugrippleError, match=r"all its numbers describe genes.*\['mean', 'sd'\]"):
        read_expression(table, symbols=LANDMARKS)


@pytest.mark.parametrize(
    "numbers", [POSITIONS % 13, 14 - LEVEL[:, 0], np.full(60, 5.5)], ids=["other", "turned", "one"]
)
def test_a_column_unlike_all_samples_is_refused_by_name(numbers: np.ndarray) -> None:
    with pytest.raises(DrugrippleError, match=r"1 column is unlike all other samples.*\['weight'\]; delete"):
        read_expression(TABLE.assign(weight=numbers), symbols=LANDMARKS)


def test_samples_that_agree_little_are_left_alone() -> None:
    scores = pd.DataFrame(RANDOM.normal(0, 1, (60, 6)), index=pd.Index(GENES), columns=[*LINES, "N"])
    assert len(read_expression(scores, symbols=LANDMARKS).samples) == 6
    assert read_expression(TABLE[LINES[:3]].assign(N=POSITIONS % 13), symbols=LANDMARKS).samples[-1] == "N"


@pytest.mark.parametrize(
    "name",
    [
        *("{}.Detection Pval", "{}_DETECTION P-VALUE", "Detection-{}", "{}.BEAD_STDERR", "{}.Avg_NBEADS", "length.{}"),
        *("{}.P.Value", "{} p-val"),
    ],
)
def test_how_sure_each_sample_is_is_no_further_sample(tmp_path: Path, name: str) -> None:
    pairs = {
        column: numbers
        for line in LINES
        for column, numbers in ((f"{line}.AVG_Signal", TABLE[line]), (name.format(line), RANDOM.uniform(size=60)))
    }
    pd.DataFrame(pairs, index=pd.Index(GENES)).to_csv(tmp_path / "x.txt", sep="\t")
    found = examine_expression(tmp_path / "x.txt", symbols=LANDMARKS)
    assert found.layout.samples.names == tuple(f"{line}.AVG_Signal" for line in LINES)
    assert "5 columns describe genes and are no samples" in " ".join(one.text for one in found.findings())


@pytest.mark.parametrize(
    "columns",
    [
        ("length", "effective_length", "expected_count", "TPM", "FPKM"),
        ("Length", "EffectiveLength", "TPM", "NumReads"),
        ("length", "eff_length", "est_counts", "tpm"),
        ("unstranded", "stranded_first", "stranded_second", "tpm_unstranded", "fpkm_uq_unstranded"),
        ("abundance.A375", "abundance.HT29", "counts.A375", "counts.HT29", "length.A375", "length.HT29"),
    ],
    ids=["RSEM", "salmon", "kallisto", "GDC", "tximport"],
)
def test_several_quantities_of_one_sample_are_no_samples(columns: tuple[str, ...]) -> None:
    table = pd.DataFrame({name: RANDOM.uniform(1, 900, 60) for name in columns}, index=pd.Index(GENES))
    with pytest.raises(DrugrippleError, match=r"several quantities of a sample.*keep one quantity"):
        read_expression(table, symbols=LANDMARKS, scale="tpm")


def test_one_quantity_of_each_sample_is_one_sample_each() -> None:
    table = TABLE.rename(columns=lambda line: f"{line}_TPM")
    assert read_expression(table, symbols=LANDMARKS).samples == tuple(f"{line}_TPM" for line in LINES)


@pytest.mark.parametrize(
    "columns", [("logFC", "AveExpr", "t", "P.Value", "adj.P.Val", "B"), ("logFC", "logCPM", "F", "LR", "PValue", "FDR")]
)
def test_a_table_of_tests_holds_no_sample(columns: tuple[str, ...]) -> None:
    table = pd.DataFrame({name: RANDOM.uniform(-1, 1, 60) for name in columns}, index=pd.Index(GENES))
    with pytest.raises(DrugrippleError, match="all its numbers describe genes"):
        read_expression(table, symbols=LANDMARKS)
    assert read_expression(TABLE.assign(B=TABLE["PC3"], t=TABLE["K562"]), symbols=LANDMARKS).samples[-2:] == ("B", "t")


@pytest.mark.parametrize(
    "samples",
    [
        [f"{kind}_{i}" for kind in ("Detection", "Validation") for i in range(3)],
        ["call-1", "P-call", "length 3"],
        ["S0_count", "S1_counts", "S2_count"],
        ["low abundance", "count dracula", "third"],
    ],
)
def test_words_of_quantities_in_the_names_of_samples_lose_none(samples: list[str]) -> None:
    values = np.hstack([TABLE.to_numpy()] * 2)[:, : len(samples)]
    shown = pd.DataFrame(values, index=TABLE.index, columns=samples).rename_axis("gene").reset_index()
    assert read_expression(shown).samples == tuple(samples)


@pytest.mark.parametrize("of_group", ["Mean_A", "average of all lines", "median (n=3)", "AVG"])
def test_averages_of_samples_under_names_of_their_own_are_set_aside(tmp_path: Path, of_group: str) -> None:
    table = TABLE.copy()
    table[of_group] = TABLE.iloc[:, :3].mean(axis=1).round(2)
    table.to_csv(tmp_path / "x.csv")
    table.T.to_csv(tmp_path / "rows.csv")
    for name in ("x.csv", "rows.csv"):
        found = read_expression(tmp_path / name)
        assert found.samples == tuple(LINES)
        assert any(of_group in note for note in found.notes)


def test_samples_that_are_averages_of_replicates_are_samples(tmp_path: Path) -> None:
    TABLE.add_prefix("mean_").to_csv(tmp_path / "x.csv")
    assert read_expression(tmp_path / "x.csv").samples == tuple(f"mean_{line}" for line in LINES)
    other = TABLE.copy()
    other["Mean-01"] = (LEVEL[:, 0] + RANDOM.normal(0, 1, 60)).round(4)
    other.to_csv(tmp_path / "x.csv")
    assert read_expression(tmp_path / "x.csv").samples == (*LINES, "Mean-01")
