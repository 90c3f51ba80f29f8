"""Prediction of whole grids: every sample with every treatment, without training's bookkeeping."""

from dataclasses import dataclass
from typing import Literal, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from drugripple.model.network import ResponseNet
from drugripple.model.settings import Apply


@dataclass(frozen=True)
class _Branch:
    """A projection in evaluation mode: linear and batch norm as one, ReLU, and the slice of the head behind it."""

    weight: Float[Tensor, "w g"]
    bias: Float[Tensor, " w"]
    head: Float[Tensor, "v w"]

    def __call__(self, values: Float[Tensor, "r g"]) -> Float[Tensor, "r v"]:
        return torch.relu(F.linear(values, self.weight, self.bias)) @ self.head.T

    def to(self, dtype: torch.dtype) -> "_Branch":
        return _Branch(self.weight.to(dtype), self.bias.to(dtype), self.head.to(dtype))


class GridPredictor:
    """Predicts samples x treatments in evaluation mode.

    What a sample or a treatment contributes alone, up to the head's first layer, is computed once for it, and the
    frozen output layer, the projection and its batch norm are one matrix. Equal to `ResponseNet.respond` in evaluation
    mode up to rounding (tested).

    With `precision="bfloat16"` what runs for every pair behind the layer norm is in half precision: faster where the
    processor has it, and less exact (docs/speed.md).
    """

    def __init__(
        self,
        net: ResponseNet,
        compound: Float[Tensor, "t g"],
        precision: Literal["float32", "bfloat16"] = "float32",
    ) -> None:
        """Fold the network for a set of chemical conditions."""
        net.eval()
        self.net, self.compound = net, compound
        with torch.no_grad():
            first, *rest = _folded(net.head)
            self.head_bias = first[1]
            heads = first[0].tensor_split(3, dim=1)
            (basal, treated, chemical) = (
                _Branch(*_folded(branch)[0], head)
                for branch, head in zip((net.basal, net.treated, net.compound), heads, strict=True)
            )
            self.basal = basal
            self.change = treated.weight if net.backbone.settings.output == "change" else None
            output = net.backbone.output
            eye = torch.eye(len(net.genes), dtype=compound.dtype, device=compound.device)
            frozen = output.weight if isinstance(output, nn.Linear) else output(eye).T
            self.dtype = torch.bfloat16 if precision == "bfloat16" else compound.dtype
            self.treated = _Branch(treated.weight @ frozen, treated.bias, treated.head).to(self.dtype)
            self.rest = [(weight.to(self.dtype), bias.to(self.dtype)) for weight, bias in rest]
            self.of_compound = chemical(compound)

    @torch.no_grad()
    def __call__(self, basal: Float[Tensor, "s g"]) -> Float[Tensor, "s t"]:
        """ln IC50 of some samples with every treatment; memory grows with samples x treatments x genes."""
        scaled = self.net.rescale(basal)
        seen = scaled if self.net.settings.head_basal == "scaled" else basal
        samples, treatments = len(basal), len(self.compound)
        activated = torch.relu_(self.net.backbone.norm(self._mix(scaled))).to(self.dtype)
        projected = F.linear(activated.flatten(0, 1), self.treated.weight, self.treated.bias)
        if self.change is not None:
            projected = projected + (scaled @ self.change.T).to(self.dtype).repeat_interleave(treatments, 0)
        features = (torch.relu_(projected) @ self.treated.head.T).unflatten(0, (samples, treatments))
        features = features + (self.basal(seen) + self.head_bias).unsqueeze(1) + self.of_compound
        features = features.to(self.dtype)
        for weight, bias in self.rest:
            features = F.linear(torch.relu_(features), weight, bias)
        return features.squeeze(-1).to(basal.dtype)

    def _mix(self, scaled: Float[Tensor, "s g"]) -> Float[Tensor, "s t g"]:
        """The first layer. Each sample's expression goes into its copy of the weights instead of into every pair."""
        attention, compound = self.net.backbone.attention, self.compound
        at_sample = scaled.unsqueeze(1)
        if attention is None:
            return at_sample + compound
        of_gene = (attention.w_gene * scaled.unsqueeze(-1)).mT
        if attention.apply_as is Apply.MATVEC:
            own = (scaled * scaled) @ attention.w_gene
            z = own.unsqueeze(1) + compound @ (attention.w_comp * scaled.unsqueeze(-1))
            fixed = attention.neighbours(scaled).unsqueeze(1)
            z = z * attention.scale
            mixed = (z @ attention.w_comp.T).mul_(compound)
            return mixed.baddbmm_(z, of_gene).add_(fixed)
        z = ((scaled @ attention.w_gene).unsqueeze(1) + compound @ attention.w_comp) * attention.scale
        fixed = attention.neighbours(torch.ones_like(scaled[:1]))
        return (z @ attention.w_comp.T).mul_(compound).baddbmm_(z, of_gene).add_(fixed).mul_(at_sample)


def _folded(blocks: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of each linear layer of a stack, its batch norm (running statistics) taken in."""
    layers = list(cast(nn.Sequential, blocks))
    folded: list[tuple[Tensor, Tensor]] = []
    for i, layer in enumerate(layers):
        if not isinstance(layer, nn.Linear):
            continue
        weight: Tensor = layer.weight
        bias: Tensor = layer.bias
        norm = layers[i + 1] if i + 1 < len(layers) else None
        if isinstance(norm, nn.BatchNorm1d):
            factor = norm.weight * torch.rsqrt(cast(Tensor, norm.running_var) + norm.eps)
            weight = weight * factor.unsqueeze(-1)
            bias = (bias - cast(Tensor, norm.running_mean)) * factor + norm.bias
        folded.append((weight, bias))
    return folded
