"""The molecule encoder written as it is published: what the packed form is measured against.

Source: Maziarka et al. 2020, arXiv:2002.08264 and its released code: molecules of any size in one batch,
padded to the largest; in each layer exp(-distance) and the normalised adjacency anew, for every head, and W in full.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


class PlainMat(nn.Module):
    """Shares the weights of the encoder it stands beside."""

    def __init__(self, mat):
        super().__init__()
        self.mat = mat

    def forward(self, molecules):
        config, encoder = self.mat.config, self.mat.encoder
        x = self.mat.src_embed.lut(molecules.atoms)
        for layer in encoder.layers:
            seen = _norm(layer.sublayer[0].norm, x)
            x = x + _attention(layer.self_attn, config, seen, molecules)
            seen = _norm(layer.sublayer[1].norm, x)
            x = x + F.leaky_relu(layer.feed_forward.linears[0](seen), config.slope)
        states = _norm(encoder.norm, x) * molecules.mask.unsqueeze(-1)
        return states.sum(1) / molecules.mask.sum(1, keepdim=True)


def _norm(norm, x):
    mean, deviation = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)
    return norm.a_2 * (x - mean) / (deviation + norm.epsilon) + norm.b_2


def _attention(attention, config, x, molecules):
    batch, size = x.shape[0], config.d_model // config.heads
    query, key, value = (
        linear(x).view(batch, -1, config.heads, size).transpose(1, 2) for linear in attention.linears[:3]
    )
    scores = query @ key.transpose(-2, -1) / math.sqrt(size)
    real = molecules.mask[:, None, None, :]
    p_attention = scores.masked_fill(~real, -1e12).softmax(-1)
    bonded = molecules.bonded.to(x.dtype)
    p_adjacency = (bonded / (bonded.sum(-1, keepdim=True) + 1e-6)).unsqueeze(1).repeat(1, config.heads, 1, 1)
    distance = molecules.distance.masked_fill(~molecules.mask.unsqueeze(1), math.inf)
    p_distance = torch.exp(-distance).unsqueeze(1).repeat(1, config.heads, 1, 1)
    weights = config.lambda_attention * p_attention + config.lambda_distance * p_distance
    weights = weights + config.lambda_adjacency * p_adjacency
    mixed = (weights @ value).transpose(1, 2).contiguous().view(batch, -1, config.d_model)
    return attention.linears[3](mixed)
