"""What the default model shows and writes: a workbook, what is outside its domain, every suggestion."""

import pandas as pd

from .conftest import ASPIRIN, run


def test_a_workbook_holds_what_the_csv_holds(built, mine, tidy_folder, tmp_path):
    call = ("predict", "--expression", mine, "--compounds", tidy_folder / "own_compounds.csv", "--model", built)
    assert run(*call, "--out", tmp_path / "p.csv").exit_code == 0
    done = run(*call, "--out", tmp_path / "p.xlsx")
    assert done.exit_code == 0, done.exception
    written, sheets = pd.read_csv(tmp_path / "p.csv"), pd.read_excel(tmp_path / "p.xlsx", sheet_name=None)
    pd.testing.assert_frame_equal(sheets["predictions"], written, check_dtype=False, rtol=1e-12)
    assert sheets["samples x compounds"].shape == (4, 1 + 12)
    assert "intervals of 90%" in sheets["notes"]["notes"].tolist()
    assert (tmp_path / "p.xlsx.notes.json").is_file()


def test_what_is_outside_the_domain_is_told_before_the_best(built, mine):
    strange = "[SiH3][SiH3]"
    done = run("predict", "--expression", mine, "--smiles", strange, "--smiles", ASPIRIN, "--model", built, "--top", 3)
    assert done.exit_code == 0, done.exception
    assert f"outside the model's domain: ['{strange}'] (its most similar training compound" in done.output


def test_every_suggestion_is_shown(built, mine):
    done = run("suggest", "--expression", mine, "--model", built, "--number", "5")
    assert done.exit_code == 0, done.exception
    assert sum("mine" in line for line in done.output.splitlines()) == 4 * 5
