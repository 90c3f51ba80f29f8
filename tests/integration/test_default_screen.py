"""A library through the default model: the numbers of `predict`, in the files of a network's screen."""

import json
from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.config import make_run
from drugripple.errors import CheckpointError, ConfigError
from drugripple.predict.load import load_default
from drugripple.predict.screen.estimate import estimate
from drugripple.predict.screen.run import screen
from drugripple.predict.screen.settings import ScreenRequest
from drugripple.recipes.default_model.run import build_default
from drugripple.recipes.default_model.settings import DefaultModelRun

from .conftest import full, request

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
SAMPLES = 7


@pytest.fixture(scope="module")
def built(tidy_folder, tmp_path_factory):
    files = {"responses": "responses.csv", "expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    out = tmp_path_factory.mktemp("screened") / "default"
    more = {"out": out, "folds": 2, "workers": 1, "model": {"structure": "fingerprint", "max_steps": 1}}
    build_default(DefaultModelRun.model_validate({key: tidy_folder / name for key, name in files.items()} | more))
    return out


@pytest.fixture(scope="module")
def question(built, tidy_folder, tmp_path_factory):
    """A default model; four of its samples and three others; its compounds, three others and two bad lines."""
    folder = tmp_path_factory.mktemp("question")
    samples = pd.read_csv(tidy_folder / "own_samples.csv").head(SAMPLES)
    samples.iloc[4:, 0] = [f"mine{i}" for i in range(3)]
    samples.iloc[4:, 1:] = samples.iloc[4:, 1:].to_numpy()[:, ::-1]
    samples.to_csv(folder / "samples.csv", index=False)
    known = pd.read_csv(tidy_folder / "own_compounds.csv")
    smiles = [*known["smiles"], "C1CC", ASPIRIN, "c1ccc2[nH]ccc2c1", "", "CCO"]
    pd.DataFrame({"id": [f"C{i}" for i in range(len(smiles))], "smiles": smiles}).to_csv(
        folder / "library.csv", index=False
    )
    return built, folder / "samples.csv", folder / "library.csv"


@pytest.fixture(scope="module")
def every(question, tmp_path_factory):
    """Every pair, from shards of four compounds."""
    out = tmp_path_factory.mktemp("full") / "s"
    screen(request(*question, out, mode="full", shard_pairs=4 * SAMPLES))
    return full(out)


def predicted(model, question):
    table = model.predict(*question[1:])
    return table.assign(seen=~table["kind"].str.contains("new compound")).sort_values(["id", "sample"])


def assert_same(ours, theirs):
    ours = ours.sort_values(["id", "sample"])
    assert len(ours) == len(theirs) > 0
    assert ours["sample"].tolist() == theirs["sample"].tolist()
    assert ours["id"].tolist() == theirs["id"].tolist()
    assert ours["compound_seen"].tolist() == theirs["seen"].tolist()
    np.testing.assert_allclose(ours["ln_ic50"], theirs["ln_ic50"], rtol=1e-5, atol=1e-5)


def test_every_pair_is_that_of_predict(question, every):
    """Known and new samples with known and new compounds."""
    theirs = predicted(load_default(question[0]), question)
    assert theirs["kind"].nunique() == 4
    assert_same(every, theirs)
    assert every[["dose_um", "hours"]].isna().all(axis=None)


def test_the_top_is_that_of_a_full_sort(question, every, tmp_path):
    done = load_default(question[0]).screen(*question[1:], tmp_path / "s", top=3, shard_pairs=4 * SAMPLES)
    best = pd.read_parquet(done.result)
    for sample, rows in best.groupby("sample", observed=True):
        expected = every[every["sample"] == sample].sort_values(["ln_ic50", "library_row"]).head(3)
        assert rows["id"].tolist() == expected["id"].tolist()
        assert rows["ln_ic50"].tolist() == expected["ln_ic50"].tolist()
    np.testing.assert_allclose(np.log(best["ic50_um"]), best["ln_ic50"], rtol=1e-4, atol=1e-5)
    lost = pd.read_csv(tmp_path / "s" / "left_out.csv", keep_default_na=False)
    assert lost["library_row"].tolist() == [14, 17]
    assert any("are told from fingerprints" in note for note in done.card.notes)
    assert any("reads no doses" in note for note in done.card.notes)


def test_a_model_that_was_told_measurements_screens_as_it_predicts(question, every, tmp_path):
    """Of a new compound in a new sample, which moves its predictions for all, and of a known one in another sample."""
    model, samples = load_default(question[0]), question[1]
    known = model.next_experiments(samples, 1).set_index("sample")["smiles"]["mine1"]
    told = pd.DataFrame([("mine0", ASPIRIN, 9.0), ("mine1", known, 4.0)], columns=["sample", "smiles", "ln_ic50"])
    told = model.condition(samples, told)
    with pytest.raises(ConfigError, match="reads the model from its folder; save it"):
        told.screen(*question[1:], tmp_path / "s")
    told.save(tmp_path / "told")
    load_default(tmp_path / "told").screen(*question[1:], tmp_path / "s", mode="full")
    ours = full(tmp_path / "s")
    assert_same(ours, predicted(told, question))
    moved = (ours["ln_ic50"] - every["ln_ic50"]).abs() > 0.01
    assert moved[ours["id"] == "C13"].all()
    assert moved[ours["sample"] == "mine1"].any()
    assert not moved[(ours["id"] != "C13") & (ours["sample"] != "mine1")].any()


@pytest.mark.parametrize("setting", [{"missing": "median"}, {"size": "any"}, {"precision": "bfloat16"}])
def test_what_only_a_network_understands_is_refused(question, tmp_path, setting):
    with pytest.raises(ConfigError, match=f"only a network takes {next(iter(setting))}"):
        screen(request(*question, tmp_path / "s", **setting))


def test_a_model_that_is_told_something_under_way_is_not_mixed(question, tmp_path):
    screen(request(*question, tmp_path / "s", top=2))
    model = load_default(question[0])
    model.condition(question[1], pd.DataFrame({"sample": ["mine0"], "smiles": [ASPIRIN], "ln_ic50": [3.0]})).save(
        tmp_path / "told"
    )
    with pytest.raises(ConfigError, match="model differs"):
        screen(request(tmp_path / "told", *question[1:], tmp_path / "s", top=2))


def test_without_a_model_the_one_of_this_machine_is_used(question, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    files = {"expression": question[1], "compounds": question[2], "out": tmp_path / "s"}
    with pytest.raises(CheckpointError, match="no default model was built on this machine yet"):
        screen(make_run(ScreenRequest, files, "test"))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "default").symlink_to(question[0])
    options = ("--expression", question[1], "--compounds", question[2], "--out", tmp_path / "s", "--top", 2)
    assert exit_code_of(lambda: app(["screen", *map(str, options)])) == 0
    assert "105 predictions of 7 samples" in capsys.readouterr().err
    card = json.loads((tmp_path / "s" / "card.json").read_text())
    assert card["model"] == str(tmp_path / "models" / "default")


def test_a_dry_run_tells_rates_and_memory(question, tmp_path, monkeypatch):
    monkeypatch.setattr(import_module("drugripple.predict.screen.estimate"), "TIMED_SECONDS", 0.05)
    found = estimate(request(*question, tmp_path / "s"))
    assert (found.sampled, found.unusable, found.plan.pairs) == (17, 2, 17 * SAMPLES)
    assert found.molecules_per_second > 0
    assert found.pairs_per_second > 0
    assert 0.1 < found.memory_bytes / 2**30 < 4
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("shards", [1, 4])
def test_selectivity_ranks_by_the_percentile_that_predict_tells(question, tmp_path, shards):
    done = screen(request(*question, tmp_path / "s", by="selectivity", top=5, shard_pairs=shards * SAMPLES))
    best = pd.read_parquet(done.result).astype({"sample": str, "id": str}).set_index(["sample", "id"])
    told = predicted(load_default(question[0]), question).set_index(["sample", "id"])
    np.testing.assert_allclose(best["sample_percentile"], told.loc[best.index, "sample_percentile"])
    for sample, rows in told.groupby("sample"):
        found = best.loc[sample]
        expected = rows.sort_values(["sample_percentile", "ln_ic50"])["sample_percentile"].head(5)
        assert found["sample_percentile"].tolist() == pytest.approx(expected.tolist())
    assert not best.reset_index()[["sample", "id"]].equals(top_by_response(question, tmp_path))


def top_by_response(question, folder):
    done = screen(request(*question, folder / "potent", top=5))
    return pd.read_parquet(done.result).astype({"sample": str, "id": str})[["sample", "id"]]


def test_an_order_that_cannot_be_had_is_refused(question, tmp_path):
    with pytest.raises(ConfigError, match="set mode to top"):
        request(*question, tmp_path / "s", by="selectivity", mode="full")


def test_a_model_of_auc_says_auc_everywhere(tidy_folder, question, tmp_path, capsys):
    """Built, asked, told and screened by commands; none of its files speaks of a concentration."""
    frame = pd.read_csv(tidy_folder / "responses.csv").rename(columns={"ic50_nm": "auc"})
    frame.assign(auc=frame["auc"].rank(pct=True)).to_csv(tmp_path / "auc.csv", index=False)

    def run(*arguments):
        assert exit_code_of(lambda: app([str(argument) for argument in arguments])) == 0, capsys.readouterr().err

    run("build-default", "--responses", tmp_path / "auc.csv", "--expression", tidy_folder / "own_samples.csv",
        "--compounds", tidy_folder / "own_compounds.csv", "--out", tmp_path / "model", "--folds", 2, "--workers", 1,
        "--set", "model.structure=fingerprint", "--set", "model.max_steps=1")  # fmt: skip
    assert "Predicts: auc" in (tmp_path / "model" / "README.md").read_text()
    pd.DataFrame({"sample": ["mine0"], "smiles": [ASPIRIN], "auc": [0.4]}).to_csv(tmp_path / "told.csv", index=False)
    run("calibrate", "--expression", question[1], "--responses", tmp_path / "told.csv",
        "--model", tmp_path / "model", "--out", tmp_path / "told")  # fmt: skip
    asked = ("--model", tmp_path / "told", "--expression", question[1])
    run("predict", *asked, "--compounds", question[2], "--out", tmp_path / "p.csv")
    run("predict", *asked, "--smiles", ASPIRIN)
    assert "auc" in capsys.readouterr().out
    run("screen", *asked, "--compounds", question[2], "--out", tmp_path / "s")
    predicted, best = pd.read_csv(tmp_path / "p.csv"), pd.read_parquet(tmp_path / "s" / "top.parquet")
    assert {"auc", "low", "high", "measured_median"} <= set(predicted)
    assert not [name for name in (*predicted, *best) if "ic50" in name or name in ("low_um", "tested_um")]
    first = best[best["rank"] == 1].set_index("sample")["auc"]
    lowest = predicted.groupby("sample")["auc"].min()
    np.testing.assert_allclose(first, lowest[first.index.astype(str)], atol=1e-5)
