"""Over-representation of gene sets in a list of genes: what Enrichr computes, with the background stated.

A list can only hold genes that were assayed. Against a background of all genes, sets that the assay favours look
enriched in any list, random ones included; `false_positives` measures how often.

Source: paper sections 4.3 and 4.4 (Enrichr, WikiPathways). Differs: the background is the assayed genes unless a number
is given; the paper does not say which it took, and Enrichr's own is about 20,000.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int
from scipy import stats

from drugripple.errors import TableError
from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.genes.space import GeneSpace

ENRICHR = 20_000
"""Number of genes that Enrichr takes for the background."""
FEWEST_IN_SET = 5
GeneSets = Mapping[str, tuple[str, ...]]
COLUMNS = ("set", "overlap", "size", "p", "q", "genes")


class FalsePositives(NamedTuple):
    """What random lists come to."""

    lists: float
    """Share of random lists with a set below the level."""
    sets: float
    """Mean number of sets below the level in a list."""


def over_represented(
    genes: Iterable[str], sets: GeneSets, background: GeneSpace | int, *, fewest: int = FEWEST_IN_SET
) -> pd.DataFrame:
    """Gene sets that share more genes with a list than chance gives, the lowest p first.

        p = P(X ≥ overlap),    X hypergeometric: `list` draws from the background, of which `size` are in the set

    Sets without a shared gene are not tested, as with Enrichr; q adjusts over the sets tested (Benjamini and Hochberg).

    Args:
        genes: the list.
        sets: the members of each gene set.
        background: the assayed genes, to which list and sets are cut, or the number of all genes, for sets as they are.
        fewest: sets with fewer members in the background are left out.

    Raises:
        TableError: if no gene of the list is in the background.
    """
    chosen = set(genes)
    total = background if isinstance(background, int) else len(background)
    if not isinstance(background, int):
        chosen = {gene for gene in chosen if gene in background}
        sets = {name: tuple(gene for gene in members if gene in background) for name, members in sets.items()}
    if not chosen:
        message = "none of the listed genes is in the background; name genes as the gene sets and the assay do"
        raise TableError(message)
    rows = []
    for name, members in sets.items():
        shared = sorted(chosen & set(members))
        if len(members) >= fewest and shared:
            rows.append((name, len(shared), len(members), ", ".join(shared)))
    table = pd.DataFrame(rows, columns=["set", "overlap", "size", "genes"])
    overlap, size = table["overlap"].to_numpy(np.int64), table["size"].to_numpy(np.int64)
    table["p"] = _tail(overlap, total, size, len(chosen))
    table["q"] = false_discovery_rate(table["p"].to_numpy(np.float64))
    return table.sort_values(["p", "set"], ignore_index=True)[list(COLUMNS)]


def false_positives(
    sets: GeneSets,
    universe: GeneSpace,
    size: int,
    background: GeneSpace | int,
    *,
    draws: int = 200,
    level: float = 0.05,
    seed: int = 0,
) -> FalsePositives:
    """How many sets random lists of some size, drawn from the universe, seem to be enriched in.

    Against the background that the lists are drawn from, the share of lists is at most the level.
    """
    generator = np.random.default_rng(seed)
    whole = isinstance(background, int)
    kept = {
        name: members
        for name, members in sets.items()
        if len(members if whole else [gene for gene in members if gene in universe]) >= FEWEST_IN_SET
    }
    member = _membership(kept, universe)
    sizes = np.array([len(members) for members in kept.values()]) if whole else member.sum(axis=1)
    total = background if isinstance(background, int) else len(background)
    hits = np.zeros(draws)
    for number in range(draws):
        overlap = member[:, generator.choice(len(universe), size, replace=False)].sum(axis=1)
        p_value = np.where(overlap > 0, _tail(overlap, total, sizes, size), np.nan)
        hits[number] = (false_discovery_rate(p_value) < level).sum()
    return FalsePositives(float((hits > 0).mean()), float(hits.mean()))


def _membership(sets: GeneSets, universe: GeneSpace) -> Bool[np.ndarray, "s g"]:
    member = np.zeros((len(sets), len(universe)), dtype=bool)
    for row, members in enumerate(sets.values()):
        member[row, universe.positions([gene for gene in dict.fromkeys(members) if gene in universe])] = True
    return member


def _tail(
    overlap: Int[np.ndarray, " s"], total: int, size: Int[np.ndarray, " s"], listed: int
) -> Float[np.ndarray, " s"]:
    return stats.hypergeom.sf(overlap - 1, total, size, listed)
