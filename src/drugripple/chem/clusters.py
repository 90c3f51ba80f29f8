"""Labels that keep alike compounds on one side of a fold: analogue clusters and scaffolds."""

from collections.abc import Sequence

import numpy as np
from rdkit.ML.Cluster import Butina

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.chem.molecule import Molecule, scaffold

SIMILARITY = 0.6


def analogue_clusters(molecules: Sequence[Molecule], *, similarity: float = SIMILARITY) -> tuple[str, ...]:
    """Butina's clusters of Morgan fingerprints (radius 2): every member is at least that similar to its centre.

    Members of two clusters may still be alike, only the centres are not.

    Source: Butina 1999, doi:10.1021/ci9803381.

    >>> from drugripple.chem import standardise
    >>> analogue_clusters([standardise(smiles) for smiles in ("CCCCCCCC", "CCCCCCCCC", "c1ccccc1")])
    ('cluster 0', 'cluster 0', 'cluster 1')
    """
    if not molecules:
        return ()
    bits = morgan(molecules)
    lower = (1 - tanimoto(bits, bits))[np.tril_indices(len(molecules), -1)].tolist()
    label = [""] * len(molecules)
    for number, members in enumerate(Butina.ClusterData(lower, len(molecules), 1 - similarity, isDistData=True)):
        for member in members:
            label[member] = f"cluster {number}"
    return tuple(label)


def scaffolds(molecules: Sequence[Molecule]) -> tuple[str, ...]:
    """Murcko scaffolds; a molecule without a ring is its own scaffold."""
    return tuple(scaffold(molecule) for molecule in molecules)
