import numpy as np
import pytest

from drugripple.chem.molecule import canonical_smiles
from drugripple.data.synthetic import MECHANISMS, synthetic_world
from drugripple.data.tables import ExpressionScale
from drugripple.errors import TableError


def top_coupled(world, mechanism, count=3):
    """Pairs whose change and basal expression covary most, over the profiles of one mechanism."""
    table = world.perturbations
    rows = np.array([table.compounds.mechanism[c] == mechanism for c in table.compound_row])
    basal = table.basal.values[table.basal_row[rows]].astype(float)
    change = table.treated[rows] - basal
    together = (change - change.mean(0)).T @ (basal - basal.mean(0)) / rows.sum()
    score = np.triu(together + together.T, 1)
    best = np.argsort(score, axis=None)[::-1][:count]
    return {(int(i), int(j)) for i, j in zip(*np.unravel_index(best, score.shape), strict=True)}


def planted(world, mechanism):
    return {tuple(pair) for pair in world.planted_pairs[mechanism].tolist()}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_planted_pairs_can_be_found(seed):
    world = synthetic_world(seed)
    for mechanism in MECHANISMS:
        assert top_coupled(world, mechanism) == planted(world, mechanism)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_shuffled_world_holds_nothing_to_find(seed):
    world = synthetic_world(seed, shuffled=True)
    assert not any(top_coupled(world, mechanism) & planted(world, mechanism) for mechanism in MECHANISMS)


def partial_correlation(world):
    """ln IC50 without its compound and line means, against the product of the coupled genes' expression."""
    table = world.response
    grid = table.values.reshape(len(table.expression), len(table.compounds))
    rest = grid - grid.mean(0) - grid.mean(1, keepdims=True) + grid.mean()
    values = table.expression.values
    product = np.stack(
        [
            sum(values[:, a] * values[:, b] for a, b in world.planted_pairs[mechanism])
            for mechanism in table.compounds.mechanism
        ],
        axis=1,
    )
    product = product - product.mean(0) - product.mean(1, keepdims=True) + product.mean()
    return np.corrcoef(rest.ravel(), product.ravel())[0, 1]


def test_lines_that_express_both_genes_of_a_pair_are_sensitive():
    assert partial_correlation(synthetic_world(3)) < -0.8
    assert abs(partial_correlation(synthetic_world(3, shuffled=True))) < 0.15


def test_the_same_seed_gives_the_same_world_and_another_seed_another():
    first, again, other = synthetic_world(5), synthetic_world(5), synthetic_world(6)
    np.testing.assert_array_equal(first.perturbations.treated, again.perturbations.treated)
    np.testing.assert_array_equal(first.response.values, again.response.values)
    assert first.prior.edges.tolist() == again.prior.edges.tolist()
    assert not np.array_equal(first.response.values, other.response.values)


def test_basal_expression_is_on_the_robust_z_scale():
    expression = synthetic_world(0).response.expression
    assert expression.scale is ExpressionScale.ROBUST_Z
    np.testing.assert_allclose(np.median(expression.values, axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(np.median(np.abs(expression.values), axis=0) * 1.4826, 1, atol=1e-5)


def test_the_prior_knows_one_pair_of_each_mechanism_and_as_many_that_mean_nothing():
    for seed in range(30):
        world = synthetic_world(seed, genes=24, lines=2, compounds=4)
        edges = {tuple(edge) for edge in world.prior.edges.tolist()}
        assert [len(edges & planted(world, mechanism)) for mechanism in MECHANISMS] == [1, 1, 1, 1]
        assert len(edges) == 8


def spread_ratio(world):
    """Spread of change in coupled genes over that in the others, over the profiles of the first mechanism."""
    table = world.perturbations
    rows = table.compound_row == 0
    change = (table.treated - table.basal.values[table.basal_row])[rows]
    coupled = np.unique(world.planted_pairs[table.compounds.mechanism[0]])
    return change[:, coupled].std() / np.delete(change, coupled, axis=1).std()


def test_shuffling_leaves_no_gene_more_variable_than_another():
    assert spread_ratio(synthetic_world(4)) > 2
    assert spread_ratio(synthetic_world(4, shuffled=True)) == pytest.approx(1, abs=0.25)


def test_genes_of_one_pathway_rise_and_fall_together():
    world = synthetic_world(0, lines=211)
    together = np.corrcoef(world.response.expression.values, rowvar=False)
    first, second = (np.unique(world.planted_pairs[mechanism]) for mechanism in list(MECHANISMS)[:2])
    within = together[np.ix_(first, first)][np.triu_indices(len(first), 1)]
    assert within.mean() == pytest.approx(0.36, abs=0.1)
    assert together[np.ix_(first, second)].mean() == pytest.approx(0, abs=0.1)


def test_no_gene_is_in_two_planted_pairs():
    genes = np.concatenate([pairs.ravel() for pairs in synthetic_world(0, genes=24).planted_pairs.values()])
    assert sorted(genes.tolist()) == list(range(24))


def test_structures_are_real_canonical_and_distinct():
    world = synthetic_world(0, compounds=24)
    smiles = world.response.compounds.smiles
    assert [canonical_smiles(text) for text in smiles] == list(smiles)
    assert len(set(smiles)) == len(set(world.response.compounds.names)) == 24


def test_a_short_library_holds_every_mechanism():
    assert set(synthetic_world(0, compounds=4).response.compounds.mechanism) == set(MECHANISMS)


def test_the_size_is_what_was_asked_for():
    world = synthetic_world(0, genes=29, lines=7, compounds=5)
    assert world.perturbations.treated.shape == (7 * 5 * 2, 29)
    assert len(world.response) == 35
    assert len(world.prior.genes) == 29


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ({"genes": 23}, "23 genes are too few"),
        ({"lines": 1}, "1 lines"),
        ({"compounds": 25}, "25"),
        ({"compounds": 0}, "0"),
    ],
)
def test_a_world_that_cannot_be_made_is_refused(size, said):
    with pytest.raises(TableError, match=said):
        synthetic_world(0, **size)
