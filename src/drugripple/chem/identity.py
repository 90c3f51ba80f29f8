"""Which compounds of several tables are one substance, by structure or by name: what must be hidden together."""

import re
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Int

from drugripple.chem.molecule import Molecule

_CODE_WITH_LETTER = re.compile(r"^([a-z]{2,}\d{4,})[a-z]$")
"""A code name with a letter for the salt or the batch: GSK2830371A."""

SHORTEST_NAME = 3
"""A part of a name that is no longer tells no substance."""


def name_parts(name: str) -> tuple[str, ...]:
    """The names in a text: what stands in brackets or behind a comma, each after a space, is one of its own.

    >>> name_parts("Erlotinib (OSI-774)"), name_parts("(5Z)-7-Oxozeaenol")
    (('Erlotinib', 'OSI-774'), ('(5Z)-7-Oxozeaenol',))
    """
    return tuple(part.strip() for part in re.split(r"\s\(|[,;]\s|\)$", name) if part.strip())


def identity_marks(molecule: Molecule, names: Iterable[str]) -> frozenset[str]:
    """What a substance is known by: parent, InChIKey block, and its names without case and punctuation.

    What stands in brackets or behind a comma, each after a space, counts as a name of its own: in a systematic name no
    space stands there. A code name counts with and without a letter at its end.

    >>> from drugripple.chem import standardise
    >>> sorted(identity_marks(standardise("CCO"), ["GSK-2830371A (PPM1D inhibitor, Ethanol)"]) - {"CCO"})
    ['LFQSCWFLJHTTHZ', 'ethanol', 'gsk2830371', 'gsk2830371a', 'ppm1dinhibitor']
    """
    marks = {molecule.parent, molecule.key}
    for name in names:
        for part in name_parts(name):
            plain = re.sub(r"[^a-z0-9]", "", part.lower())
            if len(plain) > SHORTEST_NAME:
                marks.add(plain)
            code = _CODE_WITH_LETTER.match(plain)
            if code:
                marks.add(code[1])
    return frozenset(marks)


def identity_groups(marks: Sequence[frozenset[str]]) -> Int[np.ndarray, " c"]:
    """A number for each compound; those that share a mark, directly or through others, share a number.

    >>> identity_groups([frozenset("ab"), frozenset("c"), frozenset("bd"), frozenset("de")]).tolist()
    [0, 1, 0, 0]
    """
    root = list(range(len(marks)))

    def top(member: int) -> int:
        while root[member] != member:
            root[member] = member = root[root[member]]
        return member

    owner: dict[str, int] = {}
    for number, group in enumerate(marks):
        for mark in sorted(group):
            one, other = top(number), top(owner.setdefault(mark, number))
            root[max(one, other)] = min(one, other)
    return np.array([top(member) for member in range(len(marks))], dtype=np.int64)
