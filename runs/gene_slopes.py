"""Which genes move the default model's answers, compound by compound, and are they those of the compound's targets?

    python -m runs.gene_slopes --data ../shared/data

Writes to results/default_model:

    top_genes.csv        the genes that stand out for some compounds
    target_genes.csv     do the genes of a compound's annotated targets stand out?

The slope of a gene is that of an explanation, on average over the lines (`mean_slope`, `mean_z`). The model is the
catalogue's `multi_trait_gp_studies`, fitted to all rows: about a minute.
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.evaluation.schemes import Replicates
from drugripple.predictors.multi_trait_gp import MultiTraitGP
from drugripple.predictors.multi_trait_gp.with_studies import with_studies
from drugripple.recipes.folds import MeasuredRows, measured_rows
from drugripple.sources.study_settings import StudySettings
from runs.default_model import keep

SHOWN = (
    "Nutlin-3a (-)",
    "Lapatinib",
    "Topotecan",
    "Tanespimycin",
    "Venetoclax",
    "Trametinib",
    "Dabrafenib",
    "Nilotinib",
)
TOP = (0.001, 0.01, 0.05)
"""Shares of all genes, and so the shares of compounds that chance would place there."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    explained = Explained.of(rows, with_studies(options.data))
    keep("top_genes", top_genes(explained, rows))
    keep("target_genes", target_genes(explained, np.random.default_rng(0)))


class Explained(NamedTuple):
    """How a model of all rows moves with genes, on average over its lines. Axes: g gene, c training compound."""

    genes: tuple[str, ...]
    z: np.ndarray
    """Mean slopes [g c] in standard deviations of chance: `mean_z` of an explanation."""
    parents: tuple[str, ...]
    targets: tuple[str, ...]

    @classmethod
    def of(cls, rows: MeasuredRows, model: MultiTraitGP) -> "Explained":
        """Fit and take every compound's slopes."""
        model.fit(rows.table, rows.table.take(np.arange(0)), seed=0)
        traits = model.traits
        grid = traits.teaching(trained=False)
        found = traits.kernel.gene_derivatives(traits.kernel.training.take(np.array([0])))
        every = np.eye(len(traits.compounds))
        chance = np.column_stack([grid.chance_deviation(found.mean_along, column) for column in every])
        parents = tuple(molecule.parent for molecule in traits.compounds.molecules)
        return cls(found.genes.symbols, found.mean_along(grid.along(every)) / chance, parents, traits.compounds.targets)


def top_genes(explained: Explained, rows: MeasuredRows, number: int = 8) -> pd.DataFrame:
    """The genes that stand out most for some compounds; the sign is that of the slope of ln IC50."""
    parent_of = dict(zip(rows.table.compounds.names, rows.table.compounds.smiles, strict=True))
    found = []
    for name in SHOWN:
        z = explained.z[:, explained.parents.index(parent_of[name])]
        order = np.argsort(-np.abs(z), kind="stable")[:number]
        genes = ", ".join(f"{explained.genes[row]} {'up' if z[row] > 0 else 'down'}" for row in order.tolist())
        found.append({"compound": name, "genes": genes, "largest_z": float(np.abs(z[order[0]]))})
    return pd.DataFrame(found)


def target_genes(explained: Explained, generator: np.random.Generator) -> pd.DataFrame:
    """Rank of a compound's target genes among all by |mean_z|; the control takes another compound's targets."""
    place = {symbol: row for row, symbol in enumerate(explained.genes)}
    targets = [[place[part.strip()] for part in text.split(",") if part.strip() in place] for text in explained.targets]
    known = np.array([row for row, genes in enumerate(targets) if genes])
    best, dealt = [], []
    for compound, other in zip(known.tolist(), generator.permutation(known).tolist(), strict=True):
        size = np.abs(explained.z[:, compound])
        rank = (np.argsort(np.argsort(-size, kind="stable"), kind="stable") + 1) / len(size)
        best.append(min_of_uniform(rank[targets[compound]]))
        dealt.append(min_of_uniform(rank[targets[other]]))
    shares = {f"within_{level:g}": [float(np.mean(np.array(each) <= level)) for each in (best, dealt)] for level in TOP}
    own = {
        "genes": ["own targets", "targets of another compound"],
        "compounds": len(known),
        "measured_genes": len(place),
    }
    return pd.DataFrame(own | shares)


def min_of_uniform(shares: np.ndarray) -> float:
    """P-value of the best of several ranks: as small as a single one only by as much as several give."""
    return float(1 - (1 - shares.min()) ** len(shares))


if __name__ == "__main__":
    main()
