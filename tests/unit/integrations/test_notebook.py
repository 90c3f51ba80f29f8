"""Tables with structures: drawn from the compounds, and text cannot act."""

import pandas as pd
import pytest

from drugripple.data.tables import CompoundTable
from drugripple.errors import TableError
from drugripple.integrations.notebook import with_structures

COMPOUNDS = CompoundTable.from_smiles(["CCO", "c1ccccc1"], ids=["a", "b"], names=["ethanol", "<script>x</script>"])


def test_every_row_shows_its_compound_and_text_is_escaped():
    table = pd.DataFrame({"id": ["b", "a"], "compound": ["<script>x</script>", "ethanol"], "ln_ic50": [1.23456, 2.0]})
    page = with_structures(table, COMPOUNDS).to_html()
    assert page.count("<svg") == 2
    assert page.index("structure of &lt;script&gt;") < page.index("structure of ethanol")
    assert "<script>" not in page
    assert "1.235" in page
    assert with_structures(table, COMPOUNDS, rows=1).to_html().count("<svg") == 1


def test_tables_of_other_compounds_are_refused():
    with pytest.raises(TableError, match=r"1 id is neither among the 2 compounds nor a SMILES: \['z'\]"):
        with_structures(pd.DataFrame({"id": ["z"]}), COMPOUNDS)
    with pytest.raises(TableError, match="no column 'id'"):
        with_structures(pd.DataFrame({"x": [1]}), COMPOUNDS)


def test_compounds_that_were_asked_for_by_name_are_drawn_where_the_name_is_one_compound():
    twins = CompoundTable.from_smiles(["CCO", "CO", "C"], ids=["a", "b", "c"], names=["alcohol", "alcohol", "methane"])
    assert "structure of methane" in with_structures(pd.DataFrame({"id": ["methane"]}), twins).to_html()
    with pytest.raises(TableError, match=r"\['alcohol'\]"):
        with_structures(pd.DataFrame({"id": ["alcohol"]}), twins)
    swapped = CompoundTable.from_smiles(["CCO", "C"], ids=["methane", "x"], names=["ethanol", "methane"])
    assert "structure of ethanol" in with_structures(pd.DataFrame({"id": ["methane"]}), swapped).to_html()


def test_a_compound_that_was_asked_for_by_its_structure_is_drawn_from_it():
    page = with_structures(pd.DataFrame({"id": ["a", "CCN"]}), COMPOUNDS).to_html()
    assert page.count("<svg") == 2
    assert "structure of CCN" in page
