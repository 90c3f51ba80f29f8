import numpy as np
import pytest

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import ConfigError, TableError
from drugripple.genes.space import GeneSpace
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.multi_trait_gp.auxiliary import map_study
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure

CHAINS = ["C" * length + "O" for length in range(2, 22)]


def study(smiles, means, *, names=None, samples=5, seed=0, slope=2.0):
    """Every compound in every sample: slope x mean + an effect of the sample."""
    effects = np.random.default_rng(seed).standard_normal(samples)
    sample, compound = np.indices((samples, len(smiles)))
    values = slope * np.asarray(means)[compound] + effects[sample] + 7.0
    table = CompoundTable.from_smiles(smiles, names=names)
    return AuxiliaryStudy("other", table, tuple(f"line{i}" for i in sample.ravel()), compound.ravel(), values.ravel())


def test_a_linear_unit_is_mapped_exactly():
    means = np.linspace(-2, 2, 20)
    ours = CompoundTable.from_smiles(CHAINS[:15])
    found = map_study(study(CHAINS, means), ours, means[:15], np.arange(15))
    assert found.shared == 15
    assert found.rows.tolist() == [15, 16, 17, 18, 19]
    np.testing.assert_allclose(found.means, means[15:], atol=1e-8)
    assert found.variance == pytest.approx(0, abs=1e-12)


def test_a_compound_without_training_rows_is_hidden_with_its_salts():
    means = np.linspace(-2, 2, 20)
    theirs = study([*CHAINS[:19], "CCCCN"], means)
    ours = CompoundTable.from_smiles([*CHAINS[:14], "CCCCN.Cl"])
    clean = map_study(theirs, ours, means[:14], np.arange(14))
    assert 19 not in clean.rows.tolist()
    poisoned = AuxiliaryStudy(
        "other", theirs.compounds, theirs.samples, theirs.compound_row,
        np.where(theirs.compound_row == 19, 1e6, theirs.values),
    )  # fmt: skip
    again = map_study(poisoned, ours, means[:14], np.arange(14))
    assert np.array_equal(again.means, clean.means)
    assert again.variance == clean.variance


def test_a_compound_is_hidden_by_its_name_too():
    means = np.linspace(-2, 2, 20)
    names = [f"compound {i}" for i in range(19)] + ["GSK2830371A"]
    ours = CompoundTable.from_smiles(
        [*CHAINS[:14], "c1ccccc1"], names=[*(f"drug {i}" for i in range(14)), "GSK-2830371"]
    )
    found = map_study(study(CHAINS, means, names=names), ours, means[:14], np.arange(14))
    assert found.rows.tolist() == [14, 15, 16, 17, 18]


def test_measurements_of_hidden_samples_change_nothing():
    means = np.linspace(-2, 2, 20)
    theirs, ours = study(CHAINS, means), CompoundTable.from_smiles(CHAINS[:15])
    poisoned = AuxiliaryStudy(
        "other", theirs.compounds, theirs.samples, theirs.compound_row,
        np.where(np.array(theirs.samples) == "line2", 1e6, theirs.values),
    )  # fmt: skip
    hidden = frozenset({"line2"})
    one, other = (
        map_study(some, ours, means[:15], np.arange(15), hidden_samples=hidden) for some in (theirs, poisoned)
    )
    assert np.array_equal(one.means, other.means)


def test_a_study_that_shares_few_compounds_is_left_out():
    means = np.linspace(-2, 2, 20)
    assert map_study(study(CHAINS, means), CompoundTable.from_smiles(CHAINS[:9]), means[:9], np.arange(9)) is None


def test_columns_of_different_length_are_refused():
    with pytest.raises(TableError, match="2 samples of an auxiliary study for 1 rows"):
        AuxiliaryStudy("x", CompoundTable.from_smiles(["CCO"]), ("a", "b"), np.array([0]), np.array([1.0]))


def test_further_studies_without_a_data_folder_are_refused():
    with pytest.raises(ConfigError, match="multi_trait_gp_studies reads more than responses from a data folder"):
        BASELINES["multi_trait_gp_studies"].maker(None)


def test_a_new_compound_that_a_study_measured_has_the_mean_that_the_map_gives_it():
    means, generator = np.linspace(-2, 2, 20), np.random.default_rng(1)
    genes = GeneSpace(tuple(f"G{i}" for i in range(60)))
    lines = tuple(f"line{i}" for i in range(12))
    expression = ExpressionTable(lines, genes, generator.standard_normal((12, 60)), ExpressionScale.RMA)
    sample, compound = (part.ravel() for part in np.indices((12, 15)))
    values = means[compound] + 0.1 * generator.standard_normal(180)
    table = ResponseTable.of(expression, CompoundTable.from_smiles(CHAINS[:15]), sample, compound, values)
    names = tuple(f"chain {i}" for i in range(20))
    settings = MultiTraitSettings(structure=Structure.FINGERPRINT, refit=False, max_steps=2)
    model = MultiTraitGP(settings, auxiliary=(study(CHAINS, means, names=names),))
    model.fit(table, table.take(np.arange(0)), seed=0)
    columns = model.columns(CompoundTable.from_smiles([f"{one}.Cl" for one in CHAINS[15:]]))
    assert model.traits.mean_head.further == names[15:]
    assert columns.mean == pytest.approx(means[15:], abs=0.1)
    assert (columns.variance < 0.01).all()
