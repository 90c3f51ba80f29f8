"""The verbs of the default model, from files to files."""

import shutil

import pandas as pd
import pytest

from drugripple.errors import CheckpointError
from drugripple.predict.load import load

from .conftest import ASPIRIN, exit_code, run

COMPACT = ["sample", "id", "compound", "ln_ic50", "ic50_um", "low_um", "high_um", "in_domain"]


def test_predict_writes_every_column_and_compact_the_few(built, mine, tidy_folder, tmp_path):
    done = run(
        "predict",
        "--expression",
        mine,
        "--compounds",
        tidy_folder / "own_compounds.csv",
        "--model",
        built,
        "--out",
        tmp_path / "p.csv",
    )
    assert done.exit_code == 0, done.output
    assert "48 predictions of 4 samples with 12 compounds" in done.output
    table = pd.read_csv(tmp_path / "p.csv")
    assert {"low_um", "high_um", "nearest_samples", "compound_r", "in_domain", "domain_reason"} <= set(table)
    run(
        "predict",
        "--expression",
        mine,
        "--smiles",
        ASPIRIN,
        "--smiles",
        "CCO",
        "--model",
        built,
        "--compact",
        "--out",
        tmp_path / "few.parquet",
    )
    assert list(pd.read_parquet(tmp_path / "few.parquet")) == COMPACT


def test_without_an_output_predictions_are_shown_with_their_smiles_whole(built, mine):
    done = run("predict", "--expression", mine, "--smiles", "c1c[nH]c2ccccc12", "--model", built)
    assert done.exit_code == 0, done.output
    assert "[nH]" in done.output
    assert "intervals of 90%" in done.output
    assert "all of them in the model's domain" in done.output or "in_domain" in done.output.replace("\n", "")
    assert " id " not in done.output  # says no more than the name does


def test_an_example_is_new_to_the_model_and_can_be_asked_about(built, tmp_path):
    made = run("example", "--model", built, "--out", tmp_path / "a place")
    assert f"drugripple predict --model {built}" in made.output
    assert made.exit_code == 0, made.output
    samples, compounds = (tmp_path / "a place" / f"example_{name}.csv" for name in ("samples", "compounds"))
    done = run(
        "predict", "--model", built, "--expression", samples, "--compounds", compounds, "--out", tmp_path / "p.csv"
    )
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "p.csv")
    assert table["sample"].unique().tolist() == [f"example {i}" for i in range(1, 11)]
    assert set(table["kind"]) == {"new sample, known compound"}
    assert (table["low_um"] < table["high_um"]).all()
    assert table["in_domain"].all()


def test_an_example_without_a_model_says_how_to_build_one(tmp_path, monkeypatch):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path / "none"))
    refused = run("example", "--out", tmp_path)
    assert refused.exit_code != 0
    assert "build-default" in str(refused.exception)
    assert list(tmp_path.iterdir()) == []


def test_calibrate_suggest_and_predict_again(built, mine, tidy_folder, tmp_path):
    suggested = run("suggest", "--expression", mine, "--model", built, "--number", "1", "--out", tmp_path / "next.csv")
    assert suggested.exit_code == 0, suggested.output
    told = pd.read_csv(tmp_path / "next.csv").assign(ic50_nm=5.0)[["sample", "smiles", "ic50_nm"]]
    told.to_csv(tmp_path / "told.csv", index=False)
    done = run(
        "calibrate",
        "--expression",
        mine,
        "--responses",
        tmp_path / "told.csv",
        "--model",
        built,
        "--out",
        tmp_path / "told",
    )
    assert done.exit_code == 0, done.output
    assert "measurements of 4 samples" in done.output
    compounds = tidy_folder / "own_compounds.csv"
    before, after = (load(folder).predict(mine, compounds) for folder in (built, tmp_path / "told"))
    key = list(zip(told["sample"], told["smiles"], strict=True))
    moved = (after["ln_ic50"] - before["ln_ic50"])[
        [pair in key for pair in zip(after["sample"], smiles_of(after, compounds), strict=True)]
    ]
    assert (moved < 0).all()


def smiles_of(table, compounds):
    known = pd.read_csv(compounds).set_index("name")["smiles"]
    return known.loc[table["compound"]].tolist()


@pytest.mark.parametrize(
    ("option", "value", "takes"),
    [("--size", "any", "a network takes size"), ("--missing", "median", "a model of the catalogue takes missing")],
)
def test_an_option_of_the_other_kind_of_model_is_refused(built, mine, tidy_folder, tmp_path, option, value, takes):
    asked = ("--expression", mine, "--compounds", tidy_folder / "own_compounds.csv", "--model", built)
    done = run("predict", *asked, "--out", tmp_path / "p.csv", option, value)
    assert f"{takes}; leave it out" in str(done.exception)
    assert not (tmp_path / "p.csv").exists()


