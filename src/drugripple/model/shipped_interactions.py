"""The interactions between landmark genes that travel with the package, read without torch."""

import json
from functools import cache

import numpy as np

from drugripple.genes.prior import InteractionPrior
from drugripple.genes.space import GeneSpace
from drugripple.model.folders import CARD, EDGES, TENSORS, shipped_folder
from drugripple.model.settings import L1000_LANDMARK


@cache
def shipped_interactions() -> InteractionPrior:
    """STRING's interactions of high confidence between the landmark genes, as the shipped network holds them."""
    from safetensors import safe_open

    folder = shipped_folder(L1000_LANDMARK)
    card = json.loads((folder / CARD).read_text(encoding="utf-8"))
    with safe_open(folder / TENSORS, framework="numpy") as tensors:
        edges = np.asarray(tensors.get_tensor(EDGES), dtype=np.int64)
    return InteractionPrior(GeneSpace(tuple(card["genes"])), edges, card["prior_source"])
