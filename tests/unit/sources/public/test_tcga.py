"""TCGA expression as Xena serves it, and clinical responses."""

import gzip

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import ScaleError, SourceError
from drugripple.sources.public.tcga import read_clinical, read_xena

PROBEMAP = (
    "id\tgene\tchrom\tchromStart\tchromEnd\tstrand\n"
    "ENSG1.1\tDDR1\tchr1\t1\t2\t+\nENSG2.1\tTSTA3\tchr8\t1\t2\t+\nENSG3.1\tDDR1\tchrX\t1\t2\t+\n"
)
XENA = (
    "Ensembl_ID\tTCGA-AB-0002-01A\tTCGA-AA-0001-01B\tTCGA-AA-0001-01A\tTCGA-AA-0001-11A\n"
    "ENSG1.1\t1.5\t9.0\t2.5\t9.0\nENSG2.1\t3.0\t9.0\t4.0\t9.0\nENSG3.1\t0.0\t9.0\t0.1\t9.0\nENSG9.1\t1\t1\t1\t1\n"
)


@pytest.fixture
def files(tmp_path):
    table, probemap = tmp_path / "TCGA-BRCA.star_fpkm.tsv.gz", tmp_path / "gencode.v36.annotation.gtf.gene.probemap"
    table.write_bytes(gzip.compress(XENA.encode()))
    probemap.write_text(PROBEMAP)
    return table, probemap


def test_primary_tumours_stand_under_their_patient(files):
    table = read_xena(*files).table
    assert table.samples == ("TCGA-AA-0001", "TCGA-AB-0002")
    assert table.genes.symbols == ("DDR1", "GFUS")
    np.testing.assert_allclose(table.values, [[2.5, 4.0], [1.5, 3.0]])
    assert table.tissue == ("BRCA", "BRCA")
    assert table.scale is ExpressionScale.LOG2_FPKM


def test_what_is_left_out_is_listed(files):
    assert read_xena(*files).dropped.to_numpy().tolist() == [
        ["no name", "gene", ""],
        ["weaker of several columns", "gene", "DDR1"],
        ["second sample of a patient", "sample", "TCGA-AA-0001-01B"],
        ["not a tumour that is taken", "sample", "TCGA-AA-0001-11A"],
    ]


@pytest.mark.parametrize("value", ["-0.5", "812.0"])
def test_another_scale_is_refused(files, value):
    files[0].write_bytes(gzip.compress(XENA.replace("1.5", value).encode()))
    with pytest.raises(ScaleError, match=r"are not log2\(FPKM \+ 1\)"):
        read_xena(*files)


def test_a_truncated_table_is_named(files):
    files[0].write_bytes(files[0].read_bytes()[:-15])
    with pytest.raises(SourceError, match=r"TCGA-BRCA\.star_fpkm\.tsv\.gz cannot be read"):
        read_xena(*files)


def test_another_table_is_refused(files):
    files[0].write_bytes(gzip.compress(b"sample\tx\nA\t1\n"))
    with pytest.raises(SourceError, match=r"lacks 1 of 1 columns: \['Ensembl_ID'\]"):
        read_xena(*files)


def test_a_table_of_normal_tissue_is_refused(files):
    files[0].write_bytes(gzip.compress(b"Ensembl_ID\tTCGA-AA-0001-11A\nENSG1.1\t1\n"))
    with pytest.raises(SourceError, match="0 primary tumours"):
        read_xena(*files)


def test_contradictory_and_repeated_responses_are_listed(tmp_path):
    (tmp_path / "tcga").mkdir()
    rows = [("p1", "X", 1), ("p1", "X", 0), ("p2", "X", 1), ("p2", "X", 1), ("p1", "Z", 1)]
    frame = pd.DataFrame(rows, columns=["patient", "drug", "responder"]).assign(cancer="BRCA", response="CR")
    frame.to_parquet(tmp_path / "tcga" / "response.parquet")
    drugs = pd.DataFrame({"drug": ["X", "Z"], "canonical_smiles": ["C", None]})
    drugs.to_parquet(tmp_path / "tcga" / "drugs.parquet")
    clinical = read_clinical(tmp_path)
    assert clinical.table[["patient", "drug", "smiles", "responder"]].to_numpy().tolist() == [["p2", "X", "C", 1]]
    assert clinical.dropped.to_numpy().tolist() == [
        ["contradictory rows", "X", 2],
        ["no SMILES", "Z", 1],
        ["repeated row", "X", 1],
    ]


@pytest.mark.shared
def test_real_clinical_rows_have_the_counts_of_the_data_sheet(shared_data):
    """DATA.md: 2,572 rows, 2,265 with SMILES."""
    clinical = read_clinical(shared_data)
    lost = clinical.dropped.groupby("reason")["rows"].sum()
    assert len(clinical.table) + lost.sum() == 2572
    assert lost["no SMILES"] == 2572 - 2265
    assert not clinical.table.duplicated(["patient", "drug"]).any()
