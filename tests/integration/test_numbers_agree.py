"""Every figure marked as measured in the README or the docs is a row of a results file (docs/contributing.md)."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from tools.ledger import BenchmarkRecord, ResultRow, read_benchmarks, read_results

PROJECT = Path(__file__).parents[2]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
NUMBER = r"(?P<number>[-\u2212]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)"
MARK = re.compile(NUMBER + r"[*_`]*<!--\s*(?P<kind>results|bench)(?: (?P<column>\w+))?:\s*(?P<key>[^>]*?)\s*-->")
CODE = re.compile(r"```.*?```|`[^`\n]*<!--[^`\n]*`", re.DOTALL)
ANY_MARK = re.compile(r"<!--\s*(?:results|bench)\b[^>]*-->")


def half_unit(number):
    """Half of the last printed digit; the closing zeros of a number written with a thousands comma are not digits."""
    mantissa, _, exponent = number.lower().partition("e")
    digits = mantissa.replace(",", "")
    if "." in digits:
        place = -len(digits.partition(".")[2])
    elif "," in mantissa:
        place = len(digits) - len(digits.rstrip("0"))
    else:
        place = 0
    return 0.5 * 10.0 ** (place + int(exponent or 0))


def found(mark, results, history):
    """The values that the files hold under a mark's key."""
    first, *qualifiers = mark["key"].split()
    rows, default = (results, "mean") if mark["kind"] == "results" else (history, "value")
    if mark["kind"] == "results":
        names = ("experiment", "model", "preset", "scheme", "metric")
        wanted = dict(zip(names, first.split("/"), strict=True))
    else:
        wanted = {"name": first}
    wanted |= dict(qualifier.split("=", 1) for qualifier in qualifiers)
    rows = [row for row in rows if all(str(getattr(row, name)) == value for name, value in wanted.items())]
    return [getattr(row, mark["column"] or default) for row in rows]


def disagreements(text, results, history):
    complaints = []
    marks = list(MARK.finditer(text))
    read = {mark.end() for mark in marks}
    complaints += [f"no number before {mark[0]}" for mark in ANY_MARK.finditer(text) if mark.end() not in read]
    for mark in marks:
        printed = float(mark["number"].replace(",", "").replace("\u2212", "-"))
        try:
            values = found(mark, results, history)
        except (ValueError, AttributeError) as error:
            complaints.append(f"{mark[0]}: the key cannot be read: {error}")
            continue
        if not values:
            complaints.append(f"{mark[0]}: no such row")
        elif mark["kind"] == "results" and len(values) > 1:
            complaints.append(f"{mark[0]}: {len(values)} rows; add folds=… or seed=…")
        elif not any(agree(printed, value, mark["number"]) for value in values):
            complaints.append(f"{mark[0]}: the files say {values}")
    return complaints


def agree(printed, value, number):
    if value is None or math.isnan(value):
        return False
    return abs(printed - value) <= half_unit(number) * (1 + 1e-9) + 1e-12 * abs(value)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_quoted_number_is_a_measured_row(page):
    results = PROJECT / "results" / "results.csv"
    history = PROJECT / "benchmarks" / "history.jsonl"
    complaints = disagreements(
        CODE.sub("", page.read_text(encoding="utf-8")),
        read_results(results) if results.exists() else (),
        read_benchmarks(history) if history.exists() else (),
    )
    assert not complaints, "\n".join(complaints)


ROW = ResultRow("main_job", "csg2a", "paper", "cell_blind", 1, 0, "rmse", 1.2614, 0.0312, 15010, "d", "c", "", "", "")
BENCH = BenchmarkRecord("attention_forward", 52_213.0, "rows/s", 321.4, "dense", 978, 1000, "", "", "")
HISTORY = (BENCH, replace(BENCH, value=51_000.0), replace(BENCH, genes=10_167, value=400.0, ratio=None))
KEY = "main_job/csg2a/paper/cell_blind/rmse"


@pytest.mark.parametrize(
    "text",
    [
        f"1.261<!--results: {KEY}-->",
        f"**1.26**<!-- results: {KEY} -->",
        f"0.031<!--results sd: {KEY}-->",
        f"15,010<!--results n: {KEY} folds=1 seed=0-->",
        "52,000<!--bench: attention_forward-->",
        "51,000<!--bench: attention_forward genes=978-->",
        "321<!--bench ratio: attention_forward genes=978-->",
        "5.2e4<!--bench: attention_forward genes=978-->",
        "no mark 9.99, and a plain <!-- comment -->",
    ],
)
def test_a_right_number_passes(text):
    assert disagreements(text, (ROW,), HISTORY) == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (f"1.262<!--results: {KEY}-->", "the files say [1.2614]"),
        (f"1.2<!--results: {KEY}-->", "the files say"),
        (f"\u22121.261<!--results: {KEY}-->", "the files say"),
        (f"1.261<!--results: {KEY}x-->", "no such row"),
        (f"1.261<!--results: {KEY} seed=1-->", "no such row"),
        ("1.261<!--results: main_job/rmse-->", "the key cannot be read"),
        (f"1.261<!--results shape: {KEY}-->", "the key cannot be read"),
        ("53,000<!--bench: attention_forward-->", "the files say [52213.0, 51000.0, 400.0]"),
        ("51,000<!--bench: attention_forward genes=10167-->", "the files say [400.0]"),
        ("1.0<!--bench ratio: attention_forward genes=10167-->", "the files say [None]"),
        ("52213<!--bench: attention_fwd-->", "no such row"),
        ("better <!--bench: attention_forward-->", "no number before"),
    ],
)
def test_a_wrong_number_or_key_is_seen(text, complaint):
    (complained,) = disagreements(text, (ROW,), HISTORY)
    assert complaint in complained


def test_code_is_not_read():
    text = "`5<!--bench: x-->` and `5`<!--bench: x-->\n```\n5<!--bench: x-->\n```\n"
    assert disagreements(CODE.sub("", text), (), ()) == ["5`<!--bench: x-->: no such row"]


def test_a_mark_that_means_two_rows_is_seen():
    (complained,) = disagreements(f"1.261<!--results: {KEY}-->", (ROW, replace(ROW, seed=1)), ())
    assert "2 rows; add folds=… or seed=…" in complained
    assert disagreements(f"1.261<!--results: {KEY} seed=1-->", (ROW, replace(ROW, seed=1)), ()) == []


@pytest.mark.parametrize(
    ("number", "half"), [("1.261", 0.0005), ("15", 0.5), ("100", 0.5), ("52,000", 500), ("52,010", 5), ("5e-7", 5e-8)]
)
def test_precision_is_read_from_the_printed_digits(number, half):
    assert half_unit(number) == pytest.approx(half)
