import numpy as np
import pytest

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import GeneSpaceError
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.sample_kernel import SampleKernel


def expression(samples=7, genes=61, seed=0, prefix="s"):
    values = np.random.default_rng(seed).standard_normal((samples, genes))
    names = tuple(f"{prefix}{i}" for i in range(samples))
    return ExpressionTable(names, GeneSpace(tuple(f"G{i}" for i in range(genes))), values, ExpressionScale.RMA)


def test_training_kernel_is_centred_and_has_a_mean_diagonal_of_one():
    kernel = SampleKernel.fit(expression()).matrix
    np.testing.assert_allclose(kernel.sum(axis=0), 0, atol=1e-12)
    assert np.diag(kernel).mean() == pytest.approx(1)
    assert np.linalg.eigvalsh(kernel).min() > -1e-12


def test_rows_of_training_samples_are_the_rows_of_the_matrix():
    table = expression()
    kernel = SampleKernel.fit(table)
    np.testing.assert_allclose(kernel.rows(table), kernel.matrix, atol=1e-10)
    np.testing.assert_allclose(kernel.among(table), kernel.matrix, atol=1e-10)


def test_old_and_new_samples_together_have_a_positive_kernel():
    kernel, new = SampleKernel.fit(expression()), expression(5, seed=1)
    rows = kernel.rows(new)
    whole = np.block([[kernel.matrix, rows.T], [rows, kernel.among(new)]])
    assert np.linalg.eigvalsh(whole).min() > -1e-10


def test_similarity_of_a_sample_to_itself_is_the_diagonal_of_among():
    kernel, new = SampleKernel.fit(expression()), expression(5, seed=1)
    np.testing.assert_allclose(kernel.with_itself(new), np.diag(kernel.among(new)), atol=1e-12)


def test_scale_and_gene_order_of_a_new_sample_do_not_matter():
    kernel, new = SampleKernel.fit(expression()), expression(3, seed=2)
    order = np.random.default_rng(0).permutation(61)
    other = ExpressionTable(
        new.samples, GeneSpace(tuple(new.genes.symbols[i] for i in order)), np.exp(new.values)[:, order] * 7 + 3,
        ExpressionScale.RMA,
    )  # fmt: skip
    np.testing.assert_allclose(kernel.rows(other), kernel.rows(new), atol=1e-10)


def test_fewer_genes_are_ranked_among_themselves():
    kernel, new = SampleKernel.fit(expression()), expression(3, seed=2)
    part = GeneSpace(new.genes.symbols[:55])
    expected = SampleKernel.fit(expression().restrict(part)).rows(new.restrict(part))
    np.testing.assert_allclose(kernel.rows(new.restrict(part)), expected, atol=1e-5)


def test_too_few_shared_genes_are_refused():
    kernel, new = SampleKernel.fit(expression()), expression(3, seed=2)
    with pytest.raises(GeneSpaceError, match="share 20 genes"):
        kernel.rows(new.restrict(GeneSpace(new.genes.symbols[:20])))


def test_a_kernel_of_nearer_samples_is_larger():
    table = expression()
    near = ExpressionTable(("near",), table.genes, table.values[:1] + 0.05, table.scale)
    row = SampleKernel.fit(table).rows(near)[0]
    assert row.argmax() == 0
