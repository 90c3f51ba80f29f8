"""An answer as a report: what its first section shows."""

import pandas as pd
import pytest

from drugripple.predict.load import load_default
from drugripple.predict.page import Answer, report


@pytest.mark.parametrize(("own", "mapped"), [(True, True), (False, False)])
def test_the_map_is_left_out_only_where_all_training_samples_are_asked_about(small_default_model, own, mapped):
    """As many samples of the user's as there are of training have a map all the same."""
    model = load_default(small_default_model)
    asked, compounds = model.samples(None), model.compounds(["vorinostat"])
    if own:
        known = model.training
        asked = model.samples(
            pd.DataFrame(1.01 * known.values, [f"{name}x" for name in known.samples], known.genes.symbols)
        )
    first = report("mine", Answer.of(model, asked, compounds, model.ask(asked, compounds).table(), 0.9)).sections[0]
    assert bool(first.figures) == mapped
    assert (first.heading == "Your samples among the training samples") == mapped
