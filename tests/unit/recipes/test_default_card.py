"""What the card of a default model counts and says."""

import numpy as np
import pytest

from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace
from drugripple.recipes.default_model.card import known_beside, limits_of

EXPRESSION = ExpressionTable(
    ("a", "b"), GeneSpace(("G1", "G2", "G3")), np.zeros((2, 3), np.float32), ExpressionScale.SAMPLE_Z, ("lung", "")
)


def responses(smiles, compound_row):
    names = ("Afuresertib", "GSK2110183B", "compound 7", "never measured")
    compounds = CompoundTable.from_smiles(smiles, names=names, targets=("AKT", "AKT", "", ""), mechanism=("",) * 4)
    rows = np.array(compound_row)
    return ResponseTable.of(EXPRESSION, compounds, np.arange(len(rows)) % 2, rows, np.zeros(len(rows)))


def test_a_structure_of_two_names_counts_once_and_is_told():
    told = known_beside(responses(["NCCO.Cl", "OCCN", "CCO", "CCC"], [0, 1, 2, 2, 1]), {"NCCO"})
    assert told == (
        "1 structure has several names and a single column: ['Afuresertib = GSK2110183B']",
        "tissues are known of 1 of 2 samples; not of ['b']",
        "targets are known of 1 of 2 compounds; not of ['compound 7']",
        "mechanisms are known of 1 of 2 compounds; not of ['compound 7'] (1 by the drug's name, not from the data)",
        "highest tested concentrations are known of 1 of 2 compounds; not of ['compound 7']",
    )


@pytest.mark.parametrize("rows", [[0, 1, 2], [0, 2]])
def test_nothing_is_said_of_names_where_each_has_its_structure(rows):
    told = known_beside(responses(["CO", "CCO", "CCCO", "CCC"], rows), ())
    assert not any("several names" in line for line in told)
    assert f"of {len(rows)} compounds" in told[1]


@pytest.mark.parametrize("measure", Measure)
def test_only_a_model_of_concentrations_speaks_of_their_highest(measure):
    text = limits_of(measure)
    assert ("highest tested concentration" in text) == (measure in (Measure.LN_IC50, Measure.LN_GI50))
    assert len(text.splitlines()) == 6 + (measure in (Measure.LN_IC50, Measure.LN_GI50))
    assert "\n- An interval covers" in text
