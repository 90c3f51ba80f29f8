"""Results as tables that a report prints."""

from typing import TYPE_CHECKING

from drugripple.report.document import Column, Table

if TYPE_CHECKING:
    import pandas as pd


INTERACTION = Column("interaction score", ".2f")
SENSITIVITY = Column("sensitivity", ".3f")


def pair_table(pairs: "pd.DataFrame", caption: str = "", score: Column = INTERACTION) -> Table:
    """The strongest gene pairs, as `interpretation.pairs.top_pairs` ranks them."""
    columns = (
        Column("rank", "d"),
        Column("gene"),
        Column("gene "),
        score,
        Column("known in STRING"),
    )
    ranks, scores = pairs["rank"].astype(int).tolist(), pairs["score"].astype(float).tolist()
    first, second = pairs["gene_a"].astype(str).tolist(), pairs["gene_b"].astype(str).tolist()
    known = pairs["in_prior"].astype(bool).tolist()
    return Table(columns, tuple(zip(ranks, first, second, scores, known, strict=True)), caption)
