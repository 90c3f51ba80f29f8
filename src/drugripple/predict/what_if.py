"""What a model would answer if something were different: a gene up or down, an edge gone, another dose or time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.data.measure import Measure
from drugripple.errors import ConfigError, first_five
from drugripple.report.figures import curve
from drugripple.report.group_figures import bars, new_axes, paint_bars
from drugripple.runtime.atomic import whole_folder, write_csv, write_text

if TYPE_CHECKING:
    import matplotlib.axes

    from drugripple.data.tables import CompoundTable
    from drugripple.predict.default import DefaultModel
    from drugripple.predict.own_samples import OwnSamples

STRONGEST = 5
"""Genes that are changed where none is named."""
TABLE = "what_if.csv"


class Change(StrEnum):
    """What is different."""

    GENE = "gene"
    """Expression of one gene; `change` in standard deviations among training samples."""
    EDGE = "edge"
    """An interaction of the network's prior is removed; `change` is missing."""
    DOSE = "dose"
    """`change` is the dose in micromolar."""
    TIME = "time"
    """`change` is the time of treatment in hours."""


UNITS = {Change.GENE: "change of the gene (SD)", Change.DOSE: "dose (µM)", Change.TIME: "time (h)"}


@dataclass(frozen=True, eq=False)
class WhatIf:
    """Answers for one sample and one compound under changes; made by the `what_if` of a model.

    It says what the model does, not what a cell would do: the model learnt from cells as they are, in which genes move
    together, and nothing in its training was ever changed alone.
    """

    sample: str
    compound: str
    measure: Measure
    response: float
    """Without any change."""
    table: pd.DataFrame
    """kind (a `Change`), what, change, response, difference (from the answer without any change)."""
    notes: tuple[str, ...] = ()

    def kinds(self) -> tuple[Change, ...]:
        """What was changed."""
        return tuple(Change(kind) for kind in self.table["kind"].unique())

    def figure(self, kind: str) -> str:
        """SVG of one kind of change: curves, or bars of removed edges."""
        part, label = self.table[self.table["kind"] == kind], f"predicted {self.measure.value}"
        if kind == Change.EDGE:
            return bars(dict(zip(part["what"], part["difference"], strict=True)), f"difference of {label}")
        steps = np.unique(part["change"].to_numpy(np.float64))
        lines = {what: some.sort_values("change")["response"].to_numpy(np.float64) for what, some in _curves(part)}
        return curve(
            steps, lines, x_label=UNITS[Change(kind)], y_label=label, levels={"unchanged": self.response},
        )  # fmt: skip

    def plot(self, kind: str = "", axes: "matplotlib.axes.Axes | None" = None) -> "matplotlib.axes.Axes":
        """The same as `figure` on axes of yours or new ones; `kind` may be left out where there is one.

        Raises:
            ConfigError: if no kind is named, and there are several.
        """
        kinds = self.kinds()
        if not kind and len(kinds) != 1:
            shown = first_five([one.value for one in kinds])
            message = f"there are {len(kinds)} kinds of change: {shown}; name one, as in plot({kinds[0].value!r})"
            raise ConfigError(message)
        kind, axes = kind or kinds[0], new_axes() if axes is None else axes
        part, label = self.table[self.table["kind"] == kind], f"predicted {self.measure.value}"
        if kind == Change.EDGE:
            paint_bars(axes, dict(zip(part["what"], part["difference"], strict=True)), f"difference of {label}")
            return axes
        for what, some in _curves(part):
            ordered = some.sort_values("change")
            axes.plot(ordered["change"], ordered["response"], marker="o", label=what)
        axes.axhline(self.response, color="black", lw=1, ls=":")
        axes.set(xlabel=UNITS[Change(kind)], ylabel=label)
        axes.legend()
        return axes

    def write(self, folder: str | Path) -> Path:
        """Write what_if.csv and one svg per kind of change; returns the table.

        Raises:
            OutputError: if the system refuses a write.
        """
        with whole_folder(Path(folder), replace=True) as part:
            write_csv(part / TABLE, self.table)
            for kind in self.kinds():
                write_text(part / f"{kind.value}.svg", self.figure(kind))
        return Path(folder) / TABLE

    def _repr_html_(self) -> str:
        """The table in a notebook."""
        caption = escape(f"{self.compound} in {self.sample}, {self.measure.value} {self.response:.3f} without change")
        return self.table.style.format(precision=3, escape="html").set_caption(caption).to_html()


def _curves(part: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    return ((str(what), some) for what, some in part.groupby("what", sort=False))


def change_rows(
    kind: Change,
    what: str,
    changes: Float[np.ndarray, " k"],
    responses: Float[np.ndarray, " k"],
    unchanged: float,
) -> pd.DataFrame:
    """Rows of `WhatIf.table`."""
    return pd.DataFrame(
        {
            "kind": kind.value,
            "what": what,
            "change": changes,
            "response": responses,
            "difference": responses - unchanged,
        }
    )


def what_if_genes(
    model: "DefaultModel",
    asked: "OwnSamples",
    compound: "CompoundTable",
    genes: Sequence[str],
    *,
    sample: str | None,
    changes: Sequence[float],
) -> WhatIf:
    """Change genes of one sample under the default model; see `DefaultModel.what_if`.

    Raises:
        DrugrippleError: as there.
    """
    from drugripple.predict.explain_prediction import ask
    from drugripple.predict.named_genes import named_genes

    chosen = named_genes(genes, model.calibrated.predictor.traits.kernel.genes, asked.expression.genes)
    question = ask(model, asked, compound, sample)
    response = float(model.calibrated.predict(question.pairs)[0])
    kernel, along = model.calibrated.predictor.traits.kernel, question.grid.along(question.column[:, None])[:, 0]
    if not chosen:
        found = kernel.gene_derivatives(question.one)
        order = np.argsort(-np.abs(found.along(along[:, None])[:, 0]), kind="stable")
        chosen = tuple(found.genes.symbols[row] for row in order[:STRONGEST].tolist())
    steps = np.array([0.0, *changes])
    parts = []
    for gene in chosen:
        moved = kernel.rows_after(question.one, gene, steps) @ along
        parts.append(change_rows(Change.GENE, gene, steps[1:], response + moved[1:] - moved[0], response))
    table = pd.concat(parts, ignore_index=True)
    return WhatIf(question.name, compound.names[0], model.measure, response, table, question.notes)
