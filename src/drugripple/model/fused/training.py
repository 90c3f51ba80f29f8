"""The fused form for pairs of a batch, behind a truly frozen backbone: fine-tuning and the prediction of rows.

What belongs to a sample alone or to a compound alone is computed once for it, and the frozen output layer and the
trainable projection behind it become one matrix. `README.md` in this folder says what is folded and why it is exact.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.model.free_factors import FreeTerms
from drugripple.model.fused.frozen_layer import activate_frozen
from drugripple.model.network import PerturbationNet, ResponseNet, in_full
from drugripple.model.norm import BatchNorm
from drugripple.model.projection import LowRankLinear, Projection
from drugripple.model.settings import Apply, BasalScaling, DropoutOf, HeadBasal, Output

FOLD_FROM_ROWS = 512
"""Number of rows from which on W_proj W_out costs less than applying the two layers in turn."""


class PairBatch(NamedTuple):
    """Pairs of a sample and a compound. Axes: b pair, n sample, c compound, g gene."""

    basal: Float[Tensor, "n g"]
    """Expression of samples, each once."""
    compound: Float[Tensor, "c g"]
    """Chemical conditions, each once."""
    sample_index: Int[Tensor, " b"]
    """The row of `basal` of each pair."""
    compound_index: Int[Tensor, " b"]
    """The row of `compound` of each pair."""


def distinct_pairs(
    basal: Float[Tensor, "n g"],
    compound: Float[Tensor, "c g"],
    sample_index: Int[Tensor, " b"],
    compound_index: Int[Tensor, " b"],
) -> PairBatch:
    """Gather the samples and compounds that a batch needs, each once."""
    samples, sample_of = torch.unique(sample_index, return_inverse=True)
    compounds, compound_of = torch.unique(compound_index, return_inverse=True)
    return PairBatch(basal[samples], compound[compounds], sample_of, compound_of)


def respond_pairs(net: ResponseNet, pairs: PairBatch, free: FreeTerms | None = None) -> Float[Tensor, " b"]:
    """Predict ln IC50 of pairs; equal to `ResponseNet.respond` of the gathered rows up to rounding."""
    activated = activate_pairs(net.backbone, net.rescale(pairs.basal), pairs)
    projected = _project_output(net.backbone.output, net.project_treated.linear, activated)
    if net.backbone.settings.output is Output.CHANGE:
        change = _project_scaled(net, pairs.basal, net.project_treated.linear.weight)
        projected = projected + change.index_select(0, pairs.sample_index)
    treated = net.project_treated.activate(projected)
    basal = _once(net.project_basal, _project_basal(net, pairs.basal), pairs.sample_index).to(treated.dtype)
    compound = _once(net.project_compound, net.project_compound.linear(pairs.compound), pairs.compound_index)
    compound = compound.to(treated.dtype)
    first = net.head.first.linear
    if net.training and net.settings.dropout_of is DropoutOf.ROW:
        of_basal = net.project_basal.dropout(basal.index_select(0, pairs.sample_index))
        of_compound = net.project_compound.dropout(compound.index_select(0, pairs.compound_index))
        hidden = first(torch.cat([of_basal, treated, of_compound], dim=1))
    else:
        to_basal, to_treated, to_compound = first.weight.split(treated.shape[1], dim=1)
        of_basal = F.linear(net.project_basal.dropout(basal), to_basal)
        of_compound = F.linear(net.project_compound.dropout(compound), to_compound)
        hidden = F.linear(treated, to_treated, first.bias)
        hidden = hidden + of_basal.index_select(0, pairs.sample_index)
        hidden = hidden + of_compound.index_select(0, pairs.compound_index)
    return net.head.read(hidden, free)


def activate_pairs(net: PerturbationNet, scaled: Float[Tensor, "n g"], pairs: PairBatch) -> Float[Tensor, "b g"]:
    """What the output layer reads, given rescaled expression of the samples.

    Always computed in full precision, because A g reaches 10³ before the norm.
    """
    attention, norm = net.attention, net.norm
    if attention is not None and attention.apply_as is Apply.MATVEC and norm is not None:
        return activate_frozen(attention, norm, scaled, pairs.compound, pairs.sample_index, pairs.compound_index)
    with torch.autocast(scaled.device.type, enabled=False):
        return torch.relu(net.normalise(mix_pairs(net, in_full(scaled), in_full(pairs.compound), pairs)))


def mix_pairs(
    net: PerturbationNet, scaled: Float[Tensor, "n g"], compound: Float[Tensor, "c g"], pairs: PairBatch
) -> Float[Tensor, "b g"]:
    """The first layer of pairs; for `rowsum`, Qᵀ 1 is the sum of what each sample and each compound gives alone."""
    at_sample, at_compound = scaled.index_select(0, pairs.sample_index), compound.index_select(0, pairs.compound_index)
    attention = net.attention
    if attention is None or attention.apply_as is Apply.MATVEC:
        return net.mix(at_sample, at_compound)
    of_sample, of_compound = scaled @ attention.w_gene, compound @ attention.w_comp
    z = of_sample.index_select(0, pairs.sample_index) + of_compound.index_select(0, pairs.compound_index)
    fixed = attention.apply_prior(torch.ones_like(scaled[:1]))
    return at_sample * (attention.apply_q(z * attention.scale, at_sample, at_compound) + fixed)


def _project_basal(net: ResponseNet, basal: Float[Tensor, "n g"]) -> Float[Tensor, "n w"]:
    """W x + b of the expression that the head reads: rescaled, or as given."""
    linear = net.project_basal.linear
    if net.settings.head_basal is HeadBasal.RAW:
        return linear(basal)
    projected = _project_scaled(net, basal, linear.weight)
    return projected if linear.bias is None else projected + linear.bias


def _project_scaled(
    net: ResponseNet, basal: Float[Tensor, "n g"], weight: Float[Tensor, "w g"]
) -> Float[Tensor, "n w"]:
    """W g' of rescaled expression; with one scale and shift g' W = s (g W + β 1 W), which spares the gradient at g'."""
    if net.settings.scaling is not BasalScaling.SCALAR:
        return F.linear(net.rescale(basal), weight)
    scale, shift = net.rescale.factor(), net.rescale.shift
    return (F.linear(basal, weight) + shift * weight.sum(1)) * scale


