"""The arithmetic of a screen: plans, top lists, memory."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from drugripple.data.measure import Measure
from drugripple.errors import ConfigError
from drugripple.predict.screen.conditions import condition_notes
from drugripple.predict.screen.plan import ScreenFolder, ScreenPlan, compounds_per_shard, write_sealed_table
from drugripple.predict.screen.run import disk_bytes
from drugripple.predict.screen.settings import ScreenMode
from drugripple.predict.screen.shard import COMPOUNDS, WORD, ShardValues, write_full
from drugripple.predict.screen.top import best_of, merged

PLAN = ScreenPlan(model="m", library="l", expression="e", samples=7, compounds_per_shard=3, library_rows=11)


def test_a_plan_by_hand():
    """Eleven compounds in shards of three: 3, 3, 3 and 2; times seven samples are 77 pairs."""
    assert (PLAN.pairs, PLAN.shards) == (77, 4)
    assert [PLAN.rows_of(shard) for shard in range(4)] == [3, 3, 3, 2]


@pytest.mark.parametrize(
    ("pairs", "samples", "compounds"), [(100, 7, 14), (98, 7, 14), (97, 7, 13), (1, 7, 1), (10**9, 1, 4096)]
)
def test_a_shard_holds_whole_compounds(pairs, samples, compounds):
    assert compounds_per_shard(pairs, samples) == compounds


def test_disk_by_hand():
    """Full: 77 pairs at 4.1 bytes. Top 2: two pairs of 16 bytes in each of four shards, for seven samples."""
    assert disk_bytes(PLAN.model_copy(update={"mode": ScreenMode.FULL})) == pytest.approx(315.7)
    assert disk_bytes(PLAN.model_copy(update={"top": 2})) == 16 * 7 * 2 * 4


def test_plans_differ_by_what_was_asked_and_not_by_what_was_counted():
    assert PLAN.differences(PLAN.model_copy(update={"library_rows": 5})) == []
    assert PLAN.differences(PLAN.model_copy(update={"top": 5, "versions": {"torch": "1"}})) == ["top", "versions"]


def test_a_damaged_plan_is_refused(tmp_path):
    (tmp_path / "plan.json").write_text('{"model": 3')
    with pytest.raises(ConfigError, match="not a plan of this version"):
        ScreenFolder(tmp_path).refuse_other(PLAN)


def test_doses_and_times_that_no_network_saw_are_counted_over_all_shards(tmp_path):
    """Two shards of three and two rows; the third row has a reason and no dose."""
    folder, plan = ScreenFolder(tmp_path), PLAN.model_copy(update={"library_rows": 5})
    doses, hours = [10.0, 5000.0, np.nan, 0.001, 0.0001], [24.0, 24.0, np.nan, 900.0, 6.0]
    names = [f"d{row}" for row in range(5)]
    rows = pa.table(
        [
            pa.array(range(2, 7)), *(pa.array(names).cast(WORD) for _ in range(3)), pa.array(doses, pa.float32()),
            pa.array(hours, pa.float32()), pa.array([False] * 5), pa.array(["", "", "why", "", ""]),
        ],
        schema=COMPOUNDS,
    )  # fmt: skip
    for shard, part in enumerate((rows.slice(0, 3), rows.slice(3))):
        write_sealed_table(folder.compounds(shard), part)
    assert list(condition_notes(folder, plan)) == [
        "2 values of dose_um are outside the 0.001 to 100 micromolar that networks are trained on: "
        "['d1 on line 3: 5000', 'd4 on line 6: 0.0001']",
        "1 value of hours is outside the 6 to 72 hours that networks are trained on: ['d3 on line 5: 900']",
    ]


FEW = st.sampled_from([-1.5, 0.0, 0.25, 7.0])
"""Few values, so that most are tied."""


RESPONSES = partial(arrays.arrays, shape=st.tuples(st.integers(1, 3), st.integers(1, 23)), elements=FEW)
CUTS = (st.integers(1, 30), st.integers(1, 9), st.sampled_from([(Measure.AUC, 1), (Measure.ACTIVITY_AREA, -1)]))


def best_by_parts(values, top, per_shard, measure, percentile=None):
    cuts = [slice(at, at + per_shard) for at in range(0, values.shape[1], per_shard)]
    ranked = [None if percentile is None else percentile[:, cut] for cut in cuts]
    found = zip(cuts, ranked, strict=True)
    parts = [best_of(values[:, cut], number, top, measure, rank) for number, (cut, rank) in enumerate(found)]
    return merged(parts, top, measure)


@settings(max_examples=60, deadline=None)
@given(RESPONSES(np.float32), *CUTS)
def test_merged_parts_are_the_first_of_a_full_sort(values, top, per_shard, asked):
    """Python sorts whole rows of (value, line); ours never sees more than a shard. Activity: the highest first."""
    measure, sign = asked
    best = best_by_parts(values, top, per_shard, measure)
    for sample, row in enumerate(values.tolist()):
        expected = [(sign * value, line) for value, line in sorted((sign * v, i) for i, v in enumerate(row))[:top]]
        lines = (best.shard[sample] * per_shard + best.row[sample]).tolist()
        assert list(zip(best.value[sample].tolist(), lines, strict=True)) == expected


@given(RESPONSES(np.float64), *CUTS)
def test_merged_parts_are_the_first_of_a_full_sort_by_percentile_and_value(values, top, per_shard, asked):
    measure, sign = asked
    percentile = np.abs(values) // 2
    best = best_by_parts(values, top, per_shard, measure, percentile)
    for sample in range(len(values)):
        keys = [(sign * percentile[sample, i], sign * values[sample, i], i) for i in range(values.shape[1])]
        lines = (best.shard[sample] * per_shard + best.row[sample]).tolist()
        assert lines == [line for *_, line in sorted(keys)[:top]]
        assert best.percentile[sample].tolist() == percentile[sample, lines].tolist()


def test_a_full_shard_takes_little_more_than_its_numbers(tmp_path):
    """1,009 compounds with 499 samples: labels cost under a fortieth of the 4 bytes a pair."""
    compounds, samples = 1009, 499
    words = pa.array([f"CHEMBL{number}" for number in range(compounds)])
    word, one = words.dictionary_encode(), pa.array(np.full(compounds, 10.0, dtype=np.float32))
    columns = [
        pa.array(np.arange(compounds)), word, word, word, one, one,
        pa.array(np.zeros(compounds, dtype=bool)), pa.array([""] * compounds),
    ]  # fmt: skip
    values = np.random.default_rng(0).standard_normal((samples, compounds)).astype(np.float32)
    panel = tuple(f"S{i}" for i in range(samples))
    write_full(tmp_path / "x.parquet", panel, ShardValues(pa.table(columns, schema=COMPOUNDS), values))
    assert (tmp_path / "x.parquet").stat().st_size < 4.1 * compounds * samples
    table = pq.read_table(tmp_path / "x.parquet")
    at = 17 * samples + 5
    assert table["compound"][at].as_py() == "CHEMBL17"
    assert table["sample"][at].as_py() == "S5"
    assert table["ln_ic50"][at].as_py() == values[5, 17]
