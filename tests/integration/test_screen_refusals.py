"""What `drugripple screen` refuses, and in which words."""

import pandas as pd
import pytest

from drugripple.errors import CheckpointError, CompoundError, ConfigError, OutputError, SourceError
from drugripple.predict.screen import shard as screen_shard
from drugripple.predict.screen.estimate import estimate
from drugripple.predict.screen.plan import ScreenPlan
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.shard import ShardTask, run_shard
from drugripple.runtime.lock import lock_folder

from .conftest import request

SAMPLES = 12


def test_workers_that_cannot_see_the_folder_say_so(question, tmp_path):
    plan = ScreenPlan(model="", library="", expression="", samples=1, compounds_per_shard=1, library_rows=1)
    with pytest.raises(SourceError, match="every worker must see the output folder"):
        run_shard(ShardTask(question[0], tmp_path / "elsewhere", plan, 0))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mode": "full"}, "mode differs"),
        ({"top": 3}, "top differs"),
        ({"shard_pairs": SAMPLES}, "compounds_per_shard differs"),
        ({"missing": "median"}, "missing differs"),
    ],
)
def test_a_folder_of_another_plan_is_refused(question, tmp_path, changes, told):
    screen(request(*question, tmp_path / "s", top=2))
    with pytest.raises(ConfigError, match=told):
        screen(request(*question, tmp_path / "s", **({"top": 2} | changes)))


def test_other_inputs_are_refused(question, tmp_path, tidy_folder):
    screen(request(*question, tmp_path / "s", top=2))
    with pytest.raises(ConfigError, match="library differs"):
        screen(request(*question[:2], tidy_folder / "compounds.csv", tmp_path / "s", top=2))
    few = tmp_path / "few.csv"
    pd.read_csv(question[1]).head(11).to_csv(few, index=False)
    with pytest.raises(ConfigError, match="expression, samples differ"):
        screen(request(question[0], few, question[2], tmp_path / "s", top=2))


def test_a_folder_with_other_files_is_refused(question, tmp_path):
    (tmp_path / "thesis.docx").write_text("precious")
    with pytest.raises(ConfigError, match=r"holds other files: .*thesis.docx"):
        screen(request(*question, tmp_path))


def test_two_processes_at_once_are_refused(question, tmp_path):
    with lock_folder(tmp_path / "s"), pytest.raises(OutputError, match="s is in use by process"):
        screen(request(*question, tmp_path / "s"))


def test_a_full_disk_is_foreseen(question, tmp_path, monkeypatch):
    usage = type("Usage", (), {"free": 100})
    monkeypatch.setattr("drugripple.predict.screen.run.shutil.disk_usage", lambda _: usage)
    with pytest.raises(SourceError, match=r"216 pairs need .* mode = 'top'"):
        screen(request(*question, tmp_path / "s", mode="full"))


def test_a_network_that_changes_under_way_is_refused(question, tmp_path, monkeypatch):
    monkeypatch.setattr(screen_shard, "model_digest", lambda _: "another")
    with pytest.raises(CheckpointError, match="changed since the screen began"):
        screen(request(*question, tmp_path / "s"))


def test_a_library_without_a_usable_structure_is_refused(question, tmp_path):
    (tmp_path / "bad.smi").write_text("C1CC a\nxyz b\n")
    with pytest.raises(CompoundError, match="none of the 2 structures"):
        screen(request(*question[:2], tmp_path / "bad.smi", tmp_path / "s"))
    with pytest.raises(CompoundError, match="none of 2 sampled"):
        estimate(request(*question[:2], tmp_path / "bad.smi", tmp_path / "s"))


def test_a_network_orders_by_the_response_alone(question, tmp_path):
    with pytest.raises(ConfigError, match="only the default model takes by"):
        screen(request(*question, tmp_path / "s", by="selectivity"))


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"top": 0}, {"shard_pairs": 0}])
def test_counts_below_one_are_refused(question, tmp_path, wrong):
    with pytest.raises(ConfigError, match=rf"{next(iter(wrong))}: Input should be greater than or equal to 1"):
        request(*question, tmp_path / "s", **wrong)


def test_a_cluster_that_a_screen_cannot_use_is_refused(question, tmp_path):
    with pytest.raises(ConfigError, match="runs on this machine or on Ray"):
        request(*question, tmp_path / "s", backend="dask")
