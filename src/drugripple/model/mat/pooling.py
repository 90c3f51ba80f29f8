"""From the states of a molecule's nodes to one vector."""

import torch
from jaxtyping import Float
from torch import Tensor

from drugripple.data.molecule_batch import MolBatch
from drugripple.model.settings import Pooling


def pool(nodes: Float[Tensor, "b a d"], molecules: MolBatch, pooling: Pooling) -> Float[Tensor, "b d"]:
    """Make one vector per molecule from the states of its nodes."""
    if pooling is Pooling.DUMMY:
        return nodes[:, 0]
    counted = molecules.mask.to(nodes.dtype)
    if pooling is Pooling.MEAN_ATOMS:
        counted = torch.cat([torch.zeros_like(counted[:, :1]), counted[:, 1:]], dim=1)
    return torch.bmm(counted.unsqueeze(1), nodes).squeeze(1) / counted.sum(1, keepdim=True)
