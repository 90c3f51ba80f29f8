"""The tidy layout: one compound a structure, current gene symbols, and every lost row accounted for."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, ScaleError, SourceError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.sources.public import tidy


def write_world(folder, **changes):
    """Three lines (one without expression), four drugs (two of one structure, one without any)."""
    frames = {
        "response": pd.DataFrame(
            {
                "dataset": ["GDSC2"] * 6 + ["GDSC1"],
                "cell_line": ["B", "A", "A", "A", "A", "ghost", "A"],
                "drug": ["Torin 2", "Torin 2", "torin2", "Aspirin", "Mystery", "Aspirin", "Aspirin"],
                "drug_id": [7, 7, 3, 5, 9, 5, 5],
                "ln_ic50": [0.5, 1.5, 2.5, -1.0, 9.0, 9.0, 9.0],
            }
        ),
        "drugs": pd.DataFrame(
            {
                "dataset": ["GDSC2"] * 4,
                "drug_id": [7, 3, 5, 9],
                "drug": ["Torin 2", "torin2", "Aspirin", "Mystery"],
                "canonical_smiles": ["CCO", "CCO", "CC", None],
                "targets": ["MTOR", None, "PTGS2", None],
                "pathway": ["PI3K", None, "other", None],
            }
        ),
        "expression": pd.DataFrame({"PTK2": [3.0, 4.0], "FAM69A": [1.0, 2.0], "cell_line": ["B", "A"]}),
        "cell_lines": pd.DataFrame({"cell_line": ["A", "B"], "tissue": ["lung", None]}),
        "landmark_map": pd.DataFrame({"landmark": ["DIPK1A", "RPS5"], "gdsc_column": ["FAM69A", None]}),
    } | changes
    (folder / "gdsc").mkdir()
    for name, frame in frames.items():
        if frame is not None:
            frame.to_parquet(folder / "gdsc" / f"{name}.parquet")
    return folder


def test_two_drug_numbers_of_one_structure_are_one_compound(tmp_path):
    table, _ = tidy.read_gdsc(write_world(tmp_path), "GDSC2")
    assert table.compounds.ids == ("Aspirin", "torin2")
    assert table.compounds.names == ("Aspirin", "torin2 (Torin 2)")
    assert table.compounds.smiles == ("CC", "CCO")
    assert table.compounds.targets == ("PTGS2", "MTOR")
    assert table.values.tolist() == [-1.0, 2.5, 1.5, 0.5]
    assert table.sample_row.tolist() == [0, 0, 0, 1]
    assert table.compound_row.tolist() == [0, 1, 1, 1]


def test_expression_is_sorted_and_under_current_symbols(tmp_path):
    expression = tidy.read_gdsc(write_world(tmp_path), "GDSC2").table.expression
    assert expression.samples == ("A", "B")
    assert expression.genes.symbols == ("DIPK1A", "PTK2")
    assert expression.values.tolist() == [[2.0, 4.0], [1.0, 3.0]]
    assert expression.tissue == ("lung", "")


def test_every_lost_row_is_listed_with_its_reason(tmp_path):
    dropped = tidy.read_gdsc(write_world(tmp_path), "GDSC2").dropped
    assert dropped.to_dict("records") == [
        {"reason": "no SMILES", "cell_line": "", "drug": "Mystery", "rows": 1},
        {"reason": "no expression", "cell_line": "ghost", "drug": "", "rows": 1},
    ]


def test_structure_that_cannot_be_used_is_listed_with_its_reason_and_moves_no_row(tmp_path):
    world = write_world(tmp_path)
    drugs = pd.read_parquet(world / "gdsc" / "drugs.parquet").replace("CC", "C1CC")
    drugs.to_parquet(world / "gdsc" / "drugs.parquet")
    table, dropped = tidy.read_gdsc(world, "GDSC2")
    assert table.compounds.ids == ("torin2",)
    assert table.values.tolist() == [2.5, 1.5, 0.5]
    lost = dropped.set_index("drug").loc["Aspirin"]
    assert lost["reason"].startswith("SMILES 'C1CC' cannot be read: it is not valid SMILES syntax")
    assert (lost["cell_line"], lost["rows"]) == ("", 1)


@pytest.mark.parametrize("scale", [None, ExpressionScale.LOG2_TPM])
def test_counts_are_not_taken_for_logarithms(tmp_path, scale):
    counts = pd.DataFrame({"PTK2": [3.0, 1520.0], "MYC": [31.0, 0.0], "cell_line": ["B", "A"]})
    world = write_world(tmp_path, expression=counts)
    with pytest.raises(
        ScaleError, match=r"holds 1520 \(sample 'A', gene 'PTK2'\), which no logarithm reaches.*raw counts"
    ):
        tidy.read_gdsc(world, "GDSC2", scale=scale)
    assert tidy.read_gdsc(world, "GDSC2", scale=ExpressionScale.ROBUST_Z).table.expression.values.max() == 1520


def test_unknown_scale_is_refused(tmp_path):
    path = write_world(tmp_path) / "gdsc" / "expression.parquet"
    stored = pq.read_table(path).replace_schema_metadata({tidy.SCALE_KEY: b"decibel"})
    pq.write_table(stored, path)
    with pytest.raises(ScaleError, match=r"on the scale 'decibel', expected .*'log2_tpm'"):
        tidy.read_gdsc(tmp_path, "GDSC2")


@pytest.mark.parametrize(("name", "column"), [("response", "ln_ic50"), ("expression", "PTK2")])
def test_words_among_numbers_are_named(tmp_path, name, column):
    path = write_world(tmp_path) / "gdsc" / f"{name}.parquet"
    pd.read_parquet(path).assign(**{column: "high"}).to_parquet(path)
    with pytest.raises(SourceError, match=rf"{name}\.parquet: 1 columns hold no numbers: \['{column}'\] .*'high'"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_order_of_the_rows_in_the_files_does_not_matter(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    first = tidy.read_gdsc(write_world(tmp_path / "a"), "GDSC2").table
    write_world(tmp_path / "b")
    for name in ("response", "drugs", "expression"):
        path = tmp_path / "b" / "gdsc" / f"{name}.parquet"
        pd.read_parquet(path).iloc[::-1].to_parquet(path)
    second = tidy.read_gdsc(tmp_path / "b", "GDSC2").table
    assert first.compounds == second.compounds
    np.testing.assert_array_equal(first.values, second.values)
    np.testing.assert_array_equal(first.expression.values, second.expression.values)


def test_optional_files_may_be_absent(tmp_path):
    table, _ = tidy.read_gdsc(write_world(tmp_path, cell_lines=None, landmark_map=None), "GDSC2")
    assert table.expression.genes.symbols == ("FAM69A", "PTK2")
    assert table.expression.tissue == ("", "")


def test_expression_keeps_its_scale_in_the_file(tmp_path):
    world = write_world(tmp_path, landmark_map=None)
    assert tidy.read_gdsc(world, "GDSC2").table.expression.scale is ExpressionScale.RMA
    genes = GeneSpace(("MYC", "ABL1"))
    values = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    tidy.write_expression(
        ExpressionTable(("B", "A"), genes, values, ExpressionScale.LOG2_TPM), world / "gdsc" / "expression.parquet"
    )
    back = tidy.read_gdsc(world, "GDSC2").table.expression
    assert (back.scale, back.samples, back.genes.symbols) == (ExpressionScale.LOG2_TPM, ("A", "B"), ("ABL1", "MYC"))
    assert back.values.tolist() == [[4.0, 3.0], [2.0, 1.0]]
    assert tidy.read_gdsc(world, "GDSC2", scale=ExpressionScale.SAMPLE_Z).table.expression.scale == "sample_z"


def test_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"expression\.parquet does not exist"):
        tidy.read_gdsc(tmp_path, "GDSC2")


@pytest.mark.parametrize("content", [b"", b"PAR1 but no more", b"a,b\n1,2\n"])
def test_damaged_parquet_is_named(tmp_path, content):
    write_world(tmp_path)
    (tmp_path / "gdsc" / "response.parquet").write_bytes(content)
    with pytest.raises(SourceError, match=r"response\.parquet cannot be read as Parquet"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_missing_column_is_named(tmp_path):
    write_world(tmp_path, response=pd.DataFrame({"dataset": ["GDSC2"], "cell_line": ["A"], "drug": ["x"]}))
    with pytest.raises(SourceError, match=r"lacks 2 of 5 columns: \['drug_id', 'ln_ic50'\]"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_expression_without_line_names_is_refused(tmp_path):
    write_world(tmp_path, expression=pd.DataFrame({"PTK2": [1.0]}))
    with pytest.raises(SourceError, match=r"lacks 1 of 1 columns: \['cell_line'\]"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_a_table_without_rows_is_refused(tmp_path):
    write_world(tmp_path, drugs=pd.DataFrame({"dataset": [], "drug_id": [], "drug": [], "canonical_smiles": []}))
    with pytest.raises(SourceError, match=r"drugs\.parquet has no row"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_a_dataset_without_usable_rows_is_refused(tmp_path):
    with pytest.raises(SourceError, match=r"1 rows of GDSC1, but none with expression and SMILES.*no SMILES"):
        tidy.read_gdsc(write_world(tmp_path), "GDSC1")


def test_drug_number_with_two_structures_is_refused(tmp_path):
    drugs = pd.DataFrame(
        {"dataset": ["GDSC2"] * 2, "drug_id": [5, 5], "drug": ["Aspirin"] * 2, "canonical_smiles": ["CC", "CCC"]}
    )
    with pytest.raises(SourceError, match=r"1 drug numbers of GDSC2 repeat: \['5'\]"):
        tidy.read_gdsc(write_world(tmp_path, drugs=drugs), "GDSC2")


def test_two_drugs_of_one_name_but_two_structures_keep_apart(tmp_path):
    drugs = pd.DataFrame(
        {"dataset": ["GDSC2"] * 2, "drug_id": [5, 7], "drug": ["X", "X"], "canonical_smiles": ["CC", "CCC"]}
    )
    table, _ = tidy.read_gdsc(write_world(tmp_path, drugs=drugs), "GDSC2")
    assert table.compounds.ids == ("X", "X #2")


def test_repeated_line_is_refused(tmp_path):
    write_world(tmp_path, expression=pd.DataFrame({"PTK2": [1.0, 2.0], "cell_line": ["A", "A"]}))
    with pytest.raises(TableError, match=r"1 samples repeat: \['A'\]"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_missing_expression_value_is_refused(tmp_path):
    write_world(tmp_path, expression=pd.DataFrame({"PTK2": [1.0, np.nan], "cell_line": ["A", "B"]}))
    with pytest.raises(TableError, match="sample 'B', gene 'PTK2'"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_renaming_onto_a_present_gene_is_refused(tmp_path):
    write_world(tmp_path, expression=pd.DataFrame({"FAM69A": [1.0], "DIPK1A": [2.0], "cell_line": ["A"]}))
    with pytest.raises(GeneSpaceError, match=r"repeat: \['DIPK1A'\]"):
        tidy.read_gdsc(tmp_path, "GDSC2")


def test_infinite_response_is_dropped_and_counted(tmp_path):
    write_world(tmp_path)
    path = tmp_path / "gdsc" / "response.parquet"
    frame = pd.read_parquet(path)
    frame.loc[0, "ln_ic50"] = np.inf
    frame.to_parquet(path)
    table, dropped = tidy.read_gdsc(tmp_path, "GDSC2")
    assert len(table) == 3
    assert dropped.iloc[0].to_dict() == {
        "reason": "ln IC50 not finite",
        "cell_line": "B",
        "drug": "Torin 2",
        "rows": 1,
    }


@pytest.mark.shared
def test_gdsc2_has_the_counts_of_the_data_sheet(shared_data):
    """DATA.md: 242,036 rows of GDSC2, 197,336 with expression and SMILES, 938 lines, 232 drug names."""
    table, dropped = tidy.read_gdsc(shared_data, "GDSC2")
    assert (len(table), len(np.unique(table.sample_row)), len(table.compounds)) == (197_336, 938, 232)
    assert dropped["rows"].sum() == 242_036 - 197_336
    assert table.expression.values.shape == (944, 5778)
    assert len(np.unique(table.pairs.number)) == 191_079


@pytest.mark.shared
def test_prior_and_landmarks_have_the_counts_of_the_data_sheet(shared_data):
    """DATA.md: 482 landmarks on the array, 1,771 STRING edges inside the panel touching 608 of its 978 genes."""
    genes = tidy.landmark_genes(shared_data)
    measured = tidy.read_expression(shared_data / "gdsc", scale=ExpressionScale.RMA).genes
    prior = tidy.read_prior(shared_data, genes)
    assert (len(genes), len(genes.shared_with(measured)), len(prior.edges)) == (978, 482, 1771)
    assert (prior.degree() > 0).sum() == 608
