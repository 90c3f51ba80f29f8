"""A sample under wrong genes is found among levels, and no good sample is called odd on any scale."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import DrugrippleError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.odd_samples import out_of_line

LANDMARKS = SymbolMap.landmarks()
GENES = LANDMARKS.space.symbols[:401]


def two_tissues(random: np.random.Generator, main: int, shared: float) -> pd.DataFrame:
    """z-scores by gene of `main` lines of one tissue, whose pairs correlate by `shared`, and of two other lines."""
    tissue = random.normal(0, 1, len(GENES))
    own = random.normal(0, 1, (main + 2, len(GENES)))
    own[:main] = np.sqrt(shared) * tissue + np.sqrt(1 - shared) * own[:main]
    return pd.DataFrame(own.round(4), index=pd.Index([f"line {i}" for i in range(main + 2)]), columns=pd.Index(GENES))


@pytest.mark.parametrize("samples", [6, 11])
def test_a_sample_under_wrong_genes_is_found_among_samples_that_differ_as_cell_lines_do(samples: int) -> None:
    """Ranks of a line agree with the mean of the others at 0.6 to 0.8 in GDSC."""
    random = np.random.default_rng(3)
    level = random.normal(7, 1, 401)
    lines = level + random.normal(0, 1.05, (samples, 401))
    assert not len(out_of_line(lines))
    lines[2] = random.permutation(lines[2])
    assert out_of_line(lines).tolist() == [2]


@pytest.mark.parametrize("scale", ["robust_z", "gene_z", "l1000_z", None])
@pytest.mark.parametrize("shared", [0.2, 0.35, 0.5])
def test_lines_of_another_tissue_are_not_odd_among_z_scores_by_gene(shared: float, scale: str | None) -> None:
    table = two_tissues(np.random.default_rng(5), 10, shared)
    assert read_expression(table, symbols=LANDMARKS, scale=scale).samples == tuple(table.index)


def test_half_of_the_samples_or_more_are_not_odd() -> None:
    random = np.random.default_rng(11)
    five = random.normal(7, 1, 401) + random.normal(0, 0.2, (5, 401))
    others = random.normal(7, 1, (5, 401))
    assert not len(out_of_line(np.concatenate([five, others])))
    assert out_of_line(np.concatenate([five, others[:3]])).tolist() == [5, 6, 7]


def test_a_sample_under_wrong_genes_is_found_among_z_scores_by_sample() -> None:
    random = np.random.default_rng(2)
    lines = random.normal(0, 1, 401) + random.normal(0, 0.4, (7, 401))
    lines = (lines - lines.mean(axis=1, keepdims=True)) / lines.std(axis=1, keepdims=True)
    lines[4] = random.permutation(lines[4])
    table = pd.DataFrame(lines, index=pd.Index([f"line {i}" for i in range(7)]), columns=pd.Index(GENES))
    for scale in ("sample_z", None):
        with pytest.raises(DrugrippleError, match=r"1 row is unlike all other samples.*\['line 4'\]"):
            read_expression(table, symbols=LANDMARKS, scale=scale)


@pytest.mark.shared
def test_draws_of_real_lines_are_read_and_one_under_wrong_genes_is_found(shared_data: Path) -> None:
    """Ten lines of a tissue and two others: as levels, and scaled by gene against all lines of GDSC."""
    rma = pd.read_parquet(shared_data / "gdsc" / "expression.parquet")
    lines = pd.read_parquet(shared_data / "gdsc" / "cell_lines.parquet").set_index("cell_line")
    tissue = lines["tissue"].reindex(rma.index)
    scaled = (rma - rma.mean()) / rma.std()
    random = np.random.default_rng(0)
    for main in tissue.value_counts().index[:12]:
        own, other = (np.flatnonzero(chosen) for chosen in (tissue == main, tissue != main))
        rows = np.concatenate([random.choice(own, 10, replace=False), random.choice(other, 2, replace=False)])
        names = tuple(rma.index[rows])
        assert read_expression(scaled.iloc[rows].round(4), scale="robust_z").samples == names
        assert read_expression(scaled.iloc[rows].round(4)).samples == names
        assert read_expression(rma.iloc[rows], scale="rma").samples == names
        wrong = rma.iloc[rows].copy()
        wrong.iloc[3] = random.permutation(wrong.iloc[3])
        with pytest.raises(DrugrippleError, match="1 row is unlike all other samples") as caught:
            read_expression(wrong, scale="rma")
        assert f"['{names[3]}']" in str(caught.value)
