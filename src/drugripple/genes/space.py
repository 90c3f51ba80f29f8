"""The ordered set of genes that every matrix column means."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int

from drugripple.errors import GeneSpaceError, counted, first_five


@dataclass(frozen=True)
class GeneSpace:
    """An ordered, duplicate-free list of gene symbols.

    Every matrix with a gene axis carries its `GeneSpace`; two matrices may meet only if their spaces are equal.
    That turns a silent column shift into an error.

    Raises:
        GeneSpaceError: if a symbol repeats or is empty, or there is none.

    >>> space = GeneSpace(("TP53", "EGFR", "MYC"))
    >>> space.positions(["MYC", "TP53"]).tolist()
    [2, 0]
    """

    symbols: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse repeats and blanks."""
        if not self.symbols:
            message = "a gene space needs at least one gene symbol, got none"
            raise GeneSpaceError(message)
        if len(set(self.symbols)) != len(self.symbols):
            repeated = sorted(symbol for symbol, count in Counter(self.symbols).items() if count > 1)
            message = f"{len(repeated)} gene symbols repeat: {first_five(repeated)}; merge or drop their columns first"
            raise GeneSpaceError(message)
        if not all(symbol.strip() for symbol in self.symbols):
            message = f"gene {self.symbols.index(next(s for s in self.symbols if not s.strip()))} has an empty symbol"
            raise GeneSpaceError(message)

    def __repr__(self) -> str:
        """One line: how much it holds."""
        return f"GeneSpace({counted(len(self), 'gene')}: {first_five(self.symbols)})"

    def __len__(self) -> int:
        return len(self.symbols)

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._position

    @cached_property
    def _position(self) -> dict[str, int]:
        return {symbol: i for i, symbol in enumerate(self.symbols)}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the ordered symbols; stored in every checkpoint."""
        return hashlib.sha256("\n".join(self.symbols).encode()).hexdigest()

    def positions(self, symbols: Iterable[str]) -> Int[np.ndarray, " k"]:
        """Column of each symbol, in the order asked.

        Raises:
            GeneSpaceError: if any symbol is not in this space; names the first five.
        """
        wanted = list(symbols)
        unknown = [symbol for symbol in wanted if symbol not in self._position]
        if unknown:
            message = (
                f"{len(unknown)} of {len(wanted)} genes are not among the {len(self)} of this space: "
                f"{first_five(unknown)}; restrict the panel to shared genes, or supply them"
            )
            raise GeneSpaceError(message)
        return np.array([self._position[symbol] for symbol in wanted], dtype=np.int64)

    def shared_with(self, other: "GeneSpace") -> "GeneSpace":
        """The genes of both, in this space's order.

        Raises:
            GeneSpaceError: if there is none.
        """
        shared = tuple(symbol for symbol in self.symbols if symbol in other)
        if not shared:
            message = (
                f"none of these {len(self)} genes ({first_five(self.symbols)}) is among the other {len(other)} "
                f"({first_five(other.symbols)}); are both given as current HGNC symbols?"
            )
            raise GeneSpaceError(message)
        return GeneSpace(shared)
