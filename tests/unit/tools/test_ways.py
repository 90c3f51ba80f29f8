import pandas as pd

from drugripple.data.tables import CompoundTable
from tools.ways import holders


def test_a_text_is_found_in_what_holds_it_and_classes_of_ours_are_named():
    table = CompoundTable.from_smiles(["CCO", "C"])
    assert holders("CCO", [3, ("x", table)]) == {"CompoundTable", "Molecule"}
    assert holders("CCO", pd.DataFrame({"smiles": ["C", "CCO"]})) == set()
    assert holders("CCN", [table, "CCO", None]) is None
