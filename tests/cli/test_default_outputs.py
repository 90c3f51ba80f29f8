"""What the default model shows and writes: a workbook, what is outside its domain, every suggestion."""

import re

import pandas as pd
import pytest

from .conftest import ASPIRIN, run


def test_a_workbook_holds_what_the_csv_holds(built, mine, tidy_folder, tmp_path):
    call = ("predict", "--expression", mine, "--compounds", tidy_folder / "own_compounds.csv", "--model", built)
    assert run(*call, "--out", tmp_path / "p.csv").exit_code == 0
    done = run(*call, "--out", tmp_path / "p.xlsx")
    assert done.exit_code == 0, done.exception
    written, sheets = pd.read_csv(tmp_path / "p.csv"), pd.read_excel(tmp_path / "p.xlsx", sheet_name=None)
    pd.testing.assert_frame_equal(sheets["predictions"], written, check_dtype=False, rtol=1e-12)
    assert sheets["samples x compounds"].shape == (4, 1 + 12)
    assert "intervals of 90%" in sheets["notes"]["notes"].tolist()
    assert (tmp_path / "p.xlsx.notes.json").is_file()


def headings(page):
    return re.findall("<h2>([^<]*)</h2>", page)


def test_a_report_holds_every_pair_with_structures_and_needs_no_network(built, mine, tmp_path):
    """A table of each sample where there are several compounds, of the compound where there is one."""
    call, out = ("predict", "--expression", mine, "--model", built, "--smiles", ASPIRIN), tmp_path / "p.html"
    done = run(*call, "--smiles", "c1c[nH]c2ccccc12", "--out", out)
    assert done.exit_code == 0, done.exception
    page = out.read_text(encoding="utf-8")
    assert headings(page)[1:5] == [f"mine{i}" for i in range(4)]
    assert page.count("new to the model; most like") == 4 * 2
    assert page.count('aria-label="structure of') == 2
    assert "For research only" in page
    assert "What the numbers mean" in page
    assert not re.search("<script|src=|https?://(?!www.w3.org)", page)
    assert (tmp_path / "p.html.notes.json").is_file()
    assert run(*call, "--out", out, "--overwrite").exit_code == 0
    page = out.read_text(encoding="utf-8")
    assert headings(page)[1] == ASPIRIN
    assert "4 of 4 samples, first the most sensitive" in page


@pytest.mark.parametrize("rank", ["compounds", "samples"])
def test_a_report_of_the_best_keeps_their_order(built, mine, tmp_path, rank):
    call = ("predict", "--expression", mine, "--model", built, "--top", 2, "--rank", rank)
    for name in ("p.html", "p.csv"):
        done = run(*call, "--out", tmp_path / name)
        assert done.exit_code == 0, done.exception
    best = pd.read_csv(tmp_path / "p.csv")
    owner, row = ("sample", "compound") if rank == "compounds" else ("compound", "sample")
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    owners = best[owner].unique().tolist()
    assert headings(page)[1 : 1 + len(owners)] == owners
    assert re.findall("<tr><td>([^<]*)</td>", page) == best[row].tolist()


def test_a_report_wants_every_column_and_the_default_model(built, mine, tmp_path):
    short = run("predict", "--expression", mine, "--model", built, "--compact", "--out", tmp_path / "p.html")
    assert "`compact` leaves out what a report shows" in str(short.exception)
    (tmp_path / "net.ckpt").touch()
    call = ("predict", "--expression", mine, "--model", tmp_path / "net.ckpt", "--smiles", "CCO")
    assert "only the default model takes an output that ends in .html" in str(
        run(*call, "--out", tmp_path / "p.html").exception
    )


def test_what_is_outside_the_domain_is_told_before_the_best(built, mine):
    strange = "[SiH3][SiH3]"
    done = run("predict", "--expression", mine, "--smiles", strange, "--smiles", ASPIRIN, "--model", built, "--top", 3)
    assert done.exit_code == 0, done.exception
    assert f"outside the model's domain: ['{strange}'] (its most similar training compound" in done.output


def test_every_suggestion_is_shown(built, mine):
    done = run("suggest", "--expression", mine, "--model", built, "--number", "5")
    assert done.exit_code == 0, done.exception
    assert sum("mine" in line for line in done.output.splitlines()) == 4 * 5
