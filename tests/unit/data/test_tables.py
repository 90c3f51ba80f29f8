from dataclasses import replace

import numpy as np
import pytest

from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError, TableError
from drugripple.genes.space import GeneSpace

WORLD = synthetic_world(0)
GENES = GeneSpace(("TP53", "EGFR", "MYC"))


def expression(**changes):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    return replace(ExpressionTable(("s1", "s2"), GENES, values, ExpressionScale.RMA), **changes)


def test_a_value_that_is_not_finite_is_named_by_sample_and_gene():
    values = np.ones((2, 3), dtype=np.float32)
    values[1, 2] = np.nan
    with pytest.raises(TableError, match=r"1 expression values are NaN or infinite .first: sample 's2', gene 'MYC'"):
        expression(values=values)


def test_repeated_samples_are_named():
    with pytest.raises(TableError, match=r"1 samples repeat: \['s1'\]"):
        expression(samples=("s1", "s1"))


def test_a_shape_that_disagrees_is_refused():
    with pytest.raises(TableError, match="expression is 2 x 3, but 3 samples and 3 genes are named"):
        expression(samples=("s1", "s2", "s3"), tissue=("", "", ""))


def test_take_and_restrict_give_rows_and_columns_in_the_order_asked():
    part = expression(tissue=("lung", "skin")).take(np.array([1])).restrict(GeneSpace(("MYC", "TP53")))
    assert (part.samples, part.tissue, part.values.tolist()) == (("s2",), ("skin",), [[5.0, 3.0]])


def test_a_gene_that_was_not_measured_is_refused():
    with pytest.raises(GeneSpaceError, match="KRAS"):
        expression().restrict(GeneSpace(("KRAS",)))


def test_repeated_compounds_are_named():
    with pytest.raises(TableError, match=r"1 compound ids repeat: \['a'\]"):
        CompoundTable.from_smiles(("C", "CC"), ids=("a", "a"))


@pytest.mark.parametrize("dose", [0.0, -1.0, np.nan, np.inf])
def test_a_dose_that_is_not_above_zero_is_refused(dose):
    doses = WORLD.perturbations.dose_um.copy()
    doses[4] = dose
    with pytest.raises(TableError, match=r"1 values of dose are not above 0 micromolar .first: row 4"):
        replace(WORLD.perturbations, dose_um=doses)


def test_a_time_that_is_not_above_zero_is_refused():
    with pytest.raises(TableError, match="treatment time"):
        replace(WORLD.perturbations, hours=WORLD.perturbations.hours * 0)


def test_a_row_that_points_outside_is_refused():
    rows = WORLD.response.sample_row.copy()
    rows[0] = 10_000
    with pytest.raises(TableError, match="a row points at number 10000 of"):
        replace(WORLD.response.pairs, sample_row=rows)


def test_a_response_that_is_not_finite_is_named_by_row():
    values = WORLD.response.values.copy()
    values[3] = np.inf
    with pytest.raises(TableError, match=r"1 ln_ic50 values are NaN or infinite .first: row 3"):
        replace(WORLD.response, values=values)


def test_pairs_are_equal_for_repeat_measurements_only():
    rows = WORLD.response.take(np.array([0, 1, 0]))
    assert rows.pairs.number[0] == rows.pairs.number[2] != rows.pairs.number[1]


def test_perturbations_are_cut_to_genes_on_both_sides():
    genes = GeneSpace(WORLD.prior.genes.symbols[5:2:-1])
    part = WORLD.perturbations.restrict(genes)
    assert part.basal.genes == genes
    np.testing.assert_array_equal(part.treated, WORLD.perturbations.treated[:, [5, 4, 3]])
