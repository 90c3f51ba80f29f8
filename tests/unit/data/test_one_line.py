"""What a notebook shows of tables: one line, however large they are."""

import numpy as np

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.data.treatments import Treatments
from drugripple.genes.space import GeneSpace


def test_a_table_is_one_line_with_what_it_holds():
    genes = GeneSpace(tuple(f"G{i}" for i in range(3001)))
    samples = tuple(f"s{i}" for i in range(7))
    expression = ExpressionTable(samples, genes, np.zeros((7, 3001), dtype=np.float32), ExpressionScale.RMA)
    compounds = CompoundTable.from_smiles(["C" * i for i in range(1, 8)])
    pairs = Pairs.grid(expression, compounds)
    assert repr(genes) == "GeneSpace(3,001 genes: ['G0', 'G1', 'G2', 'G3', 'G4', …])"
    assert repr(expression) == "ExpressionTable(7 samples x 3,001 genes, rma: ['s0', 's1', 's2', 's3', 's4', …])"
    assert repr(compounds) == "CompoundTable(7 compounds: ['C', 'CC', 'CCC', 'CCCC', 'CCCCC', …])"
    assert repr(ResponseTable(pairs, np.zeros(49))).startswith("ResponseTable(49 values of ln_ic50: ExpressionTable(")
    assert repr(pairs).startswith("Pairs(49 pairs of ExpressionTable(")
    assert repr(Treatments.at(compounds, 1.0, 24.0)).startswith("Treatments(7 treatments with CompoundTable(")
