import numpy as np
import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.errors import GeneSpaceError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.model.settings import Freeze, MatSettings

GENES = 23
TINY = MatSettings(width=12, layers=2, heads=3)
SMILES = ("CCO", "c1ccccc1", "CC(=O)Oc1ccccc1C(=O)O")


def prior(genes=GENES):
    names = tuple(f"G{i}" for i in range(genes))
    return InteractionPrior.from_pairs(GeneSpace(names), zip(names, names[3:], strict=False), "chain")


def stage_one(preset=Preset.PAPER, **changes):
    torch.manual_seed(0)
    return PerturbationNet(prior(), preset.perturbation(**{"molecule": TINY, "hidden": 5, **changes}))


def stage_two(preset=Preset.PAPER, backbone=None, **changes):
    torch.manual_seed(0)
    return ResponseNet(backbone or stage_one(preset), preset.response(widths=(17, 7), **changes))


def inputs(rows=6):
    generator = torch.Generator().manual_seed(1)
    basal, molecule = torch.randn(rows, GENES, generator=generator), torch.randn(rows, 12, generator=generator)
    return basal, molecule, torch.full((rows,), 10.0), torch.full((rows,), 72.0)


def changed_tensors(net, before):
    return {name for name, tensor in net.state_dict().items() if not torch.equal(tensor, before[name])}


def train_a_little(net, steps=3):
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    net.train()
    for _ in range(steps):
        optimiser.zero_grad()
        net(*inputs()).ln_ic50.square().mean().backward()
        optimiser.step()
    return net.eval()


def copy_of(net):
    return {name: tensor.clone() for name, tensor in net.state_dict().items()}


def test_published_size():
    """Parameter totals of the authors' checkpoints, at 978 genes with the published molecule encoder."""
    names = tuple(f"G{i}" for i in range(978))
    net = PerturbationNet(InteractionPrior.empty(GeneSpace(names)), Preset.RELEASED.perturbation())
    assert sum(p.numel() for p in net.parameters()) == 44_139_484
    response = ResponseNet(net, Preset.RELEASED.response())
    assert sum(p.numel() for p in response.parameters()) == 46_467_295
    assert sum(p.numel() for p in response.parameters() if p.requires_grad) == 2_327_811


def test_true_freeze_moves_no_tensor_of_the_backbone():
    net = stage_two(freeze=Freeze.TRUE)
    before = copy_of(net)
    moved = changed_tensors(train_a_little(net), before)
    assert not any(name.startswith("backbone.") for name in moved)
    assert {"rescale.scale", "rescale.shift", "head.first.linear.weight"} <= moved


def test_released_freeze_moves_the_conditions_statistics_and_nothing_else_of_the_backbone():
    net = stage_two(Preset.RELEASED)
    before = copy_of(net)
    moved = {name for name in changed_tensors(train_a_little(net), before) if name.startswith("backbone.")}
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    assert moved == {f"backbone.condition.projection.norm.{name}" for name in statistics}


def test_unfrozen_trains_everything_but_the_molecule_encoder():
    net = stage_two(freeze=Freeze.NONE)
    before = copy_of(net)
    still = set(before) - changed_tensors(train_a_little(net), before)
    assert still == {name for name in before if name.startswith("backbone.molecule.")}


def test_the_scaling_layer_learns_through_a_frozen_backbone():
    net = stage_two().train()
    net(*inputs()).ln_ic50.sum().backward()
    assert net.rescale.scale.grad.abs() > 0
    assert net.rescale.shift.grad.abs() > 0


@pytest.mark.parametrize(("freeze", "inert"), [(Freeze.RELEASED, True), (Freeze.TRUE, False)])
def test_dose_and_time_are_inert_under_the_released_freeze_only(freeze, inert):
    """They are one constant offset before a batch norm, which takes it out once its statistics have adapted."""

    def adapted(dose, hours):
        net = stage_two(Preset.RELEASED, freeze=freeze).train()
        basal, molecule, *_ = inputs(64)
        with torch.no_grad():
            for _ in range(300):
                net(basal, molecule, torch.full((64,), dose), torch.full((64,), hours))
            net.eval()
            return net(basal, molecule, torch.full((64,), dose), torch.full((64,), hours)).compound

    difference = (adapted(10.0, 72.0) - adapted(90.0, 6.0)).abs().max()
    assert (difference.item() < 1e-4) is inert


