"""What a person does with the page beside reading one table: names in place of structures, one compound in all of her
samples, files of an explanation, and files that were meant for another field."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from drugripple.app.desk import State
from drugripple.app.written import WRITTEN, uploaded_compounds
from drugripple.data.measure import Measure
from drugripple.data.tables import CompoundTable
from drugripple.errors import CompoundError, printable
from drugripple.predict.page.shown import View, sheet_of

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def as_file(frame, name="mine.csv"):
    return (name, frame.to_csv(index=False).encode(), "text/csv")


def text_of(html):
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.fixture(scope="module")
def samples(tidy_folder):
    frame = pd.read_csv(tidy_folder / "own_samples.csv").head(3)
    return frame.assign(sample=["mine 1", "mine 2", "mine 3"])


@pytest.fixture(scope="module")
def known(page):
    return page.site.desk.catalogue.compounds


@pytest.fixture(scope="module")
def job(page, samples):
    return page.put(files={"expression": as_file(samples)}, all_compounds="1")


def test_a_file_of_names_will_do(page, samples, known):
    names = pd.DataFrame({"name": [known[1].upper(), known[0]]})
    done = page.put(files={"expression": as_file(samples), "compounds": as_file(names, "names.csv")})
    assert done.state is State.DONE, done.failure
    assert done.answer.compounds.names == (known[1], known[0])


def test_a_line_that_holds_no_structure_is_a_name_as_a_whole(tmp_path):
    """`MEK` of MEK inhibitors is no SMILES with a name behind it; a broken SMILES is one."""
    (tmp_path / WRITTEN).write_text("MEK inhibitors\nCCO ethanol\nC1=CC broken\n")
    found = uploaded_compounds(tmp_path / WRITTEN, *[CompoundTable.from_smiles(["CCN"], names=["Trametinib"])] * 2)
    assert found.names == ("ethanol",)
    assert any(note.startswith("'MEK inhibitors' is no compound but a kind; the model") for note in found.notes)
    assert any("compound 'broken' with SMILES 'C1=CC'" in note for note in found.notes)


@pytest.mark.parametrize(("written", "said"), [("MEK inhibitors\n", "is no compound but a kind"),
                                               ("MEK inhibitors\nTrametinib + vorinostat", "is no compound but a kind"),
                                               ("Trametinib + trametinib\n", "names 2 compounds")])  # fmt: skip
def test_a_kind_or_a_combination_alone_is_told_as_one(tmp_path, written, said):
    (tmp_path / WRITTEN).write_text(written)
    with pytest.raises(CompoundError, match=f"^'{re.escape(written.splitlines()[0])}' {said}"):
        uploaded_compounds(tmp_path / WRITTEN, *[CompoundTable.from_smiles(["CCN"], names=["Trametinib"])] * 2)


@pytest.mark.parametrize("written", ["{0}\n{1}", "{0}\n" + ASPIRIN + " aspirin\n\n{1}", "{0}\n" + ASPIRIN])
def test_names_and_smiles_may_be_written_side_by_side(page, samples, known, written):
    done = page.put(files={"expression": as_file(samples)}, smiles=written.format(known[2].upper(), known[3]))
    assert done.state is State.DONE, done.failure
    expected = [known[2] if "{0}" in line else known[3] if "{1}" in line else line.split()[-1]
                for line in written.split("\n") if line]  # fmt: skip
    assert list(done.answer.compounds.names) == expected
    assert not any("left out" in note for note in done.answer.notes)


def test_a_misspelt_name_is_told_with_the_nearest(page, samples, known):
    done = page.put(files={"expression": as_file(samples)}, smiles=known[0] + "e")
    assert done.state is State.FAILED
    assert repr(known[0]) in done.failure.message


def test_a_file_in_the_wrong_field_is_said_to_be(page, samples, tidy_folder):
    compounds = pd.read_csv(tidy_folder / "own_compounds.csv")
    done = page.put(files={"expression": as_file(samples), "compounds": as_file(samples, "c.csv")})
    shown = text_of(page.get(f"/questions/{done.id}").text)
    assert "Expression: can be read" in shown
    assert "Compounds: this file seems to hold expression" in shown
    done = page.put(files={"expression": as_file(compounds)}, smiles="CCO")
    assert "Expression: this file seems to hold compounds" in text_of(page.get(f"/questions/{done.id}").text)


def test_one_compound_is_compared_over_all_samples(page, job, samples):
    """The most sensitive first; each is a link to its own pair."""
    pair = page.get(f"/answers/{job.id}/pair?sample=1&compound=4").text
    part = pair[pair.index("In all of your samples") :]
    rows = re.findall(r'<th scope="row">(?:<a href="[^"]*sample=(\d)&amp;compound=4">)?([^<]*)', part)
    table = job.answer.table
    expected = table[table["compound"] == job.answer.compounds.names[4]].sort_values("ln_ic50")["sample"].tolist()
    assert [name for _, name in rows] == expected
    assert {place for place, _ in rows} == {"0", "", "2"}
    alone = page.put(samples=[page.site.desk.catalogue.samples[0]], smiles="CCO")
    assert "In all of your samples" not in page.get(f"/answers/{alone.id}/pair?sample=0&compound=0").text


def test_the_nearest_samples_are_told_with_tissue_and_likeness(page, job):
    """They are those of the table."""
    answer = job.answer
    tissue = tuple("soft_tissue" for _ in answer.training)
    row = answer.table.iloc[5]
    names = re.findall(r"(\S+) [\d.e+-]+ uM", row["nearest_samples"])
    try:
        job.answer = replace(answer, tissue=tissue)
        pair = page.get(f"/answers/{job.id}/pair?sample=0&compound=5").text
    finally:
        job.answer = answer
    told = re.findall(r"<li>(\S+) \(soft tissue\), correlation (-?[\d.]+): [\d.,e+-]+ µM</li>", pair)
    assert [name for name, _ in told] == names
    assert float(told[0][1]) == pytest.approx(answer.similarity[0].max(), abs=0.005)


def test_an_explanation_can_be_kept(page, job):
    answered = page.post(f"/answers/{job.id}/why?sample=0&compound=0", follow_redirects=False)
    why = page.site.desk.job(answered.headers["location"].rpartition("/")[2])
    assert why.over.wait(60)
    link = re.search(r'href="/[^/"]*(/questions/[^"]*\.html)"', page.get(f"/questions/{why.id}").text)
    kept = page.get(link[1])
    assert kept.headers["content-disposition"] == 'attachment; filename="explanation.html"'
    assert "Genes that move it together" in kept.text
    assert page.get(f"/questions/{job.id}/explanation.html").status_code == 404


def test_compounds_are_found_by_target_where_it_is_known(page, job):
    answer = job.answer
    try:
        job.answer = replace(answer, table=answer.table.assign(target="", mechanism=""))
        assert "Compound's name has" in page.get(f"/answers/{job.id}").text.replace("&#39;", "'")
    finally:
        job.answer = answer
    target = ["MEK1, MEK2" if name == answer.compounds.names[3] else "" for name in answer.table["compound"]]
    told = replace(answer, table=answer.table.assign(target=target))
    assert [row.name for row in sheet_of(told, View(find="mek2")).rows] == [answer.compounds.names[3]]
    try:
        job.answer = told
        assert "Name, target or mechanism has" in page.get(f"/answers/{job.id}").text
    finally:
        job.answer = answer


def test_one_sample_and_one_compound_are_not_plural(page):
    done = page.put(samples=[page.site.desk.catalogue.samples[0]], smiles="CCO ethanol")
    assert "1 sample with 1 compound;" in text_of(page.get(f"/answers/{done.id}").text)


def test_a_mark_tells_of_the_tissues_that_have_none_of_their_own(page, job):
    answer = job.answer
    several = tuple(f"tissue_{i % 9}" for i in range(len(answer.training)))
    try:
        job.answer = replace(answer, tissue=several)
        shown = page.get(f"/answers/{job.id}").text
    finally:
        job.answer = answer
    legend = text_of(shown[shown.index('<ul class="legend">') :])
    assert "tissue 0" in legend
    assert "others" in legend
    assert printable(legend) == legend


def test_the_report_to_keep_explains_itself(page, job):
    """It is read without the page: units, tissues of the map, what stands first, and what each number means."""
    answer = job.answer
    try:
        job.answer = replace(answer, tissue=tuple(f"tissue_{i % 2}" for i in range(len(answer.training))))
        kept = text_of(page.get(f"/answers/{job.id}/predictions.html").text)
    finally:
        job.answer = answer
    assert "measured: lowest / median / highest (µM)" in kept
    assert "first those that hit it harder than other samples" in kept
    assert "tissue 0" in kept
    assert "Covers a new measurement with the probability that you chose" in kept


def test_a_misspelt_name_beside_structures_is_told_with_the_nearest(page, samples, known):
    done = page.put(files={"expression": as_file(samples)}, smiles=f"{ASPIRIN} aspirin\n{known[0]}e")
    assert done.answer.compounds.names == ("aspirin",)
    assert any(repr(known[0]) in note for note in done.answer.notes)


def test_findings_have_code_and_no_backticks(page, samples):
    few = samples.iloc[:, :3]
    done = page.put(files={"expression": as_file(few)}, smiles="CCO")
    assert done.state is State.FAILED
    shown = page.get(f"/questions/{done.id}").text
    assert "<code>missing</code>" in shown
    assert "`" not in shown


def test_a_new_compound_is_shown_with_the_known_one_that_is_most_like_it(page, samples):
    done = page.put(files={"expression": as_file(samples)}, smiles=ASPIRIN + " mine")
    row = done.answer.table.iloc[0]
    likest = f"{row['nearest_compound']} ({row['compound_similarity']:.2f})"
    (shown,) = sheet_of(done.answer, View()).rows
    assert (shown.likest, shown.record) == (likest, f"new to the model; most like {likest}")
    assert f"Most like it in training {likest}" in text_of(page.get(f"/answers/{done.id}/pair?compound=0").text)


def test_a_prediction_above_the_tested_range_is_told_as_one(job):
    found = []
    for tested in (1e-9, 1e9, float("nan")):
        answer = replace(job.answer, table=job.answer.table.assign(tested_um=tested))
        found.append({row.beyond for row in sheet_of(answer, View()).rows})
    assert found == [{"above the tested range"}, {""}, {""}]


def test_a_known_compound_has_its_target_however_it_is_written(page, job, samples):
    """Its structure is that of a training compound, whose annotation counts."""
    table = job.answer.table
    place = int((table["target"] != "").to_numpy().argmax()) % len(job.answer.compounds)
    target, smiles = table["target"].iloc[place], job.answer.compounds.smiles[place]
    assert target
    done = page.put(files={"expression": as_file(samples)}, smiles=smiles)
    assert f"Target {target}" in text_of(page.get(f"/answers/{done.id}/pair?compound=0").text)


def test_percent_says_who_responds_more(job):
    (low,) = {row.percentile.split("% ")[1] for row in sheet_of(job.answer, View()).rows}
    higher = replace(job.answer, measure=Measure.Z_SCORE, table=job.answer.table.rename(
        columns={"ln_ic50": "z_score", "low_um": "low", "high_um": "high", "measured_min_um": "measured_min",
                 "measured_median_um": "measured_median", "measured_max_um": "measured_max"}))  # fmt: skip
    (high,) = {row.percentile.split("% ")[1] for row in sheet_of(higher, View()).rows}
    assert (low, high) == ("respond more", "respond less")
