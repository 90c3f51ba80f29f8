"""A model of the catalogue, fitted by `finetune` and asked by `predict`, from the command line alone."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import drugripple
from drugripple.data.synthetic import synthetic_world
from drugripple.genes.space import GeneSpace
from drugripple.predictors.catalogue import CATALOGUE
from drugripple.predictors.peers import can_convolve
from drugripple.predictors.peers.records import APART, ORDER
from drugripple.sources.public.l1000 import small_set

from .conftest import exit_code

NEW = "CCCCCCCCC(=O)NCCS"
SMALL = {
    "ensemble_mf": {"members": 2},
    "precily": {"fewest": 2, "width": 8},
    "drvae": {"encoder": 8, "decoder": 8, "middle": 4, "fewest_rows": 5},
}


@pytest.fixture(scope="module")
def folder(tidy_folder, tmp_path_factory):
    """Data with what peers read of it: pathways, STRING, structures."""
    made = tmp_path_factory.mktemp("peers")
    for part in ("gdsc", "l1000"):
        (made / part).symlink_to(tidy_folder / part)
    (made / "prior").mkdir()
    (made / "molecules").mkdir()
    string = tidy_folder / "prior" / "string_v12_900.parquet"
    (made / "prior" / string.name).symlink_to(string)
    genes = list(pd.read_csv(tidy_folder / "own_samples.csv", nrows=1).columns[1:])
    lines = ["\t".join((f"pathway {i}", "by hand", *genes[i::3])) for i in range(3)]
    (made / "prior" / "kegg.gmt").write_text("\n".join(lines) + "\n")
    smiles = [f"c1ccccc1CCCCCC(=O)O{'C' * i}" for i in range(9)]
    pd.DataFrame({"canonical_smiles": smiles}).to_parquet(made / "molecules" / "lincs_compounds.parquet")
    own = pd.read_csv(tidy_folder / "responses.csv")
    few = own[own["cell_line"].isin(own["cell_line"].unique()[:15])].drop_duplicates(["cell_line", "drug"])
    few.to_csv(made / "responses.csv", index=False)
    return made


@pytest.fixture
def profiles(tidy_folder, monkeypatch):
    """Treated profiles under the genes of the folder."""
    table = synthetic_world(0).perturbations
    symbols = tuple(pd.read_csv(tidy_folder / "own_samples.csv", nrows=1).columns[1:])
    named = replace(table, basal=replace(table.basal, genes=GeneSpace(symbols)))
    monkeypatch.setattr(small_set, "read_profiles", lambda *_, **__: SimpleNamespace(table=named))


@pytest.mark.parametrize("name", [*ORDER, *APART, "ridge"])
def test_a_fitted_model_answers_for_samples_and_compounds_of_a_user(
    name, folder, tidy_folder, profiles, tmp_path, capsys
):
    if "graph" in CATALOGUE[name].inputs and not can_convolve():
        pytest.skip(f"{name} needs the extra `peers`")
    own = {"expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    options = [part for key, file in own.items() for part in (f"--{key}", tidy_folder / file)]
    options += ["--responses", folder / "responses.csv"]
    changes = {"training.max_epochs": 1, "training.batch": 200, **SMALL.get(name, {})} if name != "ridge" else {}
    options += [part for key, value in changes.items() for part in ("--set", f"settings.{key}={value}")]
    out = tmp_path / "run"
    fit = ("finetune", "--model", name, "--data", folder, "--scheme", "mixed", "--set", "split.folds=5")
    assert exit_code(*fit, *options, "--out", out) == 0
    assert "per_drug_pcc_mean" in capsys.readouterr().out
    known = pd.read_csv(tidy_folder / "own_compounds.csv")["smiles"].head(2)
    asked = pd.DataFrame({"name": ["one", "two", "mine"], "smiles": [*known, NEW]})
    asked.to_csv(tmp_path / "asked.csv", index=False)
    question = ("predict", "--model", out, "--expression", tidy_folder / "samples.csv")
    assert exit_code(*question, "--compounds", tmp_path / "asked.csv", "--out", tmp_path / "told.csv") == 0
    told = pd.read_csv(tmp_path / "told.csv")
    assert list(told.columns) == ["sample", "id", "compound", "ln_ic50", "ic50_um", "sample_seen", "compound_seen"]
    assert len(told) == 12 * 3
    new = told["compound"] == "mine"
    assert told["compound_seen"].tolist() == (~new).tolist()
    assert np.isfinite(told.loc[~new, "ln_ic50"]).all()
    assert told.loc[new, "ln_ic50"].isna().all() if name in APART else np.isfinite(told.loc[new, "ln_ic50"]).all()
    again = drugripple.load(out).predict(tidy_folder / "samples.csv", tmp_path / "asked.csv")
    np.testing.assert_allclose(again["ln_ic50"], told["ln_ic50"], rtol=1e-5)
    said = capsys.readouterr().err
    assert "robust z-scores" in said
    assert ("no answer for 1 compound of 3, for which drvae was not trained: ['mine']" in said) == (name in APART)


def test_a_fitted_model_has_a_card_and_is_no_network(folder, tidy_folder, tmp_path, capsys):
    own = ("--expression", tidy_folder / "own_samples.csv", "--compounds", tidy_folder / "own_compounds.csv")
    study = ("--data", folder, *own, "--responses", folder / "responses.csv")
    split, out = ("--scheme", "mixed", "--set", "split.folds=5"), tmp_path / "run"
    assert exit_code("finetune", "--model", "ridge", *study, *split, "--out", out) == 0
    capsys.readouterr()
    assert exit_code("card", "--model", out) == 0
    assert '"ridge"' in capsys.readouterr().out
    question = (
        "--model",
        out,
        "--expression",
        tidy_folder / "samples.csv",
        "--smiles",
        NEW,
        "--out",
        tmp_path / "told",
    )
    for verb in ("explain", "what-if"):
        assert exit_code(verb, *question) == 2
        told = capsys.readouterr().err.replace("\n", " ")
        assert "holds the model ridge, which answers `predict` alone" in told
    answers = tmp_path / "answers.csv"
    answers.write_text(
        f"patient,drug,smiles,responder\n{pd.read_csv(tidy_folder / 'samples.csv').iloc[0, 0]},new,{NEW},1\n"
    )
    assert exit_code("patients", *question[:4], "--response", answers, "--out", tmp_path / "patients") == 2
    assert "holds the model ridge, which answers `predict` alone" in capsys.readouterr().err.replace("\n", " ")
    suggest = ("suggest", *question[2:4])
    calibrate = ("calibrate", *question[2:4], "--responses", folder / "responses.csv", "--out", tmp_path / "c")
    for verb in (suggest, calibrate, ("serve",)):
        assert exit_code(*verb, "--model", out) == 2
        told = capsys.readouterr().err.replace("\n", " ")
        assert "holds the model ridge, and this needs a default model; name one" in told, verb
    assert exit_code("predict", *question[:6], "--level", "0.8") == 2
    assert "only the default model takes level" in capsys.readouterr().err.replace("\n", " ")


def test_what_says_something_to_a_network_or_to_no_model_is_refused(folder, tidy_folder, tmp_path, capsys):
    start = ("finetune", "--data", folder, "--out", tmp_path / "run")
    assert exit_code(*start, "--model", "graphdrpp") == 2
    assert "no model is called ['graphdrpp']; there are global_mean, " in capsys.readouterr().err.replace("\n", " ")
    assert exit_code(*start, "--model", "ridge", "--set", "network.backbone=random") == 2
    assert "model = 'ridge' is fitted instead of a network" in capsys.readouterr().err.replace("\n", " ")
    assert exit_code(*start, "--model", "ridge", "--set", "settings.depth=3") == 2
    assert "ridge takes no settings" in capsys.readouterr().err
    assert exit_code(*start, "--model", "ridge", "--logger", "tensorboard") == 2
    assert "leave `logger` out with model = 'ridge'" in capsys.readouterr().err.replace("\n", " ")
    assert exit_code(*start, "--set", "settings.depth=3") == 2
    assert "`settings` are those of a `model` of the catalogue" in capsys.readouterr().err.replace("\n", " ")
