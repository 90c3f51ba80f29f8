import pytest
import torch
from torch import nn

from drugripple.predictors.peers.bert import EPSILON, EncoderLayer, Layout

REAL = torch.arange(11) < torch.tensor([[5], [11], [1], [7]])


@pytest.fixture(scope="module")
def both():
    """Our layer and torch's own with the same weights."""
    torch.manual_seed(0)
    ours = EncoderLayer(12, 3, 20, 0.1).eval()
    theirs = nn.TransformerEncoderLayer(12, 3, 20, 0.1, layer_norm_eps=EPSILON, batch_first=True).eval()
    attention, residual = ours.attention, ours.residual
    maps = (attention.query, attention.key, attention.value)
    theirs.load_state_dict(
        {
            "self_attn.in_proj_weight": torch.cat([one.weight for one in maps]),
            "self_attn.in_proj_bias": torch.cat([one.bias for one in maps]),
        }
        | {
            f"{name}.{part}": getattr(layer, part)
            for name, layer in (
                ("self_attn.out_proj", residual.out), ("linear1", residual.up), ("linear2", residual.down),
                ("norm1", residual.first), ("norm2", residual.second),
            )
            for part in ("weight", "bias")
        }
    )  # fmt: skip
    return ours, theirs


def test_a_layer_without_padding_is_that_of_torch_on_padded_sequences(both):
    ours, theirs = both
    padded, layout = torch.randn(4, 11, 12), Layout.of(REAL)
    with torch.no_grad():
        expected = theirs(padded, src_key_padding_mask=~REAL)
        found = ours(layout.pack(padded), layout)
        first = ours.at_first(layout.pack(padded), layout)
    torch.testing.assert_close(found, expected[REAL], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(first, expected[:, 0], rtol=1e-5, atol=1e-6)


def test_what_is_packed_and_padded_again_has_zeros_behind_every_sequence():
    padded, layout = torch.randn(4, 11, 2), Layout.of(REAL)
    assert layout.first.tolist() == [0, 5, 16, 17]
    assert torch.equal(layout.pad(layout.pack(padded)), padded * REAL[..., None])
