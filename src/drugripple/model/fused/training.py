"""The fused path of a truly frozen network over samples x compounds: what fine-tuning and prediction run.

Everything that belongs to a sample alone or to a compound alone is computed once for it; the frozen output layer and
the trainable projection behind it are one matrix. Exact: equal to `ResponseNet.respond` up to rounding (tested).
"""

from typing import NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.model.fused.frozen_layer import activate_frozen
from drugripple.model.network import PerturbationNet, ResponseNet, in_full
from drugripple.model.settings import Apply

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
    net: PerturbationNet, scaled: Float[Tensor, "s g"], compound: Float[Tensor, "c g"], rows: Pairs
) -> Float[Tensor, "b g"]:
    """What the output layer reads; always computed in full precision, because A g reaches 10³ before the norm."""
    attention, norm = net.attention, net.norm
    if attention is not None and attention.apply_as is Apply.MATVEC and isinstance(norm, nn.LayerNorm):
        return activate_frozen(attention, norm, scaled, compound, rows.sample, rows.which)
    with torch.autocast(scaled.device.type, enabled=False):
        return torch.relu(norm(mix_pairs(net, in_full(scaled), in_full(compound), rows)))


def respond_pairs(net: ResponseNet, rows: Pairs) -> Float[Tensor, " b"]:
    """ln IC50 of pairs, with the chemical conditions given (a truly frozen backbone)."""
    backbone = net.backbone
    scaled = net.rescale(rows.basal)
    activated = activate_pairs(backbone, scaled, rows.compound, rows)
    project = cast(nn.Linear, net.treated[0])
    projected = _project_output(backbone.output, project, activated)
    if backbone.settings.output == "change":
        projected = projected + _of_scaled(net, rows.basal, project.weight).index_select(0, rows.sample)
    first = cast(nn.Linear, net.head[0])
    basal, chemical = (cast(nn.Linear, branch[0]) for branch in (net.basal, net.compound))
    if net.settings.head_basal == "scaled":
        own = _of_scaled(net, rows.basal, basal.weight) + basal.bias
    else:
        own = basal(rows.basal)
    read = net.treated[1:](projected)
    entities = (
        _once_an_entity(net.basal, own, rows.sample).to(read.dtype),
        _once_an_entity(net.compound, chemical(rows.compound), rows.which).to(read.dtype),
    )
    if net.training and net.settings.dropout_of == "row":
        of_basal, of_compound = (
            branch[3](activated.index_select(0, row))
            for branch, activated, row in zip(
                (net.basal, net.compound), entities, (rows.sample, rows.which), strict=True
            )
        )
        hidden = first(torch.cat([of_basal, read, of_compound], dim=1))
    else:
        to_basal, to_treated, to_compound = first.weight.split(read.shape[1], dim=1)
        hidden = F.linear(read, to_treated, first.bias)
        hidden = hidden + F.linear(net.basal[3](entities[0]), to_basal).index_select(0, rows.sample)
        hidden = hidden + F.linear(net.compound[3](entities[1]), to_compound).index_select(0, rows.which)
    return net.head[1:](hidden).squeeze(-1)


def _of_scaled(net: ResponseNet, basal: Float[Tensor, "s g"], weight: Float[Tensor, "w g"]) -> Float[Tensor, "s w"]:
    """W g' of rescaled expression; with one scale and shift g' W = s (g W + β 1 W), which spares the gradient at g'."""
    if net.settings.scaling != "scalar":
        return F.linear(net.rescale(basal), weight)
    scale, shift = net.rescale.factor(), net.rescale.shift
    return (F.linear(basal, weight) + shift * weight.sum(1)) * scale


def _once_an_entity(
    branch: nn.Sequential, projected: Float[Tensor, "e w"], row: Int[Tensor, " b"]
) -> Float[Tensor, "e w"]:
    """A projection's batch norm over the rows and its ReLU, for each sample or compound instead of for each row."""
    return torch.relu(_normalise(cast(nn.BatchNorm1d, branch[1]), projected, row))


def _normalise(norm: nn.BatchNorm1d, values: Float[Tensor, "e w"], row: Int[Tensor, " b"]) -> Float[Tensor, "e w"]:
    """Batch norm over the rows that point at `values`, without building them; running statistics move alike."""
    if not norm.training:
        return norm(values)
    rows = len(row)
    with torch.autocast(values.device.type, enabled=False):
        values = in_full(values)
        share = values.new_zeros(len(values)).index_add_(0, row, values.new_ones(1).expand(rows)) / rows
        mean = share @ values
        centred = values - mean
        variance = share @ centred.square()
        with torch.no_grad():
            momentum = cast(float, norm.momentum)
            cast(Tensor, norm.running_mean).lerp_(mean, momentum)
            cast(Tensor, norm.running_var).lerp_(variance * (rows / (rows - 1)), momentum)
            cast(Tensor, norm.num_batches_tracked).add_(1)
        return centred * (torch.rsqrt(variance + norm.eps) * norm.weight) + norm.bias


def _project_output(output: nn.Module, project: nn.Linear, activated: Float[Tensor, "b g"]) -> Float[Tensor, "b w"]:
    if len(activated) < FOLD_FROM_ROWS:
        return project(output(activated))
    if isinstance(output, nn.Linear):
        return F.linear(activated, project.weight @ output.weight, project.bias)
    narrow, wide = cast(nn.Sequential, output)
    return F.linear(narrow(activated), project.weight @ cast(nn.Linear, wide).weight, project.bias)
