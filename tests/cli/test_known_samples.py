"""Samples that the default model knows, asked about by name, and what is kept beside answers."""

import json

import pandas as pd

from drugripple.predict.load import load

from .conftest import ASPIRIN, run


def test_samples_that_the_model_knows_are_asked_about_by_name_or_all_of_them(built, mine, tmp_path):
    call = ("predict", "--model", built, "--compound", "vorinostat")
    done = run(*call, "--out", tmp_path / "all.csv")
    assert done.exit_code == 0, done.exception
    assert "no samples are named" in done.output
    every = pd.read_csv(tmp_path / "all.csv")
    known = load(built).training.samples
    assert every["sample"].tolist() == list(known)
    done = run(*call, "--top", "2", "--out", tmp_path / "best.csv")
    assert "at most 2 samples of each compound" in done.output
    inside = every[every["in_domain"]]
    best = pd.read_csv(tmp_path / "best.csv")["sample"].tolist()
    assert best == inside.sort_values(["ln_ic50", "sample"])["sample"].head(2).tolist()
    one = run(
        "predict", "--model", built, "--sample", known[1], "--compound", "vorinostat", "--out", tmp_path / "1.csv"
    )
    assert one.exit_code == 0, one.exception
    assert "1 prediction of 1 sample with 1 compound" in one.output
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "1.csv"), every.iloc[[1]].reset_index(drop=True))
    assert "give `top`, too" in str(run(*call, "--by", "response").exception)


def test_some_samples_of_a_file_are_answered_as_beside_the_others(built, mine, tmp_path):
    call = ("predict", "--model", built, "--expression", mine, "--compound", "vorinostat")
    assert run(*call, "--out", tmp_path / "all.csv").exit_code == 0
    some = run(*call, "--sample", "mine2", "--sample", "mine0", "--sample", "mine2", "--out", tmp_path / "some.csv")
    assert some.exit_code == 0, some.exception
    expected = pd.read_csv(tmp_path / "all.csv").iloc[[2, 0]].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "some.csv"), expected)
    lost = run(*call, "--sample", "mine9")
    assert "chosen sample is not among those given: ['mine9']; these are ['mine3', " in str(lost.exception)


def test_what_was_asked_and_the_notes_are_kept_beside_the_answers(built, mine, tmp_path):
    for name in ("p.csv", "p.parquet"):
        done = run(
            "predict", "--expression", mine, "--smiles", ASPIRIN, "--model", built, "--level", "0.8",
            "--out", tmp_path / name,
        )  # fmt: skip
        assert done.exit_code == 0, done.exception
        kept = json.loads((tmp_path / f"{name}.notes.json").read_text(encoding="utf-8"))
        assert (kept["level"], kept["samples"], kept["compounds"]) == (0.8, 4, 1)
        assert kept["model"] == str(built)
        assert kept["asked"]["compounds"] == [ASPIRIN]
        assert kept["drugripple"]
        assert all(note in done.output for note in kept["notes"])
        assert any("new to the model" in note for note in kept["notes"])


def test_a_network_needs_expression(tmp_path):
    network = tmp_path / "network.ckpt"
    network.touch()
    for samples in ((), ("--sample", "A375")):
        needs = run("predict", "--model", network, "--smiles", "CCO", *samples)
        assert "name a file of `expression`; only the default model" in str(needs.exception)


def test_a_known_sample_is_explained_by_its_name(built, tmp_path):
    name = load(built).training.samples[1]
    pair = ("--model", built, "--sample", name, "--compound", "vorinostat")
    done = run("explain", *pair, "--out", tmp_path / "why")
    assert done.exit_code == 0, done.exception
    assert f"{name} with" in done.output
    done = run("what-if", *pair, "--gene", "DDR1", "--out", tmp_path / "what")
    assert done.exit_code == 0, done.exception
    for verb in ("explain", "what-if"):
        refused = run(verb, "--model", built, "--compound", "vorinostat", "--out", tmp_path / "no")
        assert "name the sample: a file of `expression`, or the name" in str(refused.exception)
