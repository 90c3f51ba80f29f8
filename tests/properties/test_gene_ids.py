"""Entrez ids of all human genes are read however they are written, and numbers that count never are."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drugripple.errors import DrugrippleError, GeneSpaceError
from drugripple.genes.human import Gene, human_genes
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import examine_expression, read_expression
from drugripple.sources.user.expression_layout import Orientation
from drugripple.sources.user.gene_numbers import only_count

GENES = tuple(gene for gene in human_genes() if gene.entrez_id)
KNOWN = SymbolMap(GENES)
FORMS: tuple[Callable[[Gene], object], ...] = (
    lambda gene: gene.entrez_id,
    lambda gene: int(gene.entrez_id),
    lambda gene: float(gene.entrez_id),
    lambda gene: f" {gene.entrez_id} ",
    lambda gene: f"X{gene.entrez_id}",
    lambda gene: f"X{gene.entrez_id}.0",
    lambda gene: f"{gene.entrez_id}_at",
    lambda gene: f"gene-{gene.entrez_id}",
    lambda gene: f"NCBI:{gene.entrez_id}",
    lambda gene: f"GeneID:{gene.entrez_id}",
    lambda gene: f"{gene.symbol} ({gene.entrez_id})",
    lambda gene: f"{gene.symbol}..{gene.entrez_id}.",
    lambda gene: f"{gene.symbol}|{gene.entrez_id}",
)
COUNTING: tuple[Callable[[int], str], ...] = (str, "{}.0".format, "X{}".format, "{}_at".format, "gene-{}".format)


def table_of(names: list[object], samples: list[str], seed: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).uniform(2, 14, (len(samples), len(names))).astype(np.float32)
    return pd.DataFrame(values, index=pd.Index(samples), columns=pd.Index(names, dtype=object))


@given(
    genes=st.lists(st.sampled_from(GENES), min_size=3, max_size=40, unique=True),
    form=st.sampled_from(FORMS),
    flipped=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=120, deadline=None)
def test_every_gene_is_found_by_its_entrez_id_however_that_is_written(genes, form, flipped, seed) -> None:
    assume(not only_count([int(gene.entrez_id) for gene in genes]))
    table = table_of([form(gene) for gene in genes], ["A375", "K-562", "line 3"], seed)
    found = read_expression(table.T if flipped else table, wanted=GeneSpace(tuple(gene.symbol for gene in genes)))
    assert found.genes.symbols == tuple(gene.symbol for gene in genes)
    assert found.samples == tuple(table.index)
    np.testing.assert_array_equal(found.values, table.to_numpy())


@st.composite
def counts(draw: st.DrawFn) -> list[int]:
    """Numbers of rows: from any first one on, of which at most nine in ten are left out, in any order."""
    first, step, count = draw(st.integers(1, 9_000)), draw(st.integers(1, 9)), draw(st.integers(3, 60))
    return draw(st.permutations([first + step * i for i in range(count)]))


@given(numbers=counts(), written=st.sampled_from(COUNTING), flipped=st.booleans(), seed=st.integers(0, 99))
@settings(max_examples=80, deadline=None)
def test_numbers_that_count_are_never_genes(numbers, written, flipped, seed) -> None:
    """Beside names that nobody knows nothing is read; beside genes, however few, these are the genes."""
    labels: list[object] = [written(number) for number in numbers]
    unknown = table_of(labels, ["probe a", "probe b", "probe c"], seed)
    with pytest.raises(GeneSpaceError, match="no gene is known"):
        read_expression(unknown.T if flipped else unknown, symbols=KNOWN, wanted=KNOWN.space)
    known = table_of(labels, ["TP53", "MYC", "KRAS"], seed)
    layout = examine_expression(known.T if flipped else known, symbols=KNOWN, wanted=KNOWN.space).layout
    assert layout.orientation == (Orientation.GENES_IN_COLUMNS if flipped else Orientation.GENES_IN_ROWS)
    assert set(layout.symbols) == {"TP53", "MYC", "KRAS"}


@given(
    count=st.integers(60, 200),
    rows=st.integers(600, 10_000),
    written=st.sampled_from(COUNTING),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=80, deadline=None)
def test_numbers_drawn_from_a_few_thousand_rows_are_no_ids_though_most_are_known(count, rows, written, seed) -> None:
    numbers = 1 + np.random.default_rng(seed).choice(rows, count, replace=False)
    table = table_of([written(number) for number in numbers.tolist()], ["a", "b", "c"], 0)
    with pytest.raises(DrugrippleError, match="no gene is known"):
        read_expression(table, symbols=KNOWN, wanted=KNOWN.space)


@given(numbers=counts(), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_few_numbers_that_count_beside_symbols_are_no_genes(numbers, seed) -> None:
    """Clusters or components beside the genes: the gene whose id is the number of one of them stays unmeasured."""
    generator = np.random.default_rng(seed)
    genes = [GENES[i] for i in generator.choice(len(GENES), 80, replace=False)]
    symbols = [gene.symbol for gene in genes]
    table = table_of([*symbols, *map(str, numbers)], ["A375", "K-562", "line 3"], seed)
    found = examine_expression(table, symbols=KNOWN, wanted=KNOWN.space).layout
    assert set(found.symbols) == set(symbols)
