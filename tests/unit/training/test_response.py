"""Fine-tuning that trains the molecule encoder, too."""

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.errors import ConfigError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.model.settings import MatSettings
from drugripple.training.response import ResponseInputs, ResponseRows, _molecule_encoder, finetune, predict_rows
from drugripple.training.settings import TrainingSettings

GRAPHS = tuple(build_graph(standardise(smiles)) for smiles in ("CCO", "c1ccccc1", "CC(=O)N"))
TRAINING = TrainingSettings(learning_rate=1e-2, batch=5, max_epochs=2, patience=2, cosine_epochs=0)


def world(freeze):
    torch.manual_seed(0)
    genes = GeneSpace(tuple(f"G{i}" for i in range(7)))
    tiny = MatSettings(width=8, layers=1, heads=2)
    backbone = PerturbationNet(InteractionPrior.empty(genes), Preset.DRUGRIPPLE.perturbation(molecule=tiny, hidden=3))
    net = ResponseNet(backbone, Preset.DRUGRIPPLE.response(freeze=freeze, widths=(5, 4)))
    vectors = encode(net.backbone.mat, GRAPHS)
    inputs = ResponseInputs(torch.randn(4, 7), vectors, torch.full((3,), 10.0), torch.full((3,), 72.0), GRAPHS)
    rng = np.random.default_rng(1)
    rows = ResponseRows(
        torch.from_numpy(rng.integers(0, 4, 20)), torch.from_numpy(rng.integers(0, 3, 20)), torch.randn(20)
    )
    return net, inputs, rows


@pytest.mark.parametrize(("freeze", "moves"), [("none", True), ("encoder", False), ("true", False)])
def test_the_encoder_learns_where_nothing_is_frozen(freeze, moves):
    net, inputs, rows = world(freeze)
    before = {name: value.clone() for name, value in net.backbone.mat.state_dict().items()}
    finetune(net, inputs, rows, rows, TRAINING, seed=0)
    after = net.backbone.mat.state_dict()
    assert any(not torch.equal(before[name], after[name]) for name in before) is moves


def test_the_validation_loss_is_that_of_the_vectors_which_the_trained_encoder_gives():
    net, inputs, rows = world("none")
    history = finetune(net, inputs, rows, rows, TRAINING, seed=0)
    anew = ResponseInputs(inputs.basal, encode(net.backbone.mat, GRAPHS), inputs.dose_um, inputs.hours)
    error = (predict_rows(net, anew, rows.sample, rows.treatment) - rows.target).square().mean().item()
    assert error == pytest.approx(history.best.valid_loss, rel=1e-5)


@pytest.mark.parametrize("whole", [False, True])
def test_a_step_encodes_each_molecule_once_and_gives_what_encoding_each_row_gives(whole):
    net, inputs, rows = world("none")
    each = net.backbone.mat(collate([GRAPHS[i] for i in rows.treatment.tolist()]))
    torch.testing.assert_close(_molecule_encoder(net, inputs, whole=whole)(rows.treatment), each)


class ReadBack(TorchDispatchMode):
    """Counts the operations whose result a device would have to be waited for."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, operation, types, arguments=(), named=None):
        name = operation.name()
        if any(part in name for part in ("_local_scalar_dense", "nonzero", "unique", "masked_select")):
            self.found.append(name)
        return operation(*arguments, **(named or {}))


@pytest.mark.parametrize("whole", [False, True])
def test_a_step_on_whole_tables_waits_for_nothing(whole):
    net, inputs, rows = world("none")
    encode_some = _molecule_encoder(net, inputs, whole=whole)
    with ReadBack() as read_back:
        predicted = net(
            inputs.basal[rows.sample], encode_some(rows.treatment), inputs.dose_um[rows.treatment],
            inputs.hours[rows.treatment],
        ).ln_ic50  # fmt: skip
        predicted.sum().backward()
    assert bool(read_back.found) is not whole


def test_graphs_are_asked_for_where_the_encoder_is_trained():
    net, inputs, rows = world("none")
    without = ResponseInputs(inputs.basal, inputs.molecule, inputs.dose_um, inputs.hours)
    with pytest.raises(ConfigError, match="freeze = 'none' needs the graph of every treatment, got 0 of 3"):
        finetune(net, without, rows, rows, TRAINING, seed=0)
