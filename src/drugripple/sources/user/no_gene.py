"""Why no name of a table is a gene's: what the names are instead, or which part of them is one."""

import re
from collections import Counter
from collections.abc import Sequence

from drugripple.errors import Fault, first_five
from drugripple.sources.user.matrix import IsGene

PROBED = 300
MOSTLY = 0.5
PARTS = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)*")
"""Words that may be a gene's name; `HLA-A` is one."""
PIECES = re.compile(r"[A-Za-z0-9]+")
KINDS = (
    (re.compile(r"(ENSMUSG|ENSRNOG)\d+.*|(mm|rn|GRCm)\d+[_:.-].*", re.IGNORECASE),
     "these are mouse or rat genes: map them to their human orthologues first"),
    (re.compile(r"ENST\d+.*|[NX][MR]_\d+.*", re.IGNORECASE), "these are transcripts: add them up by gene first"),
    (re.compile(r".*_at|ILMN_\d+|A_\d+_P\d+", re.IGNORECASE),
     "these are probe sets of a microarray: name them by gene first"),
    (re.compile(r"[OPQ]\d[A-Z0-9]{3}\d|[A-NR-Z]\d[A-Z][A-Z0-9]{2}\d", re.IGNORECASE),
     "these are proteins of UniProt: name them by gene first"),
)  # fmt: skip
"""What names that are no genes look like, and what to do about each kind."""


def no_gene(where: str, rows: Sequence[str], columns: Sequence[str], is_gene: IsGene) -> Fault:
    """The refusal of a table without a name that is read as a gene's."""
    names = (*rows, *columns)
    do = next((do for kind, do in KINDS if sum(bool(kind.fullmatch(name)) for name in names) > len(names) / 2), "")
    do = do or _part_that_names(rows, is_gene) or _part_that_names(columns, is_gene)
    return Fault(
        where,
        f"no gene is known, neither among the rows ({first_five(rows)}) nor among the columns ({first_five(columns)})",
        do=do or "name them by human gene symbols, Ensembl gene ids or Entrez ids",
    )


def _part_that_names(names: Sequence[str], is_gene: IsGene) -> str:
    """What to do where most names hold a gene among other words, with an example; blank where they do not."""
    probed = names[:: max(1, len(names) // PROBED)]
    everywhere = Counter(part for name in probed for part in set(PIECES.findall(name)))
    found = {}
    for name in probed:
        parts = [*PARTS.findall(name), *PIECES.findall(name)]
        genes = [part for part in parts if 2 * everywhere[part] <= max(2, len(probed)) and is_gene(part)]
        if genes and genes[0] != name:
            found[name] = genes[0]
    if len(found) < max(2, MOSTLY * len(probed)):
        return ""
    name, gene = next(iter(found.items()))
    return f"each name holds a gene among other words: keep only that, as {gene!r} of {name!r}"
