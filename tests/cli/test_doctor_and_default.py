"""The doctor says of expression what `predict` would say, where a default model was built."""

import pandas as pd
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of

REFUSED = "not usable with the default model; a network may take it"


@pytest.fixture
def files(place, tmp_path, monkeypatch):
    """The samples of the default model, whole and spoilt."""
    monkeypatch.chdir(place)
    table = pd.read_csv("samples.csv", index_col=0)
    table.to_csv(tmp_path / "whole.csv")
    (2**table).to_csv(tmp_path / "linear.csv")
    table.iloc[:, :20].to_csv(tmp_path / "few.csv")
    (100 * table.abs()).round().to_csv(tmp_path / "counts.csv")
    return tmp_path


def doctor(capsys, path):
    status = exit_code_of(lambda: app(["data", "doctor", str(path)]))
    return status, capsys.readouterr()


@pytest.mark.parametrize("name", ["whole", "linear", "few", "counts"])
def test_the_doctor_ends_as_predict_does_and_for_its_reason(files, capsys, name):
    path = files / f"{name}.csv"
    asked = ["predict", "--expression", str(path), "--compounds", "compounds.csv", "--out", str(files / "o.csv")]
    predicted = exit_code_of(lambda: app(asked))
    said = capsys.readouterr().err
    status, printed = doctor(capsys, path)
    assert status == predicted
    if name == "few":
        assert predicted == 2
        assert REFUSED in printed.out
        reason = said.splitlines()[-1].removeprefix("error: ").removeprefix(f"{path}: ").split(";")[0]
        assert reason in printed.err


def test_the_doctor_lists_what_the_default_model_would_note(files, capsys):
    status, printed = doctor(capsys, files / "whole.csv")
    assert status == 0
    assert "fine    default model: 12 of 12 samples are training samples by name and expression" in printed.out


def test_without_a_default_model_the_doctor_does_not_speak_of_one(files, capsys, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(files / "empty"))
    status, printed = doctor(capsys, files / "few.csv")
    assert status == 0
    assert "problem" not in printed.out


def test_a_large_file_is_not_read_again_and_a_damaged_model_is_a_note(files, capsys, monkeypatch):
    monkeypatch.setattr("drugripple.predict.diagnosis.VALUES_AT_MOST", 100)
    assert "it was not asked: 12 samples are many to read for that" in doctor(capsys, files / "few.csv")[1].out
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(files / "damaged"))
    (files / "damaged" / "models" / "default").mkdir(parents=True)
    status, printed = doctor(capsys, files / "few.csv")
    assert status == 0
    assert "note    default model: it was not asked:" in printed.out


def test_compounds_that_the_default_model_knows_by_name_are_usable_with_it(files, place, capsys):
    names = pd.read_csv(place / "own_compounds.csv").iloc[:3, 0]
    path = files / "names.csv"
    path.write_text("compound\n" + "\n".join(names) + "\n")
    asked = [
        "predict",
        "--expression",
        str(files / "whole.csv"),
        "--compounds",
        str(path),
        "--out",
        str(files / "o.csv"),
    ]
    assert exit_code_of(lambda: app(asked)) == 0
    status, printed = doctor(capsys, path)
    assert status == 0
    assert "usable with the default model" in printed.out
    assert "default model: 3 compounds go by name" in printed.out
    path.write_text("compound\nnothing known\n")
    assert doctor(capsys, path)[0] == 2


def test_compounds_that_the_default_model_knows_by_name_may_stand_among_structures(files, place, capsys):
    known = pd.read_csv(place / "own_compounds.csv").iloc[0, 0]
    path = files / "mixed.csv"
    path.write_text(f"compound,smiles\n{known},\nmine,CCO\n")
    status, printed = doctor(capsys, path)
    assert status == 0
    assert f"default model: 1 compound has no structure and a name that the model knows: ['{known}']" in printed.out
