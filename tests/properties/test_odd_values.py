"""One wrong cell, or some samples on another scale, are named and refused; clean matrices pass."""

from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drugripple.data.tables import ExpressionScale
from drugripple.errors import DrugrippleError, ScaleError, TableError
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.expression import read_expression
from drugripple.sources.user.mixed_samples import by_logarithm

LANDMARKS = SymbolMap.landmarks()
GENES = LANDMARKS.space.symbols[:151]
WANTED = LANDMARKS.space.__class__(GENES)
SCALES = ("rma", "log2 tpm", "xena", "robust z")
SEEDS = st.integers(0, 2**32 - 1)


def cohort(seed: int, scale: str, samples: int) -> pd.DataFrame:
    """Genes with levels of their own and samples that differ little, as cell lines do."""
    generator = np.random.default_rng(seed)
    noise = generator.normal(0, 0.7, (samples, len(GENES)))
    if scale == "rma":
        values = np.clip(generator.uniform(3, 12.5, len(GENES)) + noise, 2.1, 14.2)
    elif scale == "robust z":
        values = noise / 0.7
    else:
        tpm = np.exp2(generator.normal(4, 2.5, len(GENES)) + noise) * (generator.random(noise.shape) > 0.1)
        values = np.log2(tpm + (1 if scale == "log2 tpm" else 0.001))
    return pd.DataFrame(values, index=[f"L-{i}" for i in range(samples)], columns=pd.Index(GENES))


@given(seed=SEEDS, scale=st.sampled_from(SCALES), samples=st.integers(3, 23))
@settings(max_examples=15, deadline=None)
def test_a_clean_cohort_passes(seed: int, scale: str, samples: int) -> None:
    read = read_expression(cohort(seed, scale, samples), wanted=WANTED)
    assert read.scale.endswith("_z") == (scale == "robust z")


@given(
    seed=SEEDS,
    scale=st.sampled_from(SCALES),
    samples=st.integers(3, 23),
    slip=st.sampled_from([999_999.0, 1e6, 7512.3, 101.5, -999.0, -9999.0, 3.4e38]),
    flipped=st.booleans(),
    data=st.data(),
)
@settings(max_examples=20, deadline=None)
def test_one_absurd_cell_is_named(
    seed: int, scale: str, samples: int, slip: float, flipped: bool, data: st.DataObject
) -> None:
    table = cohort(seed, scale, samples)
    row, column = data.draw(st.integers(0, samples - 1)), data.draw(st.integers(0, len(GENES) - 1))
    table.iloc[row, column] = slip
    with pytest.raises(
        DrugrippleError, match=f"{slip:.6g} for sample 'L-{row}', gene '{GENES[column]}'".replace("+", r"\+")
    ):
        read_expression(table.T if flipped else table, wanted=WANTED)


