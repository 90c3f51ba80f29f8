"""The commands, called as a person calls them: what they print, where, and with which exit status."""

import json
import subprocess
import sys

import anndata
import numpy as np
import pandas as pd
import pytest
import torch

import drugripple
from drugripple.cli.console import exit_code_of

from .conftest import exit_code


@pytest.fixture(autouse=True)
def in_place(place, monkeypatch):
    monkeypatch.chdir(place)


def asked(place, **changes):
    options = {"model": place / "my_run", "expression": place / "samples.csv", "compounds": place / "compounds.csv"}
    return [part for key, value in (options | changes).items() for part in (f"--{key}", value)]


UNFROZEN = ("--set", "network.prior=none", "--set", "network.response.freeze=none")


def test_finetune_says_where_the_result_is(place, tmp_path, capsys):
    assert exit_code("finetune", place / "run.toml", "--out", tmp_path / "again", *UNFROZEN) == 0
    printed = capsys.readouterr()
    assert printed.out.strip().endswith(str(tmp_path / "again"))
    assert "per_drug_pcc_mean" in printed.out
    resolved = (tmp_path / "again" / "run.toml").read_text()
    assert 'prior = "none"' in resolved
    assert 'freeze = "none"' in resolved


@pytest.mark.parametrize(("kind", "suffix"), [("csv", "csv"), ("parquet", "parquet"), ("excel", "xlsx")])
def test_predict_writes_every_sample_with_every_compound(place, tmp_path, kind, suffix):
    out = tmp_path / f"predictions.{suffix}"
    assert exit_code("predict", *asked(place), "--out", out) == 0
    table = getattr(pd, f"read_{kind}")(out)
    if kind == "excel":
        assert pd.read_excel(out, sheet_name="columns")["column"].tolist() == list(table)
    assert len(table) == 12 * 5
    assert not table.duplicated(["sample", "compound"]).any()
    np.testing.assert_allclose(np.log(table["ic50_um"]), table["ln_ic50"], rtol=1e-5)
    assert table["compound_seen"].all()


def test_a_network_is_asked_about_smiles_and_its_answers_are_shown(place, tmp_path, capsys):
    smiles = pd.read_csv(place / "compounds.csv")["smiles"].head(2)
    options = ["--model", place / "my_run", "--expression", place / "samples.csv"]
    options += [part for one in smiles for part in ("--smiles", one)]
    assert exit_code("predict", *options) == 0
    assert "ln_ic50" in capsys.readouterr().out
    assert exit_code("predict", *options, "--out", tmp_path / "p.csv") == 0
    table, whole = pd.read_csv(tmp_path / "p.csv"), drugripple.load(place / "my_run")
    expected = whole.predict(place / "samples.csv", list(smiles))["ln_ic50"]
    np.testing.assert_allclose(table["ln_ic50"], expected, rtol=1e-5)
    assert exit_code("predict", *options, "--perturbed", tmp_path / "x.parquet") == 2
    assert "name `out`, too" in capsys.readouterr().err
    assert exit_code("explain", *options[:6], "--out", tmp_path / "why") == 0
    assert (tmp_path / "why" / "pairs.csv").is_file()


@pytest.mark.parametrize("kind", ["parquet", "h5ad", "genes in rows"])
def test_every_form_of_expression_gives_the_same_predictions(place, tmp_path, kind):
    table = pd.read_csv(place / "samples.csv", index_col="sample")
    path = tmp_path / ("samples.tsv" if kind == "genes in rows" else f"samples.{kind}")
    if kind == "parquet":
        table.reset_index().to_parquet(path)
    elif kind == "h5ad":
        names = pd.DataFrame(index=table.index), pd.DataFrame(index=table.columns)
        anndata.AnnData(table.to_numpy(np.float32), *names).write_h5ad(path)
    else:
        table.T.to_csv(path, sep="\t")
    assert exit_code("predict", *asked(place), "--out", tmp_path / "expected.csv") == 0
    assert exit_code("predict", *asked(place, expression=path), "--out", tmp_path / "p.csv") == 0
    expected, told = pd.read_csv(tmp_path / "expected.csv"), pd.read_csv(tmp_path / "p.csv")
    pd.testing.assert_frame_equal(told, expected, atol=1e-5)


