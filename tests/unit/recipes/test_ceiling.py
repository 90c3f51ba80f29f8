import json

import numpy as np
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.evaluation.noise_ceiling import noise_ceiling
from drugripple.genes.space import GeneSpace
from drugripple.recipes.ceiling import Repeats, ceiling, in_chance_order, repeats_between, repeats_within
from drugripple.sources.study_settings import StudySettings


def table(samples, smiles, rows):
    sample, compound, y = (np.array(column) for column in zip(*rows, strict=True))
    return ResponseTable.of(
        ExpressionTable(samples, GeneSpace(("G",)), np.zeros((len(samples), 1), np.float32), ExpressionScale.ROBUST_Z),
        CompoundTable.from_smiles(smiles),
        sample,
        compound,
        y.astype(float),
    )


def test_repeats_within_a_table_keep_the_order_of_the_experiments():
    """Pair (0, 1) was measured as 5, 6 and 7, pair (1, 0) as 2 and 3, the others once."""
    rows = [(0, 1, 5), (1, 0, 2), (0, 0, 9), (0, 1, 6), (1, 0, 3), (0, 1, 7), (1, 1, 8)]
    found = repeats_within(table(("a", "b"), ("C", "CC"), rows))
    assert found.first.tolist() == [5, 2]
    assert found.second.tolist() == [6, 3]
    assert found.drug.tolist() == [1, 0]


def test_noise_of_repeats_that_are_sorted_by_value_is_all_of_it():
    """400 pairs of two drugs, each measured twice with a noise of 0.5; without exchange 0.3 would be found."""
    truth, noise = np.repeat(np.arange(400.0), 2).reshape(400, 2), np.random.default_rng(1).normal(0, 0.5, (400, 2))
    first, second = np.sort(truth + noise, axis=1).T
    repeats = Repeats(first, second, np.arange(400) % 2)
    found = noise_ceiling(*in_chance_order(repeats), variance=100.0, draws=20)
    assert found.sd.estimate == pytest.approx(0.5, abs=0.03)
    assert noise_ceiling(*repeats, variance=100.0, draws=20).sd.estimate < 0.35


def test_repeats_between_tables_are_matched_by_names_and_averaged():
    one = table(("a", "b"), ("C", "CC"), [(0, 0, 1), (0, 0, 3), (1, 1, 5)])
    other = table(("b", "c", "a"), ("CC", "O", "C"), [(0, 0, 50), (2, 2, 10), (1, 1, 7)])
    found = repeats_between(one, other)
    assert sorted(zip(found.first.tolist(), found.second.tolist(), strict=True)) == [(2, 10), (5, 50)]


@pytest.mark.slow
def test_ceiling_of_gdsc_is_where_its_repeats_put_it(shared_data, tmp_path):
    """An independent survey of the same release found 0.831 for GDSC2 and 0.958 for GDSC1 from 9 and 22 drugs."""
    report = ceiling(StudySettings(data=shared_data), out=tmp_path, draws=50)
    gdsc2 = report.ceilings["GDSC2, compounds under two ids"]
    assert gdsc2.drugs == 9
    assert gdsc2.sd.estimate == pytest.approx(0.83, abs=0.01)
    assert gdsc2.pcc.estimate == pytest.approx(0.955, abs=0.005)
    assert len(report.table()) == 3
    assert json.loads((tmp_path / "ceiling.json").read_text())["assumptions"]