def _once(projection: Projection, projected: Float[Tensor, "e w"], index: Int[Tensor, " b"]) -> Float[Tensor, "e w"]:
    """Batch norm over the pairs and ReLU, computed once for each sample or compound instead of for each pair."""
    return torch.relu(_batch_norm_once(projection.norm, projected, index))


def _batch_norm_once(norm: BatchNorm, values: Float[Tensor, "e w"], index: Int[Tensor, " b"]) -> Float[Tensor, "e w"]:
    """Batch norm over `values[index]` without building it; running statistics move alike."""
    if not norm.training:
        return norm(values)
    rows = len(index)
    with torch.autocast(values.device.type, enabled=False):
        values = in_full(values)
        share = values.new_zeros(len(values)).index_add_(0, index, values.new_ones(1).expand(rows)) / rows
        mean = share @ values
        centred = values - mean
        variance = share @ centred.square()
        with torch.no_grad():
            norm.running_mean.lerp_(mean, norm.momentum)
            norm.running_var.lerp_(variance * (rows / (rows - 1)), norm.momentum)
            norm.num_batches_tracked.add_(1)
        normal = centred * (torch.rsqrt(variance + norm.eps) * norm.weight)
        return normal if norm.bias is None else normal + norm.bias


def _project_output(
    output: nn.Linear | LowRankLinear, project: nn.Linear, activated: Float[Tensor, "b g"]
) -> Float[Tensor, "b w"]:
    """W_proj W_out x + b; for many rows the product of the two matrices comes first."""
    if len(activated) < FOLD_FROM_ROWS:
        return project(output(activated))
    if isinstance(output, LowRankLinear):
        return F.linear(output.narrow(activated), project.weight @ output.wide.weight, project.bias)
    return F.linear(activated, project.weight @ output.weight, project.bias)
