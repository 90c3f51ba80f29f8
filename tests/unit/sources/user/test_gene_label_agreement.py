"""Two columns that name genes must name the same ones: symbols beside Entrez or Ensembl ids."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import SourceError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

GENES = [gene for gene in SymbolMap.landmarks().genes if gene.entrez_id and gene.ensembl_id][:211]
SYMBOLS = [gene.symbol for gene in GENES]
IDS = {"entrez": [gene.entrez_id for gene in GENES], "ensembl": [gene.ensembl_id for gene in GENES]}


def written(path, symbols, ids, kind):
    values = np.random.default_rng(0).uniform(2, 13, (len(symbols), 3)).round(3)
    frame = pd.DataFrame(values, columns=["A", "B", "C"])
    frame.insert(0, "symbol", symbols)
    frame.insert(1, f"{kind}_gene_id", ids)
    frame.to_csv(path, index=False)
    return frame


def shifted(names, start=0):
    return names[:start] + names[start + 1 :] + names[start : start + 1]


@pytest.mark.parametrize("kind", ["entrez", "ensembl"])
@pytest.mark.parametrize("start", [0, 105, 190])
def test_a_symbol_column_shifted_against_ids_is_refused_with_the_first_rows(tmp_path, kind, start):
    path = tmp_path / "x.csv"
    written(path, shifted(SYMBOLS, start), IDS[kind], kind)
    first = SYMBOLS[start + 1]
    with pytest.raises(SourceError, match=rf"name different genes in \d+ of 211 rows .*row {start + 1}:.*{first}.*"):
        read_expression(path)


@pytest.mark.parametrize("blank", ["", "NA"])
def test_ids_that_several_genes_lack_are_compared_in_the_others(tmp_path, blank):
    ids = [blank if row % 20 == 3 else one for row, one in enumerate(shifted(IDS["entrez"]))]
    written(tmp_path / "x.csv", SYMBOLS, ids, "entrez")
    with pytest.raises(SourceError, match="name different genes in 200 of 200 rows"):
        read_expression(tmp_path / "x.csv")


@pytest.mark.parametrize("kind", ["entrez", "ensembl"])
def test_columns_that_agree_are_read(tmp_path, kind):
    frame = written(tmp_path / "x.csv", SYMBOLS, IDS[kind], kind)
    table = read_expression(tmp_path / "x.csv")
    found = table.values[:, [table.genes.symbols.index(symbol) for symbol in SYMBOLS]]
    np.testing.assert_allclose(found, frame[["A", "B", "C"]].to_numpy().T, rtol=1e-6)


def test_a_few_old_symbols_that_are_another_gene_today_are_no_contradiction(tmp_path):
    few = [*SYMBOLS]
    few[3], few[4], few[7], few[8] = few[4], few[3], few[8], few[7]
    written(tmp_path / "x.csv", few, IDS["entrez"], "entrez")
    assert len(read_expression(tmp_path / "x.csv").genes) == 211


def test_labels_of_a_data_frame_are_compared_too():
    columns = pd.MultiIndex.from_arrays([shifted(SYMBOLS), IDS["ensembl"]], names=["symbol", "ensembl"])
    values = np.random.default_rng(0).uniform(2, 13, (3, 211))
    frame = pd.DataFrame(values, index=["A", "B", "C"], columns=columns)
    with pytest.raises(SourceError, match="name different genes in 211 of 211 rows"):
        read_expression(frame.T.reset_index())
