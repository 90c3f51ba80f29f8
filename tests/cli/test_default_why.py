"""The verbs that ask the default model why, and what if, from files to files."""

import pandas as pd
import pytest

from drugripple.errors import OutputError
from drugripple.predict.load import load

from .conftest import ASPIRIN, run


def test_explain_leaves_a_page_and_tables_that_add_up(built, mine, tidy_folder, tmp_path):
    asked = ("--expression", mine, "--model", built, "--sample", "mine1")
    name = pd.read_csv(tidy_folder / "own_compounds.csv")["name"][0]
    done = run("explain", *asked, "--compound", name, "--out", tmp_path / "why")
    assert done.exit_code == 0, done.output
    terms = pd.read_csv(tmp_path / "why" / "terms.csv")
    table = load(built).predict(mine, tidy_folder / "own_compounds.csv")
    answer = table[(table["sample"] == "mine1") & (table["compound"] == name)]["ln_ic50"].iloc[0]
    assert terms["value"].sum() == pytest.approx(answer)
    assert (tmp_path / "why" / "explanation.html").is_file()
    again = run("explain", *asked, "--smiles", ASPIRIN, "--out", tmp_path / "why", "--overwrite")
    assert again.exit_code == 0, again.output


def test_what_if_leaves_a_table_and_a_figure(built, mine, tmp_path):
    asked = ("--expression", mine, "--model", built, "--sample", "mine1", "--smiles", ASPIRIN)
    done = run("what-if", *asked, "--gene", "DDR1", "--change", "-1", "--change", "2", "--out", tmp_path / "w")
    assert done.exit_code == 0, done.output
    assert pd.read_csv(tmp_path / "w" / "what_if.csv")["change"].tolist() == [-1.0, 2.0]
    assert (tmp_path / "w" / "gene.svg").is_file()


@pytest.mark.parametrize(
    ("verb", "flags", "complaint"),
    [
        ("explain", ("--by", "sensitivity"), "only a network takes by"),
        ("explain", ("--compound", "a", "--compound", "b"), "explains one sample and one compound at a time"),
        ("explain", (), "name the compound: a SMILES, a file"),
        ("explain", ("--smiles", "CCO", "--compound", "vorinostat"), "the compound was given twice"),
        ("what-if", ("--smiles", "CCO", "--compounds", "c.csv", "--compound", "c0"), "the compound was given twice"),
        ("what-if", ("--edge", "A,B", "--smiles", "CCO"), "only a network takes edge"),
        ("what-if", ("--gene", "NOSUCH", "--smiles", "CCO"), "NOSUCH"),
    ],
)
def test_what_the_default_model_does_not_understand_is_refused(
    built, mine, tmp_path, monkeypatch, verb, flags, complaint
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.csv").write_text("smiles\nCCO\n")
    done = run(verb, "--expression", mine, "--model", built, "--sample", "mine1", "--out", tmp_path / "x", *flags)
    assert complaint in str(done.exception)


def test_a_folder_of_something_else_is_not_replaced(built, mine, tidy_folder, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    pair = ("--sample", "mine1", "--smiles", ASPIRIN)
    told = ("--responses", tidy_folder / "responses.csv")
    for verb, asked in (("explain", pair), ("what-if", pair), ("calibrate", told)):
        refused = run(verb, "--expression", mine, "--model", built, *asked, "--out", tmp_path).exception
        assert isinstance(refused, OutputError)
        assert "holds something else" in str(refused)
    assert (tmp_path / "mine.txt").is_file()
