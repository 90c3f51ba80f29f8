"""Hand numbers and sizes of the Molecule Attention Transformer."""

import pytest
import torch

from drugripple.chem.graph import build_graph
from drugripple.chem.molecule import standardise
from drugripple.data.molecule_batch import collate
from drugripple.errors import ConfigError
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer, UnbiasedNorm, structural_bias
from drugripple.model.mat.pooling import pool
from drugripple.model.settings import SMALL_MAT, Pooling


def test_norm_divides_by_the_unbiased_deviation():
    given = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    expected = torch.tensor([[-1.1619, -0.3873, 0.3873, 1.1619]])
    assert torch.allclose(UnbiasedNorm(4)(given), expected, atol=1e-4)


def test_published_size_has_116_tensors_and_42048512_parameters():
    with torch.device("meta"):
        state = MoleculeAttentionTransformer(MatConfig()).state_dict()
    assert len(state) == 116
    assert sum(value.numel() for value in state.values()) == 42_048_512
    assert state["src_embed.lut.weight"].shape == (1024, 28)
    assert state["encoder.layers.7.feed_forward.linears.0.weight"].shape == (1024, 1024)
    assert {"encoder.layers.0.sublayer.1.norm.a_2", "encoder.layers.3.self_attn.linears.3.bias"} <= state.keys()


def test_small_size_fits_in_six_megabytes():
    parameters = sum(value.numel() for value in MoleculeAttentionTransformer(MatConfig.of(SMALL_MAT)).parameters())
    assert 1_000_000 < parameters < 1_300_000


def test_bias_of_ethane_by_hand():
    """Ethane's atoms: 0.33 e^0 + 0.34 / 2 on themselves, 0.33 e^-1.5 + 0.34 / 2 on each other, 0 for the dummy."""
    molecules = collate([build_graph(standardise("CC"))])
    molecules.distance[0, 1, 2] = molecules.distance[0, 2, 1] = 1.5
    own, other = 0.33 + 0.17, 0.33 * 0.22313016 + 0.17
    expected = torch.tensor([[[0, 0, 0], [0, own, other], [0, other, own]]])
    assert torch.allclose(structural_bias(molecules, MatConfig()), expected, atol=1e-6)


def test_each_benzene_atom_gives_a_third_to_itself_and_two_neighbours():
    bias = structural_bias(
        collate([build_graph(standardise("c1ccccc1"))]), MatConfig(lambda_attention=0.0, lambda_distance=0.0)
    )
    rows = bias[0, 1:, 1:]
    assert torch.allclose(rows[rows > 0], torch.tensor(1 / 3.000001), atol=1e-7)
    assert (rows > 0).sum(1).tolist() == [3] * 6


def test_padding_gets_no_weight():
    bias = structural_bias(collate([build_graph(standardise("C")), build_graph(standardise("CCO"))]), MatConfig())
    assert (bias[0, :, 2:] == 0).all()


def test_pooling_by_hand():
    molecules = collate([build_graph(standardise("C")), build_graph(standardise("CC"))])
    nodes = torch.tensor([[[1.0], [3.0], [99.0]], [[2.0], [4.0], [9.0]]])
    assert pool(nodes, molecules, Pooling.MEAN).tolist() == [[2.0], [5.0]]
    assert pool(nodes, molecules, Pooling.MEAN_ATOMS).tolist() == [[3.0], [6.5]]
    assert pool(nodes, molecules, Pooling.DUMMY).tolist() == [[1.0], [2.0]]


def test_weights_that_the_checkpoint_uses_leave_a_third_for_bonds():
    assert MatConfig().lambda_adjacency == pytest.approx(0.34)


def test_uneven_heads_are_refused():
    with pytest.raises(ConfigError, match="d_model 10 does not divide by 4 heads"):
        MatConfig(d_model=10, heads=4)
