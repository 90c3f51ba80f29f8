"""Labels that keep alike compounds on one side of a fold: analogue clusters and scaffolds."""

from collections.abc import Sequence

import numpy as np
from rdkit.ML.Cluster import Butina

from drugripple.chem.fingerprint import morgan
from drugripple.chem.molecule import parent_smiles, scaffold

SIMILARITY = 0.6


def analogue_clusters(smiles: Sequence[str], *, similarity: float = SIMILARITY) -> tuple[str, ...]:
    """Butina's clusters of Morgan fingerprints (radius 2): every member is at least that similar to its centre.

    Members of two clusters may still be alike, only the centres are not.

    Raises:
        CompoundError: if a structure cannot be read.

    Source: Butina 1999, doi:10.1021/ci9803381.

    >>> analogue_clusters(["CCCCCCCC", "CCCCCCCCC", "c1ccccc1"])
    ('cluster 0', 'cluster 0', 'cluster 1')
    """
    if not smiles:
        return ()
    bits = morgan([parent_smiles(text) for text in smiles], radius=2, bits=2048).astype(np.float64)
    shared = bits @ bits.T
    size = np.diag(shared)
    distance = 1 - shared / (size[:, None] + size[None, :] - shared)
    lower = distance[np.tril_indices(len(smiles), -1)].tolist()
    label = [""] * len(smiles)
    for number, members in enumerate(Butina.ClusterData(lower, len(smiles), 1 - similarity, isDistData=True)):
        for member in members:
            label[member] = f"cluster {number}"
    return tuple(label)


def scaffolds(smiles: Sequence[str]) -> tuple[str, ...]:
    """Murcko scaffolds; a compound without a ring is its own scaffold.

    Raises:
        CompoundError: if a structure cannot be read.
    """
    return tuple(scaffold(parent_smiles(text)) for text in smiles)
