"""ComBat against hand-derived cases and its published formula."""

import numpy as np
import pytest

from drugripple.errors import TableError
from drugripple.genes.combat import correct_batches


def test_without_a_spread_between_genes_the_batch_means_meet():
    """One gene: its own location is taken out whole, and both batches are brought to unit variance of the residual.

    Batches (1, 3) and (11, 13): α = 7, residuals ±1, σ = 1, Z = (-6, -4) and (4, 6); γ = -5 and 5, δ² = 2 each.
    Y* = (Z - γ)/√2 + 7 = 7 ∓ 1/√2.
    """
    found = correct_batches(np.array([[1.0], [3.0], [11.0], [13.0]]), ["a", "a", "b", "b"]).values
    half = 1 / np.sqrt(2)
    np.testing.assert_allclose(found[:, 0], [7 - half, 7 + half, 7 - half, 7 + half])


def test_mean_only_takes_the_shift_alone():
    """Two genes whose shifts agree after standardising: nothing is shrunk, and the distance within a batch stays."""
    values = np.array([[1.0, 10.0], [3.0, 30.0], [11.0, 110.0], [13.0, 130.0]])
    found = correct_batches(values, ["a", "a", "b", "b"], mean_only=True).values
    np.testing.assert_allclose(found, [[6, 60], [8, 80], [6, 60], [8, 80]])


def published(values, batch, ddof):
    """The formula as printed, one gene after another, iterated far beyond convergence."""
    names, n = sorted(set(batch)), len(values)
    rows = {name: [i for i, b in enumerate(batch) if b == name] for name in names}
    alpha = values.mean(0)
    fitted = np.array([values[rows[b]].mean(0) for b in batch])
    sigma = np.sqrt(((values - fitted) ** 2).sum(0) / n)
    z = (values - alpha) / sigma
    out = np.empty_like(z)
    for name in names:
        part = z[rows[name]]
        gamma_hat, delta_hat = part.mean(0), part.var(0, ddof=ddof)
        bar, tau2 = gamma_hat.mean(), gamma_hat.var(ddof=ddof)
        v, s2 = delta_hat.mean(), delta_hat.var(ddof=ddof)
        lam, theta = (v**2 + 2 * s2) / s2, (v**3 + v * s2) / s2
        for gene in range(values.shape[1]):
            gamma, delta = gamma_hat[gene], delta_hat[gene]
            for _ in range(500):
                gamma = (len(part) * tau2 * gamma_hat[gene] + delta * bar) / (len(part) * tau2 + delta)
                delta = (theta + 0.5 * ((part[:, gene] - gamma) ** 2).sum()) / (len(part) / 2 + lam - 1)
            out[rows[name], gene] = (part[:, gene] - gamma) / np.sqrt(delta)
    return sigma * out + alpha


@pytest.mark.parametrize("ddof", [0, 1])
def test_it_is_the_published_formula(ddof):
    rng = np.random.default_rng(0)
    batch = ["a"] * 7 + ["b"] * 11
    values = rng.normal(size=(18, 13)) * rng.uniform(0.5, 2, 13) + 5
    values[7:] = values[7:] * 1.7 + rng.normal(size=13)
    np.testing.assert_allclose(
        correct_batches(values, batch, ddof=ddof).values, published(values, batch, ddof), atol=1e-3
    )


def test_the_reference_stays_and_the_others_come_to_it():
    rng = np.random.default_rng(1)
    lines, tumours = rng.normal(8, 1, size=(40, 17)), rng.normal(3, 2, size=(60, 17))
    found = correct_batches(np.concatenate([lines, tumours]), ["l"] * 40 + ["t"] * 60, reference="l").values
    np.testing.assert_array_equal(found[:40], lines)
    np.testing.assert_allclose(found[40:].mean(0), lines.mean(0), atol=0.25)
    np.testing.assert_allclose(found[40:].std(0), lines.std(0), atol=0.3)


def test_a_covariate_is_kept():
    rng = np.random.default_rng(2)
    sex = np.tile([0.0, 1.0], 30)
    values = rng.normal(size=(60, 11)) + 3 * sex[:, None]
    values[30:] += 5
    found = correct_batches(values, ["a"] * 30 + ["b"] * 30, design=sex[:, None]).values
    assert (found[sex == 1] - found[sex == 0]).mean() == pytest.approx(3, abs=0.2)


def test_a_single_sample_is_moved_and_a_constant_gene_is_left():
    values = np.array([[1.0, 2.0, 5.0], [2.0, 4.0, 5.0], [3.0, 3.0, 5.0], [9.0, 9.0, 7.0]])
    found = correct_batches(values, ["a", "a", "a", "b"])
    assert found.untouched.tolist() == [False, False, True]
    np.testing.assert_array_equal(found.values[:, 2], values[:, 2])
    assert found.values[3, 0] < 9


def test_one_batch_or_a_missing_value_is_refused():
    with pytest.raises(TableError, match="two batches or more"):
        correct_batches(np.zeros((3, 2)), ["a", "a", "a"])
    with pytest.raises(TableError, match="the reference 'c' is no batch"):
        correct_batches(np.eye(4), ["a", "a", "b", "b"], reference="c")
