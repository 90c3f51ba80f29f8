"""`drugripple reproduce` on the planted world: what is found, what is kept, what is refused."""

import json
import shutil

import pandas as pd
import pytest

from drugripple.cli.app import app
from drugripple.cli.console import exit_code_of
from drugripple.config import make_run
from drugripple.errors import ConfigError, OutputError
from drugripple.recipes.reproduce import ITEMS, ReproduceRun, Verdict, Workshop, run_reproduce
from drugripple.recipes.reproduce.kept import read_kept

from .conftest import NETWORK


def run_of(folder, out, *items, **more):
    settings = {"item": items, "data": folder, "out": out, "network": NETWORK, "rival": "multi_trait_gp", "draws": 200}
    return make_run(ReproduceRun, settings | more, "test")


@pytest.fixture(scope="module")
def fig4(planted_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("reproduced") / "out"
    return out, run_reproduce(run_of(planted_folder, out, "table-s7"))


def test_planted_tumours_from_files_of_the_hub_are_told_apart(fig4):
    found = fig4[1].findings["fig4"]
    summary = found.tables["summary"].set_index(["model", "transfer"])
    assert summary.loc[("multi_trait_gp", "joint"), "p_below_0.05"] == 4
    assert summary.loc[("multi_trait_gp", "joint"), "hits_with_shuffled_answers"] < 1
    assert found.tables["cohorts"].query("asked == 'joint'")["transfer"].tolist() == ["joint", "joint"]
    patients = found.tables["cohorts"].set_index("cohort")["patients"].to_dict()
    assert patients == {"BRCA": 60, "SKCM": 60}  # metastases too


def test_the_living_paper_tells_each_claim_with_its_verdict(fig4):
    out, done = fig4
    text = done.paper.read_text()
    assert "5 of 13 drugs at p &lt; 0.05" in text
    assert {claim.verdict for claim in done.findings["fig4"].claims} <= set(Verdict)
    for name in done.findings["fig4"].figures:
        assert (out / "fig4" / f"{name}.svg").read_text().startswith("<svg")
        assert (out / "fig4" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert len(pd.read_csv(out / "fig4" / "drugs.csv")) == 24


def test_what_is_done_is_not_done_again_and_other_settings_are_refused(fig4, planted_folder):
    out, _ = fig4
    before = (out / "fig4" / "finding.json").stat().st_mtime_ns
    run_reproduce(run_of(planted_folder, out, "fig4"))
    assert (out / "fig4" / "finding.json").stat().st_mtime_ns == before
    with pytest.raises(OutputError, match="holds fig4 of other settings"):
        run_reproduce(run_of(planted_folder, out, "fig4", seed=7))


def test_an_outcome_of_other_data_is_refused_by_file_and_one_that_waited_for_data_is_done_anew(tidy_folder, tmp_path):
    data, out = tmp_path / "data", tmp_path / "out"
    shutil.copytree(tidy_folder, data)
    before = run_reproduce(run_of(data, out, "fig4", quick=True)).findings["fig4"]
    assert before.claims[0].verdict is Verdict.NEEDS_DATA
    (data / "come.txt").write_text("a file that has come")
    first = (out / "fig4" / "finding.json").read_bytes()
    run_reproduce(run_of(data, out, "fig4", quick=True))
    assert (out / "fig4" / "finding.json").read_bytes() != first
    (data / "come.txt").write_text("the same file, changed")
    with pytest.raises(OutputError, match=r"holds fig4 of other data \(\['come.txt'\] changed\)"):
        run_reproduce(run_of(data, out, "fig4", quick=True))
    run_reproduce(run_of(data, out, "fig4", quick=True, overwrite=True))


def test_networks_of_other_responses_are_not_found_again(planted_folder, tmp_path):
    changed = tmp_path / "data"
    shutil.copytree(planted_folder, changed)
    responses = pd.read_parquet(changed / "gdsc" / "response.parquet")
    responses["ln_ic50"] += 1.0
    responses.to_parquet(changed / "gdsc" / "response.parquet")
    places = [Workshop(run_of(folder, tmp_path / "out", "fig3")).kept for folder in (planted_folder, changed)]
    assert places[0] != places[1]
    assert Workshop(run_of(planted_folder, tmp_path / "out", "fig3", draws=7)).kept == places[0]


@pytest.mark.parametrize("part", ["backbone", "encoder"])
def test_networks_of_other_weights_under_the_same_path_are_not_found_again(planted_folder, tmp_path, part):
    weights = tmp_path / "weights"
    weights.mkdir()
    network = {**NETWORK, "encoder": "mat-small"} | {part: str(weights)}
    places = []
    for content in (b"first", b"second"):
        (weights / "model.safetensors").write_bytes(content)
        places.append(Workshop(run_of(planted_folder, tmp_path / "out", "fig3", network=network)).kept)
    assert places[0] != places[1]


@pytest.fixture(scope="module")
def interpreted(planted_folder, fig4):
    return run_reproduce(run_of(planted_folder, fig4[0], "table-s4", "table-s6", "fig-s1")).findings


def test_random_lists_hold_their_level_only_against_assayed_genes(interpreted):
    chance = interpreted["fig3"].tables["false_positives"].set_index("background")["share_with_a_set_at_q_0.05"]
    assert chance["assayed genes"] <= 0.05
    assert chance["20,000 genes"] == 1.0


def test_likeness_stands_beside_structures_and_random_weights(interpreted):
    found = interpreted["fig3"].tables["likeness"].set_index("similarity")
    assert found.loc["structure (Tanimoto)", "p_value"] < 0.05  # analogues share a mechanism in the planted world
    assert {"random weights, whole map", "with the prior, whole map, given structure"} <= set(found.index)
    assert interpreted["fig3"].figures["likeness"].svg.startswith("<svg")


def test_an_untrained_network_knows_no_sensitive_line(interpreted):
    claims = interpreted["fig-s1"].claims
    assert claims[1].verdict is Verdict.DIFFERS
    table = interpreted["fig-s1"].tables["summary"].set_index("distance")
    ours, random = (
        table.loc[what, "farther_at_q_0.05"] for what in ("predicted - basal, 72 h", "random weights (control)")
    )
    assert ours == random  # the network of this test has random weights, too
    assert len(table) == 6


def test_predicted_profiles_are_compared_with_the_basal_ones_behind_them(interpreted):
    counts = interpreted["table-s6"].tables["counts"].set_index("profiles")
    assert counts.loc["basal (control)", "correlation_with_basal"] == pytest.approx(1.0)
    assert {"predicted", "predicted change", "predicted, within tissues"} <= set(counts.index)
    assert all(claim.verdict is Verdict.NEEDS_DATA for claim in interpreted["table-s6"].claims)


def test_an_unknown_item_is_refused(planted_folder, tmp_path):
    with pytest.raises(ConfigError, match=r"the paper has no \['fig9'\]"):
        run_of(planted_folder, tmp_path, "fig9")


def test_all_stands_for_every_item(planted_folder, tmp_path):
    assert run_of(planted_folder, tmp_path, "all").names == tuple(ITEMS)


def test_a_damaged_outcome_is_one_line(tmp_path):
    (tmp_path / "finding.json").write_text(json.dumps({"made_with": "x", "made_from": {}, "claims": [{}]}))
    with pytest.raises(OutputError, match="remove it to do the experiment again"):
        read_kept(tmp_path)


def test_without_patients_it_says_what_would_bring_them(tidy_folder, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["reproduce", "fig4", "--data-dir", str(tidy_folder), "--out", str(out), "--quick"]
    assert exit_code_of(lambda: app(command)) == 0
    claim = read_kept(out / "fig4").claims[0]
    assert (claim.verdict, claim.needs) == (Verdict.NEEDS_DATA, "drugripple data fetch tcga")
    assert capsys.readouterr().out.strip().endswith("living_paper.html")


def test_patients_from_a_users_own_files(world, fig4, tmp_path, monkeypatch, capsys):
    cohort = world.tumours[0]
    frame = pd.DataFrame(cohort.values, columns=list(cohort.genes.symbols), index=cohort.samples)
    frame.to_csv(tmp_path / "tumours.csv", index_label="sample")
    world.answers[world.answers["cancer"] == cohort.tissue[0]].to_csv(tmp_path / "answers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    command = ["patients", "--expression", "tumours.csv", "--response", "answers.csv", "--out", "told"]
    model = next((fig4[0] / "kept").glob("*/networks/*")) / "checkpoint"
    options = ["--model", str(model), "--draws", "50", "--more-than", "5"]
    assert exit_code_of(lambda: app([*command, *options])) == 0, capsys.readouterr().err
    assert len(pd.read_csv("told/drugs.csv")) == 4
    assert len(pd.read_csv("told/predictions.csv")) == 120
