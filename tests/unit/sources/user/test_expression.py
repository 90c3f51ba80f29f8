"""One small matrix, 3 samples x 4 landmark genes, in every form that users send it."""

from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from drugripple.data.tables import ExpressionScale
from drugripple.errors import GeneSpaceError, ScaleError, SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import examine_expression, read_expression
from drugripple.sources.user.expression_layout import Orientation

LANDMARKS = SymbolMap.landmarks()
SYMBOLS = ("TP53", "CEMIP2", "GFUS", "MYC")
OLD = ("TP53", "TMEM2", "tsta3", "MYC ")
ENTREZ = ("7157", "23670", "7264", "4609")
ENSEMBL = ("ENSG00000141510.18", "ENSG00000135048.1", "ENSG00000104522.3", "ENSG00000136997.9")
SAMPLES = ("A375", "0012", "patient 3")
VALUES = np.array([[2.5, 3.25, 7.0, 9.5], [4.0, 5.5, 6.125, 8.0], [2.0, 10.5, 3.75, 12.25]], dtype=np.float32)


def frame(genes: tuple[str, ...] = SYMBOLS, values: np.ndarray = VALUES) -> pd.DataFrame:
    return pd.DataFrame(values, index=pd.Index(SAMPLES), columns=pd.Index(genes))


def check(source: Path | pd.DataFrame | anndata.AnnData) -> Orientation:
    table = read_expression(source, symbols=LANDMARKS, wanted=LANDMARKS.space)
    assert table.samples == SAMPLES
    assert table.scale == ExpressionScale.RMA
    assert set(table.genes.symbols) == set(SYMBOLS)
    order = [SYMBOLS.index(symbol) for symbol in table.genes.symbols]
    np.testing.assert_array_equal(table.values, VALUES[:, order])
    return examine_expression(source, symbols=LANDMARKS, wanted=LANDMARKS.space).layout.orientation


@pytest.mark.parametrize("genes", [SYMBOLS, OLD, ENTREZ, ENSEMBL], ids=["symbols", "old", "entrez", "ensembl"])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv", "x.txt.gz", "x.parquet", "x.h5ad"])
@pytest.mark.parametrize("flipped", [False, True], ids=["samples in rows", "genes in rows"])
def test_every_form_gives_the_same_table(tmp_path: Path, genes: tuple[str, ...], name: str, flipped: bool) -> None:
    table, path = frame(genes), tmp_path / name
    table = table.T if flipped else table
    if name.endswith("parquet"):
        table.to_parquet(path)
    elif name.endswith("h5ad"):
        anndata.AnnData(table).write_h5ad(path)
    else:
        table.to_csv(path, sep="," if "csv" in name else "\t")
    expected = Orientation.GENES_IN_ROWS if flipped else Orientation.GENES_IN_COLUMNS
    assert check(path) == expected


@pytest.mark.parametrize("flipped", [False, True], ids=["samples in rows", "genes in rows"])
def test_tables_in_memory_are_read_as_files_are(tmp_path: Path, flipped: bool) -> None:
    table = frame().T if flipped else frame()
    table.to_csv(tmp_path / "x.csv")
    expected = Orientation.GENES_IN_ROWS if flipped else Orientation.GENES_IN_COLUMNS
    for source in (table, table.reset_index(names="name"), anndata.AnnData(table), str(tmp_path / "x.csv")):
        assert check(source) == expected


def test_something_else_is_refused_by_its_type() -> None:
    with pytest.raises(SourceError, match="expression was given as list; expected a path, a DataFrame or an AnnData"):
        read_expression([1.0])  # type: ignore[arg-type]


def r_style(table: pd.DataFrame) -> str:
    return table.to_csv(sep="\t").lstrip("\t")


def european(table: pd.DataFrame) -> str:
    return table.to_csv(sep=";", decimal=",")


def with_annotation(table: pd.DataFrame) -> str:
    flipped = table.T
    flipped.insert(0, "Length", [1500, 900, 1200, 2000])
    flipped.insert(0, "description", ["tumour protein", "", "a; b", "oncogene"])
    flipped.insert(0, "symbol", list(SYMBOLS))
    return flipped.set_axis([f"probe_{i}" for i in range(4)]).to_csv()


