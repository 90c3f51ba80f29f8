"""What an experiment of the paper came to: claims with verdicts, tables, figures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

    from drugripple.recipes.reproduce.workshop import Workshop


class Verdict(StrEnum):
    """How a claim fares."""

    REPRODUCED = "reproduced"
    DIFFERS = "differs"
    OPEN = "cannot be said"
    """The difference is within chance, or of too few folds for a test."""
    NEEDS_DATA = "needs data"


class Claim(NamedTuple):
    """A sentence of the paper, what it prints, and what came out here."""

    claim: str
    published: str
    ours: str
    verdict: Verdict
    control: str
    """What the null came to, which decides whether the figure means anything."""
    needs: str = ""
    """The command that brings the data which the paper's own comparison needs; blank if all is here."""


class Drawing(NamedTuple):
    """A figure and the sentence under it."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Finding:
    """The outcome of one experiment."""

    claims: tuple[Claim, ...]
    prose: tuple[str, ...] = ()
    tables: Mapping[str, "pd.DataFrame"] = field(default_factory=dict)
    """Tables by file name, without an ending."""
    figures: Mapping[str, Drawing] = field(default_factory=dict)
    """Figures by file name, without an ending."""


@dataclass(frozen=True)
class Item:
    """A table or figure of the paper that can be done again."""

    name: str
    place: str
    """Where the paper has it."""
    title: str
    module: str
    """The file of `recipes.reproduce` whose function `reproduce` does it."""
    full: str
    """What a full run costs on two cores, in words."""

    def work(self) -> "Callable[[Workshop], Finding]":
        """The function that does it, imported when it is asked for."""
        from importlib import import_module

        return import_module(f"drugripple.recipes.reproduce.{self.module}").reproduce


ITEMS: Mapping[str, Item] = {
    item.name: item
    for item in (
        Item("fig4", "Figure 4, Table S7", "Patients of TCGA: responders against non-responders", "fig4", "minutes"),
        Item("fig3", "Figure 3, Tables S4 and S5", "Attention maps and mechanism of action", "fig3", "half an hour"),
        Item("table-s6", "Table S6", "Differential expression of predicted profiles", "table_s6", "minutes"),
        Item("fig-s1", "Figure S1", "Zero-shot: do sensitive lines move farther?", "fig_s1", "minutes"),
        Item("table-s2", "Table S2", "NCI-60", "table_s2", "hours"),
        Item("table-s3", "Table S3", "Prediction of L1000 profiles", "table_s3", "hours"),
        Item("fig2", "Figure 2", "Ablations: pretraining, freezing, prior, attention", "fig2", "a night"),
        Item("pretraining", "Section 4.2", "What pretraining brings, by share of the corpus", "pretraining", "a day"),
        Item("table-s1", "Table S1", "Search of hyper-parameters", "table_s1", "hours"),
    )
}
"""Every experiment, the quickest first."""
SAME: Mapping[str, str] = {"table-s7": "fig4", "table-s4": "fig3", "table-s5": "fig3", "fig-s2": "fig3"}
"""Tables and figures that another item makes, too."""
