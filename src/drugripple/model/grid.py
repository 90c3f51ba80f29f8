"""The fused path of a truly frozen network over samples x compounds: what fine-tuning and prediction run.

Everything that belongs to a sample alone or to a compound alone is computed once for it; the frozen output layer and
the trainable projection behind it are one matrix. Exact: equal to `ResponseNet.respond` up to rounding (tested).
"""

from typing import NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.config import Apply
from drugripple.model.network import PerturbationNet, ResponseNet

FOLD_FROM_ROWS = 512
"""From this many rows on, W_proj W_out costs less than applying the two layers in turn."""


class Pairs(NamedTuple):
    """Rows of a grid, as the distinct samples and compounds among them. Axes: b row, s sample, c compound, g gene."""

    basal: Float[Tensor, "s g"]
    compound: Float[Tensor, "c g"]
    sample: Int[Tensor, " b"]
    """Row of `basal` of each pair."""
    which: Int[Tensor, " b"]
    """Row of `compound` of each pair."""


def pairs(
    basal: Float[Tensor, "n g"], compound: Float[Tensor, "k g"], sample: Int[Tensor, " b"], which: Int[Tensor, " b"]
) -> Pairs:
    """Gather each distinct sample and compound of a batch once."""
    samples, sample_of = torch.unique(sample, return_inverse=True)
    compounds, compound_of = torch.unique(which, return_inverse=True)
    return Pairs(basal[samples], compound[compounds], sample_of, compound_of)


def mix_pairs(
    net: PerturbationNet, basal: Float[Tensor, "s g"], compound: Float[Tensor, "c g"], rows: Pairs
) -> Float[Tensor, "b g"]:
    """The first layer for pairs; equal to `PerturbationNet.mix` of the gathered rows."""
    at_sample, at_compound = basal.index_select(0, rows.sample), compound.index_select(0, rows.which)
    attention = net.attention
    if attention is None:
        return at_sample + at_compound
    if attention.apply_as is Apply.MATVEC:
        own, mixed = (basal * basal) @ attention.w_gene, (at_sample * at_compound) @ attention.w_comp
        z = (own.index_select(0, rows.sample) + mixed) * attention.scale
        return attention.spread(z, at_sample, at_compound) + attention.neighbours(basal).index_select(0, rows.sample)
    own, other = basal @ attention.w_gene, compound @ attention.w_comp
    z = (own.index_select(0, rows.sample) + other.index_select(0, rows.which)) * attention.scale
    fixed = attention.neighbours(torch.ones_like(basal[:1]))
    return at_sample * (attention.spread(z, at_sample, at_compound) + fixed)


def activate_pairs(
    net: PerturbationNet, basal: Float[Tensor, "s g"], compound: Float[Tensor, "c g"], rows: Pairs
) -> Float[Tensor, "b g"]:
    """What the output layer reads; always in full precision, because A g reaches 10³ before it is normalised."""
    with torch.autocast(basal.device.type, enabled=False):
        return torch.relu(net.norm(mix_pairs(net, basal, compound, rows)))


def respond_pairs(net: ResponseNet, rows: Pairs) -> Float[Tensor, " b"]:
    """ln IC50 of pairs, with the chemical conditions given (a truly frozen backbone)."""
    backbone = net.backbone
    scaled = net.rescale(rows.basal)
    seen = scaled if net.settings.head_basal == "scaled" else rows.basal
    activated = activate_pairs(backbone, scaled, rows.compound, rows)
    project = cast(nn.Linear, net.treated[0])
    projected = _project_output(backbone.output, project, activated)
    if backbone.settings.output == "change":
        projected = projected + F.linear(scaled, project.weight).index_select(0, rows.sample)
    first = cast(nn.Linear, net.head[0])
    of_basal, of_treated, of_compound = first.weight.tensor_split(3, dim=1)
    # Three products instead of one on a concatenation: on a CPU the copy costs as much as a product.
    hidden = F.linear(net.treated[1:](projected), of_treated, first.bias)
    hidden = hidden + F.linear(net.basal[1:](net.basal[0](seen).index_select(0, rows.sample)), of_basal)
    hidden = hidden + F.linear(
        net.compound[1:](net.compound[0](rows.compound).index_select(0, rows.which)), of_compound
    )
    return net.head[1:](hidden).squeeze(-1)


def _project_output(output: nn.Module, project: nn.Linear, activated: Float[Tensor, "b g"]) -> Float[Tensor, "b w"]:
    if len(activated) < FOLD_FROM_ROWS:
        return project(output(activated))
    if isinstance(output, nn.Linear):
        return F.linear(activated, project.weight @ output.weight, project.bias)
    narrow, wide = cast(nn.Sequential, output)
    return F.linear(narrow(activated), project.weight @ cast(nn.Linear, wide).weight, project.bias)
