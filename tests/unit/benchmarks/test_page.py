"""The speed page: numbers with marks that the ledger's own test can check, and nothing where nothing was measured."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from benchmarks.page import newest, write_page
from benchmarks.plots import plots
from benchmarks.tables import ABSENT, TABLES, cell, number
from tools.ledger import BenchmarkRecord, append_benchmark

DOCS = Path(__file__).parents[3] / "docs"


def record(name, value, genes=None, rows=None, ratio=None, how="", hardware="here"):
    return BenchmarkRecord(name, value, "rows/s", ratio, how, genes, rows, hardware, "", "2026-11-23")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (52_213.0, "52,200"), (1_234.0, "1,230"), (999.6, "1,000"), (321.4, "321"), (99.96, "100"), (12.54, "12.5"),
        (2.5, "2.50"), (0.4649, "0.465"), (0.05, "0.05"),
    ],
)  # fmt: skip
def test_numbers_have_three_digits(value, written):
    assert number(value) == written


def test_a_cell_carries_the_mark_of_its_measurement():
    records = [record("x", 52_213.0, 978, 10), record("x", 7.0, 23, 10, ratio=3.0)]
    assert cell(records, "x", genes=978) == "52,200<!--bench: x genes=978 rows=10-->"
    assert cell(records, "x", "ratio") == "3.00<!--bench ratio: x genes=23 rows=10-->"
    assert cell(records, "x", "ratio", genes=978) == "–"
    assert cell(records, "y") == ABSENT


def test_the_last_of_each_size_and_variant_counts():
    one, other = "a dropout mask for every row", "a dropout mask for every entity"
    records = [record("x", 1.0, how=one), record("x", 2.0, how=other), record("y", 3.0), record("x", 4.0, how=one)]
    assert [made.value for made in newest(records)] == [2.0, 3.0, 4.0]
    assert cell(newest(records), "x", words="every entity").startswith("2.00")


def test_another_machines_figures_go_once_this_one_has_measured_the_same():
    old, new = record("x", 1.0, how="a", hardware="there"), record("x", 2.0, how="b")
    assert [made.value for made in newest([old, record("y", 3.0), new])] == [3.0, 2.0]


def measured():
    sizes = [(genes, 1e7 / genes) for genes in (482, 978, 2_000)]
    by_genes = [record("attention_by_genes", value, genes, 10) for genes, value in sizes]
    return [record("attention_forward", 52_213.0, 978, 10, 320.4, "dense, 64 rows at once"), *by_genes]


def test_the_page_is_filled_between_its_markers_and_nowhere_else(tmp_path):
    history = tmp_path / "history.jsonl"
    for made in measured():
        append_benchmark(history, made)
    shutil.copy(DOCS / "speed.md", tmp_path)
    write_page(history, tmp_path)
    page = (tmp_path / "speed.md").read_text()
    assert "52,200<!--bench: attention_forward genes=978 rows=10--> rows/s | 320<!--bench ratio" in page
    assert "![rows or pairs a second against genes](figures/speed_genes.svg)" in page
    assert "here (2026-11-23)." in page
    assert 1_000 < (tmp_path / "figures" / "speed_genes.svg").stat().st_size < 100_000
    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["speed_genes.svg"]
    write_page(history, tmp_path)
    assert (tmp_path / "speed.md").read_text() == page


def test_a_page_without_a_marker_is_refused(tmp_path):
    history = tmp_path / "history.jsonl"
    append_benchmark(history, record("x", 1.0))
    (tmp_path / "speed.md").write_text("<!-- table: machine -->\n<!-- end -->\n")
    with pytest.raises(ValueError, match="has \\['table machine'\\], expected each of"):
        write_page(history, tmp_path)
    assert not (tmp_path / "figures").exists()


def test_every_machine_is_named_with_what_was_measured_on_it():
    told = TABLES["hardware"]([record("x", 1.0), record("y", 1.0, hardware="there"), record("x_share", 1.0)])
    assert told == "* here (2026-11-23): x\n* there (2026-11-23): y"


def test_a_plot_needs_two_sizes():
    drawn = plots([record("finetune_by_batch", 10.0, 978, 64)])
    assert not any(plot.svg for plot in drawn.values())
    drawn = plots([record("finetune_by_batch", value, 978, rows) for rows, value in ((64, 10.0), (128, 20.0))])
    assert drawn["speed_batch"].svg.startswith("<svg")
    assert np.array([bool(plot.svg) for plot in drawn.values()]).sum() == 1
