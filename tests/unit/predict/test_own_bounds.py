"""Measurements of which only a bound is known: answers are moved to the right side of it, and never away from it."""

import numpy as np
import pandas as pd
import pytest

from drugripple.predict.own_bounds import bound_notes
from drugripple.runtime.notes import heard


def answers(model, samples, compounds):
    return model.predict(samples, compounds).set_index("compound")["ln_ic50"]


def told(model, samples, **cells):
    """The model that knows cells of the first sample by compound, as text in micromolar, and what it said."""
    said: list[str] = []
    table = pd.DataFrame({"sample": samples.samples[0], "compound": list(cells), "ic50_um": list(cells.values())})
    with heard(said.append):
        return model.condition(samples, table), said


@pytest.fixture
def one(asked):
    """The model, one sample that it does not know, its compounds, and what it answers."""
    compounds = asked.model.training_compounds
    samples = asked.new.take(np.array([0]))
    return asked.model, samples, compounds, answers(asked.model, samples, compounds)


@pytest.mark.parametrize(("sign", "beyond"), [(">", 2.0), ("\u2265", 2.0), ("<", -2.0), ("<=", -2.0)])
def test_a_bound_that_the_answer_contradicts_is_a_measurement_at_the_bound(one, sign, beyond):
    model, samples, compounds, before = one
    name = compounds.names[0]
    bound = repr(float(np.exp(before[name] + beyond)))
    bounded, said = told(model, samples, **{name: sign + bound})
    measured, _ = told(model, samples, **{name: bound})
    pd.testing.assert_series_equal(answers(bounded, samples, compounds), answers(measured, samples, compounds))
    moved = answers(bounded, samples, compounds)[name] - before[name]
    assert 0.5 < moved / beyond < 1
    assert "1 of 1 bound counts as a measurement at the bound" in said
    assert f"1 row holds only a bound, which counts where the answer would lie beyond it: ['{name}']" in said


@pytest.mark.parametrize(("sign", "away"), [(">", -2.0), ("<", 2.0)])
def test_a_bound_that_the_model_agrees_with_changes_nothing(one, sign, away):
    model, samples, compounds, before = one
    name = compounds.names[0]
    bounded, said = told(model, samples, **{name: f"{sign}{np.exp(before[name] + away):.6g}"})
    pd.testing.assert_series_equal(answers(bounded, samples, compounds), before)
    assert "the model agrees with 1 bound as it is" in said


def test_a_bound_is_judged_by_what_the_measurements_beside_it_make_of_the_answer(one):
    """The measurement moves another compound's answer beyond that one's bound, which the model agreed with before."""
    model, samples, compounds, before = one
    first = compounds.names[0]
    moved = answers(told(model, samples, **{first: repr(float(np.exp(before[first] - 4)))})[0], samples, compounds)
    other = (moved - before).drop(first).idxmin()
    assert moved[other] < before[other] - 0.05
    bound = (moved[other] + before[other]) / 2
    cells = {first: repr(float(np.exp(before[first] - 4))), other: f">{np.exp(bound):.9g}"}
    after = answers(told(model, samples, **cells)[0], samples, compounds)
    assert moved[other] < after[other] <= bound + 1e-6


def test_a_bound_that_another_makes_true_does_not_count(one):
    """Of two bounds of one compound only the higher is needed; the lower would pull the answer back."""
    model, samples, compounds, before = one
    name = compounds.names[0]
    low, high = np.exp(before[name] + 0.5), np.exp(before[name] + 4)
    table = pd.DataFrame({"sample": samples.samples[0], "compound": name, "ic50_um": [f">{low:.9g}", f">{high:.9g}"]})
    both = answers(model.condition(samples, table), samples, compounds)
    alone = answers(model.condition(samples, table.tail(1)), samples, compounds)
    pd.testing.assert_series_equal(both, alone)


def test_bounds_count_for_a_compound_that_is_new_to_the_model(one):
    model, samples, _, _ = one
    before = answers(model, samples, ["CCOCC"]).iloc[0]
    table = pd.DataFrame({"sample": samples.samples[0], "smiles": ["CCOCC"], "ic50_um": [f">{np.exp(before + 3):.6g}"]})
    assert answers(model.condition(samples, table), samples, ["CCOCC"]).iloc[0] > before + 0.5


def test_what_became_of_bounds_is_said_in_one_line():
    assert bound_notes(np.zeros(0, dtype=bool)) == ()
    assert bound_notes(np.zeros(2, dtype=bool)) == ("the model agrees with 2 bounds as it is",)
    assert bound_notes(np.ones(2, dtype=bool)) == ("2 of 2 bounds count as measurements at the bound",)