def test_asked_without_compounds_it_keeps_the_best_of_all_that_it_knows(built, mine, tmp_path):
    call = ("predict", "--expression", mine, "--model", built)
    done = run(*call, "--out", tmp_path / "all.csv")
    assert done.exit_code == 0, done.exception
    assert "no compounds are named" in done.output
    every = pd.read_csv(tmp_path / "all.csv")
    for by, key in (("selectivity", "sample_percentile"), ("response", "ln_ic50")):
        done = run(*call, "--top", "2", "--by", by, "--out", tmp_path / f"{by}.csv")
        assert "at most 2 compounds of each sample" in done.output
        best = pd.read_csv(tmp_path / f"{by}.csv")
        for sample, rows in every[every["in_domain"]].groupby("sample"):
            expected = rows.sort_values([key, "ln_ic50", "compound"])["compound"].head(2).tolist()
            assert best.loc[best["sample"] == sample, "compound"].tolist() == expected
    shown = run(*call, "--top", "2")
    assert shown.exit_code == 0, shown.exception
    assert "ln_ic50" not in shown.output


def test_compounds_are_not_named_twice_and_a_network_needs_some(built, mine, tidy_folder, tmp_path):
    file, network = tidy_folder / "own_compounds.csv", tmp_path / "network.ckpt"
    network.touch()
    twice = "the compounds were given twice"
    assert twice in str(run("predict", "--expression", mine, "--compounds", file, "--smiles", "CCO").exception)
    ask = ("suggest", "--expression", mine, "--model", built, "--compounds", file, "--compound", "vorinostat")
    assert "given twice, by `compounds` and by `compound`" in str(run(*ask).exception)
    needs = run("predict", "--expression", mine, "--model", network)
    assert "name the compounds by `compounds` or `smiles`; only the default model" in str(needs.exception)
    only = run("predict", "--expression", mine, "--model", network, "--smiles", "CCO", "--top", "3")
    assert "only the default model takes top" in str(only.exception)


def test_suggestions_are_chosen_among_what_is_named(built, mine):
    done = run("suggest", "--expression", mine, "--model", built, "--compound", "vorinostat")
    assert done.exit_code == 0, done.exception
    assert "orinostat" in done.output
    first = [line for line in done.output.splitlines() if line.split()[1:2] == ["1"]]
    assert len(first) == done.output.casefold().count("vorinostat") > 0


def test_where_nothing_was_built_the_way_is_told(mine, monkeypatch, tmp_path):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    done = run("predict", "--expression", mine, "--smiles", ASPIRIN)
    assert "no default model was built on this machine yet" in str(done.exception)


def test_nothing_that_was_answered_before_is_replaced_unasked(built, mine, tmp_path):
    asked = ("--expression", mine, "--model", built)
    pair = ("--sample", "mine1", "--smiles", ASPIRIN)
    measured = tmp_path / "measured.csv"
    measured.write_text(f"sample,smiles,ln_ic50\nmine1,{ASPIRIN},1.5\n", encoding="utf-8")
    for verb, out, *flags in (
        ("predict", "p.csv", "--smiles", ASPIRIN),
        ("suggest", "next.csv"),
        ("calibrate", "told", "--responses", measured),
        ("explain", "why", *pair),
        ("what-if", "what", *pair, "--gene", "DDR1"),
    ):
        place = tmp_path / out
        first = run(verb, *asked, *flags, "--out", place)
        assert first.exit_code == 0, first.output
        files = {path: path.stat().st_mtime_ns for path in (place, *place.rglob("*"))}
        refused = run(verb, *asked, *flags, "--out", place)
        assert "exists already; choose another name, or set `overwrite`" in str(refused.exception), verb
        assert {path: path.stat().st_mtime_ns for path in (place, *place.rglob("*"))} == files
        again = run(verb, *asked, *flags, "--out", place, "--overwrite")
        assert again.exit_code == 0, again.output
        assert place.stat().st_mtime_ns != files[place]


def test_the_card_of_a_default_model_is_what_its_folder_says_of_it(built, monkeypatch, tmp_path):
    monkeypatch.setenv("DRUGRIPPLE_CACHE", str(tmp_path))
    assert "no default model was built on this machine yet" in str(run("card").exception)
    text = (built / "README.md").read_text(encoding="utf-8").strip()
    for folder in (built, built / "model"):
        done = run("card", "--model", folder)
        assert (done.exit_code, done.stdout.strip()) == (0, text)


def test_a_readme_beside_a_saved_model_is_not_its_card(built, tmp_path):
    load(built).save(tmp_path / "mine")
    (tmp_path / "README.md").write_text("another project", encoding="utf-8")
    done = run("card", "--model", tmp_path / "mine")
    assert (done.exit_code, done.stdout.strip()) == (0, (tmp_path / "mine" / "card.json").read_text().strip())


