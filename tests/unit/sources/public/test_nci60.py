"""NCI-60 tables."""

import numpy as np
import pandas as pd
import pytest

from drugripple.data.measure import Measure
from drugripple.sources.public.nci60 import read_expression, read_nci60
from drugripple.sources.public.tidy import landmark_genes, read_gdsc


@pytest.fixture
def world(tmp_path):
    (tmp_path / "nci60").mkdir()
    pd.DataFrame(
        {"FAM63A": [1.0, 2.0], "PAX8": [3.0, np.nan], "DDR1": [5.0, 6.0], "cell_line": ["T_2", "K_1"]}
    ).to_parquet(tmp_path / "nci60" / "expression.parquet")
    pd.DataFrame({"nci60": ["K_1", "T_2"], "gdsc": ["K-1", None]}).to_parquet(tmp_path / "nci60" / "line_map.parquet")
    pd.DataFrame(
        {
            "cell_line": ["T_2", "K_1", "K_1", "gone", "K_1"],
            "canonical_smiles": ["CC", "C", "CC", "C", "C"],
            "z_neglog_gi50": [0.5, -1.0, 2.0, 9.0, np.nan],
            "drug": ["B", None, "B", "A", "A"],
        }
    ).to_parquet(tmp_path / "nci60" / "response.parquet")
    return tmp_path


def test_expression_is_under_current_symbols_without_missing_values(world):
    loaded = read_expression(world)
    assert loaded.table.samples == ("K_1", "T_2")
    assert loaded.table.genes.symbols == ("DDR1", "MINDY1")
    assert loaded.table.values.tolist() == [[6.0, 2.0], [5.0, 1.0]]
    assert loaded.dropped.to_numpy().tolist() == [["missing value", "gene", "PAX8"]]


def test_lines_that_gdsc_has_may_go_by_its_names(world):
    assert read_expression(world, names="gdsc").table.samples == ("K-1",)


def test_activity_keeps_line_compound_and_value_together(world):
    activity, dropped = read_nci60(world)
    assert activity.compounds.smiles == ("CC", "C")
    assert activity.compounds.ids == ("B", "C")
    assert activity.measure is Measure.Z_SCORE
    rows = zip(activity.sample_row.tolist(), activity.compound_row.tolist(), activity.values.tolist(), strict=True)
    assert list(rows) == [(0, 0, 2.0), (0, 1, -1.0), (1, 0, 0.5)]
    assert dropped.to_numpy().tolist() == [
        ["activity not finite", "K_1", "A", 1],
        ["no expression", "gone", "A", 1],
    ]


@pytest.mark.shared
def test_gdsc_rows_on_nci60_expression_have_the_counts_of_the_data_sheet(shared_data):
    """DATA.md: 53 lines in GDSC, 27,989 rows with SMILES on them, 965 landmarks."""
    expression = read_expression(shared_data, names="gdsc").table
    assert len(expression) == 53
    assert len(landmark_genes(shared_data).shared_with(expression.genes)) == 965
    rows = sum(len(read_gdsc(shared_data, panel, expression=expression).table) for panel in ("GDSC1", "GDSC2"))
    assert rows == 27_989


@pytest.mark.shared
def test_real_activity_has_the_counts_of_the_data_sheet(shared_data):
    activity = read_nci60(shared_data).table
    assert (len(activity), len(activity.compounds)) == (26_645, 499)
