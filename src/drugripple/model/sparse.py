"""A symmetric sparse matrix as a constant layer."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from drugripple.genes.prior import InteractionPrior

if TYPE_CHECKING:
    import scipy.sparse as sp


class SymmetricSparse(nn.Module):
    """The product x P with the symmetric adjacency matrix P of a prior, at a cost of O(edges) per row.

    With `by_degree`, P becomes K^(-1/2) P K^(-1/2), where K is the diagonal matrix of degrees (isolated genes stay
    zero). P is no part of the state dict, because it is given with the genes and not learnt; a checkpoint stores its
    edges beside the genes.
    """

    rows: Tensor
    """Where each gene's partners begin in `columns` (compressed sparse rows)."""
    columns: Tensor
    """The partners of all genes, gene after gene."""
    values: Tensor
    """The entry of P for each of `columns`."""

    def __init__(self, prior: InteractionPrior, *, by_degree: bool = False) -> None:
        """Turn the edges of a prior into a compressed matrix."""
        super().__init__()
        gene, partner = prior.both_ways().T
        degree = prior.degree()
        weight = np.maximum(degree, 1) ** -0.5 if by_degree else np.ones(len(degree))
        self.edges = len(prior.edges)
        for name, array, kind in (
            ("rows", np.concatenate([[0], np.cumsum(degree)]), np.int64),
            ("columns", partner, np.int64),
            ("values", weight[gene] * weight[partner], np.float32),
        ):
            self.register_buffer(name, torch.from_numpy(array.astype(kind)), persistent=False)
        if not self.edges:  # torch 2.11 takes an empty column for one with gaps
            return
        with warnings.catch_warnings():  # what torch says of its compressed layout once a process, whatever it is given
            warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
            warnings.filterwarnings("ignore", message="Sparse invariant checks are implicitly disabled")
            _compressed(self.rows, self.columns, self.values, check=True)

    def forward(self, values: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """Sum over each gene's partners."""
        if not self.edges:
            return torch.zeros_like(values)
        parts = self.rows, self.columns, self.values.to(values.dtype)
        if torch.compiler.is_compiling() or (torch.is_grad_enabled() and values.requires_grad):
            product: Tensor = _product(values.T, *parts)
            return product.T
        # Not through the operator: its first call imports torch's compiler, which takes longer than a prediction.
        return _multiplied(values.T, *parts).T

    def dense(self) -> Float[Tensor, "g g"]:
        """P as a dense matrix."""
        return _compressed(self.rows, self.columns, self.values).to_dense()

    def matrix(self) -> "sp.csr_matrix":
        """P as a sparse matrix of scipy, in double precision."""
        import scipy.sparse as sp  # not needed to predict

        rows, columns, values = (part.cpu().numpy() for part in (self.rows, self.columns, self.values.double()))
        return sp.csr_matrix((values, columns, rows), shape=(len(rows) - 1, len(rows) - 1))


@torch.library.custom_op("drugripple::symmetric_product", mutates_args=())
def _product(values: Tensor, rows: Tensor, columns: Tensor, weights: Tensor) -> Tensor:
    """The product P x from the parts of P, because torch.compile takes no sparse tensor from outside."""
    return _multiplied(values, rows, columns, weights)


@_product.register_fake
def _(values: Tensor, rows: Tensor, columns: Tensor, weights: Tensor) -> Tensor:  # noqa: ARG001
    return torch.empty_like(values, memory_format=torch.contiguous_format)


def _keep(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:  # noqa: ARG001
    ctx.parts = inputs[1:]


def _backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
    """The gradient is P times the gradient, because P is symmetric."""
    return _product(gradient, *ctx.parts), None, None, None


_product.register_autograd(_backward, setup_context=_keep)


def _multiplied(values: Tensor, rows: Tensor, columns: Tensor, weights: Tensor) -> Tensor:
    return (_compressed(rows, columns, weights) @ values).contiguous()


def _compressed(rows: Tensor, columns: Tensor, weights: Tensor, *, check: bool = False) -> Tensor:
    size = len(rows) - 1
    return torch.sparse_csr_tensor(rows, columns, weights, (size, size), check_invariants=check)
