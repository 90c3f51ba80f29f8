"""The interaction network that guides attention."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from drugripple.errors import GeneSpaceError
from drugripple.genes.space import GeneSpace

if TYPE_CHECKING:
    import scipy.sparse as sp


@dataclass(frozen=True)
class InteractionPrior:
    """Undirected edges between the genes of one space, without self-loops.

    The identity of A = QQᵀ/√h + P + I is added by the attention layer and not stored here.

    Raises:
        GeneSpaceError: if an edge leaves the space, joins a gene to itself, or repeats in either direction.

    >>> prior = InteractionPrior(GeneSpace(("TP53", "MDM2", "EGFR")), np.array([[0, 1]]), "by hand")
    >>> prior.degree().tolist()
    [1, 1, 0]
    """

    genes: GeneSpace
    edges: Int[np.ndarray, "e 2"]
    """Positions of the two genes of each edge, the lower first."""
    source: str
    """Where the edges come from and under which terms."""

    def __post_init__(self) -> None:
        """Refuse edges that are not simple and undirected."""
        edges = self.edges
        if edges.size and (edges.min() < 0 or edges.max() >= len(self.genes)):
            message = f"an edge names gene {edges.max()}, but this space has {len(self.genes)} genes"
            raise GeneSpaceError(message)
        if np.any(edges[:, 0] >= edges[:, 1]):
            message = "each edge lists its lower gene position first and joins two different genes"
            raise GeneSpaceError(message)
        if len(np.unique(edges, axis=0)) != len(edges):
            message = f"{len(edges) - len(np.unique(edges, axis=0))} edges of the prior repeat"
            raise GeneSpaceError(message)

    @classmethod
    def from_pairs(cls, genes: GeneSpace, pairs: Iterable[tuple[str, str]], source: str) -> "InteractionPrior":
        """Make a prior of the pairs whose genes are both in the space; drop direction, repeats and self-pairs."""
        kept = {
            tuple(sorted((genes._position[a], genes._position[b])))
            for a, b in pairs
            if a != b and a in genes and b in genes
        }
        edges = np.array(sorted(kept), dtype=np.int64).reshape(-1, 2)
        return cls(genes, edges, source)

    @classmethod
    def empty(cls, genes: GeneSpace) -> "InteractionPrior":
        """A prior without any edge."""
        return cls(genes, np.empty((0, 2), dtype=np.int64), "none")

    def adjacency(self) -> "sp.csr_matrix":
        """The symmetric matrix of zeros and ones, with a zero diagonal."""
        import scipy.sparse as sp  # not needed to predict

        where = tuple(self.both_ways().T)
        ones = np.ones(2 * len(self.edges), dtype=np.float32)
        return sp.csr_matrix((ones, where), shape=(len(self.genes), len(self.genes)))

    def both_ways(self) -> Int[np.ndarray, "d 2"]:
        """Each edge from both its genes, in the order of the first and then of the second."""
        both = np.concatenate([self.edges, self.edges[:, ::-1]])
        return both[np.lexsort((both[:, 1], both[:, 0]))]

    def degree(self) -> Int[np.ndarray, " g"]:
        """The number of partners of each gene."""
        return np.bincount(self.edges.ravel(), minlength=len(self.genes))

    def restrict(self, genes: GeneSpace) -> "InteractionPrior":
        """The prior on some of its genes, in the order of the new space.

        Raises:
            GeneSpaceError: if a gene is not in this prior's space.
        """
        self.genes.positions(genes.symbols)
        return self.between(genes)

    def between(self, genes: GeneSpace) -> "InteractionPrior":
        """The prior on other genes, in their order; a gene that it does not know has no partner."""
        names = self.genes.symbols
        return InteractionPrior.from_pairs(genes, ((names[a], names[b]) for a, b in self.edges), self.source)

    def rewired(self, seed: int, swaps_per_edge: int = 10) -> "InteractionPrior":
        """A random network with the same degree of every gene (double edge swaps, Maslov and Sneppen 2002).

        Source: doi:10.1126/science.1065103.
        """
        generator = np.random.default_rng(seed)
        edges = [tuple(edge) for edge in self.edges.tolist()]
        present = set(edges)
        for _ in range(swaps_per_edge * len(edges)):
            i, j = generator.integers(len(edges), size=2)
            (a, b), (c, d) = edges[i], edges[j]
            if generator.random() < 0.5:
                c, d = d, c
            first, second = tuple(sorted((a, d))), tuple(sorted((c, b)))
            if len({a, b, c, d}) < 4 or first in present or second in present:
                continue
            present -= {edges[i], edges[j]}
            edges[i], edges[j] = first, second
            present |= {first, second}
        rewired = np.array(sorted(present), dtype=np.int64).reshape(-1, 2)
        return InteractionPrior(self.genes, rewired, f"{self.source}, rewired (seed {seed})")
