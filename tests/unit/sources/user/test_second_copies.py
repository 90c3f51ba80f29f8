"""Genes that a program renamed because they stood twice, and values that mark missing ones in some genes."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError, ScaleError
from drugripple.genes.human import Gene
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

GENES = [gene.symbol for gene in SymbolMap.landmarks().genes[:60]]


def cohort():
    """Seven samples of RMA."""
    generator = np.random.default_rng(5)
    values = generator.uniform(3, 13, 60) + generator.normal(0, 0.3, (7, 60))
    return pd.DataFrame(values, [f"L-{i}" for i in range(7)], GENES)


@pytest.mark.parametrize("suffix", [".1", ".2", "-1", "_1", "_2", "...61"])
def test_a_second_copy_of_a_gene_is_that_gene_and_refused_as_a_repeat(suffix):
    table = cohort()
    table[GENES[3] + suffix] = table[GENES[3]] + 1
    with pytest.raises(DrugrippleError, match=rf"1 gene appears more than once: .*{GENES[3]}, {GENES[3]}"):
        read_expression(table)


def test_names_of_genes_that_end_so_are_never_cut():
    """NKX2-1 stands beside NKX2 and HLA-1 beside no HLA: both stay what they are."""
    known = SymbolMap((Gene("NKX2", "1", ""), Gene("NKX2-1", "2", ""), Gene("KRTAP5-1", "3", "")))
    found = known.resolve(["NKX2", "NKX2-1", "KRTAP5-1", "HLA-1", "TLR1"])
    assert found.symbols == ("NKX2", "NKX2-1", "KRTAP5-1", "", "")
    assert not found.duplicates


@pytest.mark.parametrize("mark", [99.0, 999.0, -9.0, 0.0])
@pytest.mark.parametrize("samples", [7, 4])
def test_the_genes_that_hold_a_mark_of_missing_values_are_named(mark, samples):
    table = cohort()
    table.iloc[:samples, [4, 8]] = mark
    with pytest.raises(ScaleError, match=rf"seem to mark missing values.*2 genes \['{GENES[4]}', '{GENES[8]}'\]"):
        read_expression(table)


def test_linear_values_that_reach_far_are_no_marks():
    with pytest.raises(ScaleError, match="linear TPM"):
        read_expression(np.exp2(cohort()))
