"""The fused training path and the grid predictor equal the network run row by row."""

from copy import deepcopy

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.free_factors import NEW, Known
from drugripple.model.fused import frozen_layer, training
from drugripple.model.fused.prediction import GridPredictor
from drugripple.model.fused.training import PairBatch, distinct_pairs, respond_pairs
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.model.settings import Freeze, MatSettings, Precision

GENES, SAMPLES, COMPOUNDS, ROWS = 29, 7, 5, 83
OPTIONS = (
    {}, {"output": "change"}, {"output_rank": 3}, {"mixing": "plain"}, {"layer_norm": "none"}, {"bias": False},
)  # fmt: skip
KNOWN = Known(tuple(f"L{i}" for i in range(SAMPLES - 1)), tuple(f"C{i}" for i in range(COMPOUNDS - 1)))
"""Whom a network with free vectors knows: all but the last sample and the last compound."""


def network(preset, changes, **response):
    torch.manual_seed(0)
    names = tuple(f"G{i}" for i in range(GENES))
    prior = InteractionPrior.from_pairs(GeneSpace(names), zip(names, names[2:], strict=False), "chain")
    molecule = MatSettings(width=12, layers=1, heads=3)
    backbone = PerturbationNet(prior, preset.perturbation(molecule=molecule, hidden=5, **changes))
    settings = preset.response(freeze=Freeze.TRUE, widths=(17, 7), **response)
    net = ResponseNet(backbone, settings, KNOWN if settings.free_rank else None).double()
    net.train()
    net.respond(torch.randn(64, GENES).double() + 1, torch.rand(64, GENES).double())  # batch norms have statistics
    return net.eval()


def world():
    generator = torch.Generator().manual_seed(3)
    basal = torch.randn(SAMPLES, GENES, generator=generator).double()
    compound = torch.rand(COMPOUNDS, GENES, generator=generator).double()
    sample = torch.randint(SAMPLES, (ROWS,), generator=generator)
    which = torch.randint(COMPOUNDS, (ROWS,), generator=generator)
    return basal, compound, sample, which


def free_terms(net, sample, which):
    return net.factors and net.factors(
        torch.where(sample < len(KNOWN.samples), sample, NEW), torch.where(which < len(KNOWN.compounds), which, NEW)
    )


def gradients(net, answer):
    trained = {name: parameter for name, parameter in net.named_parameters() if parameter.requires_grad}
    found = torch.autograd.grad(answer.square().sum(), list(trained.values()), allow_unused=True)
    return {name: gradient for name, gradient in zip(trained, found, strict=True) if gradient is not None}


@pytest.mark.parametrize("fold_from", [1, 10_000])
@pytest.mark.parametrize("scaling", ["scalar", "per_gene", "identity"])
@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_fused_rows_and_gradients_equal_plain_ones(monkeypatch, preset, changes, scaling, fold_from):
    monkeypatch.setattr(training, "FOLD_FROM_ROWS", fold_from)
    net = network(preset, changes, scaling=scaling, dropout=0.0, free_dropout=0.0).train()
    other = deepcopy(net)
    basal, compound, sample, which = world()
    plain = other.respond(basal[sample], compound[which], free_terms(other, sample, which)).ln_ic50
    fused = respond_pairs(net, distinct_pairs(basal, compound, sample, which), free_terms(net, sample, which))
    torch.testing.assert_close(fused, plain, rtol=1e-9, atol=1e-9)
    ours, theirs = (gradients(one, y) for one, y in ((net, fused), (other, plain)))
    assert ours.keys() == theirs.keys()
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], rtol=1e-7, atol=1e-9)
    for name, buffer in other.named_buffers():
        torch.testing.assert_close(net.get_buffer(name), buffer, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("choice", ["row", "entity"])
@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_whole_tables_as_a_gpu_reads_them_change_nothing(preset, changes, choice):
    """Samples and compounds that no row points at leave answers, gradients and batch statistics alone."""
    net = network(preset, changes, dropout=0.0, dropout_of=choice).train()
    other = deepcopy(net)
    basal, compound, sample, which = world()
    sample, which = sample % (SAMPLES - 2), which % (COMPOUNDS - 1)
    whole, gathered = (
        respond_pairs(one, gather(basal, compound, sample, which))
        for one, gather in ((net, PairBatch), (other, distinct_pairs))
    )
    torch.testing.assert_close(whole, gathered, rtol=1e-9, atol=1e-9)
    expected = gradients(other, gathered)
    for name, gradient in gradients(net, whole).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-7, atol=1e-9)
    for name, buffer in other.named_buffers():
        torch.testing.assert_close(net.get_buffer(name), buffer, rtol=1e-12, atol=1e-12)