def test_perturbed_profiles_are_written_beside(place, tmp_path):
    profiles = tmp_path / "profiles.parquet"
    assert exit_code("predict", *asked(place), "--out", tmp_path / "p.csv", "--perturbed", profiles) == 0
    table = pd.read_parquet(profiles)
    assert len(table) == 60
    assert list(table.columns[:5]) == ["sample", "id", "compound", "dose_um", "hours"]
    assert np.isfinite(table.iloc[:, 5:].to_numpy()).all()


def test_profile_stands_beside_its_own_sample_compound_and_dose(place, tmp_path, monkeypatch):
    """Blocks of seven cut across samples; each row is what the network gives for that pair alone."""
    import drugripple
    from drugripple.predict import profiles as written

    monkeypatch.setattr(written, "PROFILES_AT_ONCE", 7)
    table = pd.read_csv(place / "compounds.csv").iloc[[0, 0, 1]].assign(dose_um=[1.0, 50.0, 3.0])
    table.to_csv(tmp_path / "dosed.csv", index=False)
    options = ["--out", tmp_path / "p.csv", "--perturbed", tmp_path / "x.parquet"]
    assert exit_code("predict", *asked(place, compounds=tmp_path / "dosed.csv"), *options) == 0
    found = pd.read_parquet(tmp_path / "x.parquet")
    keys = ["sample", "id", "compound", "dose_um", "hours"]
    pd.testing.assert_frame_equal(found[keys], pd.read_csv(tmp_path / "p.csv")[keys], check_dtype=False)
    model = drugripple.load(place / "my_run")
    expression = drugripple.read_expression(place / "samples.csv")
    compounds = drugripple.read_compounds(place / "compounds.csv")
    net = model.checkpoint.net
    with torch.no_grad():
        basal = net.rescale(model.samples(expression).z)
        for treatment, (compound, dose) in enumerate(((0, 1.0), (0, 50.0), (1, 3.0))):
            condition = model.conditions(model.treatments(compounds.take(np.array([compound])), dose_um=dose))
            alone = net.backbone.perturb(basal, condition.expand(len(basal), -1)).treated
            np.testing.assert_allclose(found.iloc[treatment::3, 5:].to_numpy(np.float32), alone, atol=1e-5)


def test_doses_and_times_of_the_file_are_used(place, tmp_path):
    table = pd.read_csv(place / "compounds.csv").iloc[[0, 0]].assign(dose_um=[1.0, 50.0], hours=[6, 24])
    table.to_csv(tmp_path / "dosed.csv", index=False)
    assert exit_code("predict", *asked(place, compounds=tmp_path / "dosed.csv"), "--out", tmp_path / "p.csv") == 0
    predicted = pd.read_csv(tmp_path / "p.csv")
    assert predicted["dose_um"].unique().tolist() == [1.0, 50.0]
    by_dose = predicted.groupby("dose_um")["ln_ic50"].mean()
    assert by_dose.loc[1.0] != by_dose.loc[50.0]


def test_explain_writes_pairs_and_a_heat_map(place, tmp_path, capsys):
    sample = pd.read_csv(place / "samples.csv")["sample"].iloc[0]
    compound = pd.read_csv(place / "compounds.csv")["name"].iloc[0]
    chosen = ["--sample", sample, "--compound", compound]
    assert exit_code("explain", *asked(place), *chosen, "--top", "7", "--out", tmp_path / "why") == 0
    assert len(pd.read_csv(tmp_path / "why" / "pairs.csv")) == 7
    assert (tmp_path / "why" / "heatmap.svg").read_text().startswith("<")
    assert f"{compound} in {sample} (conditions: 1)" in capsys.readouterr().out


