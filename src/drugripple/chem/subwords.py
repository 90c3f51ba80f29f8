"""Sub-words of SMILES: byte-pair encoding, learnt from many structures and applied to one.

The most frequent pair of neighbouring pieces becomes one piece, again and again. Applied in the same order, the merges
cut any SMILES into pieces; a character that was never seen stays alone.

Source: Sennrich, Haddow and Birch 2016, doi:10.18653/v1/P16-1162; for SMILES Huang et al. 2019 (ESPF),
arXiv:1911.06446.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

Merge = tuple[str, str]


def learn_merges(smiles: Iterable[str], *, most: int, fewest: int) -> tuple[Merge, ...]:
    """The merges that the structures give, most frequent first.

    Args:
        smiles: structures.
        most: merges at most.
        fewest: occurrences that a pair has to have.

    >>> learn_merges(["CCO", "CCN", "CC"], most=5, fewest=2)
    (('C', 'C'),)
    """
    texts = list(smiles)
    pieces = sorted(set().union(*texts))
    place = {piece: number for number, piece in enumerate(pieces)}
    # -1 stands between two structures, so that no pair reaches over.
    line = np.array([number for text in texts for number in (*(place[c] for c in text), -1)], dtype=np.int64)
    merges: list[Merge] = []
    while len(merges) < most:
        inside = (line[:-1] >= 0) & (line[1:] >= 0)
        codes, counts = np.unique(line[:-1][inside] * len(pieces) + line[1:][inside], return_counts=True)
        if not len(codes) or counts.max() < fewest:
            break
        left, right = divmod(int(codes[counts.argmax()]), len(pieces))
        merges.append((pieces[left], pieces[right]))
        pieces.append(pieces[left] + pieces[right])
        line = _merged(line, left, right, len(pieces) - 1)
    return tuple(merges)


def split_subwords(smiles: str, merges: Sequence[Merge]) -> list[str]:
    """The pieces of a SMILES, by merges in their order.

    >>> split_subwords("CCOCC", (("C", "C"), ("O", "CC")))
    ['CC', 'OCC']
    """
    rank = {merge: number for number, merge in enumerate(merges)}
    pieces = list(smiles)
    while len(pieces) > 1:
        known = [(rank[pair], at) for at, pair in enumerate(pairwise(pieces)) if pair in rank]
        if not known:
            break
        left, right = merges[min(known)[0]]
        at, joined = 0, []
        while at < len(pieces):
            meets = at + 1 < len(pieces) and (pieces[at], pieces[at + 1]) == (left, right)
            joined.append(left + right if meets else pieces[at])
            at += 1 + meets
        pieces = joined
    return pieces


def _merged(line: np.ndarray, left: int, right: int, joined: int) -> np.ndarray:
    """The line with a pair as one piece; of pairs that overlap, the first."""
    hits = np.flatnonzero((line[:-1] == left) & (line[1:] == right))
    if left == right:
        new_run = np.flatnonzero(np.diff(hits, prepend=-2) != 1)
        length_before = np.repeat(new_run, np.diff([*new_run, len(hits)]))
        hits = hits[(np.arange(len(hits)) - length_before) % 2 == 0]
    line = line.copy()
    line[hits] = joined
    return np.delete(line, hits + 1)
