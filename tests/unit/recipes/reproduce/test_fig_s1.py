"""How far a compound moves a sample beyond what every compound does to it."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch

from drugripple.recipes.reproduce.fig_s1 import OwnPart
from drugripple.recipes.reproduce.reading import OpenNetwork


@dataclass(frozen=True)
class Moved(OpenNetwork):
    """A network that moves each pair by what it is told."""

    change: np.ndarray

    def treated(self, samples, compounds):
        """Basal profiles, moved."""
        return self.basal.numpy()[samples] + self.change[samples, compounds]


def test_the_own_part_is_what_the_mean_change_of_the_sample_leaves(world):
    table = world.responses
    generator = np.random.default_rng(0)
    lines, compounds = len(table.expression), len(table.compounds)
    change = generator.normal(size=(lines, compounds, 3)).astype(np.float32) + 2
    opened = Moved(None, torch.zeros(lines, 3), torch.zeros(compounds, 3), change)
    found = OwnPart.of(opened, table)
    of_pair = change[table.sample_row, table.compound_row].astype(np.float64)
    means = np.stack([of_pair[table.sample_row == row].mean(axis=0) for row in table.sample_row])
    assert found.distance == pytest.approx(np.linalg.norm(of_pair - means, axis=1), rel=1e-5)
    assert found.common == pytest.approx((means**2).sum() / (of_pair**2).sum())
    same = Moved(None, opened.basal, opened.conditions, np.ones_like(change))
    assert OwnPart.of(same, table).common == 1
    assert OwnPart.of(same, table).distance.max() == 0
