"""Whether two columns that name genes name the same ones."""

from collections.abc import Sequence
from typing import NamedTuple

from drugripple.errors import Fault, SourceError, first_five

DIFFERING_SHARE, FEWEST_DIFFERING = 0.05, 5
"""Old symbols that became another gene's name differ by chance; more than this is no chance."""


class NamedGenes(NamedTuple):
    """A column that names genes."""

    label: str
    names: Sequence[str]
    """A name a row."""
    symbols: Sequence[str]
    """The gene of each; blank where none is known."""


def refuse_contradiction(where: str, one: NamedGenes, other: NamedGenes) -> None:
    """Refuse a table of which two columns name different genes in the same rows.

    Raises:
        SourceError: with the first rows that disagree.
    """
    both = [row for row, pair in enumerate(zip(one.symbols, other.symbols, strict=True)) if all(pair)]
    apart = [row for row in both if one.symbols[row] != other.symbols[row]]
    if len(apart) < max(FEWEST_DIFFERING, DIFFERING_SHARE * len(both)):
        return
    shown = [f"row {row + 1}: {_shown(one, row)} beside {_shown(other, row)}" for row in apart]
    fault = Fault(
        where,
        f"its columns {one.label!r} and {other.label!r} name different genes in {len(apart):,} of {len(both):,} rows",
        first_five(shown),
        expected="one gene in each row",
        do="compare them with the original: one of them was shifted or sorted apart; correct it or delete it",
    )
    raise SourceError(fault)


def _shown(genes: NamedGenes, row: int) -> str:
    name, symbol = genes.names[row], genes.symbols[row]
    return name if name.upper() == symbol.upper() else f"{name}, which is {symbol},"