@pytest.mark.parametrize("preset", list(Preset))
@pytest.mark.parametrize("changes", [{}, {"output": "change"}, {"output_rank": 3}, {"layer_norm": "none"}])
def test_hidden_genes_are_as_if_they_were_not_in_the_panel(preset, changes):
    net = stage_one(preset, **changes).eval()
    kept = torch.tensor([0, 2, 3, 5, 6, 11, 17])
    part = net.restrict(GeneSpace(tuple(net.genes.symbols[i] for i in kept)))
    visible = torch.zeros(1, GENES).index_fill_(1, kept, 1.0)
    basal, compound = torch.randn(4, GENES), torch.rand(4, GENES)
    whole = net.perturb(basal, compound, visible).treated[:, kept]
    torch.testing.assert_close(part.perturb(basal[:, kept], compound[:, kept]).treated, whole)


def test_restricting_to_a_gene_outside_the_panel_is_refused():
    with pytest.raises(GeneSpaceError, match=r"1 of 2 genes are not among the 23 of this space: \['TP53'\]"):
        stage_one().restrict(GeneSpace(("G0", "TP53")))


@pytest.mark.parametrize("preset", list(Preset))
def test_gene_order_is_a_name_only(preset):
    net = stage_one(preset).eval()
    order = torch.randperm(GENES, generator=torch.Generator().manual_seed(5))
    shuffled = net.restrict(GeneSpace(tuple(net.genes.symbols[i] for i in order)))
    basal, compound = torch.randn(3, GENES), torch.rand(3, GENES)
    torch.testing.assert_close(
        shuffled.perturb(basal[:, order], compound[:, order]).treated, net.perturb(basal, compound).treated[:, order]
    )


def test_a_network_without_an_encoder_reads_molecule_vectors_as_they_are():
    """One bit per compound, the one weight of each from it to gene i being 1: D before the batch norm is the bit."""
    net = stage_one(encoder="morgan", fingerprint_bits=2, dropout=0.0).eval()
    with torch.no_grad():
        net.condition.projection.linear.weight.zero_()[:, 0] = 1.0
    ones = torch.ones(2)
    answer = net(torch.randn(2, GENES), torch.tensor([[1.0, 0.0], [0.0, 1.0]]), 10 * ones, 24 * ones)
    torch.testing.assert_close(answer.compound, torch.tensor([[1.0], [0.0]]).expand(2, GENES) / (1 + 1e-5) ** 0.5)


def test_padding_does_not_change_the_condition():
    """Outputs differ by less than 1e-5 in evaluation mode."""
    net = stage_one().eval()
    small = build_graph(standardise("CCO"))
    ones = torch.ones(1)
    alone = net.condition(net.molecule(collate([small])), 10 * ones, 24 * ones)
    padded = net.molecule(collate([small, build_graph(standardise(SMILES[2]))]))[:1]
    assert (net.condition(padded, 10 * ones, 24 * ones) - alone).abs().max() < 1e-5


def test_change_output_adds_to_the_basal_profile():
    net = stage_one(output="change").eval()
    with torch.no_grad():
        net.output.weight.zero_()
    basal = torch.randn(2, GENES)
    torch.testing.assert_close(net.perturb(basal, torch.rand(2, GENES)).treated, basal)


def test_plain_mixing_is_a_sum():
    net = stage_one(mixing="plain")
    basal, compound = torch.randn(2, GENES), torch.rand(2, GENES)
    torch.testing.assert_close(net.mix(basal, compound), basal + compound)


def test_no_bias_outside_the_molecule_encoder_when_asked():
    net = stage_two(backbone=stage_one(bias=False, condition_layers=2))
    names = [name for name, _ in net.named_parameters() if name.endswith("bias")]
    assert [name for name in names if not name.startswith("backbone.molecule.")] == []
    assert train_a_little(net)(*inputs()).ln_ic50.isfinite().all()


def test_64_rows_are_learnt_by_heart():
    """The training MSE falls below a tenth of the variance."""
    net = stage_two(dropout=0.0).train()
    basal, molecule, dose, hours = inputs(64)
    y = torch.randn(64, generator=torch.Generator().manual_seed(2))
    optimiser = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(200):
        optimiser.zero_grad()
        loss = (net(basal, molecule, dose, hours).ln_ic50 - y).square().mean()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.1 * y.var().item()


@pytest.mark.parametrize("scaling", ["scalar", "per_gene", "identity"])
def test_scaling_shapes(scaling):
    net = stage_two(scaling=scaling)
    assert net.rescale.scale.numel() == {"scalar": 1, "per_gene": GENES, "identity": 0}[scaling]
    assert net(*inputs()).ln_ic50.shape == (6,)


def test_a_positive_scale_stays_positive():
    net = stage_two(positive_scale=True)
    with torch.no_grad():
        net.rescale.scale.fill_(-50.0)
        net.rescale.shift.fill_(0.0)
    assert (net.rescale(torch.ones(1, GENES)) >= 0).all()
    assert np.isfinite(net.rescale(torch.ones(1, GENES)).detach().numpy()).all()
