"""The fused training path and the grid predictor equal the network run row by row."""

import pytest
import torch

from drugripple.config import Freeze, MatSettings, Preset
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model import grid
from drugripple.model.grid import pairs, respond_pairs
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.predictor import GridPredictor

GENES, SAMPLES, COMPOUNDS, ROWS = 29, 7, 5, 83
OPTIONS = ({}, {"output": "change"}, {"output_rank": 3}, {"mixing": "plain"}, {"layer_norm": "none"})


def network(preset, changes, **response):
    torch.manual_seed(0)
    names = tuple(f"G{i}" for i in range(GENES))
    prior = InteractionPrior.from_pairs(GeneSpace(names), zip(names, names[2:], strict=False), "chain")
    molecule = MatSettings(width=12, layers=1, heads=3)
    backbone = PerturbationNet(prior, preset.perturbation(molecule=molecule, hidden=5, **changes))
    net = ResponseNet(backbone, preset.response(freeze=Freeze.TRUE, widths=(17, 7), **response)).double()
    net.train()
    for _ in range(3):  # batch norms with statistics of their own
        net.respond(torch.randn(64, GENES).double() + 1, torch.rand(64, GENES).double())
    return net.eval()


def world():
    generator = torch.Generator().manual_seed(3)
    basal = torch.randn(SAMPLES, GENES, generator=generator).double()
    compound = torch.rand(COMPOUNDS, GENES, generator=generator).double()
    sample = torch.randint(SAMPLES, (ROWS,), generator=generator)
    which = torch.randint(COMPOUNDS, (ROWS,), generator=generator)
    return basal, compound, sample, which


@pytest.mark.parametrize("fold_from", [1, 10_000])
@pytest.mark.parametrize("scaling", ["scalar", "per_gene", "identity"])
@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_fused_rows_and_gradients_equal_plain_ones(monkeypatch, preset, changes, scaling, fold_from):
    monkeypatch.setattr(grid, "FOLD_FROM_ROWS", fold_from)
    net = network(preset, changes, scaling=scaling, dropout=0.0).train()
    basal, compound, sample, which = world()
    trained = [parameter for parameter in net.parameters() if parameter.requires_grad]
    plain = net.respond(basal[sample], compound[which]).ln_ic50
    fused = respond_pairs(net, pairs(basal, compound, sample, which))
    torch.testing.assert_close(fused, plain, rtol=1e-9, atol=1e-9)
    ours, theirs = (torch.autograd.grad(y.square().sum(), trained, allow_unused=True) for y in (fused, plain))
    for a, b in zip(ours, theirs, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            torch.testing.assert_close(a, b, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_grid_predictions_equal_plain_ones(preset, changes):
    net = network(preset, changes)
    basal, compound, *_ = world()
    expected = net.respond(basal.repeat_interleave(COMPOUNDS, 0), compound.repeat(SAMPLES, 1)).ln_ic50
    torch.testing.assert_close(GridPredictor(net, compound)(basal).flatten(), expected.detach(), rtol=1e-9, atol=1e-9)


def test_a_single_precision_row_is_close_to_double():
    net = network(Preset.PAPER, {})
    basal, compound, sample, which = world()
    exact = net.respond(basal[sample], compound[which]).ln_ic50.detach()
    single = respond_pairs(net.float(), pairs(basal.float(), compound.float(), sample, which)).detach().double()
    assert ((single - exact).abs().max() / exact.abs().max()) < 1e-5
