"""Morgan fingerprints: what the classical baselines read."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32
from rdkit.Chem import rdFingerprintGenerator

from drugripple.chem.molecule import mol_from_smiles


def morgan(
    smiles: Sequence[str], *, radius: int = 2, bits: int = 2048, counts: bool = False
) -> Float32[np.ndarray, "c d"]:
    """Folded Morgan fingerprints, a row a structure: 0 and 1, or how often each environment occurs.

    Raises:
        CompoundError: as `mol_from_smiles`.

    >>> morgan(["CCO", "OCC"], bits=64).sum(axis=1).tolist()
    [6.0, 6.0]
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    fingerprint = generator.GetCountFingerprintAsNumPy if counts else generator.GetFingerprintAsNumPy
    rows = [fingerprint(mol_from_smiles(text)).astype(np.float32) for text in smiles]
    return np.stack(rows) if rows else np.zeros((0, bits), dtype=np.float32)
