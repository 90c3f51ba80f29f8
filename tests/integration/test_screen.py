"""`drugripple screen`: the numbers of `predict`, resumed after a real kill, refused where wrong."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.processes import start_code

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.data.synthetic import synthetic_world
from drugripple.errors import ConfigError
from drugripple.model.settings import PerturbationSettings
from drugripple.predict.screen import shard as screen_shard
from drugripple.predict.screen.estimate import estimate
from drugripple.predict.screen.plan import ScreenFolder
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.shard import ShardTask, run_shard

from .conftest import full, request

SAMPLES = 12


def run(*arguments):
    return exit_code_of(lambda: app([str(argument) for argument in arguments]))


def options(question, out):
    model, expression, compounds = question
    return ("--model", model, "--expression", expression, "--compounds", compounds, "--out", out)


def predicted(question, out):
    """What `drugripple predict` says about the same files."""
    assert run("predict", *options(question, out)) == 0
    return pd.read_parquet(out)


@pytest.mark.parametrize("shard_pairs", [1, 5 * SAMPLES])
def test_every_pair_is_that_of_predict(question, tmp_path, shard_pairs):
    assert_as_predicted(question, tmp_path, shard_pairs)


def test_half_precision_screens_near_full_precision_in_a_folder_of_its_own(question, tmp_path):
    for precision in ("float32", "bfloat16"):
        screen(request(*question, tmp_path / precision, mode="full", precision=precision))
    exact, half = (full(tmp_path / precision)["ln_ic50"].to_numpy() for precision in ("float32", "bfloat16"))
    assert 0 < np.abs(half - exact).max() < 0.05 * np.abs(exact).max()
    with pytest.raises(ConfigError, match="precision"):
        screen(request(*question, tmp_path / "float32", mode="full", precision="bfloat16"))


def test_a_network_that_reads_fingerprints_predicts_as_well(question, save_network, tmp_path):
    save_network(tmp_path, PerturbationSettings(hidden=8, encoder="morgan", fingerprint_bits=64))
    assert_as_predicted((tmp_path, *question[1:]), tmp_path, 2 * SAMPLES)


def assert_as_predicted(question, tmp_path, shard_pairs):
    done = screen(request(*question, tmp_path / "s", mode="full", shard_pairs=shard_pairs))
    ours = full(tmp_path / "s").sort_values(["compound", "sample"], ignore_index=True)
    assert done.card.pairs == len(ours) == 16 * SAMPLES
    theirs = predicted(question, tmp_path / "p.parquet").sort_values(["compound", "sample"], ignore_index=True)
    for column in ("sample", "compound", "compound_seen"):
        assert ours[column].astype(object).tolist() == theirs[column].tolist()
    for column in ("ln_ic50", "dose_um", "hours"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-5, atol=1e-5)


def test_rows_that_cannot_be_used_are_listed_and_shift_nothing(question, tmp_path):
    done = screen(request(*question, tmp_path / "s", mode="full", shard_pairs=2 * SAMPLES))
    lost = pd.read_csv(tmp_path / "s" / "left_out.csv", keep_default_na=False)
    assert done.card.left_out == 2
    assert lost["library_row"].tolist() == [5, 13]
    assert lost["id"].tolist() == ["bad ring", "blank"]
    assert lost["reason"].str.contains("cannot be read|has no SMILES").all()
    library = pd.read_csv(question[2], keep_default_na=False)
    of_row = full(tmp_path / "s").drop_duplicates("library_row")
    assert of_row["id"].tolist() == library["id"].drop([3, 11]).tolist()
    assert (library["id"].iloc[of_row["library_row"] - 2].to_numpy() == of_row["id"].to_numpy()).all()


def test_rows_that_are_left_out_are_listed_for_spreadsheets_where_that_is_asked(question, tmp_path):
    """An id that a spreadsheet would run has a quote before it, in `left_out.csv` as in any other csv file."""
    library = tmp_path / "formulas.csv"
    library.write_text('id,smiles\n=1+2,C1CC\n"a, ""b""",C1CC\nc,CCO\n')
    for folder, flags in (("plain", ()), ("safe", ("--safe-cells",))):
        assert run(*flags, "screen", *options((*question[:2], library), tmp_path / folder)) == 0
    plain, safe = ((tmp_path / folder / "left_out.csv").read_bytes() for folder in ("plain", "safe"))
    assert plain.startswith(b"library_row,id,smiles,reason\n2,=1+2,C1CC,")
    assert b'\n3,"a, ""b""",C1CC,' in plain
    assert safe == plain.replace(b",=1+2,", b",'=1+2,")


