"""Outputs that are inputs, or in use, are refused before anything is read: no file here has anything in it."""

import pytest

from drugripple.errors import CheckpointError, OutputError
from drugripple.predict.ask import Question, predict_files
from drugripple.predict.default_files import OnePair, condition_files
from drugripple.predict.files import explain_files, what_if_files
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.recipes.audit import audit_splits
from drugripple.runtime.lock import lock_file


@pytest.fixture
def question(tmp_path):
    """A model, samples and compounds, all empty."""
    (tmp_path / "model" / "checkpoint").mkdir(parents=True)
    given = tmp_path / "model", tmp_path / "samples.csv", tmp_path / "compounds.csv"
    for file in (*given[1:], tmp_path / "model" / "predictions.parquet"):
        file.touch()
    return given


def asked(question):
    model, expression, compounds = question
    return Question(expression, compounds, model)


@pytest.mark.parametrize("out", ["samples.csv", "compounds.csv", "link.csv", "model/predictions.parquet"])
def test_predictions_never_replace_what_they_are_made_from(question, tmp_path, out):
    (tmp_path / "link.csv").symlink_to("samples.csv")
    with pytest.raises(OutputError, match="is an input"):
        predict_files(asked(question), tmp_path / out)
    with pytest.raises(OutputError, match="is an input"):
        predict_files(asked(question), tmp_path / "new.csv", perturbed=tmp_path / "model" / "predictions.parquet")


def test_two_predictions_do_not_share_an_output(question, tmp_path):
    with lock_file(tmp_path / "p.csv"), pytest.raises(OutputError, match=r"p\.csv is in use by process"):
        predict_files(asked(question), tmp_path / "p.csv")


def test_two_models_do_not_share_an_output_and_one_beside_it_is_written(question, tmp_path):
    model, *given = question
    with lock_file(tmp_path / "told", what="folder"):
        with pytest.raises(OutputError, match=r"told is in use by process .*; let it finish, or choose another folder"):
            condition_files(*given, tmp_path / "told", model=model)
        with pytest.raises(CheckpointError):  # it goes as far as reading the model, which is empty
            condition_files(*given, tmp_path / "beside", model=model)


def test_an_explanation_never_replaces_an_input(question, tmp_path):
    (tmp_path / "pairs.csv").hardlink_to(question[1])
    with pytest.raises(OutputError, match="is an input"):
        explain_files(*question, tmp_path)


def test_a_screen_never_writes_into_its_model(question):
    model, expression, compounds = question
    request = ScreenRequest(model=model, expression=expression, compounds=compounds, out=model)
    with pytest.raises(OutputError, match="is an input"):
        screen(request)


def test_an_audit_never_replaces_the_split(tmp_path):
    (tmp_path / "audit.csv").touch()
    with pytest.raises(OutputError, match="is an input"):
        audit_splits([tmp_path / "audit.csv"], out=tmp_path)


def test_a_file_is_never_replaced_by_a_folder_of_results(question, tmp_path):
    """Said before anything is read, of every job whose result is a folder."""
    model, expression, compounds = question
    out = tmp_path / "notes.txt"
    out.write_text("precious")
    request = ScreenRequest(model=model, expression=expression, compounds=compounds, out=out)
    for job in (
        lambda: explain_files(*question, out),
        lambda: what_if_files(*question, out),
        lambda: OnePair(expression, smiles="CCO", model=model).explain(out),
        lambda: OnePair(expression, smiles="CCO", model=model).what_if(out),
        lambda: condition_files(expression, compounds, out, model=model),
        lambda: screen(request),
    ):
        with pytest.raises(OutputError, match=r"notes\.txt is a file, and the result is a folder; choose another name"):
            job()
    assert out.read_text() == "precious"
