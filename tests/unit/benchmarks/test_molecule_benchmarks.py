"""The plain molecule encoder is the same function as ours, and is measured on the same molecules."""

import pytest
import torch

import benchmarks.molecules as measured
from benchmarks.molecules import library, mat_molecules, mat_molecules_backward
from benchmarks.plain_mat import PlainMat
from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer

TINY = MatConfig(d_model=8, layers=2, heads=2)
SMILES = ["CCO", "c1ccccc1O", "C", "CC(=O)NO", "CN"]


@pytest.fixture
def few(monkeypatch):
    """A library of five, and a clock that says half a second."""
    graphs = [build_graph(standardise(text)) for text in SMILES]
    monkeypatch.setattr(measured, "library", lambda count: measured.Library(graphs[:count], 11, "a test"))
    monkeypatch.setattr(measured, "shortest", lambda *runs, **_: [(run(), 0.5)[1] for run in runs])
    return graphs


def test_the_plain_encoder_and_ours_give_the_same_vectors():
    torch.manual_seed(0)
    mat = MoleculeAttentionTransformer(TINY).double().eval()
    for parameter in mat.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    molecules = collate([build_graph(standardise(text)) for text in SMILES]).to("cpu", torch.float64)
    with torch.no_grad():
        expected = PlainMat(mat)(molecules)
        assert (mat(molecules) - expected).abs().max() < 1e-12
        wider = PlainMat(mat)(measured._widened(molecules, 11))
    assert (wider - expected).abs().max() < 1e-12
    assert measured._widened(molecules, 11).distance.shape == (5, 11, 11)


@pytest.mark.usefixtures("few")
def test_three_ways_to_batch_the_plain_encoder_are_measured():
    records = {record.name: record for record in mat_molecules(count=4, config=TINY, batch=2)}
    assert set(records) == {
        "mat_molecules",
        "mat_molecules_bf16",
        "mat_molecules_plain",
        "mat_molecules_plain_alone",
        "mat_molecules_plain_largest",
    }
    assert all((record.value, record.rows) == (8.0, 4) for record in records.values())
    assert records["mat_molecules"].ratio == 1.0
    assert records["mat_molecules_plain"].ratio is None
    assert records["mat_molecules"].ratio_to == (
        "plain formula on mixed batches of 2, padded to each batch's largest; a test, 5.0 nodes a molecule"
    )


@pytest.mark.usefixtures("few")
def test_backward_is_measured_in_both_precisions():
    records = list(mat_molecules_backward(count=5, config=TINY, batch=2))
    assert [record.name for record in records] == ["mat_molecules_backward", "mat_molecules_backward_bf16"]
    assert [record.value for record in records] == [10.0, 10.0]


def test_without_the_data_folder_the_molecules_are_the_synthetic_worlds(monkeypatch, tmp_path):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    monkeypatch.setattr(measured, "data_folder", lambda: None)
    found = library(count=7)
    assert found.source == "the synthetic world"
    assert len({graph.smiles for graph in found.graphs}) == 7
    assert found.largest == 23  # PD153035, C16H14BrN3O2, and the dummy
