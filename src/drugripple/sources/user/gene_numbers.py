"""Whether whole numbers that stand where genes or samples are named are Entrez ids, or only count."""

import re
from collections.abc import Sequence
from statistics import median

from drugripple.genes.human import entrez_ids

NUMBER = re.compile(r"\s*(?:X|gene[:-]|(?:hg|GRCh)\d\d[_:.-]+)?(\d+)(?:\.0+)?(?:_at)?\s*", re.IGNORECASE)
"""`7157` as pandas, R, BrainArray and genomes of two species write it, with no word that says whose number it is."""
FEWEST = 3
"""Fewer numbers do not show how far they lie apart."""
LEAST_LARGEST = 1_000
"""Numbers that all lie below count samples or clusters: of four genes in a hundred is the id so small."""
SPARSE = 10
"""Ids lie this far apart at least, on average; running numbers, and most of them in any order, lie closer."""
ALMOST_ALL = 0.95
"""So many of a list of genes are in the table. Of numbers drawn below 10,000 seven in ten are."""
HALF = 0.5
UNEVEN = 4
"""Ids are spread over powers of ten: the largest is far above the middle one. Drawn numbers reach twice as high."""


def number_alone(name: str) -> int | None:
    """The number that is all of a name, whatever a program wrote beside it.

    >>> [number_alone(name) for name in ("7157", "X7157.0", "7157_at", "TP53 (7157)", "NCBI:7157")]
    [7157, 7157, 7157, None, None]
    """
    match = NUMBER.fullmatch(name)
    return int(match[1]) if match else None


def only_count(numbers: Sequence[int]) -> bool:
    """Whether numbers lie as close together as those of rows do, also where some are missing or they are shuffled.

    >>> only_count([7, 3, 12]), only_count([5008, 5001, 5003]), only_count([12, 940, 57]), only_count([7157, 4609, 672])
    (True, True, True, False)
    """
    if len(numbers) < FEWEST:
        return False
    highest, lowest = max(numbers), min(numbers)
    return highest < LEAST_LARGEST or highest - lowest + 1 < SPARSE * len(numbers)


def are_entrez_ids(numbers: Sequence[int]) -> bool:
    """Whether numbers are ids of human genes: that some are known proves nothing, since most small numbers are ids.

    >>> are_entrez_ids([7157, 4609, 672, 5290]), are_entrez_ids([905933, 683665, 910924]), are_entrez_ids(range(9000))
    (True, False, False)
    """
    if only_count(numbers):
        return False
    ids = entrez_ids()
    known = sum(str(number) in ids for number in set(numbers)) / max(1, min(len(numbers), len(ids)))
    return known >= ALMOST_ALL or (known >= HALF and max(numbers) > UNEVEN * median(numbers))
