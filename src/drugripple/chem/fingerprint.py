"""Morgan fingerprints and their Tanimoto similarity: what classical models read of a molecule."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float32
from rdkit.Chem import rdFingerprintGenerator

from drugripple.chem.molecule import Molecule


def morgan(
    molecules: Sequence[Molecule], *, radius: int = 2, bits: int = 2048, counts: bool = False
) -> Float32[np.ndarray, "c d"]:
    """Folded Morgan fingerprints, one row per molecule: 0 and 1, or how often each environment occurs.

    >>> from drugripple.chem.molecule import standardise
    >>> morgan([standardise("CCO")], bits=64).sum(axis=1).tolist()
    [6.0]
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    fingerprint = generator.GetCountFingerprintAsNumPy if counts else generator.GetFingerprintAsNumPy
    rows = [fingerprint(molecule.topology).astype(np.float32) for molecule in molecules]
    return np.stack(rows) if rows else np.zeros((0, bits), dtype=np.float32)


def tanimoto(one: Float[np.ndarray, "a d"], other: Float[np.ndarray, "b d"]) -> Float[np.ndarray, "a b"]:
    """Tanimoto similarity of fingerprints, of bits or of counts: Σ min / Σ max; 0 where both are empty.

    min(a, b) = Σ_k [a ≥ k][b ≥ k], so that a few matrix products of zeros and ones give the sums, exactly.

    Source: Ralaivola et al. 2005, doi:10.1016/j.neunet.2005.07.009 (positive definite on both).

    >>> tanimoto(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [2.0, 1.0, 1.0]])).tolist()
    [[0.5, 0.5]]
    """
    least, level = np.zeros((len(one), len(other))), 1
    while (used := (one >= level).any(axis=0) & (other >= level).any(axis=0)).any():
        left, right = ((part[:, used] >= level).astype(np.float32) for part in (one, other))
        least += left @ right.T
        level += 1
    one, other = one.astype(np.float64), other.astype(np.float64)
    most = one.sum(axis=1)[:, None] + other.sum(axis=1)[None, :] - least
    return np.divide(least, most, out=np.zeros_like(least), where=most > 0)
