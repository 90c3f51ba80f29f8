"""The reader of the authors' checkpoints, on state dicts with exactly their names and shapes."""

import pickle

import pytest
import torch

from drugripple.errors import CheckpointError
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.model.presets import Preset
from drugripple.model.released import read_backbone, read_finetuned, read_pretrained
from drugripple.model.settings import Apply
from drugripple.model.shipped import card_of, fresh_network
from drugripple.predictors.backbone import BackboneSource
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.runtime.digest import file_digest

GENES = 978


def shapes():
    """Names and shapes of the authors' state dict, written out."""
    n, d = GENES, 1024
    wanted = {
        "w_gex": (n, 64), "w_comp": (n, 64), "CCE.comp_proj.0.weight": (n, 1028),
        "CCE.time_enc.weight": (2, 1), "CCE.time_enc.bias": (2,),
        "CCE.dose_enc.weight": (2, 1), "CCE.dose_enc.bias": (2,),
        "CCE.MAT.src_embed.lut.weight": (d, 28), "CCE.MAT.src_embed.lut.bias": (d,),
        "CCE.MAT.encoder.norm.a_2": (d,), "CCE.MAT.encoder.norm.b_2": (d,), "CCE.comp_proj.1.num_batches_tracked": (),
        "feed_forward.0.weight": (n,), "feed_forward.0.bias": (n,), "feed_forward.3.weight": (n, n),
    }  # fmt: skip
    wanted |= {f"CCE.comp_proj.1.{name}": (n,) for name in ("weight", "bias", "running_mean", "running_var")}
    for layer in range(8):
        at = f"CCE.MAT.encoder.layers.{layer}."
        for linear in [f"self_attn.linears.{i}" for i in range(4)] + ["feed_forward.linears.0"]:
            wanted |= {f"{at}{linear}.weight": (d, d), f"{at}{linear}.bias": (d,)}
        wanted |= {f"{at}sublayer.{i}.norm.{name}": (d,) for i in range(2) for name in ("a_2", "b_2")}
    return wanted


def finetuned_shapes():
    n = GENES
    wanted = {f"CSG2A.{name}": shape for name, shape in shapes().items()} | {"scalar": (1,), "bias": (1,)}
    layers = {"agex_proj": n, "bgex_proj": n, "comp_proj": n}
    blocks = {f"{name}.{{}}": (inputs, 512, 0) for name, inputs in layers.items()}
    for name, (inputs, outputs, first) in blocks.items():
        wanted |= _block(name, inputs, outputs, first)
    wanted |= _block("pred_head.{}", 1536, 512, 0) | _block("pred_head.{}", 512, 64, 4)
    return wanted | {"pred_head.8.weight": (1, 64), "pred_head.8.bias": (1,)}


def _block(name, inputs, outputs, first):
    linear, norm = name.format(first), name.format(first + 1)
    statistics = ("weight", "bias", "running_mean", "running_var")
    return {
        f"{linear}.weight": (outputs, inputs), f"{linear}.bias": (outputs,), f"{norm}.num_batches_tracked": (),
        **{f"{norm}.{s}": (outputs,) for s in statistics},
    }  # fmt: skip


def state(of):
    return {name: torch.tensor(7) if name.endswith("tracked") else torch.full(shape, 0.5) for name, shape in of.items()}


LANDMARKS = SymbolMap.landmarks().space.symbols


def prior(symbols=LANDMARKS):
    return InteractionPrior.empty(GeneSpace(symbols))


def test_the_published_layout_is_131_and_170_tensors():
    assert len(shapes()) == 131
    assert len(finetuned_shapes()) == 170


def test_pretrained_weights_are_read_into_their_places(tmp_path):
    given = state(shapes())
    given["w_comp"] = torch.full((GENES, 64), 2.0)
    given["feed_forward.3.weight"] = torch.full((GENES, GENES), 3.0)
    torch.save(given, tmp_path / "pretrained.pt")
    net = read_pretrained(tmp_path / "pretrained.pt", prior())
    assert net.settings.apply is Apply.ROWSUM
    assert net.attention.w_comp.unique().tolist() == [2.0]
    assert net.output.weight.unique().tolist() == [3.0]
    assert not net.training


