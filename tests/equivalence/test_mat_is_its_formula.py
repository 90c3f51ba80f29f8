"""The fast path against the published formula written naively, head by head, in float64."""

import math

import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.model.mat import encoder as module
from drugripple.model.mat.encoder import Attending, MatConfig, MoleculeAttentionTransformer, UnbiasedNorm, encode
from drugripple.model.mat.packing import packing
from drugripple.model.settings import Precision

SMILES = ["CC(=O)Oc1ccccc1C(=O)O", "C", "[Na+].[Cl-]", "c1ccccc1", "CC", "OCC"]
"""Sizes 14, 2, 3, 7, 3, 4 with the dummy: two molecules of one size, which attend together, and others of their own."""


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


@pytest.fixture(params=["alone", "mixed sizes", "mixed sizes in one group", "mixed sizes in one group, as a GPU"])
def case(request, monkeypatch):
    if "one group" in request.param:
        monkeypatch.setattr(module, "_pack", lambda molecules: packing(molecules, one_group=True))
    if request.param.endswith("as a GPU"):
        monkeypatch.setattr(module, "attend_written_out", lambda *how: module.attend_fused(*how[:-1]))
    torch.manual_seed(3)
    config = MatConfig(d_model=30, layers=3, heads=5)
    mat = MoleculeAttentionTransformer(config).double().eval()
    for parameter in mat.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    graphs = [build_graph(standardise(text)) for text in (SMILES[:1] if request.param == "alone" else SMILES)]
    return mat, config, collate(graphs).to("cpu", torch.float64)


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


def test_embedded_nodes_are_encoded_as_the_formula_does(case):
    """The way in of masked pretraining, in which equal atoms may have different states."""
    mat, config, molecules = case
    embedded = linear(molecules.atoms, mat.state_dict(), "src_embed.lut")
    expected = reference(mat.state_dict(), config, molecules)[molecules.mask]
    assert (mat.encode_embedded(embedded, molecules)[molecules.mask] - expected).abs().max() < 1e-10
    other = embedded + torch.randn_like(embedded)
    assert (mat.encode_embedded(other, molecules)[molecules.mask] - expected).abs().max() > 1e-2


def test_encoding_in_small_batches_is_the_formula(case, monkeypatch):
    mat, config, molecules = case
    graphs = [build_graph(standardise(text)) for text in (SMILES if len(molecules) > 1 else SMILES[:1])]
    nodes = reference(mat.state_dict(), config, molecules)
    expected = torch.stack([row[mask].mean(0) for row, mask in zip(nodes, molecules.mask, strict=True)])
    monkeypatch.setattr(module, "CPU_NODES", 9)
    assert (encode(mat, graphs, batch_size=3) - expected).abs().max() < 1e-10


def test_norm_is_the_formula_even_where_its_constant_matters():
    """Deviations of 1e-3 to 1e-9 beside an ε of 1e-6."""
    torch.manual_seed(0)
    layer = UnbiasedNorm(11).double()
    state = {"n.a_2": torch.randn(11, dtype=torch.float64), "n.b_2": torch.randn(11, dtype=torch.float64)}
    layer.load_state_dict({"a_2": state["n.a_2"], "b_2": state["n.b_2"]})
    scale = torch.tensor([1.0, 1e-3, 1e-6, 1e-9], dtype=torch.float64)[:, None]
    x = (torch.randn(4, 11, dtype=torch.float64) * scale).requires_grad_()
    expected = norm(x, state, "n")
    assert torch.allclose(layer(x), expected, atol=1e-12)
    direction = torch.randn_like(expected)
    (ours,) = torch.autograd.grad((layer(x) * direction).sum(), x)
    (theirs,) = torch.autograd.grad((expected * direction).sum(), x)
    assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_half_precision_products_stay_near_the_formula():
    torch.manual_seed(3)
    mat = MoleculeAttentionTransformer(MatConfig(d_model=96, layers=6, heads=6)).eval()
    graphs = [build_graph(standardise(text)) for text in SMILES]
    before = {name: value.clone() for name, value in mat.state_dict().items()}
    exact, half = encode(mat, graphs), encode(mat, graphs, precision=Precision.BFLOAT16)
    error = (half - exact).norm() / exact.norm()
    assert 1e-4 < error < 1e-2
    assert half.dtype == torch.float32
    assert all(torch.equal(value, before[name]) for name, value in mat.state_dict().items())


def test_training_with_dropout_has_the_evaluation_output_as_its_mean():
    torch.manual_seed(0)
    config = MatConfig(d_model=8, layers=1, heads=2, dropout=0.2)
    attention = MoleculeAttentionTransformer(config).double().encoder.layers[0].self_attn
    x = torch.randn(1, 5, 8, dtype=torch.float64)
    (one,) = packing(collate([build_graph(standardise("CCCC"))])).groups
    (many,) = packing(collate([build_graph(standardise("CCCC"))] * 20_000)).groups
    bias = torch.rand(1, 5, 5, dtype=torch.float64)
    expected = attention.eval()(x[0], [Attending(one, bias)])
    drawn = attention.train()(x.expand(20_000, -1, -1).flatten(0, 1), [Attending(many, bias.expand(20_000, -1, -1))])
    assert torch.allclose(drawn.unflatten(0, (20_000, 5)).mean(0), expected, atol=0.02)
