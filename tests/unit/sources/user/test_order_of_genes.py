"""The order of genes in a file, which tells where names were shifted, is kept where that is asked for."""

import numpy as np
import pandas as pd

from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression


def test_genes_keep_the_order_of_the_file_where_that_is_asked_for() -> None:
    space = SymbolMap.landmarks().space
    symbols = space.symbols[59::-1]
    values = np.random.default_rng(0).uniform(2.5, 13, (2, 60))
    frame = pd.DataFrame(values, index=["A", "B"], columns=pd.Index(symbols))
    assert read_expression(frame, wanted=space).genes.symbols == symbols[::-1]
    found = read_expression(frame, wanted=space, as_in_file=True)
    assert found.genes.symbols == symbols
    np.testing.assert_allclose(found.values, values, rtol=1e-6)
