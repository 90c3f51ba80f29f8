"""Matrix products on a CPU by the quicker of torch's two libraries, in full precision."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import torch
from torch import Tensor

AS_TORCH_IS, MAY_ROUND = "none", "bf16"
"""Values of torch's `fp32_precision`: what all of torch is set to, and half precision where the library wants it."""


@contextmanager
def quick_products() -> Iterator[None]:
    """Meanwhile, oneDNN multiplies matrices on a CPU if it does so in single precision here; also a decorator.

    torch gives products in single precision to MKL, which takes twice as long as oneDNN on processors that Intel did
    not make, and to oneDNN only where that may round to half precision. oneDNN rounds on processors that multiply
    tiles in half precision. This tries it once, and changes nothing there, before torch 2.9, or where the program
    has set this precision itself; products on a GPU are left alone. It holds for all threads; meanwhile torch refuses
    to tell `torch.get_float32_matmul_precision()`, and a generator function that it decorates is not inside.

    >>> with quick_products():
    ...     pass
    """
    setting = _setting()
    if getattr(setting, "fp32_precision", None) != AS_TORCH_IS or not _exact():
        yield
        return
    setting.fp32_precision = MAY_ROUND
    try:
        yield
    finally:
        setting.fp32_precision = AS_TORCH_IS


def _setting() -> Any:  # torch does not declare it
    """What holds the precision of oneDNN's products; None before torch 2.9."""
    return getattr(torch.backends.mkldnn, "matmul", None)


@cache
def _exact() -> bool:
    """Whether products that may be rounded are not."""
    setting = _setting()
    setting.fp32_precision = MAY_ROUND
    try:
        return keeps_single_precision(torch.matmul)
    finally:
        setting.fp32_precision = AS_TORCH_IS


def keeps_single_precision(multiply: Callable[[Tensor, Tensor], Tensor]) -> bool:
    """Whether numbers of 24 bits come back from a product with one as they were, in the shapes of forward and backward.

    >>> keeps_single_precision(torch.matmul)
    True
    """
    one = torch.eye(192, dtype=torch.float32, device="cpu")  # whatever a program has made the default
    numbers = 1 + torch.arange(512 * 192, dtype=one.dtype, device=one.device).reshape(512, 192) * 2.0**-23
    many = multiply(numbers.unflatten(0, (8, 64)), one.expand(8, 192, 192)).flatten(0, 1)
    products = multiply(numbers, one), multiply(one, numbers.mT).mT, many
    return all(torch.equal(product, numbers) for product in products)
