"""Rows that sum samples up are no samples, a renamed second column is the gene once more, ids are no genes."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.errors import GeneSpaceError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression

LANDMARKS = SymbolMap.landmarks()
GENES = LANDMARKS.space.symbols[:41]
SUMMARIES = {
    "Mean": "mean",
    "AVERAGE": "mean",
    "Total": "sum",
    "Grand Total": "sum",
    "median": "median",
    "SD": "std",
    "St. Dev.": "std",
    "Max.": "max",
    "Row sum": "sum",
}


def cohort(seed: int, samples: int) -> pd.DataFrame:
    values = np.random.default_rng(seed).uniform(2.5, 13, (samples, len(GENES))).round(4)
    return pd.DataFrame(values, index=pd.Index([f"L-{i}" for i in range(samples)]), columns=pd.Index(GENES))


def read_back(table: pd.DataFrame, suffix: str, *, index: bool = True):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"x.{suffix}"
        table.to_parquet(path, index=index) if suffix == "parquet" else table.to_csv(path, index=index)
        return read_expression(path, wanted=LANDMARKS.space)


@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(2, 9),
    words=st.sets(st.sampled_from(sorted(SUMMARIES)), min_size=1, max_size=3),
    flipped=st.booleans(),
    suffix=st.sampled_from(["csv", "parquet"]),
)
@settings(max_examples=14, deadline=None)
def test_summaries_of_samples_are_set_aside_and_told(
    seed: int, samples: int, words: set[str], flipped: bool, suffix: str
) -> None:
    clean = cohort(seed, samples)
    table = pd.concat([clean, *(clean.agg([SUMMARIES[word]]).set_axis([word]) for word in sorted(words))])
    read = read_back(table.T if flipped else table, suffix)
    assert read.samples == tuple(clean.index)
    np.testing.assert_array_equal(read.values, clean.to_numpy(np.float32))
    assert any("no sample" in note and all(f"'{word}'" in note for word in words) for note in read.notes)


@given(
    seed=st.integers(0, 2**32 - 1),
    chosen=st.sets(st.integers(0, len(GENES) - 1), min_size=1, max_size=4),
    ending=st.sampled_from([".1", ".2", "...57"]),
    flipped=st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_a_gene_beside_its_renamed_double_is_a_duplicate(
    seed: int, chosen: set[int], ending: str, flipped: bool
) -> None:
    table = cohort(seed, 5)
    for i in sorted(chosen):
        table[f"{GENES[i]}{ending}"] = table[GENES[i]] + 0.25
    with pytest.raises(GeneSpaceError, match=rf"{len(chosen)} gene(s)? appear(s)? more than once") as caught:
        read_expression(table.T if flipped else table, wanted=LANDMARKS.space)
    assert f"{GENES[min(chosen)]}{ending}" in str(caught.value)


def test_names_that_readr_numbered_are_no_dates() -> None:
    """`JUN...46` is the gene JUN, not a day in June."""
    names = pd.Index([f"{gene}...{i + 1}" for i, gene in enumerate(("JUN", "MYC", "TP53"))])
    table = pd.DataFrame(np.linspace(3, 9, 9).reshape(3, 3), columns=names)
    assert set(read_expression(table, wanted=LANDMARKS.space).genes.symbols) == {"JUN", "MYC", "TP53"}


def test_versions_of_clones_are_no_doubles() -> None:
    table = cohort(0, 3).assign(**{"AC011043.1": 3.0, "RP11-34P13.7": 4.5})
    assert len(read_expression(table, wanted=LANDMARKS.space).genes) == len(GENES)


@given(
    header=st.sampled_from(["mouse_no", "Participant", "Kennung", "proband", "lab_ref", "subject"]),
    first=st.integers(0, 10**9),
    step=st.integers(1, 7),
    suffix=st.sampled_from(["csv", "parquet", "frame"]),
)
@settings(max_examples=15, deadline=None)
def test_whole_numbers_in_front_name_samples_under_any_header(header: str, first: int, step: int, suffix: str) -> None:
    ids = [first + 3 + step * i * (i + 1) for i in range(6)]
    clean = cohort(first, 6)
    table = clean.reset_index(drop=True)
    table.insert(0, header, ids)
    read = (
        read_expression(table, wanted=LANDMARKS.space) if suffix == "frame" else read_back(table, suffix, index=False)
    )
    assert read.samples == tuple(map(str, ids))
    assert header in ("Participant", "subject") or any(f"the numbers of '{header}'" in note for note in read.notes)
    np.testing.assert_array_equal(read.values, clean.to_numpy(np.float32))
