"""Publisher's columns become current symbols; what is left out is listed."""

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import GeneSpaceError, SourceError, TableError
from drugripple.sources.public.expression_matrix import tidy_expression


def tidy(values, samples, names, **more):
    return tidy_expression(np.array(values, dtype=np.float32), samples, names, scale=ExpressionScale.RMA, **more)


def test_samples_and_genes_are_sorted_together_with_their_values():
    loaded = tidy([[1, 2, 3], [4, 5, 6]], ["b", "a"], ["TP53", "NOTAGENE", "DDR1"], tissue=["lung", "skin"])
    assert loaded.table.samples == ("a", "b")
    assert loaded.table.tissue == ("skin", "lung")
    assert loaded.table.genes.symbols == ("DDR1", "NOTAGENE", "TP53")
    assert loaded.table.values.tolist() == [[6, 5, 4], [3, 2, 1]]
    assert loaded.dropped.empty


def test_former_symbols_and_gene_numbers_become_current():
    assert tidy([[1, 2]], ["a"], ["TSTA3", "780"]).table.genes.symbols == ("DDR1", "GFUS")


def test_of_two_columns_of_a_gene_the_stronger_stays():
    loaded = tidy([[1, 9, 5], [2, 8, 5]], ["a", "b"], ["DDR1", "DDR1", "PAX8"])
    assert loaded.table.values.tolist() == [[9, 5], [8, 5]]
    assert loaded.dropped.to_numpy().tolist() == [["weaker of several columns", "gene", "DDR1"]]


def test_a_former_name_beside_the_current_one_is_left_out():
    loaded = tidy([[9, 1]], ["a"], ["TSTA3", "GFUS"])
    assert loaded.table.values.tolist() == [[1]]
    assert loaded.dropped.to_numpy().tolist() == [["former name of GFUS, which is here too", "gene", "TSTA3"]]


@pytest.mark.parametrize("culprit", [np.nan, np.inf])
def test_genes_with_a_missing_value_and_without_a_name_are_left_out(culprit):
    loaded = tidy([[1, culprit, 3], [4, 5, 6]], ["a", "b"], ["DDR1", "PAX8", " "])
    assert loaded.table.genes.symbols == ("DDR1",)
    assert loaded.dropped.to_numpy().tolist() == [["missing value", "gene", "PAX8"], ["no name", "gene", " "]]


def test_repeated_samples_are_refused():
    with pytest.raises(TableError, match=r"1 samples repeat: \['a'\]"):
        tidy([[1], [2]], ["a", "a"], ["DDR1"])


def test_a_matrix_without_any_usable_gene_is_refused():
    with pytest.raises(GeneSpaceError, match="at least one gene symbol"):
        tidy([[1, 1, np.nan], [np.nan, 1, 1], [1, np.nan, 1]], ["a", "b", "c"], ["DDR1", "PAX8", "TP53"])


@pytest.mark.parametrize("blank", [{0}, {1, 3}])
def test_a_sample_that_was_not_measured_is_listed_and_costs_no_gene(blank):
    values = np.arange(12.0).reshape(4, 3)
    values[sorted(blank), :2] = np.nan
    loaded = tidy(values, list("abcd"), ["DDR1", "PAX8", "TP53"], tissue=list("wxyz"))
    assert loaded.table.samples == tuple(name for i, name in enumerate("abcd") if i not in blank)
    assert loaded.table.tissue == tuple(label for i, label in enumerate("wxyz") if i not in blank)
    assert loaded.table.genes.symbols == ("DDR1", "PAX8", "TP53")
    assert loaded.dropped["name"].tolist() == ["abcd"[i] for i in sorted(blank)]
    with pytest.raises(SourceError, match=r"none of 4 samples has expression: \['a', 'b'"):
        tidy(np.full((4, 3), np.nan), list("abcd"), ["DDR1", "PAX8", "TP53"])