@given(
    seed=SEEDS,
    scale=st.sampled_from(SCALES[:2]),
    samples=st.integers(4, 23),
    base=st.sampled_from([np.e, 10.0]),
    data=st.data(),
)
@settings(max_examples=15, deadline=None)
def test_samples_in_another_logarithm_are_named(
    seed: int, scale: str, samples: int, base: float, data: st.DataObject
) -> None:
    table = cohort(seed, scale, samples)
    odd = sorted(data.draw(st.sets(st.integers(0, samples - 1), min_size=1, max_size=(samples - 1) // 2)))
    table.iloc[odd] *= log(2) / log(base)
    with pytest.raises(ScaleError, match=r"as log2 and (ln|log10) do") as caught:
        read_expression(table, wanted=WANTED)
    for i in odd[:5]:
        assert f"'L-{i}'" in str(caught.value)
    stated = ExpressionScale.RMA if scale == "rma" else ExpressionScale.LOG2_TPM
    assert any(
        "logarithm" in note or "as log2 and" in note
        for note in read_expression(table, wanted=WANTED, scale=stated).notes
    )


def test_a_sample_without_values_hides_no_other_logarithm_and_warns_of_nothing() -> None:
    table = cohort(0, "rma", 8)
    table.iloc[5] *= log(2)
    table.iloc[2] = np.nan
    values, every = table.to_numpy(np.float64), np.ones(table.shape[1], dtype=bool)
    name, rows = by_logarithm(values, every)
    assert (name, rows.tolist()) == ("log2 and ln", [5])
    assert by_logarithm(values[2:3], every)[0] == by_logarithm(values[:0], every)[0] == ""


@pytest.mark.parametrize(
    ("turned", "told"),
    [
        (lambda row: np.exp2(row), r"1 sample holds numbers above 30, the others logarithms: \['L-2'\]"),
        (lambda row: np.round(np.exp2(row)), r"1 sample holds whole numbers, the others logarithms: \['L-2'\]"),
        (
            lambda row: (row - row.mean()) / row.std(),
            r"1 sample holds numbers on both sides of 0, the others logarithms",
        ),
    ],
    ids=["linear", "counts", "z"],
)
def test_a_sample_of_another_kind_is_named(turned, told: str) -> None:
    table = cohort(0, "rma", 7)
    table.iloc[2] = turned(table.iloc[2])
    with pytest.raises(ScaleError, match=told):
        read_expression(table, wanted=WANTED)


def test_a_value_that_alone_decides_the_scale_is_named_and_a_stated_scale_settles_it() -> None:
    """17.5 lies beyond what a scanner reads: with it the file seems to hold vst, without it rma."""
    table = cohort(0, "rma", 7)
    table.iloc[3, 5] = 17.5
    with pytest.raises(TableError, match=r"17\.5 for sample 'L-3'.*with it the file seems to hold vst, without it rma"):
        read_expression(table, wanted=WANTED)
    assert read_expression(table, wanted=WANTED, scale="rma").scale == ExpressionScale.RMA


def test_tpm_above_a_million_contradicts_itself() -> None:
    table = np.exp2(cohort(0, "rma", 7))
    table.iloc[3, 5] = 2e6
    with pytest.raises(ScaleError, match=r"values up to 2e\+06 exceed the million"):
        read_expression(table, wanted=WANTED, scale="tpm")


@pytest.mark.parametrize("mark", [0.0, -1.0, -9.0, -999.0])
@pytest.mark.parametrize("share", [0.01, 0.03, 0.12])
def test_marks_of_missing_values_are_no_expression(mark: float, share: float) -> None:
    table = cohort(0, "rma", 11)
    table = table.mask(np.random.default_rng(1).random(table.shape) < share, mark)
    with pytest.raises(ScaleError, match=rf"values are {mark:g} and no other is below 2.*seem to mark missing"):
        read_expression(table, wanted=WANTED)


def test_one_zero_among_array_values_is_told() -> None:
    table = cohort(0, "rma", 11).clip(lower=2.1, upper=14.2) + np.random.default_rng(3).uniform(
        0, 0.01, (11, len(GENES))
    )
    table.iloc[4, 7] = 0
    assert any(f"0 for sample 'L-4', gene '{GENES[7]}'" in note for note in read_expression(table, wanted=WANTED).notes)


def test_a_sample_that_lies_above_all_others_is_told() -> None:
    table = cohort(0, "rma", 11)
    table.iloc[4] += 2
    notes = read_expression(table, wanted=WANTED).notes
    assert any("1 sample lies above or below the others at most genes: ['L-4: +2.0']" in note for note in notes)


@pytest.mark.parametrize("flipped", [False, True])
def test_a_sample_whose_values_stand_under_other_genes_is_refused(flipped: bool) -> None:
    table = cohort(0, "rma", 11)
    table.iloc[4] = table.iloc[4].to_numpy()[np.random.default_rng(2).permutation(len(GENES))]
    with pytest.raises(TableError, match=r"1 (row|column) is unlike all other samples.*'L-4'"):
        read_expression(table.T if flipped else table, wanted=WANTED)