@pytest.mark.parametrize("top", [3, 40])
def test_the_top_is_that_of_a_full_sort(question, tmp_path, top):
    screen(request(*question, tmp_path / "full", mode="full", shard_pairs=5 * SAMPLES))
    screen(request(*question, tmp_path / "top", mode="top", top=top, shard_pairs=5 * SAMPLES))
    every, best = full(tmp_path / "full"), pd.read_parquet(tmp_path / "top" / "top.parquet")
    assert best["sample"].drop_duplicates().tolist() == pd.read_csv(question[1])["sample"].tolist()
    for sample, rows in best.groupby("sample", observed=True):
        expected = every[every["sample"] == sample].sort_values(["ln_ic50", "library_row"]).head(top)
        assert rows["rank"].tolist() == list(range(1, min(top, 16) + 1))
        for column in ("library_row", "id", "compound", "ln_ic50", "compound_seen"):
            assert rows[column].tolist() == expected[column].tolist()
    np.testing.assert_allclose(np.log(best["ic50_um"]), best["ln_ic50"], rtol=1e-4, atol=1e-5)


def test_equal_predictions_stand_in_the_order_of_the_library(question, tmp_path):
    smiles = synthetic_world(0).response.compounds.smiles[0]
    library = tmp_path / "twins.csv"
    pd.DataFrame({"id": list("zyxwv"), "smiles": [smiles] * 5}).to_csv(library, index=False)
    screen(request(*question[:2], library, tmp_path / "s", top=3, shard_pairs=2 * SAMPLES))
    best = pd.read_parquet(tmp_path / "s" / "top.parquet")
    spread = best.groupby("sample", observed=True)["ln_ic50"].agg(np.ptp)
    assert (spread < 1e-5).all()  # one structure; blocks of two and of one may round differently
    alone = best[best["ln_ic50"].eq(best.groupby("sample", observed=True)["ln_ic50"].transform("min"))]
    for _, rows in alone.groupby("sample", observed=True):
        assert rows["library_row"].is_monotonic_increasing


def test_doses_of_the_library_are_used_and_bad_ones_listed(question, tmp_path):
    smiles = synthetic_world(0).response.compounds.smiles[0]
    library = tmp_path / "dosed.csv"
    library.write_text(f"id,smiles,dose_um\na,{smiles},1\na,{smiles},50\nb,{smiles},-1\nc,{smiles},\n")
    screen(request(*question[:2], library, tmp_path / "s", mode="full"))
    every = full(tmp_path / "s")
    assert every["dose_um"].unique().tolist() == [1.0, 50.0]
    assert every.groupby("dose_um")["ln_ic50"].mean().nunique() == 2
    assert pd.read_csv(tmp_path / "s" / "left_out.csv")["id"].tolist() == ["b", "c"]


def test_the_card_tells_what_was_done(question, tmp_path):
    screen(request(*question, tmp_path / "s", top=2))
    card = json.loads((tmp_path / "s" / "card.json").read_text())
    assert (card["pairs"], card["plan"]["library_rows"], card["workers"]) == (16 * SAMPLES, 18, 1)
    assert {"torch", "rdkit", "drugripple"} <= set(card["plan"]["versions"])
    assert sorted(path.name for path in (tmp_path / "s").iterdir()) == [
        "card.json", "left_out.csv", "plan.json", "top.parquet",
    ]  # fmt: skip


KILLED = """
import sys, time
from drugripple.genes.prior import InteractionPrior
from drugripple.genes.scaling import RobustScaler
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import Card, save_response
from drugripple.model.network import PerturbationNet, ResponseNet
from drugripple.predict.screen import shard as screen_shard
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.settings import ScreenRequest
plain = screen_shard.shard_values
def slow(*given, **named):
    time.sleep(0.5)
    return plain(*given, **named)
screen_shard.shard_values = slow
names = ("model", "expression", "compounds", "out")
screen(ScreenRequest(**dict(zip(names, sys.argv[1:5])), mode="full", shard_pairs=24))
"""


def test_a_killed_screen_goes_on_and_does_nothing_twice(question, tmp_path):
    out, clean = tmp_path / "killed", tmp_path / "clean"
    running = start_code(KILLED, *question, out)
    until = time.monotonic() + 60
    while len(list((out / "full").glob("*.parquet"))) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    running.kill()
    running.join()
    assert running.exitcode == -signal.SIGKILL
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (out / "full").glob("*.parquet")}
    assert 2 <= len(before) < 9
    assert not (out / "card.json").exists()
    done = screen(request(*question, out, mode="full", shard_pairs=24))
    assert done.card.shards_resumed == len(before)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in before} == before
    screen(request(*question, clean, mode="full", shard_pairs=24))
    pd.testing.assert_frame_equal(full(out), full(clean))
    assert not list(out.rglob("*.part"))


