"""What a model is said to read of a data folder is what it reads: it notices any other byte there, and nowhere else."""

import shutil

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError
from drugripple.predictors.catalogue import BASELINES
from drugripple.recipes.benchmark.models import read_besides

DRUGS = {"drug_id": [1], "drug": ["ethanol"], "canonical_smiles": ["CCO"]}
BASAL = {"basal_id": ["a", "b", "c"], "A": [4.0, 5, 6], "B": [6.0, 8, 10]}
CONDITIONS = {
    "profile_id": ["p"], "compound": ["ethanol"], "canonical_smiles": ["CCO"], "cell_line": ["A375"], "dose_um": [1.0],
    "time_h": [6.0], "plate": ["X"], "basal_id": ["a"], "source": ["theirs"], "r_to_basal": [0.9],
}  # fmt: skip
TABLES = {
    "gdsc/response": {"dataset": ["GDSC1"], "cell_line": ["A375"], "drug_id": [1], "ln_ic50": [1.0]},
    "gdsc/drugs": {"dataset": ["GDSC1"], **DRUGS},
    "gdsc/expression": {"cell_line": ["A375"], "A": [1.0]},
    "nci60/gi50_raw": {"cell_line": ["A375"], "gdsc_line": ["A375"], "nsc": [7], "neglog10_gi50_molar": [5.0],
                       "ln_gi50_um": [2.3]},
    "nci60/gi50_drugs": {"nsc": [7], "name": ["ethanol"], "canonical_smiles": ["CCO"]},
    "nci60/expression": {"cell_line": ["A375"], "A": [1.0]},
    "ctrp/response": {"ccl_name": ["A375"], "cell_line": ["A375"], "master_cpd_id": [1], "auc_ctrp": [12.0]},
    "ctrp/drugs": {"master_cpd_id": [1], "drug": ["ethanol"], "is_combination": [False], "canonical_smiles": ["CCO"],
                   "top_test_conc_umol": [np.e]},
    "l1000/genes": {"symbol": ["A", "B"]},
    "l1000/conditions": CONDITIONS,
    "l1000/basal": BASAL,
    "l1000/basal_meta": {"basal_id": BASAL["basal_id"], "kind": ["cell_line_dmso_mean"] * 3, "source": ["theirs"] * 3,
                         "cell_line": ["A375", "MCF7", "PC3"]},
    "l1000/perturbed": {"profile_id": ["p"], "A": [5.0], "B": [8.0]},
    "l1000/consensus_drugbank": {"drugbank_id": ["DB1"], "A": [1.0], "B": [2.0]},
    "prior/string_v12_900": {"source": ["A"], "target": ["B"]},
    "molecules/lincs_compounds": {"canonical_smiles": ["CCO"]},
    "molecules/others": {"canonical_smiles": ["CCO"]},
}  # fmt: skip
GENE_SETS = ("prior/kegg_2021.gmt", "prior/wikipathways.gmt")
MADE_FROM_FOLDERS = [name for name, record in BASELINES.items() if record.made_with]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, table in TABLES.items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame(table).to_parquet(path)
    for name in GENE_SETS:
        (folder / name).write_text("a set\tby hand\tA\tB\n")
    return folder


@pytest.mark.parametrize("model", MADE_FROM_FOLDERS)
def test_a_model_reads_the_files_that_are_digested_and_no_others(model, data, tmp_path):
    """As they are when it is made, whatever another of its kind read of the folder before."""
    folder = tmp_path / "data"
    shutil.copytree(data, folder)
    make, noticed = BASELINES[model].maker(folder), []
    for name in (*(f"{name}.parquet" for name in TABLES), *GENE_SETS):
        make()
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(b"\xff\x00")
        try:
            make()
        except DrugrippleError:
            noticed.append(name)
        (folder / name).write_bytes(content)
    assert sorted(read_besides(model, data)) == sorted(noticed)
    assert noticed


def test_files_that_are_absent_have_no_digest(tmp_path):
    assert {name: read_besides(name, tmp_path) for name in BASELINES} == {name: {} for name in BASELINES}
    assert read_besides("default", None) == {}
