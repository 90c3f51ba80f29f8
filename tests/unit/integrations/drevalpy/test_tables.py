"""What drevalpy hands over becomes our tables; drevalpy itself is not needed here."""

import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import SourceError, TableError
from drugripple.integrations.drevalpy.model import drevalpy_model
from drugripple.integrations.drevalpy.tables import read_smiles, table_of


class Features(NamedTuple):
    features: dict[str, dict[str, Any]]
    meta_info: dict[str, Any]


LINES = Features(
    {"K562": {"gene_expression": np.array([1.0, 2.0])}, "HeLa": {"gene_expression": np.array([3.0, 5.0])}},
    {"gene_expression": np.array(["TP53", "MYC"])},
)
DRUGS = Features({"2244": {"smiles": np.array(["CCO"], dtype=object)}, "07": {"smiles": np.array(["CC"])}}, {})


def table(lines, drugs, response=None, line_features=LINES, drug_features=DRUGS):
    return table_of(np.array(lines), np.array(drugs), line_features, drug_features, ExpressionScale.RMA, response)


def test_rows_keep_their_line_their_drug_and_their_order():
    made = table(["K562", "HeLa", "K562"], ["07", "07", "2244"], np.array([0.5, 1.5, 2.5]))
    assert [made.expression.samples[i] for i in made.sample_row] == ["K562", "HeLa", "K562"]
    assert [made.compounds.smiles[i] for i in made.compound_row] == ["CC", "CC", "CCO"]
    assert made.values.tolist() == [0.5, 1.5, 2.5]
    assert made.expression.genes.symbols == ("TP53", "MYC")
    assert made.expression.values[made.sample_row].tolist() == [[1, 2], [3, 5], [1, 2]]


def test_only_the_lines_and_drugs_asked_for_are_there():
    made = table(["HeLa"], ["2244"])
    assert made.expression.samples == ("HeLa",)
    assert made.compounds.ids == ("2244",)


def test_lines_drugs_and_genes_without_features_are_refused():
    with pytest.raises(TableError, match=r"1 of 2 lines have no features: \['A549'\]"):
        table(["K562", "A549"], ["07", "07"])
    with pytest.raises(TableError, match=r"1 of 1 drugs have no features: \['7'\]"):
        table(["K562"], ["7"])
    with pytest.raises(TableError, match=r"1 of 1 drugs have no features: \['07'\]"):
        table(["K562"], ["07"], drug_features=None)
    with pytest.raises(TableError, match="does not name its genes"):
        table(["K562"], ["07"], line_features=LINES._replace(meta_info={}))


def test_first_structure_counts_and_unusable_ones_are_named(tmp_path):
    path = tmp_path / "drug_smiles.csv"
    path.write_text("pubchem_id,canonical_smiles,fingerprint\n007,CCO,1\n007,CC,1\n12,C1CC,1\n13,,1\n")
    with pytest.warns(UserWarning, match=r"structures of 2 of 3 drugs cannot be used: \['12', '13'\]"):
        assert read_smiles(path) == {"007": "CCO"}


def test_files_without_structures_are_refused(tmp_path):
    path = tmp_path / "drug_smiles.csv"
    with pytest.raises(SourceError, match="it is not there"):
        read_smiles(path)
    path.write_text("pubchem_id,smiles\n1,CCO\n")
    with pytest.raises(SourceError, match=r"lacks 1 of 2 columns: \['canonical_smiles'\]"):
        read_smiles(path)
    path.write_text("pubchem_id,canonical_smiles\n1,C1CC\n")
    with pytest.raises(SourceError, match="none of 1 structures"):
        read_smiles(path)


def test_without_drevalpy_the_model_says_what_to_install(monkeypatch):
    for name in ("drevalpy", "drevalpy.datasets.dataset"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SourceError, match=r"install drugripple\[drevalpy\]"):
        drevalpy_model()
