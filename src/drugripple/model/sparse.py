"""A symmetric sparse matrix as a constant layer."""

import warnings
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch
from jaxtyping import Float
from torch import Tensor, nn

from drugripple.genes.prior import InteractionPrior


class SymmetricSparse(nn.Module):
    """x ↦ x P for the symmetric adjacency P of a prior, in O(edges) a row.

    With `by_degree`, P becomes K^(-1/2) P K^(-1/2), K the diagonal of degrees (isolated genes stay zero).
    The matrix belongs to the gene panel and not to what was learnt, so it is no part of the state dict; checkpoints
    store its edges beside the panel.
    """

    matrix: Tensor

    def __init__(self, prior: InteractionPrior, *, by_degree: bool = False) -> None:
        """Turn the edges into a compressed matrix."""
        super().__init__()
        matrix = prior.adjacency()
        if by_degree:
            degree = np.maximum(prior.degree(), 1) ** -0.5
            matrix = sp.diags(degree) @ matrix @ sp.diags(degree)
        self.edges = int(matrix.nnz) // 2
        self.register_buffer("matrix", _to_torch(matrix.tocsr()), persistent=False)

    def forward(self, values: Float[Tensor, "b g"]) -> Float[Tensor, "b g"]:
        """Sum over each gene's partners."""
        if not self.edges:
            return torch.zeros_like(values)
        return _SymmetricProduct.apply(values, self.matrix.to(values.dtype))

    def dense(self) -> Float[Tensor, "g g"]:
        """The matrix in full."""
        return self.matrix.to_dense()


class _SymmetricProduct(torch.autograd.Function):
    """x P with the backward pass that symmetry allows: the same product."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, matrix: Tensor) -> Tensor:
        ctx.matrix = matrix
        return (matrix @ values.T).T

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return (ctx.matrix @ gradients[0].T).T, None


def _to_torch(matrix: sp.csr_matrix) -> Tensor:
    with warnings.catch_warnings():  # torch marks its compressed layout as beta; only products are used here
        warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
        return torch.sparse_csr_tensor(
            torch.from_numpy(matrix.indptr.astype(np.int64)),
            torch.from_numpy(matrix.indices.astype(np.int64)),
            torch.from_numpy(matrix.data.astype(np.float32)),
            matrix.shape,
            check_invariants=True,
        )