def test_explain_by_sensitivity_ranks_by_size_and_keeps_the_sign(place, tmp_path, capsys):
    compound = pd.read_csv(place / "compounds.csv")["name"].iloc[0]
    chosen = ["--by", "sensitivity", "--compound", compound, "--top", "9"]
    assert exit_code("explain", *asked(place), *chosen, "--out", tmp_path / "why") == 0
    assert f"by sensitivity: {compound} in the mean of 12 (conditions: 12)" in capsys.readouterr().out
    score = pd.read_csv(tmp_path / "why" / "pairs.csv")["score"]
    assert score.abs().is_monotonic_decreasing
    assert (score < 0).any()
    assert "sensitivity" in (tmp_path / "why" / "heatmap.svg").read_text()


def test_explain_against_all_is_one_compound_less_the_mean_of_all(place, tmp_path):
    import drugripple

    model = drugripple.load(place / "my_run")
    expression = drugripple.read_expression(place / "samples.csv")
    compounds = drugripple.read_compounds(place / "compounds.csv")
    for by in ("attention", "sensitivity"):
        maps = [model.explain(expression, compounds.take(np.array([row])), by=by, top=5000).pairs for row in range(5)]
        scores = [each.set_index(["gene_a", "gene_b"])["score"] for each in maps]
        name = compounds.names[1]
        options = ["--by", by, "--against-all", "--compound", name, "--top", "20"]
        assert exit_code("explain", *asked(place), *options, "--out", tmp_path / by) == 0
        told = pd.read_csv(tmp_path / by / "pairs.csv").set_index(["gene_a", "gene_b"])["score"]
        by_hand = scores[1] - sum(scores) / 5
        np.testing.assert_allclose(told, by_hand.loc[told.index], atol=1e-6)
        best = by_hand.abs() if by == "sensitivity" else by_hand
        np.testing.assert_allclose(best.loc[told.index].min(), best.nlargest(20).min(), atol=1e-6)


def test_explain_against_all_without_anything_to_stand_against_is_refused(place, tmp_path, capsys):
    assert exit_code("explain", *asked(place), "--against-all", "--out", tmp_path / "why") == 2
    assert "choose the one to look at" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_card_is_printed(place, capsys):
    assert exit_code("card", "--model", place / "my_run") == 0
    assert '"kind": "response"' in capsys.readouterr().out


