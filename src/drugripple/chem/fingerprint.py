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

    >>> from drugripple.chem import standardise
    >>> morgan([standardise("CCO")], bits=64).sum(axis=1).tolist()
    [6.0]
    """
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=radius, fpSize=bits)
    fingerprint = generator.GetCountFingerprintAsNumPy if counts else generator.GetFingerprintAsNumPy
    rows = [fingerprint(molecule.topology).astype(np.float32) for molecule in molecules]
    return np.stack(rows) if rows else np.zeros((0, bits), dtype=np.float32)


def tanimoto(one: Float[np.ndarray, "a d"], other: Float[np.ndarray, "b d"]) -> Float[np.ndarray, "a b"]:
    """Tanimoto similarity of fingerprints, of bits or of counts: Σ min / Σ max; 0 where both are empty.

    min(a, b) = Σ_k [a ≥ k][b ≥ k], so that one matrix product of zeros and ones gives the sums, exactly.

    Source: Ralaivola et al. 2005, doi:10.1016/j.neunet.2005.07.009 (positive definite on both).

    >>> tanimoto(np.array([[1.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0], [2.0, 1.0, 1.0]])).tolist()
    [[0.5, 0.5]]
    """
    least = np.matmul(*_levels(one, other))
    one, other = one.astype(np.float64), other.astype(np.float64)
    most = one.sum(axis=1)[:, None] + other.sum(axis=1)[None, :] - least
    return np.divide(least, most, out=np.zeros_like(most), where=most > 0)


def _levels(
    one: Float[np.ndarray, "a d"], other: Float[np.ndarray, "b d"]
) -> tuple[Float32[np.ndarray, "a k"], Float32[np.ndarray, "k b"]]:
    """[a ≥ k] and [b ≥ k] for every k that both reach in a bit; a matrix with itself is half the work, as A Aᵀ."""
    rest = [one] if one is other else [one, other]
    columns: list[list[Float32[np.ndarray, "n k"]]] = [[part[:, :0].astype(np.float32)] for part in rest]
    level = 1
    while True:
        reached = [part >= level for part in rest]
        used = reached[0].any(axis=0) & reached[-1].any(axis=0)
        if not used.any():
            break
        for found, part in zip(columns, reached, strict=True):
            found.append(part[:, used].astype(np.float32))
        rest, level = [part[:, used] for part in rest], level + 1
    codes = [np.concatenate(found, axis=1) for found in columns]
    return codes[0], codes[-1].T