def with_metadata(table: pd.DataFrame) -> str:
    return table.assign(tissue=["skin", "lung", "skin"], age=[61, 47, 70]).to_csv()


@pytest.mark.parametrize(
    "write",
    [
        r_style,
        european,
        with_annotation,
        with_metadata,
        lambda table: "\ufeff" + table.to_csv(),
        lambda table: table.to_csv(lineterminator="\r\n"),
        lambda table: table.to_csv(quoting=1),
        lambda table: "".join(f"{line},\n" for line in table.to_csv().splitlines()),
        lambda table: table.set_axis([f"{s} ({e})" for s, e in zip(SYMBOLS, ENTREZ, strict=True)], axis=1).to_csv(),
        lambda table: table.set_axis([float(e) for e in ENTREZ], axis=1).to_csv(),
    ],
    ids=["R", "semicolon", "annotation", "metadata", "BOM", "CRLF", "quoted", "trailing comma", "DepMap", "float ids"],
)
def test_habits_of_other_programs_are_understood(tmp_path: Path, write: Callable[[pd.DataFrame], str]) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(write(frame()).encode())
    check(path)


def test_sparse_h5ad_with_ensembl_ids_in_a_column_is_read(tmp_path: Path) -> None:
    data = anndata.AnnData(sp.csr_matrix(VALUES), obs=pd.DataFrame(index=list(SAMPLES)))
    data.var = pd.DataFrame({"gene_ids": list(ENSEMBL)}, index=["a", "b", "c", "d"])
    data.write_h5ad(tmp_path / "x.h5ad")
    check(tmp_path / "x.h5ad")


def test_genes_come_in_the_order_wanted_and_the_rest_is_named(tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "x.csv")
    user = read_expression(tmp_path / "x.csv", symbols=LANDMARKS, wanted=GeneSpace(("MYC", "EGFR", "TP53")))
    assert user.genes.symbols == ("MYC", "TP53")
    np.testing.assert_array_equal(user.values, VALUES[:, [3, 0]])


def test_without_a_wish_every_gene_stays_under_its_current_or_own_name(tmp_path: Path) -> None:
    frame(("TP53", "TMEM2", "NOVEL1", "1-Mar")).to_csv(tmp_path / "x.csv")
    user = read_expression(tmp_path / "x.csv", symbols=LANDMARKS)
    assert user.genes.symbols == ("TP53", "CEMIP2", "NOVEL1")
    assert (
        "a spreadsheet turned 1 gene name into a date; it is left out: ['1-Mar (MARCHF1 or MTARC1)']" in user.notes[0]
    )


def test_wanted_gene_beyond_the_map_is_found_by_its_own_name(tmp_path: Path) -> None:
    frame(("TP53", "BRAF", "KRAS", "MYC")).to_csv(tmp_path / "x.csv")
    user = read_expression(tmp_path / "x.csv", symbols=LANDMARKS, wanted=GeneSpace(("KRAS", "BRAF", "TP53")))
    assert user.genes.symbols == ("KRAS", "BRAF", "TP53")


def test_samples_are_named_by_the_column_that_tells_them_apart(tmp_path: Path) -> None:
    table = frame().reset_index(names="sample")
    table.insert(0, "tissue", ["skin", "lung", "skin"])
    table.to_csv(tmp_path / "x.csv", index=False)
    check(tmp_path / "x.csv")


def test_genes_on_both_sides_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("x,TP53,MYC\nEGFR,2.5,3.5\nCD44,4.5,5.5\n")
    with pytest.raises(SourceError, match=r"rows and columns both look like genes .2 known on each side"):
        read_expression(tmp_path / "x.csv", symbols=LANDMARKS)


def test_samples_without_names_are_numbered(tmp_path: Path) -> None:
    frame().reset_index(drop=True).to_parquet(tmp_path / "x.parquet")
    user = read_expression(tmp_path / "x.parquet", symbols=LANDMARKS)
    assert user.samples == ("sample 1", "sample 2", "sample 3")