def test_a_complete_screen_is_not_computed_again(question, tmp_path, monkeypatch):
    first = screen(request(*question, tmp_path / "s", top=2))
    monkeypatch.setattr("drugripple.predict.screen.run.run_shard", lambda task: pytest.fail("computed again"))
    assert screen(request(*question, tmp_path / "s", top=2)) == first


def test_a_screen_stopped_before_its_plan_starts_over(question, tmp_path):
    folder = ScreenFolder(tmp_path / "s")
    folder.work.mkdir(parents=True)
    folder.rows(7).write_bytes(b"half")
    assert screen(request(*question, folder.out, top=2)).card.pairs == 16 * SAMPLES


def test_one_shard_is_computed_by_one_process_however_many_try(question, tmp_path, monkeypatch):
    """A lock belongs to an open file, so two threads stand for two processes."""
    plain, computed = screen_shard.shard_values, []

    def stopped(task):
        raise InterruptedError

    def slow(*given, **named):
        computed.append(given)
        time.sleep(0.3)
        return plain(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr("drugripple.predict.screen.run.run_shard", stopped)
        with pytest.raises(InterruptedError):
            screen(request(*question, tmp_path / "s", mode="full", shard_pairs=10 * SAMPLES))
    monkeypatch.setattr(screen_shard, "shard_values", slow)
    task = ShardTask(question[0], tmp_path / "s", ScreenFolder(tmp_path / "s").read_plan(), 1)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run_shard, [task, task])) == [8, 8]
    assert len(computed) == 1
    assert screen(request(*question, tmp_path / "s", mode="full", shard_pairs=10 * SAMPLES)).card.shards_resumed == 1
    assert len(computed) == 2


def assert_same_screen(question, folder, **how):
    screen(request(*question, folder / "one", mode="full", shard_pairs=5 * SAMPLES))
    done = screen(request(*question, folder / "two", mode="full", shard_pairs=5 * SAMPLES, workers=2, **how))
    one, two = full(folder / "one"), full(folder / "two")
    pd.testing.assert_frame_equal(one, two, rtol=1e-5, atol=1e-5)
    assert done.card.workers == 2


def test_two_workers_give_the_same(question, tmp_path):
    assert_same_screen(question, tmp_path)


def test_a_ray_cluster_of_two_workers_gives_the_same(question, tmp_path):
    pytest.importorskip("ray", reason="ray is not installed: pip install 'drugripple[ray]'")
    assert_same_screen(question, tmp_path, backend="ray")


def test_a_dry_run_counts_and_leaves_nothing(question, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(import_module("drugripple.predict.screen.estimate"), "TIMED_SECONDS", 0.05)
    cache = Path(os.environ["DRUGRIPPLE_CACHE"])
    before = sorted(cache.rglob("*")), sorted(tmp_path.rglob("*"))
    assert run("screen", *options(question, tmp_path / "s"), "--dry-run", "--shard-pairs", "60") == 0
    printed = capsys.readouterr().out
    assert "216: 12 samples x 18 rows" in printed
    assert "4 of 5 compounds" in printed
    assert "18 rows of the library, 2 of which cannot be used" in printed
    assert (sorted(cache.rglob("*")), sorted(tmp_path.rglob("*"))) == before


def test_an_estimate_adds_up(question, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("drugripple.predict.screen.estimate"), "TIMED_SECONDS", 0.05)
    one = estimate(request(*question, tmp_path, mode="full", shard_pairs=60))
    assert one.disk_bytes == pytest.approx(4.1 * 18 * SAMPLES)
    assert one.pair_seconds == pytest.approx(18 * SAMPLES / one.pairs_per_second)
    assert one.molecule_seconds == pytest.approx(18 / one.molecules_per_second)
    assert 0.1 < one.memory_bytes / 2**30 < 4


def test_the_command_says_where_the_result_is(question, tmp_path, capsys):
    assert run("screen", *options(question, tmp_path / "s"), "--top", "2") == 0
    printed = capsys.readouterr()
    assert printed.out.strip() == str(tmp_path / "s" / "top.parquet")
    assert "2 rows of the library were left out" in printed.err
    assert "192 predictions of 12 samples" in printed.err
