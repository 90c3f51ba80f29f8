import json
from itertools import pairwise

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from drugripple.errors import CheckpointError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import (
    Card,
    load_perturbation,
    load_response,
    save_perturbation,
    save_response,
)
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.model.presets import Preset
from drugripple.model.settings import MatSettings
from drugripple.model.storage import read_card, write_checkpoint

GENES = tuple(f"G{i}" for i in range(13))


def net():
    torch.manual_seed(0)
    prior = InteractionPrior.from_pairs(GeneSpace(GENES), pairwise(GENES), "chain")
    return PerturbationNet(prior, Preset.PAPER.perturbation(hidden=3, molecule=MatSettings(width=4, layers=1, heads=2)))


def card(network, **changes):
    fields = {
        "kind": "perturbation", "name": "test", "perturbation": network.settings, "genes": GENES,
        "gene_digest": GeneSpace(GENES).digest, "prior_source": "chain", "metrics": {"mse": 0.1},
    }  # fmt: skip
    return Card(**{**fields, **changes})


@pytest.fixture
def saved(tmp_path):
    network = net()
    save_perturbation(tmp_path / "ckpt", network, card(network))
    return tmp_path / "ckpt"


def test_what_was_saved_is_loaded(saved):
    loaded = load_perturbation(saved)
    assert all(
        torch.equal(a, b) for a, b in zip(loaded.net.state_dict().values(), net().state_dict().values(), strict=True)
    )
    assert np.array_equal(loaded.net.interactions.edges, net().interactions.edges)
    assert loaded.card.metrics == {"mse": 0.1}


def test_a_response_network_keeps_its_scaling(tmp_path):
    backbone = net()
    response = ResponseNet(backbone, Preset.PAPER.response(widths=(5, 3)))
    scaler = RobustScaler(np.arange(13.0), np.arange(13.0) + 1)
    full = card(backbone, kind="response", response=response.settings)
    save_response(tmp_path / "r", response, scaler, full)
    loaded = load_response(tmp_path / "r")
    assert np.array_equal(loaded.scaler.median, scaler.median)
    assert np.array_equal(loaded.scaler.mad, scaler.mad)
    assert torch.equal(loaded.net.head.first.linear.weight, response.head.first.linear.weight)


def test_an_older_checkpoint_is_replaced_as_a_whole(saved):
    (saved / "stray").write_text("of the older one")
    network = net()
    save_perturbation(saved, network, card(network, name="newer"))
    assert read_card(saved, Card).name == "newer"
    assert sorted(path.name for path in saved.iterdir()) == ["card.json", "model.safetensors"]
    assert [path.name for path in saved.parent.iterdir()] == ["ckpt"]


def test_truncated_tensors_are_refused(saved):
    content = (saved / "model.safetensors").read_bytes()
    (saved / "model.safetensors").write_bytes(content[: len(content) // 2])
    with pytest.raises(CheckpointError, match="truncated or altered"):
        load_perturbation(saved)


def test_one_altered_byte_is_refused(saved):
    content = bytearray((saved / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (saved / "model.safetensors").write_bytes(bytes(content))
    with pytest.raises(CheckpointError, match="truncated or altered"):
        load_perturbation(saved)


@pytest.mark.parametrize(
    "change", [{"genes": GENES[::-1]}, {"expression_scale": "log2_tpm"}, {"lines_seen": ["none"]}, {"card_sha256": ""}]
)
def test_an_altered_card_is_refused(saved, change):
    values = json.loads((saved / "card.json").read_text())
    (saved / "card.json").write_text(json.dumps(values | change))
    with pytest.raises(CheckpointError, match="was altered: its contents are not what was written"):
        load_perturbation(saved)


def test_the_layout_of_a_card_is_not_its_contents(saved):
    values = json.loads((saved / "card.json").read_text())
    (saved / "card.json").write_text(json.dumps(dict(reversed(values.items())), indent=4))
    assert load_perturbation(saved).card.metrics == {"mse": 0.1}


def test_a_response_network_without_its_scaling_is_refused(tmp_path):
    backbone = net()
    response = ResponseNet(backbone, Preset.PAPER.response(widths=(5, 3)))
    full = card(backbone, kind="response", response=response.settings)
    write_checkpoint(tmp_path / "r", response.state_dict() | {"prior.edges": torch.zeros(0, 2)}, full)
    with pytest.raises(CheckpointError, match=r"holds no scaling of expression .scaler.median, scaler.mad"):
        load_response(tmp_path / "r")


def test_a_checkpoint_of_the_other_stage_is_refused(saved):
    with pytest.raises(CheckpointError, match="holds a perturbation network; a response network is needed"):
        load_response(saved)


def test_no_checkpoint_is_an_error_that_says_so(tmp_path):
    with pytest.raises(CheckpointError, match="holds no checkpoint"):
        load_perturbation(tmp_path)


def test_missing_and_unknown_tensors_are_named(saved):
    tensors = load_file(saved / "model.safetensors")
    tensors["attention.w_stranger"] = tensors.pop("attention.w_gene")
    write_checkpoint(saved, tensors, read_card(saved, Card))
    with pytest.raises(
        CheckpointError, match=r"1 missing \['attention.w_gene'\], 1 unknown \['attention.w_stranger'\]"
    ):
        load_perturbation(saved)


def test_a_card_that_is_not_ours_is_refused(saved):
    (saved / "card.json").write_text('{"kind": "perturbation"}')
    with pytest.raises(CheckpointError, match="is not a card of this library"):
        read_card(saved, Card)
