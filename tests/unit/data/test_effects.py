import numpy as np
import pytest

from drugripple.data.effects import Effects, Side, known_sides
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import CompoundTable

TABLE = synthetic_world(0).response
SAMPLES, PARENTS = TABLE.expression.samples, TABLE.compounds.smiles


def tiny(values, samples, compounds):
    rows = (np.array(x) for x in (samples, compounds))
    return ResponseTable.of(TABLE.expression, TABLE.compounds, *rows, np.array(values, dtype=np.float32))


def reordered(table):
    """The same measurements over tables in reverse order, with a sample and a compound that nobody measured."""
    samples, compounds = np.arange(len(table.expression))[::-1], np.arange(len(table.compounds))[::-1]
    pairs = Pairs(
        table.expression.take(samples), table.compounds.take(compounds),
        len(samples) - 1 - table.sample_row, len(compounds) - 1 - table.compound_row,
    )  # fmt: skip
    return ResponseTable(pairs, table.values)


def test_hand_computed_shrinkage():
    """Mean 3; drug 0 has residuals (-2, -2): -4/(2+1); drug 1 has (4,): 4/(1+1)."""
    effects = Effects.fit(tiny([1.0, 1.0, 7.0], [0, 1, 2], [0, 0, 1]), (Side.COMPOUND,))
    assert effects.mean == 3
    assert effects.compound == pytest.approx({PARENTS[0]: -4 / 3, PARENTS[1]: 2.0})
    assert effects.sample == {}


def test_an_unseen_level_gets_the_rest():
    effects = Effects.fit(tiny([1.0, 1.0, 7.0], [0, 1, 2], [0, 0, 1]), (Side.COMPOUND,))
    asked = Pairs(TABLE.expression, TABLE.compounds, np.array([5]), np.array([4]))
    assert effects.predict(asked).tolist() == [3.0]


def test_no_side_is_the_mean():
    effects = Effects.fit(TABLE, ())
    assert effects.predict(TABLE.pairs) == pytest.approx(TABLE.values.mean(), abs=1e-5)


def test_the_sweeps_solve_the_ridge_problem():
    """Alternating updates end where the normal equations of the ridge-penalised two-way model end."""
    effects = Effects.fit(TABLE, tuple(Side))
    lines, drugs = len(TABLE.expression), len(TABLE.compounds)
    design = np.zeros((len(TABLE), lines + drugs))
    design[np.arange(len(TABLE)), TABLE.sample_row] = 1
    design[np.arange(len(TABLE)), lines + TABLE.compound_row] = 1
    y = TABLE.values.astype(np.float64) - effects.mean
    exact = np.linalg.solve(design.T @ design + np.eye(lines + drugs), design.T @ y)
    ours = np.concatenate([effects.of_samples(SAMPLES), effects.of_compounds(TABLE.compounds)])
    np.testing.assert_allclose(ours, exact, atol=1e-3)


def test_effects_go_by_name_through_a_reordered_table():
    effects = Effects.fit(TABLE, tuple(Side))
    np.testing.assert_array_equal(effects.predict(TABLE.pairs), effects.predict(reordered(TABLE).pairs))
    assert Effects.fit(reordered(TABLE), tuple(Side)).sample == pytest.approx(effects.sample)


def test_two_ids_of_one_molecule_share_an_effect():
    """Mean 3 of (1, 5), which are one molecule as base and as salt: residuals -2 + 2 leave it nothing."""
    compounds = CompoundTable.from_smiles(("NCCO", "NCCO.Cl"))
    rows = np.array([0, 1])
    table = ResponseTable.of(TABLE.expression, compounds, rows, rows, np.array([1.0, 5.0]))
    assert Effects.fit(table, (Side.COMPOUND,)).compound == {"NCCO": 0.0}


@pytest.mark.parametrize(
    ("samples", "compounds", "sides"),
    [([0, 1], [0, 1], (Side.SAMPLE, Side.COMPOUND)), ([8, 9], [0, 1], (Side.COMPOUND,)), ([8, 9], [3, 4], ())],
)
def test_known_sides_go_by_name_not_by_row(samples, compounds, sides):
    train, valid = tiny([1.0, 2.0], [0, 1], [0, 1]), tiny([1.0, 2.0], samples, compounds)
    assert known_sides(train, valid) == known_sides(train, reordered(valid)) == sides
