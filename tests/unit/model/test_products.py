"""Products through oneDNN: as exact as before, switched on only where they are, and back off afterwards."""

import numpy as np
import pytest
import torch

from drugripple.model import products
from drugripple.model.products import AS_TORCH_IS, MAY_ROUND, keeps_single_precision, quick_products

pytestmark = pytest.mark.skipif(
    not hasattr(getattr(torch.backends.mkldnn, "matmul", None), "fp32_precision"), reason="torch before 2.9"
)


def now():
    return torch.backends.mkldnn.matmul.fp32_precision


@pytest.fixture
def exact(monkeypatch):
    monkeypatch.setattr(products, "_exact", lambda: True)


def test_products_and_gradients_are_as_exact_as_torchs():
    rng = np.random.default_rng(0)
    one, other = torch.from_numpy(rng.normal(size=(700, 331))), torch.from_numpy(rng.normal(size=(331, 97)))
    weight = other.float().requires_grad_()
    with quick_products():
        product = one.float() @ weight
        product.sum().backward()
    scale = (one.abs() @ other.abs()).max()
    assert (product - one @ other).abs().max() < 1e-6 * scale
    assert (weight.grad - one.sum(0)[:, None]).abs().max() < 1e-6 * one.abs().sum(0).max()


def test_rounding_is_noticed():
    def in_half(one, other):
        return (one.bfloat16() @ other.bfloat16()).float()

    assert keeps_single_precision(torch.matmul)
    assert not keeps_single_precision(in_half)


def test_one_rounded_shape_is_enough_to_be_noticed():
    def many_in_half(one, other):
        return torch.matmul(one, other) if one.ndim == 2 else torch.matmul(one.bfloat16(), other.bfloat16()).float()

    assert not keeps_single_precision(many_in_half)


def test_products_are_tried_in_single_precision_whatever_the_default_is():
    seen = set()

    def multiply(one, other):
        seen.update({one.dtype, other.dtype})
        return torch.matmul(one, other)

    torch.set_default_dtype(torch.float64)
    try:
        assert keeps_single_precision(multiply)
    finally:
        torch.set_default_dtype(torch.float32)
    assert seen == {torch.float32}


@pytest.mark.usefixtures("exact")
def test_the_setting_goes_back_also_after_an_error_and_when_nested():
    with quick_products():
        with quick_products():
            assert now() == MAY_ROUND
        assert now() == MAY_ROUND
        with pytest.raises(ValueError, match="inside"), quick_products():
            raise ValueError("inside")
    assert now() == AS_TORCH_IS


def test_nothing_changes_where_products_would_be_rounded(monkeypatch):
    monkeypatch.setattr(products, "_exact", lambda: False)
    with quick_products():
        assert now() == AS_TORCH_IS


@pytest.mark.usefixtures("exact")
def test_a_programs_own_precision_is_left_alone():
    torch.backends.mkldnn.matmul.fp32_precision = "ieee"
    try:
        with quick_products():
            assert now() == "ieee"
        assert now() == "ieee"
    finally:
        torch.backends.mkldnn.matmul.fp32_precision = AS_TORCH_IS


def test_looking_whether_products_are_exact_leaves_nothing_behind():
    products._exact.cache_clear()
    products._exact()
    assert now() == AS_TORCH_IS


@pytest.mark.usefixtures("exact")
def test_training_and_prediction_use_it(monkeypatch):
    from drugripple.training.loop import fit
    from drugripple.training.settings import TrainingSettings

    seen, layer = [], torch.nn.Linear(3, 1)

    def loss(rows):
        seen.append(now())
        return layer(torch.ones(len(rows), 3)).square().mean()

    settings = TrainingSettings(batch=4, max_epochs=1, patience=1, device="cpu")
    fit(layer, loss, lambda: 0.0, rows=8, settings=settings, seed=0)
    assert set(seen) == {MAY_ROUND}
    assert now() == AS_TORCH_IS
