"""The paper's Table 1: a few cells read off the page, and sums that any wrong digit breaks."""

from dataclasses import astuple

import pytest

from drugripple.predictors.paper_table1 import NAMESAKES, PUBLISHED


def test_cells_read_off_the_page():
    assert PUBLISHED["CSG2A"].drug_blind.rmse == 2.119
    assert PUBLISHED["CSG2A"].disjoint.pcc_sd == 0.082
    assert PUBLISHED["PathDNN"].cell_blind.pcc == 0.862
    assert PUBLISHED["DeepTTA"].mixed.rmse_sd == 0.010
    assert set(NAMESAKES.values()) <= set(PUBLISHED)


def test_nothing_was_mistyped():
    """Column sums over the nine rows, typed from the page a second time."""
    rmse = [sum(getattr(row, scheme).rmse for row in PUBLISHED.values()) for scheme in ("mixed", "disjoint")]
    assert rmse == pytest.approx([9.886, 25.259])
    assert all(len(astuple(row)) == 4 for row in PUBLISHED.values())
