import pytest
import torch

from drugripple.model.dropout import Dropout


def test_share_and_mean_are_those_of_dropout():
    torch.manual_seed(0)
    values = torch.ones(1000, 1003)
    dropped = Dropout(0.1).train()(values)
    assert (dropped == 0).float().mean().item() == pytest.approx(0.1, abs=0.002)
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.002)
    assert dropped.unique().tolist() == pytest.approx([0.0, 1.1111], abs=1e-4)


def test_evaluation_mode_changes_nothing():
    values = torch.randn(3, 5)
    assert Dropout(0.5).eval()(values) is values


def test_the_seed_decides():
    values = torch.ones(17, 19)
    drawn = []
    for _ in range(2):
        torch.manual_seed(3)
        drawn.append(Dropout(0.5).train()(values))
    assert torch.equal(*drawn)


def test_neighbouring_values_are_dropped_independently():
    torch.manual_seed(0)
    dropped = (Dropout(0.5).train()(torch.ones(400_000)) == 0).float()
    for lag in (1, 2, 3, 4):
        assert abs(torch.corrcoef(torch.stack([dropped[:-lag], dropped[lag:]]))[0, 1]) < 0.01
