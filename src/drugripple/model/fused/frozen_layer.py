"""The frozen first layer of pairs as one function with its own backward pass.

A block of rows goes through gathering, attention, layer norm and ReLU while it lies in a core's cache, and the backward
pass computes what a trainable scaling layer in front needs and nothing else.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.model.attention import GeneAttention
from drugripple.model.norm import GeneNorm

CPU_ROWS = 256
"""Rows of a block on a CPU, where several arrays of 978 genes must fit the second-level cache; a GPU takes all rows."""


class Frozen(NamedTuple):
    """Constants of the layer. Axes: g gene, h hidden."""

    w_gene: Float[Tensor, "g h"]
    w_comp: Float[Tensor, "g h"]
    scale: float
    norm_weight: Float[Tensor, " g"] | None
    norm_bias: Float[Tensor, " g"] | None
    epsilon: float


def activate_frozen(
    attention: GeneAttention,
    norm: GeneNorm,
    scaled: Float[Tensor, "n g"],
    compound: Float[Tensor, "c g"],
    sample_index: Int[Tensor, " b"],
    compound_index: Int[Tensor, " b"],
) -> Float[Tensor, "b g"]:
    """ReLU(LayerNorm(A g)) of each pair, for `matvec`; gradients reach `scaled` alone.

    Computed in the precision of its inputs whatever autocast says, because A g reaches 10³ before it is normalised;
    the result is in autocast's precision where that is on.
    """
    frozen = Frozen(attention.w_gene, attention.w_comp, attention.scale, norm.weight, norm.bias, norm.eps)
    device = scaled.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else scaled.dtype
    with torch.autocast(device, enabled=False):
        fixed = attention.apply_prior(scaled)
        result: Tensor = _Activated.apply(scaled, fixed, compound, sample_index, compound_index, frozen, dtype)
    return result


class _Activated(torch.autograd.Function):
    """ReLU(LayerNorm(A g)) with g = s, a sample's rescaled expression, and D = c, a compound's condition.

        forward:   z = (s*s) W_gene + (s*c) W_comp;   h = s * (z W_geneᵀ) + c * (z W_compᵀ) + fixed      (z scaled)
        backward:  with u = ∂L/∂h and v = (u*s) W_gene + (u*c) W_comp                                    (v scaled)
                   ∂L/∂s = u * (z W_geneᵀ) + c * (v W_compᵀ) + 2 s * (v W_geneᵀ);   ∂L/∂fixed = u

    (s*s) W_gene is computed once per sample. So is the last term of ∂L/∂s, from the sum of v over the sample's rows.
    """

    @staticmethod
    def forward(
        ctx: Any,
        scaled: Tensor,
        fixed: Tensor,
        compound: Tensor,
        sample_index: Tensor,
        compound_index: Tensor,
        frozen: Frozen,
        dtype: torch.dtype,
    ) -> Tensor:
        needed = ctx.needs_input_grad[0]
        rows, genes = len(sample_index), scaled.shape[1]
        of_sample = (scaled * scaled) @ frozen.w_gene
        activated = scaled.new_empty(rows, genes, dtype=dtype)
        kept = scaled.new_empty(2, rows, genes) if needed else None
        statistics = scaled.new_empty(2, rows, 1) if needed else None
        for part in _blocks(rows, scaled.device):
            sample = sample_index[part]
            s, c = scaled.index_select(0, sample), compound.index_select(0, compound_index[part])
            z = of_sample.index_select(0, sample).addmm_(s * c, frozen.w_comp).mul_(frozen.scale)
            of_gene = torch.mm(z, frozen.w_gene.T, out=kept[0, part]) if kept is not None else z @ frozen.w_gene.T
            mixed = (z @ frozen.w_comp.T).mul_(c).add_(fixed.index_select(0, sample)).addcmul_(of_gene, s)
            normal, mean, deviation = torch.native_layer_norm(
                mixed, [genes], frozen.norm_weight, frozen.norm_bias, frozen.epsilon
            )
            torch.relu_(normal)
            activated[part] = normal
            if kept is not None and statistics is not None:
                kept[1, part] = mixed
                statistics[0, part], statistics[1, part] = mean, deviation
        if needed:
            ctx.frozen = frozen
            ctx.save_for_backward(scaled, compound, sample_index, compound_index, activated, kept, statistics)
        return activated

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        frozen: Frozen = ctx.frozen
        scaled, compound, sample_index, compound_index, activated, kept, statistics = ctx.saved_tensors
        genes = scaled.shape[1]
        grad_scaled, grad_fixed = torch.zeros_like(scaled), torch.zeros_like(scaled)
        sum_of_v = scaled.new_zeros(len(scaled), frozen.w_gene.shape[1])
        for part in _blocks(len(sample_index), scaled.device):
            sample = sample_index[part]
            s, c = scaled.index_select(0, sample), compound.index_select(0, compound_index[part])
            grad_normal = torch.ops.aten.threshold_backward(gradients[0][part], activated[part], 0).to(scaled.dtype)
            u = torch.ops.aten.native_layer_norm_backward(
                grad_normal, kept[1, part], [genes], statistics[0, part], statistics[1, part],
                frozen.norm_weight, frozen.norm_bias, [True, False, False],
            )[0]  # fmt: skip
            v = ((u * s) @ frozen.w_gene).addmm_(u * c, frozen.w_comp).mul_(frozen.scale)
            sum_of_v.index_add_(0, sample, v)
            grad_fixed.index_add_(0, sample, u)
            direct = (v @ frozen.w_comp.T).mul_(c).addcmul_(u, kept[0, part])
            grad_scaled.index_add_(0, sample, direct)
        grad_scaled.addcmul_(scaled, sum_of_v @ frozen.w_gene.T, value=2)
        return grad_scaled, grad_fixed, None, None, None, None, None


def _blocks(rows: int, device: torch.device) -> list[slice]:
    step = CPU_ROWS if device.type == "cpu" else rows
    return [slice(start, min(start + step, rows)) for start in range(0, rows, max(1, step))]
