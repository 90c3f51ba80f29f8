"""In which samples to measure a new compound."""

import pandas as pd
import pytest

from drugripple.predict.load import load

from .conftest import ASPIRIN, run


def test_lines_to_measure_a_new_compound_in_and_what_was_measured(built, tidy_folder, tmp_path, caplog):
    """Without any expression: chosen, measured, told, asked about again."""
    trained = pd.read_csv(tidy_folder / "own_samples.csv")["sample"].tolist()
    asked = ("--compound", ASPIRIN, "--compound", "CCOC(=O)c1ccccc1", "--model", built)
    done = run("suggest", *asked, "--number", "3", "--out", tmp_path / "next.csv")
    assert done.exit_code == 0, done.output
    chosen = pd.read_csv(tmp_path / "next.csv", keep_default_na=False)
    assert list(chosen) == ["compound", "id", "order", "sample", "tissue"]
    assert chosen["order"].tolist() == [1, 2, 3] * 2
    assert set(chosen["sample"]) <= set(trained)
    fewer = run("suggest", *asked, *(word for name in trained[5:7] for word in ("--sample", name)))
    assert "2 compounds have fewer than 5 samples left to choose from" in fewer.output
    told = chosen[chosen["compound"] == ASPIRIN].assign(smiles=ASPIRIN, ic50_um=[0.01, 0.02, 0.03])
    told[["sample", "smiles", "ic50_um"]].to_csv(tmp_path / "told.csv", index=False)
    done = run("calibrate", "--responses", tmp_path / "told.csv", "--model", built, "--out", tmp_path / "told")
    assert done.exit_code == 0, done.output
    assert "1 new compound" in done.output
    assert "no samples are named: all 40 that the model was trained with are taken" in caplog.messages
    before, after = (load(folder).predict(compounds=[ASPIRIN])["ln_ic50"] for folder in (built, tmp_path / "told"))
    assert after.mean() < before.mean() - 0.5
    again = run("suggest", "--compound", ASPIRIN, "--model", tmp_path / "told", "--out", tmp_path / "more.csv")
    assert again.exit_code == 0, again.output
    assert not set(pd.read_csv(tmp_path / "more.csv")["sample"]) & set(told["sample"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to choose for"),
        (("--sample", "L1"), "nothing to choose for"),
        (("--compound", "C1CC", "--compounds", "x.csv"), "compounds were given twice"),
        (("--expression", "x.csv", "--sample", "L1"), "leave one of them out"),
        (("--compound", ASPIRIN, "--layer", "counts"), "no file of expression is given, and layer would say how"),
        (("--compound", ASPIRIN, "--sample", "NOPE"), "'NOPE']; only training samples can be chosen"),
    ],
)
def test_a_question_of_suggest_that_is_unclear_is_refused(built, words, said):
    assert said in str(run("suggest", *words, "--model", built).exception)


def test_samples_are_not_chosen_for_compounds_of_training(built, tidy_folder):
    """Alone they are refused, beside others left out and told."""
    known = pd.read_csv(tidy_folder / "own_compounds.csv")["name"][0]
    alone = run("suggest", "--compound", known, "--model", built)
    assert f"the model was trained with every compound that was named: ['{known} (measured in " in str(alone.exception)
    beside = run("suggest", "--compound", known, "--compound", ASPIRIN, "--model", built)
    assert f"1 compound is left out, because the model was trained with measurements: ['{known}" in beside.output