def test_finetuned_weights_are_read_into_their_places(tmp_path):
    given = state(finetuned_shapes())
    given["agex_proj.0.bias"] = torch.full((512,), 4.0)
    given["scalar"] = torch.tensor([-0.25])
    torch.save(given, tmp_path / "finetuned.pt")
    net = read_finetuned(tmp_path / "finetuned.pt", prior())
    assert net.project_treated.linear.bias.unique().tolist() == [4.0]
    assert net.rescale.scale.item() == -0.25
    basal = torch.ones(1, GENES)
    torch.testing.assert_close(net.rescale(basal), (basal + 0.5) * -0.25)


def test_either_file_of_the_authors_is_a_backbone(tmp_path):
    """Once, because a network of 42 million weights takes a second to make."""
    given = state(finetuned_shapes())
    given["CSG2A.w_comp"] = torch.full((GENES, 64), 2.0)
    torch.save(given, tmp_path / "finetuned.pt")
    settings = NetworkSettings(backbone=str(tmp_path / "finetuned.pt"), preset="released")
    net = BackboneSource.read(settings).make(settings, GeneSpace(("TP53", *LANDMARKS[:9])), seed=0)
    assert net.attention.w_comp.unique().tolist() == [2.0]
    assert net.genes.symbols == (*LANDMARKS[:9], "TP53")
    card = card_of(str(tmp_path / "finetuned.pt"))
    assert card.data[0].terms == "CC BY-NC-SA 4.0"
    assert card.card_sha256 == file_digest(tmp_path / "finetuned.pt")
    assert len(read_backbone(tmp_path / "finetuned.pt", prior()).interactions.edges) == 0


def test_the_published_encoder_starts_a_random_network(tmp_path):
    encoder = {name.removeprefix("CCE.MAT."): shape for name, shape in shapes().items() if "MAT" in name}
    torch.save(state(encoder) | {"generator.proj.weight": torch.zeros(2, 2)}, tmp_path / "mat.pt")
    few = InteractionPrior.empty(GeneSpace(LANDMARKS[:3]))
    net = fresh_network(few, Preset.PAPER.perturbation(), seed=0, encoder=str(tmp_path / "mat.pt"))
    assert net.mat.src_embed.lut.weight.unique().tolist() == [0.5]
    assert net.settings.molecule.width == 1024


def test_a_missing_tensor_is_named(tmp_path):
    given = state(shapes())
    del given["w_gex"]
    torch.save(given, tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"'released' .*: 1 missing \['w_gex'\], 0 unknown"):
        read_pretrained(tmp_path / "x.pt", prior())


@pytest.mark.parametrize("place", [0, 5, 976])
def test_two_genes_in_each_others_place_are_refused_wherever_they_stand(tmp_path, place):
    torch.save(state(shapes()), tmp_path / "x.pt")
    swapped = (*LANDMARKS[:place], LANDMARKS[place + 1], LANDMARKS[place], *LANDMARKS[place + 2 :])
    wanted = rf"2 of 978 genes stand elsewhere.*'{place + 1}: {swapped[place]} \(published: {LANDMARKS[place]}\)'"
    with pytest.raises(CheckpointError, match=wanted):
        read_pretrained(tmp_path / "x.pt", prior(swapped))


def test_fewer_genes_are_refused(tmp_path):
    torch.save(state(shapes()), tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match="are for 978 landmark genes, got 977"):
        read_pretrained(tmp_path / "x.pt", prior(LANDMARKS[:-1]))


class Bomb:
    def __reduce__(self):
        return (eval, ("1/0",))


def test_pickled_code_is_not_run(tmp_path):
    (tmp_path / "x.pt").write_bytes(pickle.dumps({"w_gex": Bomb()}, protocol=2))
    with pytest.raises(CheckpointError, match="holds more than tensors"):
        read_pretrained(tmp_path / "x.pt", prior())