class Waits(TorchDispatchMode):
    """Keeps the names of operations that read a value back or whose result has a shape of its data."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape} & set(operation.tags):
            self.names.add(operation.overloadpacket._qualified_op_name)
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("choice", ["row", "entity"])
@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_a_step_on_whole_tables_never_waits_for_a_gpu(preset, changes, choice, half):
    net = network(preset, changes, dropout=0.0, dropout_of=choice).float().train()
    given = [part.float() if part.is_floating_point() else part for part in world()]

    def step(gather):
        with Waits() as waits:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                answer = respond_pairs(net, gather(*given))
            answer.float().square().sum().backward()
        return waits.names

    assert step(PairBatch) == set()
    assert "aten::_unique2" in step(distinct_pairs)


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_blocks_of_rows_change_nothing(monkeypatch, rows):
    net = network(Preset.PAPER, {}, dropout=0.0).train()
    basal, compound, sample, which = world()
    whole = respond_pairs(net, distinct_pairs(basal, compound, sample, which))
    expected = gradients(net, whole)
    monkeypatch.setattr(frozen_layer, "CPU_ROWS", rows)
    parts = respond_pairs(net, distinct_pairs(basal, compound, sample, which))
    torch.testing.assert_close(parts, whole, rtol=1e-12, atol=1e-12)
    for name, gradient in gradients(net, parts).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-9, atol=1e-11)


def test_a_mask_an_entity_is_shared_by_its_rows_and_one_a_row_is_not():
    basal, compound, _, _ = world()
    same = torch.zeros(64, dtype=torch.int64)
    answers = {}
    for choice in ("row", "entity"):
        net = network(Preset.PAPER, {}, dropout=0.5, dropout_of=choice).train()
        for block in (net.project_treated, net.head, net.project_basal.norm, net.project_compound.norm):
            block.eval()  # what is left are the masks of the two projections
        answers[choice] = respond_pairs(net, distinct_pairs(basal, compound, same, same))
    torch.testing.assert_close(answers["entity"], answers["entity"][:1].expand(64))  # but for rounding
    assert answers["row"].unique().numel() > 32


def test_without_dropout_a_mask_an_entity_changes_nothing():
    one, other = (network(Preset.PAPER, {}, dropout=0.0, dropout_of=choice).train() for choice in ("row", "entity"))
    rows = distinct_pairs(*world())
    first, second = respond_pairs(one, rows), respond_pairs(other, rows)
    torch.testing.assert_close(second, first, rtol=1e-12, atol=1e-12)
    expected = gradients(one, first)
    for name, gradient in gradients(other, second).items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-9, atol=1e-11)


def test_half_precision_is_near_full_precision():
    net = network(Preset.PAPER, {}).float()
    basal, compound, sample, which = (x.float() if x.is_floating_point() else x for x in world())
    rows = distinct_pairs(basal, compound, sample, which)
    exact = respond_pairs(net, rows).detach()
    with torch.autocast("cpu", torch.bfloat16):
        half = respond_pairs(net, rows).float().detach()
    assert ((half - exact).abs().max() / exact.abs().max()) < 0.02


@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_half_precision_is_near_full_precision_on_every_path(preset, changes):
    """Whatever comes in half precision too: validation computes the chemical condition under autocast."""
    net = network(preset, changes).float()
    basal, compound, sample, which = (x.float() if x.is_floating_point() else x for x in world())
    exact = net.respond(basal[sample], compound[which]).ln_ic50.detach()
    for condition in (compound, compound.bfloat16()):
        with torch.autocast("cpu", torch.bfloat16):
            plain = net.respond(basal[sample], condition[which]).ln_ic50
            fused = respond_pairs(net, distinct_pairs(basal, condition, sample, which))
        plain.float().square().sum().backward()
        assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)
        for half in (plain, fused):
            assert ((half.float().detach() - exact).abs().max() / exact.abs().max()) < 0.03


@pytest.mark.parametrize("changes", OPTIONS)
@pytest.mark.parametrize("preset", list(Preset))
def test_grid_predictions_equal_plain_ones(preset, changes):
    net = network(preset, changes)
    basal, compound, *_ = world()
    samples, compounds = torch.arange(SAMPLES), torch.arange(COMPOUNDS)
    free = free_terms(net, samples.repeat_interleave(COMPOUNDS), compounds.repeat(SAMPLES))
    expected = net.respond(basal.repeat_interleave(COMPOUNDS, 0), compound.repeat(SAMPLES, 1), free).ln_ic50
    samples[-1] = compounds[-1] = NEW
    whole = net.factors and net.factors.grid(samples, compounds)
    found = GridPredictor(net, compound)(basal, whole)
    torch.testing.assert_close(found.flatten(), expected.detach(), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("changes", [{}, {"output": "change"}])
def test_grid_predictions_in_half_precision_are_near(changes):
    net = network(Preset.PAPER, changes).float()
    basal, compound = (x.float() for x in world()[:2])
    exact = GridPredictor(net, compound)(basal)
    half = GridPredictor(net, compound, Precision.BFLOAT16)(basal)
    assert half.dtype is torch.float32
    assert 0 < ((half - exact).abs().max() / exact.abs().max()) < 0.02


def test_a_single_precision_row_is_close_to_double():
    net = network(Preset.PAPER, {})
    basal, compound, sample, which = world()
    exact = net.respond(basal[sample], compound[which]).ln_ic50.detach()
    single = (
        respond_pairs(net.float(), distinct_pairs(basal.float(), compound.float(), sample, which)).detach().double()
    )
    assert ((single - exact).abs().max() / exact.abs().max()) < 1e-5
