import numpy as np
import pytest
from torch.nn import functional as F

from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.predictors.peers.expression import ScaledGenes


@pytest.fixture
def no_dropout(monkeypatch):
    """No unit is dropped, so that a network can learn a few rows by heart."""
    monkeypatch.setattr(F, "dropout", lambda x, *_args, **_kwargs: x)


@pytest.fixture(scope="session")
def landmarks() -> ScaledGenes:
    """978 genes, as they come."""
    return ScaledGenes(GeneSpace(tuple(f"G{i}" for i in range(978))), RobustScaler(np.zeros(978), np.ones(978)))


@pytest.fixture(scope="session")
def parameters():
    """How many numbers a network learns."""
    return lambda net: sum(parameter.numel() for parameter in net.parameters())
