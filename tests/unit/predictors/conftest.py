import numpy as np
import pytest

from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.genes.space import GeneSpace

SMILES = ("CCO", "CCCO", "CCCCO", "c1ccccc1", "Cc1ccccc1", "CC(=O)O", "CCC(=O)O")


def rows(table, condition):
    """The rows of a table for which something holds."""
    return table.take(np.flatnonzero(condition))


@pytest.fixture(scope="session")
def world() -> ResponseTable:
    """13 lines x 7 compounds x 5 genes, every pair measured: line + compound + gene 0 x aromatic + noise."""
    rng = np.random.default_rng(11)
    lines, drugs, genes = 13, 7, 5
    values = rng.normal(size=(lines, genes)).astype(np.float32)
    aromatic = np.array(["c1" in s for s in SMILES], dtype=float)
    truth = rng.normal(size=(lines, 1)) + 2 * rng.normal(size=(1, drugs)) + 1.5 * values[:, :1] * aromatic[None, :]
    y = truth + 0.05 * rng.normal(size=truth.shape)
    sample, compound = np.meshgrid(np.arange(lines), np.arange(drugs), indexing="ij")
    return ResponseTable.of(
        ExpressionTable(
            tuple(f"line{i}" for i in range(lines)),
            GeneSpace(tuple(f"G{i}" for i in range(genes))),
            values,
            ExpressionScale.ROBUST_Z,
            tuple("lung" if i % 2 else "skin" for i in range(lines)),
        ),
        CompoundTable.from_smiles(
            SMILES,
            ids=tuple(f"d{i}" for i in range(drugs)),
            names=tuple(f"drug {i}" for i in range(drugs)),
            targets=("A, B", "B", "C", "D", "D", "", "C"),
            mechanism=("x", "x", "y", "z", "z", "", "y"),
        ),
        sample.ravel(),
        compound.ravel(),
        y.ravel(),
    )
