"""The page that takes a prediction apart: of the samples as the question read them, and legible on any ground."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from starlette.requests import Request

from drugripple.app.answers import why_of
from drugripple.app.desk import Job
from drugripple.app.limits import Limits
from drugripple.app.question import Question
from drugripple.chem.drawing import structure_svg
from drugripple.chem.molecule import standardise
from drugripple.predict import own_samples
from drugripple.predict.load import load_default
from drugripple.report import html
from drugripple.runtime.progress import no_progress
from drugripple.sources.user import drug_names

ASKED = Request({"type": "http", "query_string": b"sample=1&compound=0"})


@pytest.fixture(scope="module")
def model(small_default_model):
    return load_default(small_default_model)


def ask(model, place, values, compounds):
    """A question about samples of a file, its answer, and one prediction of it taken apart."""
    frame = pd.DataFrame(values, columns=list(model.training.genes.symbols))
    frame.insert(0, "sample", [f"own {i}" for i in range(len(frame))])
    frame.to_csv(place / "expression.csv", index=False)
    answer = Question(place / "expression.csv", compounds).answer(model, Limits(), no_progress)
    job = Job(Question(answer.samples, compounds), None, "own")
    _, why = why_of(ASKED, job, answer)
    return answer, why.answer(model, Limits(), no_progress)


def test_a_sample_is_taken_apart_as_its_cohort_was_read(model, tmp_path, monkeypatch):
    """Genes that were scaled one by one are moved by all samples of the file; one alone may be refused."""

    def moved(_kernel, table):
        return replace(table, values=table.values + len(table), notes=(*table.notes, f"read {len(table)} together"))

    monkeypatch.setattr(own_samples, "at_training_levels", moved)
    answer, found = ask(model, tmp_path, model.training.values[:12], model.calibrated.calibration.names[:2])
    assert "read 12 together" in answer.notes
    assert f"IC50 {answer.table['ic50_um'].iloc[2]:.3g} µM" in found.report.summary[0]
    said = [text for text in found.report.summary if "together" in text]
    assert said == ["Note: read 12 together."]


def test_compounds_that_were_left_out_are_no_note_of_another(model, tmp_path):
    (tmp_path / "c.csv").write_text("name,smiles\nethanol,CCO\nbroken,C1CC\n")
    answer, found = ask(model, tmp_path, model.training.values[:3], tmp_path / "c.csv")
    assert any("left out" in note for note in answer.notes)
    assert not any("left out" in text for text in found.report.summary)


def test_a_structure_has_a_ground_of_its_own():
    """Its bonds are dark, and a page, a report or a notebook may be dark, too."""
    drawn = structure_svg(standardise("CCO"), "ethanol")
    ground = re.search(r"<rect[^>]*>", drawn)
    assert ground is not None
    assert 'fill="#fff' in ground[0]


def test_columns_that_nothing_is_known_of_are_left_out(model, tmp_path, monkeypatch):
    """Where no target is known, a column of "no" would say that no gene is one."""
    monkeypatch.setattr(drug_names, "_drugs", dict)
    _, found = ask(model, tmp_path, model.training.values[:3], model.calibrated.calibration.names[:2])
    heads = {column.heading for part in found.report.sections for table in part.tables for column in table.columns}
    assert {"gene", "mean_z", "compound", "contribution"} <= heads
    assert heads.isdisjoint({"is_target", "target", "mechanism"})


def test_every_table_of_a_section_of_several_says_what_it_is(model, tmp_path):
    _, found = ask(model, tmp_path, model.training.values[:3], model.calibrated.calibration.names[:2])
    assert [part.heading for part in found.report.sections if len(part.tables) > 1 and not all(
        table.caption for table in part.tables)] == []  # fmt: skip


def test_names_of_columns_are_code_and_not_backticks(model, tmp_path):
    _, found = ask(model, tmp_path, model.training.values[:3], model.calibrated.calibration.names[:2])
    shown = html.render(found.report)
    assert "<code>mean_slope</code>" in shown
    assert "`" not in shown
