"""What readers say of a user's files reaches the person, whichever command read them."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from drugripple.cli.console import exit_code_of
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.runtime.notes import tell
from drugripple.sources.study import read_study
from drugripple.sources.study_settings import StudySettings
from drugripple.sources.user.responses import read_responses


def test_rows_that_a_table_of_responses_loses_are_told_once(capsys):
    expression = ExpressionTable(("A549", "MCF7"), GeneSpace(("TP53",)), np.zeros((2, 1)), ExpressionScale.RMA)
    compounds = CompoundTable.from_smiles(("CCO",), ids=("D1",), names=("ethanol",))
    frame = pd.DataFrame({"sample": ["A549", "MCF7"], "drug": "ethanol", "ic50_um": ["5", ">10"]})

    def read_twice():
        for _ in range(2):
            read_responses(frame, expression, compounds, bounds="leave_out")

    assert exit_code_of(read_twice) == 0
    error = capsys.readouterr().err
    assert error.count("1 row left out, only a bound: ['ethanol']") == 1
    assert "responses from 'ic50_um': ic50_um (by the column's name)" in error


@pytest.fixture
def own(tmp_path):
    """Files of a study, whose expression has a column that is no sample."""
    genes = [f"G{i}" for i in range(30)]
    values = np.random.default_rng(0).uniform(3, 12, (4, 30))
    samples = pd.DataFrame(values, [f"s{i}" for i in range(4)], ["TP53", "EGFR", "MYC", *genes[3:]])
    samples.loc["Mean"] = samples.mean()
    samples.rename_axis("sample").to_csv(tmp_path / "x.csv")
    (tmp_path / "c.csv").write_text("id,name,smiles\n1,a,CCO\n2,a,CCN\n")
    (tmp_path / "r.csv").write_text("sample,drug,ln_ic50\ns0,1,1.5\ns1,2,2.5\ns2,2,0.5\n")
    return StudySettings(responses=tmp_path / "r.csv", expression=tmp_path / "x.csv", compounds=tmp_path / "c.csv")


def test_notes_on_expression_and_compounds_of_a_training_run_are_told(own, capsys):
    assert exit_code_of(lambda: read_study(own)) == 0
    error = capsys.readouterr().err
    assert "1 row describes genes and is no sample: ['Mean']" in error
    assert "1 name stands for several compounds: ['a (1, 2)']" in error


def test_nobody_hears_what_is_told_outside_a_command(capsys):
    tell(["nobody listens"])
    assert exit_code_of(lambda: tell(["a\x1b[31mb"])) == 0
    captured = capsys.readouterr()
    assert captured.err == "a\\x1b[31mb\n"
    assert not captured.out


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_name_that_the_terminal_cannot_show_costs_no_result(tmp_path, encoding):
    file = tmp_path / "compounds.csv"
    file.write_text("id,name,smiles\n1,β-lapachone,CCO\n2,β-lapachone,CCC\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "drugripple", "data", "doctor", file], capture_output=True, text=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "?-lapachone" in ended.stdout
