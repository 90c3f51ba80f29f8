import numpy as np
import pytest

from drugripple.data.effects import Effects
from drugripple.data.synthetic import synthetic_world

TABLE = synthetic_world(0).response


def tiny(values, samples, compounds):
    from dataclasses import replace

    rows = (np.array(x) for x in (samples, compounds))
    return replace(
        TABLE,
        **dict(zip(("sample_row", "compound_row"), rows, strict=True)),
        ln_ic50=np.array(values, dtype=np.float32),
    )


def test_hand_computed_shrinkage():
    """Mean 3; drug 0 has residuals (-2, -2): -4/(2+1); drug 1 has (4,): 4/(1+1)."""
    effects = Effects.fit(tiny([1.0, 1.0, 7.0], [0, 1, 2], [0, 0, 1]), ("compound",))
    assert effects.mean == 3
    assert effects.compound[:3] == pytest.approx([-4 / 3, 2.0, 0.0])
    assert not effects.sample.any()


def test_an_unseen_level_gets_the_rest():
    effects = Effects.fit(tiny([1.0, 1.0, 7.0], [0, 1, 2], [0, 0, 1]), ("compound",))
    assert effects.predict(np.array([5]), np.array([4])).tolist() == [3.0]


def test_no_side_is_the_mean():
    effects = Effects.fit(TABLE, ())
    assert effects.predict(TABLE.sample_row, TABLE.compound_row) == pytest.approx(TABLE.ln_ic50.mean(), abs=1e-5)


def test_the_sweeps_solve_the_ridge_problem():
    """Alternating updates end where the normal equations of the ridge-penalised two-way model end."""
    effects = Effects.fit(TABLE, ("sample", "compound"))
    lines, drugs = len(TABLE.expression), len(TABLE.compounds)
    design = np.zeros((len(TABLE), lines + drugs))
    design[np.arange(len(TABLE)), TABLE.sample_row] = 1
    design[np.arange(len(TABLE)), lines + TABLE.compound_row] = 1
    y = TABLE.ln_ic50.astype(np.float64) - effects.mean
    exact = np.linalg.solve(design.T @ design + np.eye(lines + drugs), design.T @ y)
    np.testing.assert_allclose(np.concatenate([effects.sample, effects.compound]), exact, atol=1e-3)
