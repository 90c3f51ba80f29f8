from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.measure import Measure
from drugripple.data.pairs import Pairs
from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import CompoundTable
from drugripple.errors import TableError

WORLD = synthetic_world(0).response


def named(pairs):
    """Sample name and parent SMILES of every pair."""
    samples = np.array(pairs.expression.samples)[pairs.sample_row]
    return list(zip(samples.tolist(), np.array(pairs.compounds.smiles)[pairs.compound_row].tolist(), strict=True))


def test_a_grid_holds_every_sample_with_every_compound():
    pairs = Pairs.grid(WORLD.expression.take(np.arange(3)), WORLD.compounds.take(np.arange(2)))
    assert pairs.sample_row.tolist() == [0, 0, 1, 1, 2, 2]
    assert pairs.compound_row.tolist() == [0, 1, 0, 1, 0, 1]


def test_a_row_outside_its_table_is_refused():
    with pytest.raises(TableError, match=f"number 99 of {len(WORLD.compounds)} compounds"):
        Pairs(WORLD.expression, WORLD.compounds, np.array([0]), np.array([99]))


def test_canonical_pairs_do_not_depend_on_how_the_table_is_ordered():
    rng = np.random.default_rng(5)
    asked = WORLD.pairs.take(rng.permutation(len(WORLD))[:37])
    samples, compounds = rng.permutation(len(WORLD.expression)), rng.permutation(len(WORLD.compounds))
    other = Pairs(
        WORLD.expression.take(samples), WORLD.compounds.take(compounds),
        np.argsort(samples)[asked.sample_row], np.argsort(compounds)[asked.compound_row],
    )  # fmt: skip
    one, two = asked.canonical(), other.canonical()
    assert named(one.pairs) == named(two.pairs) == sorted(set(named(asked)))
    assert named(one.pairs.take(one.place)) == named(asked)
    assert two.place.tolist() == one.place.tolist()
    np.testing.assert_array_equal(one.pairs.expression.values, two.pairs.expression.values)


def test_two_ids_of_one_molecule_are_asked_about_once():
    compounds = CompoundTable.from_smiles(("NCCO", "NCCO.Cl"))
    found = Pairs(WORLD.expression, compounds, np.array([1, 1]), np.array([0, 1])).canonical()
    assert (len(found.pairs), found.place.tolist()) == (1, [0, 0])


def test_responses_carry_their_measure_and_refuse_what_is_not_finite():
    table = replace(WORLD, measure=Measure.AUC)
    assert table.take(np.arange(2)).measure is Measure.AUC
    values = WORLD.values.copy()
    values[3] = np.nan
    with pytest.raises(TableError, match=r"1 auc values are NaN or infinite \(first: row 3\)"):
        replace(table, values=values)
