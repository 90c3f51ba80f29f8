"""Consensus signatures are checked like every other table."""

import numpy as np
import pytest

from drugripple.data.tables import CompoundTable, ConsensusTable
from drugripple.errors import TableError
from drugripple.genes.space import GeneSpace

COMPOUNDS = CompoundTable.from_smiles(("C", "CC"), ids=("a", "b"))
GENES = GeneSpace(("TP53", "EGFR", "MYC"))


@pytest.mark.parametrize("culprit", [10.5, -10.5, np.nan, np.inf])
def test_a_value_beyond_the_limit_is_refused(culprit):
    change = np.zeros((2, 3), np.float32)
    change[1, 2] = culprit
    with pytest.raises(TableError, match=r"1 consensus values .* compound 'b', gene 'MYC'"):
        ConsensusTable(COMPOUNDS, GENES, change)


def test_a_wrong_shape_is_refused():
    with pytest.raises(TableError, match="consensus is 3 x 3, but 2 compounds and 3 genes"):
        ConsensusTable(COMPOUNDS, GENES, np.zeros((3, 3), np.float32))


def test_take_keeps_compound_and_change_together():
    change = np.array([[1.0, 2, 3], [4, 5, 6]], np.float32)
    taken = ConsensusTable(COMPOUNDS, GENES, change).take(np.array([1]))
    assert (taken.compounds.ids, taken.change.tolist(), len(taken)) == (("b",), [[4.0, 5.0, 6.0]], 1)
