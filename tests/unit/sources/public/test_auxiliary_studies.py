import numpy as np
import pandas as pd
import pytest

from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies


@pytest.fixture
def folder(tmp_path):
    for name in ("gdsc", "nci60", "ctrp"):
        (tmp_path / name).mkdir()
    pd.DataFrame(
        {
            "dataset": ["GDSC1", "GDSC1", "GDSC2", "GDSC1"],
            "cell_line": ["A549", "HeLa", "A549", "A549"],
            "drug_id": [1, 1, 2, 3],
            "ln_ic50": [1.0, 2.0, 9.0, 3.0],
        }
    ).to_parquet(tmp_path / "gdsc/response.parquet")
    pd.DataFrame(
        {
            "dataset": ["GDSC1", "GDSC2", "GDSC1"],
            "drug_id": [1, 2, 3],
            "drug": ["ethanol", "benzene", "code name"],
            "synonyms": ["EtOH, alcohol", "", None],
            "canonical_smiles": ["CCO", "c1ccccc1", None],
        }
    ).to_parquet(tmp_path / "gdsc/drugs.parquet")
    pd.DataFrame(
        {
            "cell_line": ["A549", "XY", "XY"],
            "gdsc_line": ["A-549", None, None],
            "nsc": [7, 7, 8],
            "neglog10_gi50_molar": [5.0, 6.0, -2.0],
            "ln_gi50_um": [2.3, 0.0, 18.0],
        }
    ).to_parquet(tmp_path / "nci60/gi50_raw.parquet")
    pd.DataFrame({"nsc": [7, 8], "name": [None, "b"], "canonical_smiles": ["CCO", "CCN"]}).to_parquet(
        tmp_path / "nci60/gi50_drugs.parquet"
    )
    pd.DataFrame(
        {"ccl_name": ["A549", "A549"], "cell_line": ["A-549", None], "master_cpd_id": [1, 2], "auc_ctrp": [12.0, 9.0]}
    ).to_parquet(tmp_path / "ctrp/response.parquet")
    pd.DataFrame(
        {
            "master_cpd_id": [1, 2],
            "drug": ["c", "pair"],
            "is_combination": [False, True],
            "canonical_smiles": ["CCN", "CCO.CCN"],
            "top_test_conc_umol": [np.e, 1.0],
        }
    ).to_parquet(tmp_path / "ctrp/drugs.parquet")
    return tmp_path


def test_each_study_is_read_with_what_was_left_out(folder):
    gdsc1, nci60, ctrp = read_auxiliary_studies(folder)
    assert gdsc1.study.values.tolist() == [1.0, 2.0]
    assert gdsc1.dropped.to_dict("records") == [{"reason": "no SMILES", "rows": 1}]
    assert nci60.study.samples == ("A-549", "XY")
    assert nci60.study.values.tolist() == [2.3, 0.0]
    assert nci60.dropped["rows"].tolist() == [1]
    assert ctrp.study.values.tolist() == [12.0]
    assert ctrp.study.covariates.tolist() == [[1.0]]


def test_compounds_carry_the_synonyms_of_their_structure(folder):
    nci60 = read_auxiliary_studies(folder)[1].study
    assert nci60.compounds.names == ("NSC 7, ethanol, EtOH, alcohol",)


def test_absent_studies_are_passed_over(folder):
    (folder / "ctrp/response.parquet").unlink()
    assert [found.study.name for found in read_auxiliary_studies(folder)] == ["GDSC1", "NCI-60"]
