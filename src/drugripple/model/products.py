"""Matrix products on a CPU by the quicker of torch's two libraries, in full precision."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch

AS_TORCH_IS, MAY_ROUND = "none", "bf16"
"""Values of torch's `fp32_precision`: what all of torch is set to, and half precision where the library wants it."""


@contextmanager
def quick_products(device: torch.device | str = "cpu") -> Iterator[None]:
    """Meanwhile, oneDNN multiplies matrices on a CPU if it does so in single precision here; also a decorator.

    torch gives products in single precision to MKL, which takes twice as long as oneDNN on processors that Intel did
    not make, and to oneDNN only where that may round to half precision. oneDNN rounds on processors that multiply
    tiles in half precision. This tries it once, and changes nothing there, on a GPU, before torch 2.9, or where the
    program has set this precision itself.

    >>> with quick_products():
    ...     pass
    """
    setting = getattr(torch.backends.mkldnn, "matmul", None)
    unset = getattr(setting, "fp32_precision", None) == AS_TORCH_IS
    if setting is None or not unset or torch.device(device).type != "cpu" or not _exact():
        yield
        return
    setting.fp32_precision = MAY_ROUND
    try:
        yield
    finally:
        setting.fp32_precision = AS_TORCH_IS


@cache
def _exact() -> bool:
    """Whether products that may be rounded are not: numbers of 24 bits times one come back as they are."""
    setting = torch.backends.mkldnn.matmul
    setting.fp32_precision = MAY_ROUND
    try:
        with torch.no_grad():
            numbers, one = 1 + torch.arange(512 * 192).reshape(512, 192) * 2.0**-23, torch.eye(192)
            many = torch.bmm(numbers.unflatten(0, (8, 64)), one.expand(8, 192, 192)).flatten(0, 1)
            return all(torch.equal(product, numbers) for product in (numbers @ one, (one @ numbers.T).T, many))
    finally:
        setting.fp32_precision = AS_TORCH_IS
