"""However a table of text is written, its values come back exactly, or one clear error."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.robustness.text import (
    ABOVE,
    DAMAGES,
    DELIMITERS,
    ENCODINGS,
    ENDINGS,
    FIRST,
    FORMS,
    TRAILING,
    Layout,
    save,
    written,
)
from benchmarks.robustness.text import damaged as damage_text
from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

LANDMARKS = SymbolMap.landmarks()
SAMPLES = ("A375", "0012", "patient 3", "NA", "Müller", "paragraph\u2028feed", 'the "best"', "786-0", "K-562")

LAYOUTS = st.builds(
    Layout,
    delimiter=st.sampled_from(DELIMITERS),
    quoted=st.booleans(),
    decimal=st.sampled_from([".", ","]),
    genes_in_rows=st.booleans(),
    form=st.sampled_from(sorted(FORMS)),
    first=st.sampled_from(FIRST),
    trailing=st.sampled_from(TRAILING),
    above=st.sampled_from(ABOVE),
    ending=st.sampled_from(ENDINGS),
    encoding=st.sampled_from(ENCODINGS),
    described=st.booleans(),
    numbered=st.booleans(),
    packed=st.booleans(),
).filter(lambda layout: layout.possible)


@given(layout=LAYOUTS, genes=st.integers(3, 7), samples=st.integers(2, 5), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=300, deadline=None)
def test_every_way_to_write_a_table_gives_the_same_table(layout: Layout, genes: int, samples: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    chosen = [LANDMARKS.genes[i] for i in generator.choice(978, genes, replace=False)]
    names = [SAMPLES[i] for i in generator.choice(len(SAMPLES), samples, replace=False)]
    values = generator.uniform(2, 14, (samples, genes)).round(3)
    values[0, 0] = 0.125 + generator.integers(2, 14)  # a comma before three digits may part thousands
    values[1, 1] = 0.5 + generator.integers(2, 14)
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder), layout, written(layout, chosen, names, values))
        table = read_expression(path, symbols=LANDMARKS, wanted=LANDMARKS.space)
    assert table.samples == tuple(names)
    order = [table.genes.symbols.index(gene.symbol) for gene in chosen]
    np.testing.assert_array_equal(table.values[:, order], values.astype(np.float32))


@given(
    layout=LAYOUTS,
    damage=st.sampled_from(DAMAGES),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=200, deadline=None)
def test_a_damaged_table_is_refused_or_read_right(layout: Layout, damage: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    chosen = [LANDMARKS.genes[i] for i in generator.choice(978, 5, replace=False)]
    names = list(SAMPLES[:4])
    values = generator.uniform(2, 14, (4, 5)).round(2)
    header = (FORMS[layout.form](chosen[-1]), names[-1])
    text = damage_text(written(layout, chosen, names, values), layout, damage, generator, header)
    with tempfile.TemporaryDirectory() as folder:
        path = save(Path(folder), layout, text)
        try:
            table = read_expression(path, symbols=LANDMARKS, wanted=LANDMARKS.space)
        except DrugrippleError as error:
            refusal = str(error)
        else:
            refusal = ""
    if refusal:
        assert len(refusal.splitlines()) == 1
        assert str(path) in refusal
        return
    for gene in chosen:
        if gene.symbol in table.genes:
            column = table.values[:, table.genes.symbols.index(gene.symbol)]
            for sample, value in zip(table.samples, column.tolist(), strict=True):
                if sample in names:
                    truth = values[names.index(sample), chosen.index(gene)]
                    assert value == pytest.approx(truth, abs=1e-6)
