"""Every address of the page, and what becomes of uploads."""

import io
import os
import re
import signal
import time
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from drugripple.app.desk import State
from drugripple.app.worker import Failed

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
HOSTILE = '<script>alert("1")</script>'


@pytest.fixture(scope="module")
def samples(tidy_folder):
    """Samples under names that training lacks, one of them hostile."""
    frame = pd.read_csv(tidy_folder / "own_samples.csv").head(4)
    frame["sample"] = [HOSTILE, "=1+2", "mine 2", "mine 3"]
    return frame


def text_of(html):
    """A page's text without its tags."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def as_file(frame, name="mine.csv"):
    return (name, frame.to_csv(index=False).encode(), "text/csv")


@pytest.fixture(scope="module")
def job(page, samples):
    """An answered question, with hostile names of everything."""
    compounds = pd.DataFrame({"name": [HOSTILE, "=cmd|' /C calc'!A0", "ethanol"], "smiles": [ASPIRIN, "CCN", "CCO"]})
    done = page.put(files={"expression": as_file(samples, f"{HOSTILE}.csv"), "compounds": as_file(compounds, "c.csv")})
    assert done.state is State.DONE, done.failure
    return done


def test_the_form_offers_what_the_model_knows(page, tidy_folder):
    shown = page.get("/")
    assert shown.status_code == 200
    known = pd.read_csv(tidy_folder / "own_compounds.csv")["name"]
    assert all(f"<option>{name}</option>" in shown.text for name in known)
    assert "40" in text_of(shown.text)


def test_an_answer_ranks_compounds_with_intervals_and_says_the_domain(page, job):
    shown = page.get(f"/answers/{job.id}")
    assert shown.status_code == 200
    assert shown.text.count("<tr>") == 4
    assert "µM" in shown.text
    assert "inside" in shown.text or "outside" in shown.text
    assert "2 of 3 compounds" not in shown.text
    assert (
        page.get(f"/questions/{job.id}", follow_redirects=False).headers["location"]
        == f"/{page.token}/answers/{job.id}"
    )


def test_no_name_of_a_file_a_sample_or_a_compound_becomes_markup(page, job):
    paths = (
        "/",
        f"/answers/{job.id}",
        f"/answers/{job.id}/pair?sample=0&compound=0",
        f"/answers/{job.id}?find={HOSTILE}",
    )
    shown = [page.get(path).text for path in paths]
    shown.append(page.get(f"/answers/{job.id}/predictions.html").text)
    shown.append(page.get(f"/answers/{job.id}/structure/0.svg").text)
    assert [text for text in shown if "<script>" in text or 'alert("1")' in text.replace("&#34;", "&quot;")] == []
    assert "&lt;script&gt;" in shown[1]


def test_the_table_is_found_ordered_and_cut(page, tidy_folder):
    names = sorted(pd.read_csv(tidy_folder / "own_compounds.csv")["name"])
    done = page.put(samples=list(page.site.desk.catalogue.samples[:2]), all_compounds="1")
    shown = page.get(f"/answers/{done.id}?sample=1&order=name").text
    places = [shown.index(f">{name}</a>") for name in names]
    assert places == sorted(places)
    found = page.get(f"/answers/{done.id}", params={"find": names[0], "order": "nonsense", "sheet": "-3"}).text
    assert f">{names[0]}</a>" in found
    assert "No compound of this answer fits" in page.get(f"/answers/{done.id}?find=nothing+like+it").text
    assert page.get(f"/answers/{done.id}?sample=2").status_code == 404
    assert page.get(f"/answers/{done.id}/pair?sample=0&compound=12").status_code == 404


def test_a_pair_shows_measurements_of_a_known_compound_and_none_of_a_new_one(page, job):
    known = page.put(
        samples=[page.site.desk.catalogue.samples[0]], known_compounds=[page.site.desk.catalogue.compounds[0]]
    )
    shown = page.get(f"/answers/{known.id}/pair?sample=0&compound=0").text
    assert "measured response of" in shown
    assert shown.count("<circle") > 20
    assert "nothing was measured of it" in page.get(f"/answers/{job.id}/pair?sample=1&compound=2").text


def test_a_prediction_is_taken_apart_on_request(page, job):
    answered = page.post(f"/answers/{job.id}/why?sample=0&compound=0", follow_redirects=False)
    why = page.site.desk.job(answered.headers["location"].rpartition("/")[2])
    assert why.over.wait(60)
    assert why.state is State.DONE, why.failure
    shown = page.get(f"/questions/{why.id}").text
    assert f"answers/{job.id}/pair?sample=0&amp;compound=0" in shown
    assert shown.count("<table") >= 2
    assert "Genes that move it together" in shown
    assert 'aria-label="Network of 15 gene pairs"' in shown
    assert "mean_q_others" in shown
    assert "style=" not in shown
    assert "<style" not in shown
    assert "<script>" not in shown
    assert page.get(f"/questions/{job.id}/reasons").status_code == 404
    assert page.post(f"/answers/{why.id}/why?sample=0&compound=0").status_code == 404


def test_structures_are_drawings_without_styles(page, job):
    drawn = page.get(f"/answers/{job.id}/structure/2.svg")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "structure of ethanol" in drawn.text
    assert "style" not in drawn.text
    assert page.get(f"/answers/{job.id}/structure/3.svg").status_code == 404


def test_exports_hold_every_column_and_run_no_formula(page, job):
    written = page.get(f"/answers/{job.id}/predictions.csv")
    table = pd.read_csv(io.StringIO(written.text))
    assert list(table) == list(job.answer.table)
    assert table["sample"].unique().tolist() == [HOSTILE, "'=1+2", "mine 2", "mine 3"]
    assert table["ic50_um"].tolist() == pytest.approx(job.answer.table["ic50_um"].tolist())
    book = openpyxl.load_workbook(io.BytesIO(page.get(f"/answers/{job.id}/predictions.xlsx").content))
    cells = [cell for row in book["predictions"].iter_rows() for cell in row]
    assert len(cells) == 13 * table.shape[1]
    assert "f" not in {cell.data_type for cell in cells}
    document = page.get(f"/answers/{job.id}/predictions.html").text
    assert "http" not in document.replace("http://www.w3.org", "")
    assert page.get(f"/answers/{job.id}/predictions.exe").status_code == 404


def test_the_examples_can_be_uploaded_as_they_are(page):
    files = {
        name: (f"{what}.csv", page.get(f"/example/{what}.csv").content)
        for name, what in (("expression", "samples"), ("compounds", "compounds"))
    }
    done = page.put(files=files)
    assert done.state is State.DONE, done.failure
    assert len(done.answer.samples) == 10
    assert page.get("/example/other.csv").status_code == 404


def test_the_example_is_one_button(page):
    answered = page.post("/example", follow_redirects=False)
    job = page.site.desk.job(answered.headers["location"].rpartition("/")[2])
    assert job.over.wait(60)
    assert (len(job.answer.samples), len(job.answer.compounds)) == (10, 12)


def test_smiles_may_be_written_with_names(page, samples):
    done = page.put(files={"expression": as_file(samples)}, smiles=f"{ASPIRIN} aspirin\nCCO", level="50 %")
    assert done.answer.compounds.names == ("aspirin", "CCO")
    assert done.answer.level == 0.5


def test_a_bad_upload_is_explained_by_what_the_doctor_finds(page, samples):
    broken = samples.copy().astype({samples.columns[1]: object})
    broken.iloc[1, 1] = "high"
    done = page.put(files={"expression": as_file(broken)}, smiles="CCO")
    assert done.state is State.FAILED
    shown = page.get(f"/questions/{done.id}")
    assert shown.status_code == 422
    assert "cannot be used as it is" in shown.text
    assert "What to do:" in shown.text
    assert page.left() == []


def test_a_file_in_the_wrong_place_is_recognised(page, tidy_folder):
    compounds = pd.read_csv(tidy_folder / "own_compounds.csv")
    done = page.put(files={"expression": as_file(compounds)}, smiles="CCO")
    assert "Read as: compounds." in page.get(f"/questions/{done.id}").text


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"smiles": "CCO"}, "which samples you mean: give one of"),
        ({"samples": ["nobody"], "smiles": "CCO"}, "1 samples are not known to the model"),
        ({"samples": None, "smiles": "CCO", "all_compounds": "1"}, "SMILES and all known compounds are given"),
        ({"samples": None, "smiles": "CCO", "level": "99 %"}, "choose one of these"),
    ],
)
def test_what_is_missing_or_doubled_in_the_form_is_said(page, fields, complaint):
    known = {"samples": [page.site.desk.catalogue.samples[0]]} if "samples" in fields and not fields["samples"] else {}
    answered = page.post("/ask", files={"none": ("", b"")}, data=fields | known)
    assert answered.status_code == 422
    assert complaint in text_of(answered.text)
    assert page.left() == []
    assert list(page.temporary.glob(".drugripple-serve.*/*")) == []


def test_no_upload_is_left_when_the_answer_is_there(page, job):
    assert job.folder is not None
    assert not job.folder.exists()
    assert page.left() == []


def test_a_forgotten_answer_is_gone(page, samples):
    done = page.put(files={"expression": as_file(samples)}, smiles="CCO")
    assert page.post(f"/questions/{done.id}/forget", follow_redirects=False).status_code == 303
    assert page.get(f"/answers/{done.id}").status_code == 404
    assert page.get(f"/answers/{done.id}/predictions.csv").status_code == 404


def test_the_state_of_a_question_is_told_to_the_script(page, job):
    told = page.get(f"/questions/{job.id}/state").json()
    assert (told["state"], told["over"]) == ("done", True)
    assert page.get("/questions/unknown/state").status_code == 404


def asked(page, samples):
    """A job that was put into the line."""
    files, data = {"expression": as_file(samples)}, {"smiles": "CCO"}
    answered = page.post("/ask", files=files, data=data, follow_redirects=False)
    return page.site.desk.job(answered.headers["location"].rpartition("/")[2])


def until(holds, seconds=20):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_question_that_runs_or_waits_is_cancelled_and_nothing_of_it_is_left(page, samples):
    """The worker is held, as a long computation would hold it."""
    os.kill(page.site.desk.worker.pid, signal.SIGSTOP)
    runs, waits = asked(page, samples), asked(page, samples)
    until(lambda: runs.state is State.RUNNING)
    assert "Cancel" in page.get(f"/questions/{runs.id}").text
    assert len(page.left()) == 4
    for job in (waits, runs):
        assert page.post(f"/questions/{job.id}/cancel", follow_redirects=False).status_code == 303
        assert job.state is State.CANCELLED
    assert page.left() == []
    assert "cancelled" in page.get(f"/questions/{runs.id}").text
    assert page.put(files={"expression": as_file(samples)}, smiles="CCO").state is State.DONE


def test_a_question_that_takes_too_long_is_stopped(page, samples, monkeypatch):
    monkeypatch.setattr(page.site.desk, "limits", replace(page.site.desk.limits, seconds=0.3))
    until(lambda: page.site.desk.worker)
    os.kill(page.site.desk.worker.pid, signal.SIGSTOP)
    late = page.put(files={"expression": as_file(samples)}, smiles="CCO")
    assert "more than 0 seconds" in late.failure.message
    assert page.left() == []


def test_a_worker_that_dies_is_told_and_replaced(page, samples):
    assert page.put(files={"expression": as_file(samples)}, smiles="CCO").state is State.DONE
    os.kill(page.site.desk.worker.pid, signal.SIGKILL)
    first = page.put(files={"expression": as_file(samples)}, smiles="CCO")
    assert "ended by itself" in first.failure.message
    assert page.put(files={"expression": as_file(samples)}, smiles="CCO").state is State.DONE


def test_a_full_line_is_told(page, samples, monkeypatch):
    monkeypatch.setattr(page.site.desk, "limits", replace(page.site.desk.limits, waiting=0))
    refused = page.post("/ask", files={"expression": as_file(samples)}, data={"smiles": "CCO"})
    assert refused.status_code == 503
    assert "too many questions wait" in refused.text
    assert page.left() == []


def test_old_answers_go(page, samples, monkeypatch):
    first = page.put(files={"expression": as_file(samples)}, smiles="CCO")
    monkeypatch.setattr(page.site.desk, "limits", replace(page.site.desk.limits, kept=1))
    second = page.put(files={"expression": as_file(samples)}, smiles="CCO")
    assert [page.get(f"/answers/{job.id}").status_code for job in (first, second)] == [404, 200]
    monkeypatch.setattr(page.site.desk, "limits", replace(page.site.desk.limits, kept_minutes=0.0))
    assert page.get(f"/answers/{second.id}").status_code == 404


def test_without_a_model_the_page_says_why(page, monkeypatch):
    monkeypatch.setattr(page.site.desk, "failure", Failed("the folder is damaged"))
    shown = page.get("/")
    assert shown.status_code == 503
    assert "There is no model" in shown.text
