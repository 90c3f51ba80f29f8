import numpy as np
import pytest
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.svm import SVR

from drugripple.predictors.features import LandmarksAndBits
from drugripple.predictors.support_vector import Loss, SupportVector

from .conftest import rows


@pytest.fixture(scope="module")
def parts(world):
    return rows(world, world.sample_row < 9), rows(world, world.sample_row >= 9)


def wide_rows(train, asked):
    """The features of every row side by side, and γ of the width 1."""
    pairs = train.pairs.compact()
    features = LandmarksAndBits.fit(pairs)
    plain = features.of(pairs)
    spread = sum(side.astype(np.float64).var(axis=0).sum() for side in (plain.sample, plain.compound))
    return *(features.of(part.pairs).rows(part.pairs).astype(np.float64) for part in (train, asked)), 1 / spread


def test_squared_loss_is_kernel_ridge_on_the_concatenated_features(parts):
    train, test = parts
    ours = SupportVector(c=(10.0,), width=(1.0,))
    ours.fit(train, train, seed=0)
    known, asked, gamma = wide_rows(train, test)
    mean = train.values.mean()
    theirs = KernelRidge(kernel="rbf", gamma=gamma, alpha=1 / 20).fit(known, train.values - mean)
    assert ours.predict(test.pairs) == pytest.approx(mean + theirs.predict(asked), abs=5e-3)


def test_epsilon_loss_is_scikit_learns_svr_on_the_concatenated_features(parts):
    train, test = parts
    ours = SupportVector(loss=Loss.EXACT, c=(10.0,), width=(1.0,))
    ours.fit(train, train, seed=0)
    known, asked, gamma = wide_rows(train, test)
    mean = train.values.mean()
    theirs = SVR(kernel="rbf", C=10.0, gamma=gamma, epsilon=0.1).fit(known, train.values - mean)
    assert ours.predict(test.pairs) == pytest.approx(mean + theirs.predict(asked), abs=1e-3)


def test_weights_of_the_approximation_are_those_of_its_linear_machine(parts):
    """With as many landmarks as rows the kernel is exact, and the machine interpolates between the two losses."""
    train, test = parts
    model = SupportVector(loss=Loss.NYSTROEM, c=(10.0,), width=(1.0,))
    model.fit(train, train, seed=0)
    known, asked, gamma = wide_rows(train, test)
    kernel = Nystroem(gamma=gamma, n_components=len(train), random_state=0).fit(known)
    approximate = kernel.transform(asked) @ kernel.transform(known).T
    exact = np.exp(-gamma * ((asked[:, None] - known[None]) ** 2).sum(-1))
    assert approximate == pytest.approx(exact, abs=1e-2)
    assert np.isfinite(model.predict(test.pairs)).all()


@pytest.mark.parametrize("loss", Loss)
def test_every_loss_beats_the_mean(world, loss):
    train, test = rows(world, world.sample_row % 4 != 0), rows(world, world.sample_row % 4 == 0)
    model = SupportVector(loss=loss)
    model.fit(train, test, seed=0)
    assert ((model.predict(test.pairs) - test.values) ** 2).mean() < 0.7 * test.values.var()
    assert len(model.errors) == 6
