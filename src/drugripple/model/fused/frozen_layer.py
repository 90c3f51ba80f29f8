"""The frozen first layer over samples x compounds as one function with its own backward pass.

A block of rows goes through gathering, attention, layer norm and ReLU while it lies in a core's cache, and the backward
pass computes what a trainable scaling layer in front needs and nothing else.
"""

from typing import Any, NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from drugripple.model.attention import GeneAttention

CPU_ROWS = 256
"""Rows of a block: some arrays of 978 genes fit the second-level cache together. A GPU takes all rows at once."""


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
    norm: torch.nn.LayerNorm,
    scaled: Float[Tensor, "s g"],
    compound: Float[Tensor, "c g"],
    sample: Int[Tensor, " b"],
    which: Int[Tensor, " b"],
) -> Float[Tensor, "b g"]:
    """ReLU(LayerNorm(A g)) of each pair, as `matvec`; gradients reach `scaled` alone.

        h = s * (z W_geneᵀ) + c * (z W_compᵀ) + (w P + I) s       z = [(s*s) W_gene + (s*c) W_comp]/√h     [b g]

    Computed in the precision of its inputs whatever autocast says, because A g reaches 10³ before it is normalised;
    the result is in autocast's precision where that is on.
    """
    frozen = Frozen(attention.w_gene, attention.w_comp, attention.scale, norm.weight, norm.bias, norm.eps)
    device = scaled.device.type
    dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else scaled.dtype
    with torch.autocast(device, enabled=False):
        fixed = attention.neighbours(scaled)
        result: Tensor = _Activated.apply(scaled, fixed, compound, sample, which, frozen, dtype)
    return result


class _Activated(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        scaled: Tensor,
        fixed: Tensor,
        compound: Tensor,
        sample: Tensor,
        which: Tensor,
        frozen: Frozen,
        dtype: torch.dtype,
    ) -> Tensor:
        needed = ctx.needs_input_grad[0]
        rows, genes = len(sample), scaled.shape[1]
        own = (scaled * scaled) @ frozen.w_gene
        activated = scaled.new_empty(rows, genes, dtype=dtype)
        kept = scaled.new_empty(2, rows, genes) if needed else None
        statistics = scaled.new_empty(2, rows, 1) if needed else None
        for part in _blocks(rows, scaled.device):
            s, c = scaled.index_select(0, sample[part]), compound.index_select(0, which[part])
            z = own.index_select(0, sample[part]).addmm_(s * c, frozen.w_comp).mul_(frozen.scale)
            spread = torch.mm(z, frozen.w_gene.T, out=kept[0, part]) if kept is not None else z @ frozen.w_gene.T
            mixed = (z @ frozen.w_comp.T).mul_(c).add_(fixed.index_select(0, sample[part])).addcmul_(spread, s)
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
            ctx.save_for_backward(scaled, compound, sample, which, activated, kept, statistics)
        return activated

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        frozen: Frozen = ctx.frozen
        scaled, compound, sample, which, activated, kept, statistics = ctx.saved_tensors
        genes = scaled.shape[1]
        of_scaled, of_fixed = torch.zeros_like(scaled), torch.zeros_like(scaled)
        of_own = scaled.new_zeros(len(scaled), frozen.w_gene.shape[1])
        for part in _blocks(len(sample), scaled.device):
            at, of = sample[part], which[part]
            s, c = scaled.index_select(0, at), compound.index_select(0, of)
            after = torch.ops.aten.threshold_backward(gradients[0][part], activated[part], 0).to(scaled.dtype)
            of_mixed = torch.ops.aten.native_layer_norm_backward(
                after, kept[1, part], [genes], statistics[0, part], statistics[1, part],
                frozen.norm_weight, frozen.norm_bias, [True, False, False],
            )[0]  # fmt: skip
            of_z = ((of_mixed * s) @ frozen.w_gene).addmm_(of_mixed * c, frozen.w_comp).mul_(frozen.scale)
            of_own.index_add_(0, at, of_z)
            of_fixed.index_add_(0, at, of_mixed)
            direct = (of_z @ frozen.w_comp.T).mul_(c).addcmul_(of_mixed, kept[0, part])
            of_scaled.index_add_(0, at, direct)
        of_scaled.addcmul_(scaled, of_own @ frozen.w_gene.T, value=2)
        return of_scaled, of_fixed, None, None, None, None, None


def _blocks(rows: int, device: torch.device) -> list[slice]:
    step = CPU_ROWS if device.type == "cpu" else rows
    return [slice(start, min(start + step, rows)) for start in range(0, rows, max(1, step))]
