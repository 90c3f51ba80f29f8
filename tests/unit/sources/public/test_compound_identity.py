"""One compound is one structure."""

import pandas as pd

from drugripple.chem.molecule import standardise_all
from drugripple.sources.public.compound_identity import key_by_structure


def test_structures_that_share_a_name_keep_apart_and_rows_follow():
    records = pd.DataFrame({"name": ["X", "X", "Y", "X"], "smiles": ["CC", "C", "CC", "C"]})
    keyed = key_by_structure(records, standardise_all(records["smiles"]).molecules)
    assert keyed.table.ids == ("X", "X #2")
    assert keyed.table.smiles == ("C", "CC")
    assert keyed.table.names == ("X", "X (Y)")
    assert keyed.row.tolist() == [1, 0, 1, 0]


def test_annotation_is_the_first_that_is_known():
    records = pd.DataFrame({"name": ["a", "b"], "smiles": ["C", "C"], "targets": [None, "EGFR"]})
    table = key_by_structure(records, standardise_all(records["smiles"]).molecules).table
    assert (table.targets, table.mechanism) == (("EGFR",), ("",))
