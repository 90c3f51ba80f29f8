import pytest

from drugripple.data.response import Measure
from drugripple.recipes.default_model.card import limits_of


@pytest.mark.parametrize("measure", Measure)
def test_only_a_model_of_concentrations_speaks_of_their_highest(measure):
    text = limits_of(measure)
    assert ("highest tested concentration" in text) == (measure in (Measure.LN_IC50, Measure.LN_GI50))
    assert len(text.splitlines()) == 6 + (measure in (Measure.LN_IC50, Measure.LN_GI50))
    assert "\n- An interval covers" in text
