"""The paper's equation written out, with every matrix built: what the linear-time form is measured against."""

import math

import torch
from torch import nn

from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.settings import PerturbationSettings, ResponseSettings


class DenseAttention(nn.Module):
    """A = Q Qᵀ/√h + P + I for every row, then A g. Shares the weights of the layer it replaces."""

    def __init__(self, layer):
        super().__init__()
        self.w_gene, self.w_comp = layer.w_gene, layer.w_comp
        self.register_buffer("fixed", layer.prior.dense() + torch.eye(len(layer.w_gene)), persistent=False)

    def forward(self, basal, compound, visible=None):
        del visible
        q = basal.unsqueeze(-1) * self.w_gene + compound.unsqueeze(-1) * self.w_comp
        scores = q @ q.mT / math.sqrt(q.shape[-1]) + self.fixed
        return (scores @ basal.unsqueeze(-1)).squeeze(-1)


def networks(prior, *, dense=True, dropout_of="row", **changes):
    """One response network as it runs, and the same weights with dense attention (None if it is not wanted)."""
    settings = PerturbationSettings(molecule={"width": 32, "layers": 1, "heads": 2}, **changes)
    torch.manual_seed(0)
    fast = ResponseNet(PerturbationNet(prior, settings), ResponseSettings(dropout_of=dropout_of))
    if not dense:
        return fast, None
    plain = ResponseNet(PerturbationNet(prior, settings), ResponseSettings())
    plain.load_state_dict(fast.state_dict())
    plain.backbone.attention = DenseAttention(plain.backbone.attention)
    plain.backbone.requires_grad_(False)
    return fast, plain
