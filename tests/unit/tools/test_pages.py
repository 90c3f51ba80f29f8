"""README and docs say what was measured: every table and number is written from results/ and the history of speed."""

import re
from dataclasses import replace

import pytest

from drugripple.errors import TableError
from drugripple.predictors.catalogue import BASELINES
from tools.ledger import BenchmarkRecord, ResultRow
from tools.pages.__main__ import ROOT, made, main, pages
from tools.pages.measured import Measured, newest
from tools.pages.numbers import as_printed
from tools.pages.page import fill, value_of
from tools.pages.rooms import import_order, rooms
from tools.pages.speed import hardware

ROW = ResultRow("main_job", "csg2a", "paper", "cell_blind", 1, 0, "rmse", 1.2614, 0.0312, 15010, "d", "c", "", "", "")
RECORD = BenchmarkRecord("attention", 52_213.0, "rows/s", 321.4, "dense", 978, 10, "here", "", "2026-11-23")
KEY = "main_job/csg2a/paper/cell_blind/rmse"
MEASURED = Measured((ROW,), (RECORD, replace(RECORD, genes=23, value=7.0, ratio=None)), ROOT / "results")
TABLES = {"seven": lambda measured: f"| {measured.benchmark('attention', genes=23).value:.0f} |"}


def test_every_page_and_drawing_is_what_the_generator_writes():
    stale = [str(path.relative_to(ROOT)) for path, text in made().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make pages`"


def test_the_command_tells_a_stale_page_and_writes_nothing(capsys, monkeypatch):
    page = ROOT / "README.md"
    before = page.read_text(encoding="utf-8")
    monkeypatch.setattr("tools.pages.__main__.made", lambda: {page: "other"})
    assert main(["--check"]) == 1
    assert capsys.readouterr().out == "differs: README.md\n"
    assert page.read_text(encoding="utf-8") == before


def test_no_page_hides_more_than_a_tenth_of_its_text_in_comments():
    for page in pages():
        text = page.read_text(encoding="utf-8")
        hidden = sum(map(len, re.findall(r"<!--.*?-->", text, re.DOTALL)))
        assert hidden < 0.1 * len(text), page.name


def test_every_baseline_stands_on_the_page_of_baselines():
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert [name for name in BASELINES if f"`{name}`" not in page] == []


def test_the_page_of_the_model_names_what_the_code_has():
    page = (ROOT / "docs" / "models" / "csg2a.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "src/drugripple/model").glob("*.py"))
    named = [name for row in re.findall(r"^\|.*\|$", page, re.M)[2:] for name in re.findall(r"`([\w.]+)`", row)]
    assert len(named) > 15
    assert [name for name in named if re.search(rf"\b{name.split('.')[-1]}\b", code) is None] == []


def test_a_table_is_made_anew_between_its_markers_and_nowhere_else():
    page = "before\n<!-- table: seven -->\n\n| 6 |\n\n<!-- end -->\nafter 6\n"
    filled = fill(page, TABLES, MEASURED)
    assert filled == page.replace("| 6 |", "| 7 |")
    assert fill(filled, TABLES, MEASURED) == filled


def test_a_number_in_a_sentence_is_written_with_as_many_digits_as_before():
    page = f'[9.99][a] and [40,000][b].\n\n[a]: x.csv "{KEY}"\n[b]: y.jsonl "benchmark attention genes=978"\n'
    assert fill(page, TABLES, MEASURED).startswith("[1.26][a] and [52,213][b].")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (KEY, 1.2614), (f"{KEY} column=sd", 0.0312), (f"{KEY} folds=1 seed=0 column=n", 15010),
        ("benchmark attention genes=978 column=ratio", 321.4), ("benchmark attention genes=23", 7.0),
        ("paper CSG2A drug_blind pcc", 0.611),
    ],
)  # fmt: skip
def test_a_source_names_one_number(key, value):
    assert value_of(key, MEASURED) == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<!-- table: nine -->\n<!-- end -->", "no table is called nine; there are seven"),
        ("<!-- table: seven -->\n", "marker has no partner"),
        (f'[1][a]\n\n[a]: x "{KEY}x"\n', "must be one row of results.csv, and there is: none"),
        ('[1][a]\n\n[a]: x "main_job/rmse"\n', "does not name a row"),
        ('[1][a]\n\n[a]: x "benchmark other"\n', "other .* must be one record, and there is: none"),
        ('[1][a]\n\n[a]: x "benchmark attention genes=23 column=ratio"\n', "measured without a ratio"),
        ("[1.23][a]\n", r"differ in \['a'\]"),
        (f'[a]: x "{KEY}"\n', r"differ in \['a'\]"),
        ("It reaches 0.938.\n", r"\['0.938'\] stand in the text"),
        ("x" * 400, "1 lines have 400 characters or more"),
    ],
)
def test_a_page_that_quotes_what_was_not_measured_is_refused(text, complaint):
    with pytest.raises(TableError, match=complaint):
        fill(text, TABLES, MEASURED)


def test_a_source_may_be_a_cell_of_another_table(tmp_path):
    (tmp_path / "some.csv").write_text('kind,score\n"a, whole",0.25\nb,0.5\nb,0.75\n')
    measured = replace(MEASURED, folder=tmp_path)
    assert value_of("file some.csv kind=a,_whole column=score", measured) == 0.25
    for kind, number in (("b", 2), ("c", 0)):
        with pytest.raises(TableError, match=f"must be one row of some.csv, and there are {number}"):
            value_of(f"file some.csv kind={kind} column=score", measured)


def test_a_source_that_means_two_rows_is_refused():
    two = replace(MEASURED, results=(ROW, replace(ROW, seed=1, mean=1.5)))
    with pytest.raises(TableError, match="folds=1 seed=0, folds=1 seed=1"):
        value_of(KEY, two)
    assert value_of(f"{KEY} seed=1", two) == 1.5


def test_code_and_links_may_hold_any_number():
    text = "`1.2345` and [a paper](https://doi.org/10.1093/1.2345)\n```\n0.938\n```\n"
    assert fill(text, TABLES, MEASURED) == text


@pytest.mark.parametrize(
    ("value", "printed", "written"),
    [
        (1.2614, "9.999", "1.261"), (52_213.4, "100,000", "52,200"), (15_010.0, "1", "15,010"), (-0.26, "0.3", "-0.3"),
        (14.62, "12", "14.6"),
    ],
)  # fmt: skip
def test_precision_is_read_from_the_printed_digits(value, printed, written):
    assert as_printed(value, printed) == written


def test_the_last_of_each_size_and_variant_counts():
    one, other = "a dropout mask for every row", "a dropout mask for every entity"
    records = [replace(RECORD, value=value, ratio_to=how) for value, how in ((1.0, one), (2.0, other), (4.0, one))]
    kept = newest((*records, replace(RECORD, name="y", value=3.0)))
    assert [record.value for record in kept] == [2.0, 4.0, 3.0]


def test_figures_of_another_machine_go_once_this_one_has_measured_the_same():
    old, new = replace(RECORD, value=1.0, hardware="there"), replace(RECORD, value=2.0, genes=23)
    other = replace(RECORD, name="y", value=3.0, hardware="there")
    assert [record.value for record in newest((old, other, new))] == [3.0, 2.0]


def test_rooms_stand_in_the_order_of_the_import_contract():
    order = import_order(MEASURED)
    assert order.index("cli") < order.index("recipes") < order.index("data") < order.index("errors")
    assert "| `model/mat` | The Molecule Attention Transformer" in rooms(MEASURED)


def test_every_machine_is_named_with_what_was_measured_on_it():
    other = replace(RECORD, name="y", hardware="there")
    told = hardware(replace(MEASURED, history=(RECORD, other, replace(RECORD, name="attention_share"))))
    assert told == "* here (2026-11-23): attention\n* there (2026-11-23): y"
