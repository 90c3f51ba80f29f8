import json
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from drugripple.errors import TableError
from tools.ledger import (
    COLUMNS,
    BenchmarkRecord,
    ResultRow,
    append_benchmark,
    append_results,
    drop_uncommitted,
    is_committed,
    read_benchmarks,
    read_results,
)

ROOT = Path(__file__).parents[3]
ROW = ResultRow(
    "main_job", "csg2a", "paper", "cell_blind", 1, 0, "rmse", 1.2614, math.nan, 15010, "ab12", "drugripple x, 'y'",
    "abc", "2 cores", "2026-11-23",
)  # fmt: skip
RECORD = BenchmarkRecord(
    "attention_forward", 52_000.0, "rows/s", 320.0, "dense", 978, 1000, "2 cores", "abc", "2026-11-23"
)


def test_the_columns_are_the_agreed_ones():
    agreed = "experiment model preset scheme folds seed metric mean sd n data_digest command commit hardware date"
    assert " ".join(COLUMNS) == agreed


def test_a_row_comes_back_as_it_was(tmp_path):
    path = tmp_path / "new" / "results.csv"
    append_results(path, [replace(ROW, sd=0.5)])
    assert read_results(path) == (replace(ROW, sd=0.5),)


def test_an_undefined_figure_is_blank_and_comes_back_undefined(tmp_path):
    path = tmp_path / "results.csv"
    append_results(path, [ROW])
    assert path.read_text().splitlines()[1].startswith("main_job,csg2a,paper,cell_blind,1,0,rmse,1.2614,,15010,")
    assert math.isnan(read_results(path)[0].sd)


def test_the_same_measurement_is_replaced_in_its_place(tmp_path):
    path = tmp_path / "results.csv"
    append_results(path, [ROW, replace(ROW, metric="pcc", mean=0.9)])
    append_results(path, [replace(ROW, mean=1.1, date="2026-11-24")])
    assert [(row.metric, row.mean) for row in read_results(path)] == [("rmse", 1.1), ("pcc", 0.9)]


@pytest.mark.parametrize(
    "change",
    [
        {"experiment": "e"}, {"model": "m"}, {"preset": "released"}, {"scheme": "mixed"}, {"folds": 10}, {"seed": 1},
        {"metric": "pcc"},
    ],
)  # fmt: skip
def test_another_measurement_is_another_row(tmp_path, change):
    path = tmp_path / "results.csv"
    append_results(path, [ROW])
    append_results(path, [replace(ROW, **change)])
    assert len(read_results(path)) == 2


def test_a_table_with_other_columns_is_refused_and_kept(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("experiment,model\nmain_job,csg2a\n")
    with pytest.raises(TableError, match=r"has columns \['experiment', 'model'\], expected \['experiment'"):
        append_results(path, [ROW])
    assert path.read_text() == "experiment,model\nmain_job,csg2a\n"


def test_a_row_without_its_number_is_named(tmp_path):
    path = tmp_path / "results.csv"
    append_results(path, [ROW])
    path.write_text(path.read_text().replace(",15010,", ",many,"))
    with pytest.raises(TableError, match=r"line 2: .*'many'"):
        read_results(path)


def test_jobs_that_finish_together_all_get_their_row(tmp_path):
    path = tmp_path / "results.csv"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda seed: append_results(path, [replace(ROW, seed=seed)]), range(24)))
    assert sorted(row.seed for row in read_results(path)) == list(range(24))


def test_benchmarks_are_history_one_object_a_line(tmp_path):
    path = tmp_path / "history.jsonl"
    append_benchmark(path, RECORD)
    append_benchmark(path, replace(RECORD, value=53_000.0, ratio=None))
    assert read_benchmarks(path) == (RECORD, replace(RECORD, value=53_000.0, ratio=None))
    names = ["name", "value", "unit", "ratio", "ratio_to", "genes", "rows", "hardware", "commit", "date"]
    assert list(json.loads(path.read_text().splitlines()[0])) == names


def test_a_damaged_history_is_named_by_line(tmp_path):
    path = tmp_path / "history.jsonl"
    append_benchmark(path, RECORD)
    path.write_text(path.read_text() + '{"name": "x"')
    with pytest.raises(TableError, match="line 2 is not a benchmark record"):
        read_benchmarks(path)


def test_a_row_says_where_and_when_it_was_measured():
    row = ResultRow("e", "m", "", "mixed", 1, 0, "rmse", 1.0, math.nan, 2, "d", "c")
    assert "cores" in row.hardware
    assert len(row.date) == 10


def test_rows_of_code_that_nobody_can_look_up_are_taken_out(tmp_path):
    path = tmp_path / "results.csv"
    uncommitted = [replace(ROW, seed=seed, commit=told) for seed, told in enumerate(("abc+", "", "abc+; def"), start=1)]
    append_results(path, [ROW, *uncommitted])
    assert drop_uncommitted(path) == 3
    assert read_results(path) == (ROW,)


def test_every_published_row_is_of_committed_code():
    assert [row.key for row in read_results(ROOT / "results" / "results.csv") if not is_committed(row)] == []
