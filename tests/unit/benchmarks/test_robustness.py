"""Generated files through the real commands: some of every kind, and every row of the docs' table of files."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.robustness.__main__ import RESULTS, write
from benchmarks.robustness.catalogue import KINDS
from benchmarks.robustness.trial import FINE, Expected, Fault, Outcome, Place, Ran, Trial, judge
from benchmarks.robustness.understood import UNDERSTOOD
from benchmarks.robustness.worker import make, verdict_of
from benchmarks.robustness.world import make_world

PAGE = Path(__file__).parents[3] / "docs" / "your_files.md"
FEW = {"memory": 0, "consoles": 0, "scale": 1, "explained": 1, "damaged state": 2}
"""Slow kinds, and how many of their files a test has time for."""
JOBS = [(kind, number) for kind in KINDS for number in range(FEW.get(kind, 2))]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return make_world(tmp_path_factory.mktemp("world")).folder


@pytest.mark.parametrize(("kind", "number"), JOBS)
def test_a_generated_file_is_read_right_or_refused_clearly(world, tmp_path, kind, number):
    trial = make(kind, number, 2, Place(tmp_path, world))
    verdict = verdict_of(trial, Place(tmp_path, world))
    assert verdict.outcome in FINE, f"{trial.what}: {verdict}"


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_every_row_of_the_docs_is_read_right(world, tmp_path, name):
    trial = UNDERSTOOD[name](Place(tmp_path, world))
    assert trial.expected is Expected.READ
    verdict = verdict_of(trial, Place(tmp_path, world))
    assert verdict.outcome is Outcome.RIGHT, verdict


def test_the_rows_of_the_docs_are_those_that_are_tested():
    rows = re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [row.replace("\\|", "|") for row in rows]
    assert sorted(rows) == sorted(UNDERSTOOD)


def fail(outcome):
    def check(_: Ran) -> None:
        raise Fault(outcome, "")

    return check


@pytest.mark.parametrize(
    ("expected", "ran", "outcome"),
    [
        (Expected.READ, Ran(0, "", ""), Outcome.RIGHT),
        (Expected.READ, Ran(2, "", "error: x.csv: no"), Outcome.NEEDLESS),
        (Expected.REFUSED, Ran(0, "", ""), Outcome.ACCEPTED),
        (Expected.REFUSED, Ran(2, "", "error: x.csv: no"), Outcome.REFUSED),
        (Expected.REFUSED, Ran(2, "", "error: y.csv: no"), Outcome.UNCLEAR),
        (Expected.REFUSED, Ran(2, "", "error: x.csv\nno"), Outcome.UNCLEAR),
        (Expected.EITHER, Ran(1, "internal error: X", "internal error: X"), Outcome.TRACEBACK),
        (Expected.EITHER, Ran(-11, "", ""), Outcome.TRACEBACK),
    ],
)
def test_what_a_command_left_is_judged(expected, ran, outcome):
    assert judge(Trial("k", "", ("x",), expected, ("x.csv",)), ran).outcome is outcome


def test_what_a_check_finds_is_the_verdict():
    trial = Trial("k", "", ("x",), check=fail(Outcome.LOSS))
    assert judge(trial, Ran(0, "", "")).outcome is Outcome.LOSS


def test_counts_are_written_by_kind_and_outcome(tmp_path):
    write(tmp_path / "r.csv", {"text": Counter({Outcome.RIGHT: 3, Outcome.REFUSED: 2})})
    header, row = (tmp_path / "r.csv").read_text().splitlines()
    assert dict(zip(header.split(","), row.split(","), strict=True))["refused clearly"] == "2"
    assert row.startswith("text,expression as text in any layout,5,3,2,0")


def test_the_counts_in_the_docs_are_of_these_kinds():
    with RESULTS.open(encoding="utf-8", newline="") as file:
        found = {row["kind"]: row["says"] for row in csv.DictReader(file)}
    assert found == {name: kind.says for name, kind in KINDS.items()}