def test_a_users_fault_is_one_line_and_exit_2(place, tmp_path, capsys):
    (tmp_path / "bad.toml").write_text((place / "run.toml").read_text() + "\npatients = 3\n")
    assert exit_code("finetune", tmp_path / "bad.toml") == 2
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1
    assert "there is no key network.training.patients; did you mean patience?" in told


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"out": "p.txt"}, "should end in .parquet, .csv, .xlsx or .html"),
        ({"model": "nowhere"}, "nowhere: there is no such model"),
        ({"expression": "nowhere.csv"}, "nowhere.csv"),
        ({"compounds": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_written(place, tmp_path, monkeypatch, capsys, changes, complaint):
    monkeypatch.chdir(tmp_path)
    assert exit_code("predict", *asked(place, **{"out": "p.csv", **changes})) == 2
    told = capsys.readouterr().err.strip()
    assert complaint in told
    assert len(told.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_network_is_not_asked_by_names(place, tmp_path, capsys):
    question = asked(place, out=tmp_path / "p.csv")[:4]
    assert exit_code("predict", *question, "--compound", "vorinostat", "--out", tmp_path / "p.csv") == 2
    assert "name them by `smiles` or `compounds`, not by `compound`" in capsys.readouterr().err


def test_our_fault_is_one_line_and_exit_1(capsys):
    def broken():
        message = "first line\nsecond line"
        raise RuntimeError(message)

    assert exit_code_of(broken) == 1
    told = capsys.readouterr().err.strip()
    assert told.startswith("internal error: RuntimeError: first line;")
    assert len(told.splitlines()) == 1


def test_help_and_import_pull_no_heavy_library():
    """What makes both quick; a clock would make the test fail on a busy machine."""
    code = (
        "import sys\n"
        "import drugripple\n"
        "from drugripple.cli.app import app\n"
        "for arguments in (['--help'], ['explain', '--help'], ['data', '--help']):\n"
        "    try:\n"
        "        app(arguments)\n"
        "    except SystemExit as stop:\n"
        "        assert not stop.code\n"
        "heavy = {'torch', 'pandas', 'numpy', 'matplotlib', 'anndata', 'sklearn', 'rdkit', 'h5py'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert "--against-all" in told


def test_what_a_command_imports_is_not_looked_over_for_garbage_again_and_again():
    """That took a quarter of the time of a cold prediction, a half of it at the end of the process."""
    code = (
        "import gc, sys\n"
        "from drugripple.cli import main\n"
        "sys.argv = ['drugripple', '--version']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as stop:\n"
        "    print(stop.code, gc.get_threshold()[0] > 10_000, gc.get_freeze_count() > 10_000)\n"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.splitlines()[-1] == "0 True True"


def test_predict_loads_neither_the_compiler_nor_what_other_verbs_need(place, tmp_path):
    """Half of a cold prediction: torch's compiler, sympy, scipy, figures, AnnData, the other kind of model."""
    code = (
        "import sys\n"
        "from drugripple.cli.app import app\n"
        "try:\n"
        "    app(sys.argv[1:])\n"
        "except SystemExit as stop:\n"
        "    assert not stop.code\n"
        "heavy = {'torch._dynamo', 'sympy', 'anndata', 'sklearn', 'scipy', 'joblib', 'matplotlib',\n"
        "         'drugripple.interpretation.maps', 'drugripple.predictors.multi_trait_gp.predictor',\n"
        "         'drugripple.predict.default'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    arguments = [str(part) for part in asked(place, out=tmp_path / "p.csv")]
    subprocess.run([sys.executable, "-c", code, "predict", *arguments], check=True, capture_output=True)
    assert len(pd.read_csv(tmp_path / "p.csv")) == 60


def test_audit_exits_3_on_a_leak_and_0_on_a_clean_split(tmp_path, capsys):
    rows = "line,drug,smiles,role\nA,x,CCO,train\nB,y,CCN,train\nC,z,CCCl,valid\nD,{},{},test\n"
    (tmp_path / "clean.csv").write_text(rows.format("w", "CCBr"))
    (tmp_path / "leaky.csv").write_text(rows.format("x", "CCO").replace("D,", "A,"))
    assert exit_code("audit", tmp_path / "clean.csv") == 0
    assert "clean" in capsys.readouterr().out
    assert exit_code("audit", tmp_path / "leaky.csv", "--out", tmp_path / "found") == 3
    assert "LEAKS" in capsys.readouterr().out
    assert (tmp_path / "found" / "audit.json").exists()


def test_ceiling_prints_estimates_with_intervals(place, tmp_path, capsys):
    """Every pair of this screen was measured twice, with a noise of 0.3."""
    asked = {"responses": "responses.csv", "expression": "own_samples.csv", "compounds": "own_compounds.csv"}
    files = [part for key, name in asked.items() for part in (f"--{key}", place / name)]
    assert exit_code("ceiling", *files, "--out", tmp_path) == 0
    assert "best attainable for ln IC50, by source of repeats" in capsys.readouterr().out
    (found,) = json.loads((tmp_path / "ceiling.json").read_text())["ceilings"].values()
    estimate, low, high = found["sd"]
    assert low < estimate < high
    assert estimate == pytest.approx(0.3, abs=0.03)
