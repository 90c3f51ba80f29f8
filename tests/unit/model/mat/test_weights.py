"""The published file's names and shapes, our own folders, and what is refused."""

from importlib.resources import files
from pathlib import Path

import pytest
import torch
from torch import nn

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.errors import CheckpointError
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer, encode
from drugripple.model.mat.weights import MatCard, load_mat, load_published_mat, save_mat
from drugripple.model.settings import MatSettings
from drugripple.model.storage import read_card, write_checkpoint


def published():
    """The published mapping, names and shapes as its spec lists them, each tensor one number broadcast."""
    shapes = {"src_embed.lut.weight": (1024, 28), "src_embed.lut.bias": (1024,)}
    for layer in range(8):
        start = f"encoder.layers.{layer}"
        for block in [f"self_attn.linears.{i}" for i in range(4)] + ["feed_forward.linears.0"]:
            shapes[f"{start}.{block}.weight"], shapes[f"{start}.{block}.bias"] = (1024, 1024), (1024,)
        for sublayer in range(2):
            for letter in "ab":
                shapes[f"{start}.sublayer.{sublayer}.norm.{letter}_2"] = (1024,)
    shapes["encoder.norm.a_2"] = shapes["encoder.norm.b_2"] = (1024,)
    state = {name: torch.full((1,), 0.01 * i).expand(shape) for i, (name, shape) in enumerate(shapes.items())}
    return state | {"generator.proj.weight": torch.zeros(1, 1024), "generator.proj.bias": torch.zeros(1)}


@pytest.fixture
def file(tmp_path):
    def write(state):
        path = tmp_path / "pretrained_weights.pt"
        torch.save(state, path)
        return path

    return write


def test_published_file_fills_the_published_network(file):
    state = load_published_mat(file(published()))
    assert len(state) == 116
    with torch.device("meta"):
        mat = MoleculeAttentionTransformer(MatConfig())
    mat.load_state_dict(state, assign=True)
    assert mat.encoder.layers[7].self_attn.linears[2].weight[3, 5].item() == pytest.approx(0.01 * 104)


def test_parameters_are_unwrapped(file):
    state = published()
    state["encoder.norm.a_2"] = nn.Parameter(torch.ones(1024))
    loaded = load_published_mat(file(state))
    assert type(loaded["encoder.norm.a_2"]) is torch.Tensor


def test_missing_tensor_is_refused_by_name(file):
    state = published()
    del state["encoder.layers.4.sublayer.1.norm.b_2"]
    with pytest.raises(CheckpointError, match=r"1 missing \['encoder.layers.4.sublayer.1.norm.b_2'\]"):
        load_published_mat(file(state))


def test_unknown_tensor_is_refused_by_name(file):
    with pytest.raises(CheckpointError, match=r"1 unknown \['encoder.adapter.weight'\]"):
        load_published_mat(file(published() | {"encoder.adapter.weight": torch.zeros(1)}))


def test_misshapen_tensor_is_refused_with_both_shapes(file):
    state = published() | {"encoder.norm.b_2": torch.zeros(512)}
    with pytest.raises(CheckpointError, match=r"encoder.norm.b_2: \(512,\) for \(1024,\)"):
        load_published_mat(file(state))


def test_36_feature_family_is_refused_by_name(file):
    state = published() | {"src_embed.lut.weight": torch.zeros(1).expand(1024, 36)}
    with pytest.raises(CheckpointError, match="HuggingMolecules"):
        load_published_mat(file(state))


@pytest.mark.parametrize("content", [b"", b"no weights", b"PK\x03\x04" + bytes(100)])
def test_file_that_is_no_checkpoint_is_refused(tmp_path, content):
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="cannot be read as weights"):
        load_published_mat(path)


def test_absent_file_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="cannot be read as weights"):
        load_published_mat(tmp_path / "absent.pt")


def test_pickled_code_is_not_run(tmp_path):
    path = tmp_path / "weights.pt"
    torch.save({"encoder.norm.a_2": nn.Linear(1, 1)}, path)
    with pytest.raises(CheckpointError, match="holds more than tensors") as refused:
        load_published_mat(path)
    assert "trust" not in str(refused.value)


def test_list_of_tensors_is_refused(file):
    with pytest.raises(CheckpointError, match="holds a list"):
        load_published_mat(file([torch.zeros(1)]))


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    size = MatSettings(width=12, layers=2, heads=3)
    mat = MoleculeAttentionTransformer(MatConfig(d_model=12, layers=2, heads=3))
    save_mat(tmp_path / "mat", mat, MatCard(name="test", molecule=size, parameters=1))
    return tmp_path / "mat", mat


def test_saved_encoder_comes_back_with_the_same_vectors(folder):
    path, mat = folder
    graphs = [build_graph(standardise("CCO"))]
    assert torch.equal(encode(load_mat(path).mat, graphs), encode(mat, graphs))


def test_truncated_weights_are_refused(folder):
    path, _ = folder
    tensors = path / "model.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match="truncated or altered"):
        load_mat(path)


def test_card_of_another_size_is_refused(folder):
    path, mat = folder
    card = read_card(path, MatCard)
    larger = card.molecule.model_copy(update={"layers": 3})
    write_checkpoint(path, mat.state_dict(), card.model_copy(update={"molecule": larger}))
    with pytest.raises(CheckpointError, match="14 missing"):
        load_mat(path)


def test_folder_without_a_checkpoint_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="holds no checkpoint"):
        load_mat(tmp_path)


def test_shipped_encoder_loads_as_its_card_says_and_puts_like_near_like():
    shipped = load_mat(Path(str(files("drugripple"))) / "weights" / "mat-small")
    assert sum(parameter.numel() for parameter in shipped.mat.parameters()) == shipped.card.parameters
    assert all(use.terms and len(use.digest) == 64 for use in shipped.card.data)
    scores = shipped.card.metrics
    assert scores["accuracy_element_not_carbon"] > scores["majority_element_not_carbon"] + 0.2
    toluene, ethylbenzene, glucose = encode(
        shipped.mat, [build_graph(standardise(text)) for text in ("Cc1ccccc1", "CCc1ccccc1", "OCC1OC(O)C(O)C(O)C1O")]
    )
    assert torch.cosine_similarity(toluene, ethylbenzene, dim=0) > torch.cosine_similarity(toluene, glucose, dim=0)
