from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.effects import known_sides
from drugripple.predictors.boosting import ResidualBoosting

from .conftest import rows


@pytest.mark.parametrize(
    ("hidden", "sides"),
    [("none", ["sample", "compound"]), ("sample", ["compound"]), ("compound", ["sample"]), ("both", [])],
)
def test_only_effects_that_validation_can_look_up_are_taken_out(world, hidden, sides):
    sample, compound = world.sample_row >= 10, world.compound_row >= 5
    some = (world.sample_row + world.compound_row) % 5 == 0
    valid = {"none": some, "sample": sample, "compound": compound, "both": sample & compound}[hidden]
    train = {"none": ~valid, "sample": ~sample, "compound": ~compound, "both": ~sample & ~compound}[hidden]
    assert list(known_sides(rows(world, train), rows(world, valid))) == sides


def test_boosting_learns_what_the_effects_leave(world):
    big = world.take(np.tile(np.arange(len(world)), 20))
    rest = big.values + 2.0 * (big.expression.values[big.sample_row, 1] > 0) * (big.compound_row % 2)
    table = replace(big, values=rest)
    model = ResidualBoosting(trees=40, threads=1)
    model.fit(table, table, seed=0)
    effects = model.learnt.effects.predict(table.pairs)
    assert ((model.predict(table.pairs) - rest) ** 2).mean() < 0.6 * ((effects - rest) ** 2).mean()
