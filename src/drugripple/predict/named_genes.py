"""Genes that a user names, as the default model calls them."""

from collections.abc import Sequence

from drugripple.errors import GeneSpaceError, first_five
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.predict.named import close_names


def named_genes(asked: Sequence[str], read: GeneSpace, measured: GeneSpace) -> tuple[str, ...]:
    """The symbols of some genes; letter case, former symbols and ids are understood as in a file.

    Args:
        asked: the genes as the user writes them.
        read: those that the model reads.
        measured: those of these that the samples have.

    Raises:
        GeneSpaceError: if the model does not read a gene, or the samples lack it.

    >>> named_genes(["braf "], GeneSpace(("KRAS", "BRAF")), GeneSpace(("BRAF",)))
    ('BRAF',)
    """
    known = SymbolMap.landmarks().with_symbols(read)
    found = [(gene, next(iter(known.resolve([gene]).symbols), "")) for gene in asked]
    if strange := [gene for gene, symbol in found if symbol not in read.symbols]:
        near = close_names(strange[0], read.symbols)
        nearest = f" (the nearest to {strange[0]} are {first_five(near)})" if near else ""
        message = (
            f"{len(strange)} of {len(asked)} genes are not among the {len(read):,} that the model reads: "
            f"{first_five(strange)}{nearest}; correct them or leave them out"
        )
        raise GeneSpaceError(message)
    if lost := [gene for gene, symbol in found if symbol not in measured.symbols]:
        message = (
            f"{len(lost)} of {len(asked)} genes were not measured in the samples: {first_five(lost)}; leave them out, "
            "or give expression that has them"
        )
        raise GeneSpaceError(message)
    return tuple(symbol for _, symbol in found)