def test_measurements_may_name_compounds_that_the_model_knows(built, mine, tidy_folder, tmp_path):
    """By name as by structure; a name that it does not know is left out, and told."""
    known = load(built).training_compounds
    rows = [("mine0", known.names[2].upper(), known.smiles[2], 300), ("mine1", known.names[5], known.smiles[5], 40)]
    rows.append(("mine1", "unknown", "not read", 40))
    measured = pd.DataFrame(rows, columns=["sample", "compound", "smiles", "ic50_nm"])
    measured.drop(columns="smiles").to_csv(tmp_path / "named.csv", index=False)
    measured.head(2).drop(columns="compound").to_csv(tmp_path / "structures.csv", index=False)
    told = {}
    for way in ("named", "structures"):
        done = run(
            "calibrate", "--model", built, "--expression", mine, "--responses", tmp_path / f"{way}.csv", "--out",
            tmp_path / way,
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        told[way] = load(tmp_path / way).predict(mine, tidy_folder / "own_compounds.csv")["ln_ic50"]
    pd.testing.assert_series_equal(told["named"], told["structures"])


def test_measurements_of_compounds_without_structures_that_the_model_does_not_know_are_refused(built, mine, tmp_path):
    file = tmp_path / "measured.csv"
    call = ("calibrate", "--model", built, "--expression", mine, "--responses", file, "--out", tmp_path / "mine")
    file.write_text("sample,compound,ic50_nm\nmine0,xyzzy,300\n")
    assert "compound unknown" in str(run(*call).exception)
    file.write_text("sample,compound,ic50\nmine0,vorinostat,300\n")
    assert "does not say its unit" in str(run(*call).exception)
    file.write_text("sample,smiles,ic50\nmine0,CCO,300\n")
    assert "does not say its unit" in str(run(*call).exception)
    file.write_text("sample,compound,ic50_nm\nmine0,vorinostat,300\n")
    given = tmp_path / "given.csv"
    given.write_text("name,smiles\nother,CCO\n")
    done = run(*call, "--compounds", given)  # a known compound beside a library of another
    assert done.exit_code == 0, done.exception
    assert "measurements of 1 sample with training compounds" in done.output


@pytest.mark.parametrize(
    "verb",
    [
        ("explain", "--sample", "mine1", "--compound", "vorinostat", "--out", "why"),
        ("what-if", "--sample", "mine1", "--compound", "vorinostat", "--out", "what_if"),
        ("predict", "--compound", "vorinostat"),
        ("screen", "--compounds", "library.csv", "--out", "hits"),
        ("calibrate", "--responses", "measured.csv", "--out", "told"),
        ("suggest",),
    ],
    ids=lambda verb: verb[0],
)
def test_a_model_that_is_not_there_is_named_by_every_verb(verb, mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for other in ("library.csv", "measured.csv"):
        (tmp_path / other).touch()
    refused = run(*verb, "--expression", mine, "--model", "nowhere")
    assert "nowhere: there is no such model" in str(refused.exception)
    assert isinstance(refused.exception, CheckpointError)


@pytest.mark.parametrize("verb", ["card", "example", "serve"])
def test_verbs_of_a_model_alone_name_one_that_is_not_there(verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = run(verb, "--model", "nowhere")
    assert "nowhere: there is no such model" in str(refused.exception)


def test_a_compound_is_asked_for_by_its_name(built, mine, tmp_path):
    known = load(built).training_compounds
    out = tmp_path / "named.csv"
    asked = [part for text in (known.names[0].upper(), "CCO") for part in ("--compound", text)]
    done = run("predict", "--expression", mine, "--model", built, *asked, "--out", out)
    assert done.exit_code == 0, done.output
    assert pd.read_csv(out)["compound"].unique().tolist() == [known.names[0], "CCO"]
    refused = run("predict", "--expression", mine, "--model", built, "--compound", known.names[0] + "x")
    assert f"['{known.names[0]}'" in str(refused.exception)


def test_suggestions_are_written_under_a_name_that_says_csv(mine, tmp_path):
    refused = run("suggest", "--expression", mine, "--model", "nowhere", "--out", tmp_path / "next.parquet")
    assert "should end in .csv" in str(refused.exception)


@pytest.mark.parametrize("card", ["model/card.json", "model/predictor/card.json"])
def test_a_default_model_that_lost_a_card_is_told_as_damaged(built, mine, tmp_path, capsys, card):
    """It was taken for another model, which asks for structures in place of names."""
    folder = tmp_path / "damaged"
    shutil.copytree(built, folder)
    (folder / card).unlink()
    assert exit_code("predict", "--model", folder, "--expression", mine, "--compound", "compound 1") == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "build-default" in said
    assert "--smiles" not in said
