"""Several studies as one table."""

from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.data.studies import join_studies
from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import CompoundTable
from drugripple.errors import TableError


@pytest.fixture
def studies():
    """A table, and another with its compounds 1 and 2, and a stranger under the name of compound 0."""
    one = synthetic_world(0).response
    compounds = one.compounds
    mine = CompoundTable.from_smiles(
        ("CCCCCCCCCCC", compounds.smiles[2], compounds.smiles[1]),
        ids=(compounds.ids[0], compounds.ids[2], compounds.ids[1]),
        names=("stranger", "two", "one"),
    )
    sample, compound = np.array([0, 0, 3]), np.array([0, 1, 2])
    return one, ResponseTable.of(one.expression, mine, sample, compound, np.array([7.0, 8, 9]))


def test_rows_keep_their_structure_sample_and_value(studies):
    one, _ = studies
    joined, study = join_studies(studies)
    assert study.tolist() == [0] * len(one) + [1] * 3
    smiles = np.array(joined.compounds.smiles)[joined.compound_row]
    assert smiles[: len(one)].tolist() == np.array(one.compounds.smiles)[one.compound_row].tolist()
    assert smiles[len(one) :].tolist() == ["CCCCCCCCCCC", one.compounds.smiles[2], one.compounds.smiles[1]]
    assert joined.sample_row[len(one) :].tolist() == [0, 0, 3]
    assert joined.values[len(one) :].tolist() == [7.0, 8.0, 9.0]


def test_a_structure_is_described_as_where_it_stands_first_and_a_taken_name_is_numbered(studies):
    one, _ = studies
    joined = join_studies(studies).table.compounds
    assert joined.names[: len(one.compounds)] == one.compounds.names
    assert joined.ids[len(one.compounds) :] == (f"{one.compounds.ids[0]} #2",)
    assert joined.names[len(one.compounds) :] == ("stranger",)


def test_other_samples_are_refused(studies):
    one, other = studies
    fewer = replace(other, pairs=replace(other.pairs, expression=one.expression.take(np.arange(5))))
    with pytest.raises(TableError, match="one expression table"):
        join_studies((one, fewer))


def test_another_measure_is_refused(studies):
    one, other = studies
    with pytest.raises(TableError, match="ln_ic50 and auc cannot stand in one table"):
        join_studies((one, replace(other, measure=Measure.AUC)))