def changed(row: int, column: int, value: object) -> pd.DataFrame:
    table = frame().astype(object)
    table.iloc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (changed(1, 2, "high"), TableError, "1 value is not a number .first: 'high' for sample '0012', gene 'GFUS'"),
        (changed(1, 2, np.nan), TableError, r"1 value is missing in 1 of 4 genes \['GFUS'\] .first: sample '0012'"),
        (
            changed(2, 0, -np.inf),
            TableError,
            r"1 value is infinite in 1 of 4 genes .'TP53'. .first: sample 'patient 3', gene 'TP53'.*log2.x \+ 1",
        ),
        (
            frame(("TP53", "TMEM2", "MYC", "4609")).iloc[:, [0, 2, 2]],
            GeneSpaceError,
            r"1 gene appears more than once: \['MYC",
        ),
        (frame(("TP53", "WRB", "ENSG00000182093", "MYC")), GeneSpaceError, r"\['GET1 \(WRB, ENSG00000182093\)'\]"),
        (frame().iloc[[0, 1, 0]], TableError, r"1 sample appears more than once: \['A375'\]"),
        (frame().rename(index={"0012": ""}), TableError, r"1 sample has no name \(numbers \['2'\]\)"),
        (frame(("Trp53", "Myc1", "Xist1", "Aaa")), GeneSpaceError, "no gene is known, neither among the rows"),
        (frame(tuple(f"ENSMUSG0000000000{i}" for i in range(4))), GeneSpaceError, "these are mouse or rat genes"),
        (np.round(2 ** frame()), ScaleError, r"seems to hold raw counts .*convert counts to TPM .*log2\(x \+ 1\)"),
        (2 ** frame(), ScaleError, r"seems to hold linear TPM.*take log2\(x \+ 1\)"),
        (frame() * 0 + 3, ScaleError, "seems to hold one constant"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
@pytest.mark.parametrize("flipped", [False, True], ids=["samples in rows", "genes in rows"])
def test_wrong_content_is_one_clear_error(
    tmp_path: Path, table: pd.DataFrame, error: type[Exception], message: str, flipped: bool
) -> None:
    (table.T if flipped else table).to_csv(tmp_path / "x.csv")
    with pytest.raises(error, match=message):
        read_expression(tmp_path / "x.csv", symbols=LANDMARKS)


def test_incomplete_genes_are_left_out_only_when_asked_and_few(tmp_path: Path) -> None:
    genes = LANDMARKS.space.symbols[:13]
    values = np.random.default_rng(0).uniform(3, 12, (3, 13)).astype(np.float32)
    values[1, 4] = np.nan
    frame(genes, values).to_csv(tmp_path / "one.csv")
    user = read_expression(tmp_path / "one.csv", symbols=LANDMARKS, incomplete="drop")
    assert (
        f"1 value is missing in 1 of 13 genes ['{genes[4]}'] (first: sample '0012', gene '{genes[4]}'); these"
        in (user.notes[0])
    )
    assert user.genes.symbols == genes[:4] + genes[5:]
    values[0, 5] = np.nan
    frame(genes, values).to_csv(tmp_path / "two.csv")
    with pytest.raises(TableError, match=r"2 values are missing in 2 of 13 genes .* more than 10% of the genes"):
        read_expression(tmp_path / "two.csv", symbols=LANDMARKS, incomplete="drop")


def test_missing_values_of_other_genes_do_not_matter(tmp_path: Path) -> None:
    changed(1, 2, np.nan).to_csv(tmp_path / "x.csv")
    user = read_expression(tmp_path / "x.csv", symbols=LANDMARKS, wanted=GeneSpace(("MYC",)))
    assert user.genes.symbols == ("MYC",)


def test_stated_scale_wins_unless_the_values_contradict_it(tmp_path: Path) -> None:
    frame().round().to_csv(tmp_path / "whole.csv")
    user = read_expression(tmp_path / "whole.csv", symbols=LANDMARKS, scale=ExpressionScale.LOG2_TPM)
    assert user.scale == ExpressionScale.LOG2_TPM
    np.round(2 ** frame()).to_csv(tmp_path / "counts.csv")
    with pytest.raises(ScaleError, match=r"seems to hold raw counts .*; expected log2_tpm, as you state"):
        read_expression(tmp_path / "counts.csv", symbols=LANDMARKS, scale=ExpressionScale.LOG2_TPM)


def test_number_too_large_for_single_precision_is_told_as_infinite(tmp_path: Path) -> None:
    changed(1, 2, 1e300).to_csv(tmp_path / "x.csv")
    with pytest.raises(
        TableError, match=r"1 value is infinite in 1 of 4 genes .'GFUS'. .first: sample '0012', gene 'GFUS'"
    ):
        read_expression(tmp_path / "x.csv", symbols=LANDMARKS)


@pytest.mark.parametrize("value", [0.0, 6.2])
def test_a_sample_with_one_value_for_all_genes_is_refused_by_name(value: float) -> None:
    """It was not measured, and would steer the scale of all others."""
    values = np.random.default_rng(0).uniform(2, 12, (5, 30))
    values[3] = value
    table = pd.DataFrame(values, columns=pd.Index(LANDMARKS.space.symbols[:30]), index=pd.Index(list("ABCDE")))
    with pytest.raises(TableError, match=r"1 sample has one and the same value for all 30 genes: \['D'\]"):
        read_expression(table)


@pytest.mark.parametrize(
    "written",
    [
        *("{}", " {} ", "hg38_{}", "GRCh38_{}", "gene-{}", "{} (9000001)", "{}..9000001.", "{}|9000001", "{};{}"),
        *("{}|ENSG00000999999.3", "ENSG00000999999.3_{}", "ENSG00000999999:{}"),
    ],
)
@pytest.mark.parametrize("case", [str, str.lower])
def test_a_gene_that_only_the_model_knows_is_found_however_it_is_written(
    written: str, case: Callable[[str], str]
) -> None:
    """ZNF704 and C9orf3 are no landmark genes; ERO1L is an old name of one, and stays what the model calls it."""
    wanted = GeneSpace(("ZNF704", "C9orf3", "ERO1L", "TP53"))
    asked = frame(tuple(case(written.format(gene, gene)) for gene in wanted.symbols))
    table = read_expression(asked, wanted=wanted)
    assert table.genes == wanted
    np.testing.assert_array_equal(table.values, VALUES)


@pytest.mark.parametrize(("names", "told"), [
    (ENSEMBL, "1 gene of the model counts as not measured: its Ensembl id is not known here"),
    (ENTREZ, "2 genes of the model count as not measured: their Entrez id is not known here"),
    (SYMBOLS, ""),
])  # fmt: skip
def test_genes_that_ids_do_not_tell_are_counted(names: tuple[str, ...], told: str) -> None:
    """ABCF2-H2BK1 has an Ensembl id in the table and no Entrez id, NEAT1 makes no protein and is not there."""
    table = read_expression(frame(names), wanted=GeneSpace((*SYMBOLS, "ABCF2-H2BK1", "NEAT1")))
    found = [note for note in table.notes if "as not measured" in note]
    assert [note.startswith(told) for note in found] == [True] * bool(told)


def test_a_gene_beyond_the_landmarks_is_found_by_its_ensembl_id() -> None:
    asked = frame(("ENSG00000164684.14", *ENSEMBL[1:]))
    assert "ZNF704" in read_expression(asked, wanted=GeneSpace((*SYMBOLS, "ZNF704"))).genes


def test_numbers_above_the_columns_are_no_row_of_data_though_the_first_is_an_entrez_id() -> None:
    """A table of pandas that counts its columns from 1, which is the id of A1BG."""
    table = pd.DataFrame({str(i + 1): column for i, column in enumerate((SYMBOLS, *VALUES))})
    found = read_expression(table, wanted=GeneSpace((*SYMBOLS, "A1BG")))
    assert found.samples == ("2", "3", "4")
    assert found.genes.symbols == SYMBOLS
