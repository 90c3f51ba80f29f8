"""The fused form for whole grids, in evaluation mode: every sample with every chemical condition."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.model.free_factors import GridTerms
from drugripple.model.network import ResponseNet
from drugripple.model.norm import BatchNorm
from drugripple.model.products import quick_products
from drugripple.model.projection import Projection
from drugripple.model.settings import Apply, HeadBasal, Output, Precision


@dataclass(frozen=True)
class _Branch:
    """A projection in evaluation mode, linear layer and batch norm as one, and its slice of the head's weights."""

    weight: Float[Tensor, "w g"]
    bias: Float[Tensor, " w"]
    head: Float[Tensor, "v w"]

    def __call__(self, values: Float[Tensor, "r g"]) -> Float[Tensor, "r v"]:
        return torch.relu(F.linear(values, self.weight, self.bias)) @ self.head.T


class GridPredictor:
    """Predicts ln IC50 of samples with a fixed set of chemical conditions, in evaluation mode.

    What a sample or a condition contributes alone, up to the head's first layer, is computed once for it, and the
    frozen output layer, the projection and its batch norm are one matrix. Equal to `ResponseNet.respond` in evaluation
    mode up to rounding. With `precision="bfloat16"` what runs for every pair behind the layer norm is in half
    precision: faster where the processor has it, and less exact (docs/speed.md).
    """

    def __init__(
        self,
        net: ResponseNet,
        compound: Float[Tensor, "c g"],
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        """Fold the network for a set of chemical conditions."""
        net.eval()
        self.net, self.compound = net, compound
        self.dtype = torch.bfloat16 if precision is Precision.BFLOAT16 else compound.dtype
        with torch.no_grad(), quick_products():
            weight, self.head_bias = _fold(net.head.first)
            to_basal, to_treated, to_compound = weight.tensor_split(3, dim=1)
            self.basal = _Branch(*_fold(net.project_basal), to_basal)
            self.of_compound = _Branch(*_fold(net.project_compound), to_compound)(compound)
            weight, bias = _fold(net.project_treated)
            self.change = weight if net.backbone.settings.output is Output.CHANGE else None
            whole = (weight @ self._output_matrix(), bias, to_treated)
            self.treated = _Branch(*(part.to(self.dtype) for part in whole))
            last = net.head.output
            self.rest = [
                (weight.to(self.dtype), None if bias is None else bias.to(self.dtype))
                for weight, bias in (_fold(net.head.second), (last.weight, last.bias))
            ]

    @torch.no_grad()
    @quick_products()
    def __call__(self, basal: Float[Tensor, "n g"], free: GridTerms | None = None) -> Float[Tensor, "n c"]:
        """Predict some samples with every condition; memory grows with samples x conditions x genes."""
        scaled = self.net.rescale(basal)
        seen = scaled if self.net.settings.head_basal is HeadBasal.SCALED else basal
        samples, conditions = len(basal), len(self.compound)
        activated = torch.relu_(self.net.backbone.normalise(self._mix(scaled))).to(self.dtype)
        projected = F.linear(activated.flatten(0, 1), self.treated.weight, self.treated.bias)
        if self.change is not None:
            projected = projected + (scaled @ self.change.T).to(self.dtype).repeat_interleave(conditions, 0)
        features = (torch.relu_(projected) @ self.treated.head.T).unflatten(0, (samples, conditions))
        features = features + (self.basal(seen) + self.head_bias).unsqueeze(1) + self.of_compound
        if free is not None:
            factor = _factor(self.net.head.first.norm)
            features = features + (free.of_sample * factor).unsqueeze(1) + free.of_compound * factor
        features = features.to(self.dtype)
        for weight, bias in self.rest:
            features = F.linear(torch.relu_(features), weight, bias)
        answer = features.squeeze(-1).to(basal.dtype)
        return answer if free is None else answer + free.product

    def _output_matrix(self) -> Float[Tensor, "g g"]:
        output = self.net.backbone.output
        if isinstance(output, nn.Linear):
            return output.weight
        return output(torch.eye(len(self.net.genes), dtype=self.compound.dtype, device=self.compound.device)).T

    def _mix(self, scaled: Float[Tensor, "n g"]) -> Float[Tensor, "n c g"]:
        """The first layer; each sample's expression goes into its copy of the weights instead of into every pair."""
        attention, compound = self.net.backbone.attention, self.compound
        at_sample = scaled.unsqueeze(1)
        if attention is None:
            return at_sample + compound
        of_gene = (attention.w_gene * scaled.unsqueeze(-1)).mT
        if attention.apply_as is Apply.MATVEC:
            of_sample = (scaled * scaled) @ attention.w_gene
            z = of_sample.unsqueeze(1) + compound @ (attention.w_comp * scaled.unsqueeze(-1))
            fixed = attention.apply_prior(scaled).unsqueeze(1)
        else:
            z = (scaled @ attention.w_gene).unsqueeze(1) + compound @ attention.w_comp
            fixed = attention.apply_prior(torch.ones_like(scaled[:1]))
        z = z * attention.scale
        mixed = (z @ attention.w_comp.T).mul_(compound).baddbmm_(z, of_gene).add_(fixed)
        return mixed if attention.apply_as is Apply.MATVEC else mixed.mul_(at_sample)


def _fold(projection: Projection) -> tuple[Float[Tensor, "w i"], Float[Tensor, " w"]]:
    """Weight and bias of a projection's linear layer with its batch norm (running statistics) taken in."""
    linear, norm = projection.linear, projection.norm
    factor = _factor(norm)
    centre = -norm.running_mean if linear.bias is None else linear.bias - norm.running_mean
    bias = centre * factor
    return linear.weight * factor.unsqueeze(-1), bias if norm.bias is None else bias + norm.bias


def _factor(norm: BatchNorm) -> Float[Tensor, " w"]:
    """What a batch norm multiplies by in evaluation mode."""
    return norm.weight * torch.rsqrt(norm.running_var + norm.eps)
