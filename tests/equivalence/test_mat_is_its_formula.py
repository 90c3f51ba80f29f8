"""The fast path against the published formula written naively, head by head, in float64."""

import math

import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.data.batch import collate
from drugripple.model.mat import MatConfig, MoleculeAttentionTransformer

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C", "[Na+].[Cl-]", "c1ccccc1"]


def norm(x, state, name):
    deviation = torch.sqrt(((x - x.mean(-1, keepdim=True)) ** 2).sum(-1, keepdim=True) / (x.shape[-1] - 1))
    return state[f"{name}.a_2"] * (x - x.mean(-1, keepdim=True)) / (deviation + 1e-6) + state[f"{name}.b_2"]


def linear(x, state, name):
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def reference(state, config, molecules):
    x = linear(molecules.atoms, state, "src_embed.lut")
    real = molecules.mask[:, None, :]
    near = torch.exp(-molecules.distance.masked_fill(~real, math.inf))
    bonded = molecules.bonded.double()
    neighbours = bonded / (bonded.sum(-1, keepdim=True) + 1e-6)
    size = config.d_model // config.heads
    for number in range(config.layers):
        layer = f"encoder.layers.{number}"
        seen = norm(x, state, f"{layer}.sublayer.0.norm")
        query, key, value = (linear(seen, state, f"{layer}.self_attn.linears.{i}") for i in range(3))
        heads = []
        for head in range(config.heads):
            part = slice(head * size, (head + 1) * size)
            scores = query[..., part] @ key[..., part].mT / math.sqrt(size)
            attention = torch.softmax(scores.masked_fill(~real, -1e12), dim=-1)
            weights = 0.33 * attention + 0.33 * near + (1 - 0.66) * neighbours
            heads.append(weights @ value[..., part])
        x = x + linear(torch.cat(heads, dim=-1), state, f"{layer}.self_attn.linears.3")
        forward = linear(norm(x, state, f"{layer}.sublayer.1.norm"), state, f"{layer}.feed_forward.linears.0")
        x = x + torch.where(forward > 0, forward, 0.1 * forward)
    return norm(x, state, "encoder.norm")


@pytest.fixture(params=[["CC(=O)Oc1ccccc1C(=O)O"], SMILES], ids=["alone", "padded"])
def case(request):
    torch.manual_seed(3)
    config = MatConfig(d_model=30, layers=3, heads=5)
    mat = MoleculeAttentionTransformer(config).double().eval()
    for parameter in mat.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return mat, config, collate([build_graph(text) for text in request.param]).to("cpu", torch.float64)


def test_node_states_are_those_of_the_formula(case):
    mat, config, molecules = case
    expected = reference(mat.state_dict(), config, molecules)[molecules.mask]
    assert (mat.nodes(molecules)[molecules.mask] - expected).abs().max() < 1e-10


def test_pooled_vector_is_the_mean_over_dummy_and_atoms(case):
    mat, config, molecules = case
    nodes = reference(mat.state_dict(), config, molecules)
    expected = torch.stack([row[mask].mean(0) for row, mask in zip(nodes, molecules.mask, strict=True)])
    assert (mat(molecules) - expected).abs().max() < 1e-10


def test_gradients_are_those_of_the_formula(case):
    mat, config, molecules = case
    direction = torch.randn(molecules.mask.sum(), config.d_model, dtype=torch.float64)
    (mat.nodes(molecules)[molecules.mask] * direction).sum().backward()
    state = {name: value.detach().clone().requires_grad_() for name, value in mat.named_parameters()}
    (reference(state, config, molecules)[molecules.mask] * direction).sum().backward()
    for name, parameter in mat.named_parameters():
        assert torch.allclose(parameter.grad, state[name].grad, atol=1e-9), name


def test_training_with_dropout_has_the_evaluation_output_as_its_mean():
    torch.manual_seed(0)
    config = MatConfig(d_model=8, layers=1, heads=2, dropout=0.2)
    attention = MoleculeAttentionTransformer(config).double().encoder.layers[0].self_attn
    x, bias = torch.randn(1, 5, 8, dtype=torch.float64), torch.rand(1, 5, 5, dtype=torch.float64)
    expected = attention.eval()(x, bias, None)
    mean = attention.train()(x.expand(20_000, -1, -1), bias.expand(20_000, -1, -1), None).mean(0)
    assert torch.allclose(mean, expected[0], atol=0.02)
