"""Pieces of molecular graphs that several peers read."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int
from rdkit import Chem

HYBRIDS = tuple(getattr(Chem.HybridizationType, name) for name in ("SP", "SP2", "SP3", "SP3D", "SP3D2"))


def one_hot(value: object, choices: Sequence[object], *, rest: bool = False) -> list[float]:
    """A one at the place of a value; where it is not among the choices, none, or the last if that is for the rest.

    >>> one_hot(2, (1, 2, 3)), one_hot(9, (1, 2, 3)), one_hot(9, (1, 2, 3), rest=True)
    ([0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    """
    found = [float(value == choice) for choice in choices]
    if rest and value not in choices:
        found[-1] = 1.0
    return found


def bonds_both_ways(molecule: Chem.Mol) -> Int[np.ndarray, "2 e"]:
    """Every bond in both directions, the two side by side."""
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in molecule.GetBonds()]
    return np.array([pair for a, b in ends for pair in ((a, b), (b, a))], dtype=np.int64).reshape(-1, 2).T
