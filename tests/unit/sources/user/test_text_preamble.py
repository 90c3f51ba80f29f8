"""Lines of keys and values above a header are no part of the table; a table without them loses nothing."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.text_preamble import table_start

SYMBOLS = list(SymbolMap.landmarks().space.symbols[:61])
VALUES = np.random.default_rng(0).uniform(2, 13, (7, 61)).round(3)
SAMPLES = list("ABCDEFG")
TABLE = pd.DataFrame(VALUES, index=pd.Index(SAMPLES, name="line"), columns=SYMBOLS)

ABOVE = {
    "colon": ["Platform: Illumina", "Date: 2024-01-01"],
    "cells": ["Platform{d}Illumina", "Date{d}2024-01-01"],
    "padded": ["Platform{d}Illumina{pad}", "Date{d}2024-01-01{pad}"],
    "blank line": ["Platform{d}Illumina", "", "Samples{d}7", ""],
    "more than rows": [f"key {i}{{d}}{i}" for i in range(13)],
    "prose": ["Report of the core facility{d} Basel{d} 2024"],
}


@pytest.mark.parametrize("above", list(ABOVE))
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("genes_in", ["columns", "rows"])
def test_the_table_below_is_read_whole_and_the_lines_above_are_told(tmp_path, above, delimiter, genes_in):
    table = TABLE if genes_in == "columns" else TABLE.T.rename_axis("gene")
    pad = delimiter * (table.shape[1] - 1)
    lines = [line.format(d=delimiter, pad=pad) for line in ABOVE[above]]
    path = tmp_path / ("x.tsv" if delimiter == "\t" else "x.csv")
    path.write_text("\n".join(lines) + "\n" + table.to_csv(sep=delimiter), encoding="utf-8")
    found = read_expression(path)
    assert list(found.samples) == SAMPLES
    order = [found.genes.symbols.index(symbol) for symbol in SYMBOLS]
    np.testing.assert_allclose(found.values[:, order], VALUES, rtol=1e-6)
    count = sum(bool(line) for line in lines)
    assert any(f"{count} line" in note and "above the header" in note for note in found.notes)


def test_a_header_that_lacks_names_is_refused_with_both_cures(tmp_path):
    path = tmp_path / "x.csv"
    text = TABLE.to_csv().splitlines()
    path.write_text("\n".join([",".join(text[0].split(",")[:-2]), *text[1:]]), encoding="utf-8")
    with pytest.raises(
        SourceError, match=r"line 1 has 60 names.*62 fields.*give every column a name.*delete lines above"
    ):
        read_expression(path)


def test_a_header_of_compounds_that_lacks_names_is_no_line_above(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("smiles,name\nCCO,a,b,c\nCCC,d,e,f\nCCN,g,h,i\n", encoding="utf-8")
    with pytest.raises(SourceError, match="line 1 has 2 names"):
        read_compounds(path)


@pytest.mark.parametrize("above", ["Date,2024\n", "Vendor: X\nDate,2024\nBy,us\n"])
def test_a_header_of_compounds_below_lines_as_wide_is_refused_by_its_line(tmp_path, above):
    path = tmp_path / "x.csv"
    path.write_text(f"{above}name,smiles\nethanol,CCO\npropane,CCC\n", encoding="utf-8")
    line = above.count("\n") + 1
    with pytest.raises(SourceError, match=rf"its header stands in line {line}, .*'smiles'.*delete the lines above"):
        read_compounds(path)


@pytest.mark.parametrize(
    "lines",
    [
        [["a", "b"], ["TP53", "1", "2", "3"], ["MYC", "4", "5", "6"]],
        [["a", "b", "c", "d"], ["TP53", "1", "2", "3"], ["MYC", "4"], ["MYC", "4", "5", "6"], ["X", "4", "5", "6"]],
        [["k", "v"], ["a", "b", "c", "d"], ["x", "y", "z", "w"]],
        [["k", "v"], ["a", "b", "c"], ["x", "1", "2"]],
    ],
    ids=["numbers", "short row", "words", "narrow"],
)
def test_what_does_not_show_is_left_to_the_other_rules(lines):
    assert table_start(lines) == 0
