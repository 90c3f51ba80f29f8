import numpy as np
import pytest

from drugripple.data.pairs import Pairs
from drugripple.errors import GeneSpaceError
from drugripple.genes.space import GeneSpace
from drugripple.predictors.features import Components, LandmarksAndBits, PrincipalAxes, on_genes


def rows(table, condition):
    return table.pairs.take(np.flatnonzero(condition)).compact()


def test_features_of_a_pair_are_its_sample_beside_its_compound(world):
    features = LandmarksAndBits.fit(world.pairs).of(world.pairs)
    wide = features.rows(world.pairs)
    assert wide.shape == (len(world), features.sample.shape[1] + features.compound.shape[1])
    assert wide[17].tolist() == [*features.sample[world.sample_row[17]], *features.compound[world.compound_row[17]]]


def test_scaling_and_bits_come_from_training_alone(world):
    train = rows(world, (world.sample_row < 6) & (world.compound_row < 3))
    features = LandmarksAndBits.fit(train).of(world.pairs)
    assert np.median(features.sample[:6], axis=0) == pytest.approx(0, abs=1e-6)
    assert (np.ptp(features.compound[:3], axis=0) > 0).all()


def test_components_are_orthogonal_scores_of_training_samples(world):
    train = rows(world, world.sample_row < 9)
    scores = Components.fit(train, samples=3, compounds=2).of(train).sample.astype(np.float64)
    gram = scores.T @ scores
    assert gram == pytest.approx(np.diag(np.diag(gram)), abs=1e-3)
    centred = world.expression.values[:9] - world.expression.values[:9].mean(axis=0)
    assert np.sqrt(np.diag(gram)) == pytest.approx(np.linalg.svd(centred, compute_uv=False)[:3], rel=1e-4)


def test_scores_on_principal_axes_are_those_of_scikit_learn_up_to_their_sign():
    from sklearn.decomposition import PCA

    rng = np.random.default_rng(3)
    values, others = (rng.normal(size=(rows, 11)).astype(np.float32) for rows in (7, 5))
    theirs = PCA(3).fit(values.astype(np.float64)).transform(others.astype(np.float64))
    assert np.abs(PrincipalAxes.fit(values, np.ones(7, dtype=bool), 3).of(others)) == pytest.approx(
        np.abs(theirs), abs=1e-5
    )


def test_values_lie_in_memory_alike_whatever_the_order_of_the_genes(world):
    genes = world.expression.genes
    turned = world.expression.restrict(GeneSpace(genes.symbols[::-1]))
    one, other = on_genes(world.expression, genes), on_genes(turned, genes)
    assert one.strides == other.strides
    np.testing.assert_array_equal(one, other)


def test_a_table_that_lacks_genes_of_the_fit_is_refused_by_name(world):
    fitted = LandmarksAndBits.fit(world.pairs)
    fewer = Pairs(world.expression.restrict(GeneSpace(("G0", "G3"))), world.compounds, np.array([0]), np.array([0]))
    with pytest.raises(GeneSpaceError, match=r"3 of 5 genes are not among the 2 .*\['G1', 'G2', 'G4'\]"):
        fitted.of(fewer)
