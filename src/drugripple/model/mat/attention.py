"""W V of attention weights W with a fixed part, in two ways: one is quickest on a GPU, the other on a CPU.

    W = λ softmax(Q Kᵀ / √e) + bias                                                         [k h a a]

Axes: k molecule, a node, h head, e width of a head, d = h e.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F


def attend_fused(
    states: Sequence[Float[Tensor, "k a d"]],
    bias: Float[Tensor, "k a a"],
    keys: Bool[Tensor, "k 1 1 a"] | None,
    heads: int,
    weight: float,
) -> Float[Tensor, "k a d"]:
    """W V as λ SDPA(Q, K, V) + bias V, without building W; bias V is one matrix product for all heads.

    `states` are queries, keys and values; `keys` is true at real nodes.
    """
    q, k, v = (_by_head(state, heads) for state in states)
    attended = F.scaled_dot_product_attention(q, k, v, attn_mask=keys).transpose(1, 2).flatten(2)
    return torch.baddbmm(attended, bias.to(v.dtype), states[2], beta=weight)


def attend_written_out(
    states: Sequence[Float[Tensor, "k a d"]],
    bias: Float[Tensor, "k a a"],
    keys: Bool[Tensor, "k 1 1 a"] | None,
    heads: int,
    weight: float,
    dropout: float = 0.0,
) -> Float[Tensor, "k a d"]:
    """W V with W built, in the precision of `bias`: the W of a drug is so small that a CPU takes longer to avoid it.

    Arguments are those of `attend_fused`; `dropout` is applied to W.
    """
    with torch.autocast(bias.device.type, enabled=False):
        q, k, v = (_by_head(state, heads).to(bias.dtype, memory_format=torch.contiguous_format) for state in states)
        q, k, v = (state.contiguous() for state in (q, k, v))  # `to` copies nothing of the right precision
        scores = q @ k.mT / q.shape[-1] ** 0.5
        scores = scores if keys is None else scores.masked_fill(~keys, -torch.inf)
        weights = torch.add(bias.unsqueeze(1), scores.softmax(-1), alpha=weight)
        mixed = F.dropout(weights, dropout) @ v
    return mixed.transpose(1, 2).to(states[0].dtype).flatten(2)


def _by_head(states: Float[Tensor, "k a d"], heads: int) -> Float[Tensor, "k h a e"]:
    return states.unflatten(-1, (heads, -1)).transpose(1, 2)
