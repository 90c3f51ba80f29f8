"""Cell Model Passports files, in the publisher's layout."""

import gzip
import zipfile

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError, SourceError
from drugripple.sources.public.cell_model_passports import read_models, read_rnaseq

WIDE = """model_id,,SIDM00003,SIDM00001,SIDM00002,SIDM00001
model_name,,C-3,A-1,B-2,A-1
dataset_name,,Sanger RNASeq,Broad RNASeq,Sanger RNASeq,Sanger RNASeq
data_source,,sanger,broad,sanger,sanger
gene_id,symbol,,,,
SIDG00001,DDR1,1,7,3,1023
SIDG00002,TSTA3,0,0,15,63
SIDG00003,PAX8,,1,1,1
"""
NAMES = {"SIDM00001": "A1", "SIDM00002": "B2", "SIDM00009": "nowhere"}


@pytest.fixture
def rnaseq(tmp_path):
    path = tmp_path / "rnaseq_fpkm_20220624.csv"
    path.write_text(WIDE)
    return path


def test_values_are_log2_of_one_more_under_the_names_asked_for(rnaseq):
    """log2(1023 + 1) = 10, log2(3 + 1) = 2; of A-1 the Sanger's own column, not the Broad's."""
    table = read_rnaseq(rnaseq, unit="fpkm", names=NAMES).table
    assert table.samples == ("A1", "B2")
    assert table.genes.symbols == ("DDR1", "GFUS", "PAX8")
    np.testing.assert_allclose(table.values, [[10, 6, 1], [2, 4, 1]])
    assert table.scale is ExpressionScale.LOG2_FPKM


def test_what_is_left_out_is_listed(rnaseq):
    loaded = read_rnaseq(rnaseq, unit="tpm", names=NAMES | {"SIDM00003": "C3"})
    assert loaded.table.scale is ExpressionScale.LOG2_TPM
    assert loaded.dropped.to_numpy().tolist() == [
        ["missing value", "gene", "PAX8"],
        ["sequenced more than once", "sample", "SIDM00001 (broad)"],
        ["not in the file", "sample", "nowhere"],
    ]


def test_a_model_without_values_is_listed_and_costs_no_gene(tmp_path):
    lines = WIDE.splitlines()
    blank = [*lines[:5], *(",".join([*line.split(",")[:4], "", line.split(",")[5]]) for line in lines[5:])]
    path = tmp_path / "rnaseq_fpkm_20220624.csv"
    path.write_text("\n".join(blank) + "\n")
    loaded = read_rnaseq(path, unit="fpkm", names=NAMES)
    assert loaded.table.samples == ("A1",)
    assert loaded.table.genes.symbols == ("DDR1", "GFUS", "PAX8")
    assert ["no expression", "sample", "B2"] in loaded.dropped.to_numpy().tolist()
    assert loaded.told_absent == " 2 of 3 lines have none: ['B2', 'nowhere']."
    with pytest.raises(SourceError, match="has no value for any of the 1 models"):
        read_rnaseq(path, unit="fpkm", names={"SIDM00002": "B2"})


def test_the_layout_since_2025_is_read(rnaseq, tmp_path):
    head, body = WIDE.split("gene_id,symbol,,,,\n")
    new = "".join(line.replace(",,", ",,,", 1) + "\n" for line in head.splitlines() if "dataset" not in line)
    new += "gene_symbol,ensembl_gene_id,gene_id,,,,\n"
    for line in body.splitlines():
        gene, symbol, *values = line.split(",")
        new += ",".join([symbol, "ENSG00000000001", gene, *values]) + "\n"
    path = tmp_path / "rnaseq_merged_rsem_fpkm_20260323.csv"
    path.write_text(new)
    old, read = (read_rnaseq(file, unit="fpkm", names=NAMES) for file in (rnaseq, path))
    assert read.table.samples == old.table.samples
    np.testing.assert_array_equal(read.table.values, old.table.values)


def test_models_that_no_list_names_are_listed(rnaseq):
    lost = read_rnaseq(rnaseq, unit="fpkm", names=NAMES).dropped
    assert ["model without a name asked for", "sample", "SIDM00003"] in lost.to_numpy().tolist()


def test_the_table_is_found_in_the_publishers_zip(rnaseq, tmp_path):
    with zipfile.ZipFile(tmp_path / "rnaseq_all.zip", "w") as archive:
        archive.writestr("rnaseq_tpm_20220624.csv", WIDE.replace("1023", "4095"))
        archive.writestr("rnaseq_fpkm_20220624.csv", WIDE)
    path = tmp_path / "rnaseq_all.zip"
    assert read_rnaseq(path, unit="fpkm", names=NAMES).table.values[0, 0] == pytest.approx(10)
    assert read_rnaseq(path, unit="tpm", names=NAMES).table.values[0, 0] == pytest.approx(12)


def test_a_zip_without_the_table_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("rnaseq_read_count.csv", WIDE)
    with pytest.raises(SourceError, match=r"holds 0 tables called rnaseq_fpkm.*rnaseq_read_count\.csv"):
        read_rnaseq(tmp_path / "x.zip", unit="fpkm", names=NAMES)


@pytest.mark.parametrize("values", [{"1023": "-1"}, {"1023": "9.1", "63": "8"}])
def test_values_that_are_logarithms_already_are_refused(rnaseq, values):
    text = WIDE
    for old, new in values.items():
        text = text.replace(old, new)
    rnaseq.write_text(text)
    with pytest.raises(ScaleError, match=r"are no FPKM, .* logarithms or z-scores"):
        read_rnaseq(rnaseq, unit="fpkm", names=NAMES)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no row that starts with gene_id"),
        (WIDE.replace("model_id", "sample"), r"lacks 1 of 1 columns: \['model_id'\]"),
        (WIDE.replace("1023", "many"), "cannot be read as Cell Model Passports RNA-seq .*'many'"),
        ("\n".join(WIDE.splitlines()[:5]), "cannot be read|has 0 genes"),
    ],
)
def test_another_layout_is_refused(rnaseq, text, reason):
    rnaseq.write_text(text)
    with pytest.raises(SourceError, match=reason):
        read_rnaseq(rnaseq, unit="fpkm", names=NAMES)


def test_models_of_which_none_is_there_are_refused(rnaseq):
    with pytest.raises(SourceError, match="0 of the 1 models asked for"):
        read_rnaseq(rnaseq, unit="fpkm", names={"SIDM00009": "x"})


def test_the_model_list_is_read_under_our_column_names(tmp_path):
    path = tmp_path / "model_list_latest.csv.gz"
    path.write_bytes(
        gzip.compress(
            b"model_id,model_name,synonyms,tissue,cancer_type,model_type,COSMIC_ID,BROAD_ID\n"
            b'SIDM2,B,"b, b2",Lung,NSCLC,Cell Line,12,ACH-2\nSIDM1,A,,Skin,Melanoma,Cell Line,11,\n'
        )
    )
    models = read_models(path)
    assert models["cell_line"].tolist() == ["A", "B"]
    assert models["tissue"].tolist() == ["Skin", "Lung"]
    assert models["depmap_id"].tolist() == ["", "ACH-2"]
    assert "synonyms" not in models


def test_repeated_models_are_refused(tmp_path):
    path = tmp_path / "models.csv"
    path.write_text("model_id,model_name,tissue\nS1,A,x\nS1,B,x\n")
    with pytest.raises(SourceError, match=r"1 model ids repeat: \['S1'\]"):
        read_models(path)
