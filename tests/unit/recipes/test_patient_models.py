"""Models of cell lines that are asked about tumours."""

import numpy as np

from drugripple.predict import context
from drugripple.predict.load import load_default
from drugripple.recipes.patients import of_loaded


def test_responses_stand_under_their_patients_and_drugs_however_many_are_answered_together(
    small_default_model, monkeypatch
):
    """Answers come some compounds at a time, so beyond the first such part they are not in the order of samples."""
    model = load_default(small_default_model)
    compounds, tumours = model.training_compounds.take(np.arange(5)), model.training.take(np.arange(3))
    whole = of_loaded(model)(tumours, compounds)
    assert len(np.unique(whole)) == 15
    monkeypatch.setattr(context, "COMPOUNDS_AT_ONCE", 2)
    np.testing.assert_allclose(of_loaded(model)(tumours, compounds), whole, atol=1e-6)
