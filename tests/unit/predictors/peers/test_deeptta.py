import pytest
import torch

from drugripple.data.tables import CompoundTable
from drugripple.errors import SourceError
from drugripple.predictors.peers import Knowledge
from drugripple.predictors.peers.deeptta import DeepTTAInputs, DeepTTANetwork, DeepTTASettings, read_merges


def network(inputs):
    torch.manual_seed(0)
    return DeepTTANetwork(DeepTTASettings(), inputs).eval()


def test_the_published_network_has_5_190_977_parameters(landmarks, parameters):
    pieces = tuple(f"piece {i}" for i in range(2584))
    assert parameters(network(DeepTTAInputs(landmarks, (), pieces))) == 5_190_977


def test_padding_changes_no_molecule(landmarks):
    inputs = DeepTTAInputs(landmarks, (("C", "C"),), ("C", "O", "N", "CC"))
    net = network(inputs)
    tokens = inputs.compounds(CompoundTable.from_smiles(["CCO", "CCNCCNCCNCCO"])).values
    assert tokens[0, :4].tolist() == [5, 3, 0, 0]
    both, one = net.of_compounds(tokens)[0], net.of_compounds(tokens[:1])[0]
    torch.testing.assert_close(both[:1], one)
    assert not torch.allclose(both[0], both[1])


def test_a_piece_without_a_token_is_unknown_and_the_rest_is_read(landmarks):
    inputs = DeepTTAInputs(landmarks, (), ("C", "O"))
    assert inputs.compounds(CompoundTable.from_smiles(["CCN"])).values[0, :4].tolist() == [2, 2, 1, 0]


def test_shipped_merges_cut_a_drug_into_few_pieces(world):
    inputs = DeepTTAInputs.fit(world.pairs.compact(), DeepTTASettings(), Knowledge())
    tokens = inputs.compounds(CompoundTable.from_smiles(["CC(=O)Oc1ccccc1C(=O)O"])).values
    assert 1 < (tokens > 0).sum() < 10
    assert (tokens != 1).all()


def test_merges_of_another_form_are_refused_by_line(tmp_path):
    (tmp_path / "codes.txt").write_text("#version: 0.2\nC C\nC C O\n")
    with pytest.raises(SourceError, match=r"codes\.txt, line 3: expected two pieces"):
        read_merges(tmp_path / "codes.txt")
