"""Whichever way a user's matrix is laid out, the same table comes back."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import Generator

from drugripple.data.tables import ExpressionTable
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

LANDMARKS = SymbolMap.landmarks()
SIZES = {"genes": st.integers(2, 11), "samples": st.integers(1, 13), "seed": st.integers(0, 2**32 - 1)}


def random_matrix(generator: Generator, genes: int, samples: int) -> pd.DataFrame:
    """Landmark genes under any of their names, beside samples under names that are often gene-like."""
    chosen = generator.choice(len(LANDMARKS.genes), genes, replace=False)
    spellings = [
        generator.choice([gene.symbol, gene.symbol.lower(), gene.entrez_id, f"{gene.ensembl_id}.7", *gene.previous])
        for gene in (LANDMARKS.genes[i] for i in chosen)
    ]
    # one sample in two may carry the name of a gene, as long as the genes keep the majority
    names = [f"line {i}" for i in range(samples)]
    names[: genes // 2] = ["TP53", "MYC", "EGFR", "CD44", "FAS"][: min(genes // 2, samples)]
    values = generator.uniform(2, 14, (samples, genes)).astype(np.float32)
    return pd.DataFrame(values, index=pd.Index(names[:samples]), columns=pd.Index(spellings))


def read(table: pd.DataFrame, suffix: str = "csv") -> ExpressionTable:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{suffix}"
        if suffix == "parquet":
            table.to_parquet(path)
        else:
            table.to_csv(path)
        return read_expression(path, symbols=LANDMARKS, wanted=LANDMARKS.space)


@given(**SIZES, suffix=st.sampled_from(["csv", "parquet"]))
@settings(max_examples=40, deadline=None)
def test_transposing_the_file_changes_nothing(genes: int, samples: int, seed: int, suffix: str) -> None:
    table = random_matrix(np.random.default_rng(seed), genes, samples)
    upright, flipped = read(table, suffix), read(table.T, suffix)
    assert upright.samples == flipped.samples == tuple(table.index)
    assert upright.genes == flipped.genes
    np.testing.assert_array_equal(upright.values, flipped.values)


@given(**SIZES)
@settings(max_examples=40, deadline=None)
def test_order_of_genes_in_the_file_does_not_matter(genes: int, samples: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    table = random_matrix(generator, genes, samples)
    shuffled = table.iloc[:, generator.permutation(genes)]
    ours, theirs = read(table), read(shuffled)
    assert ours.genes == theirs.genes
    assert ours.scale == theirs.scale
    np.testing.assert_array_equal(ours.values, theirs.values)


@given(**SIZES)
@settings(max_examples=40, deadline=None)
def test_every_value_is_that_of_its_sample_and_gene(genes: int, samples: int, seed: int) -> None:
    table = random_matrix(np.random.default_rng(seed), genes, samples)
    user = read(table)
    entrez = {gene.symbol: gene.entrez_id for gene in LANDMARKS.genes}
    names = {entrez[LANDMARKS.resolve([str(name)]).symbols[0]]: name for name in table.columns}
    for column, symbol in enumerate(user.genes.symbols):
        np.testing.assert_array_equal(user.values[:, column], table[names[entrez[symbol]]].to_numpy())
