"""Arms on the same folds, pretraining done once, another platform: on the planted world."""

from collections import Counter
from functools import partial

import numpy as np
import pandas as pd
import pytest

from drugripple.config import make_run
from drugripple.data.planted import planted_world
from drugripple.errors import SourceError
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.scoreboard import Scoreboard
from drugripple.predictors.catalogue import makers
from drugripple.predictors.naive import MeanEffects
from drugripple.recipes.reproduce import ReproduceRun, Verdict, Workshop, fig2, pretraining
from drugripple.recipes.reproduce.arms import FULL, arms_of_pretraining, beside, compare_arms, means_of, pretrain_arm
from drugripple.recipes.reproduce.fig2 import _arms, _claims
from drugripple.recipes.reproduce.pretraining import _claim, _exclusion
from drugripple.recipes.reproduce.table_s2 import _platform_claim, _shared_lines
from drugripple.recipes.reproduce.table_s3 import _claims as _profile_claims
from drugripple.recipes.reproduce.table_s3 import reproduce as profiles_again
from drugripple.sources.public.l1000.store import write_store

from .conftest import NETWORK, SYMBOLS


@pytest.fixture(scope="module")
def workshop(planted_folder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("arms")
    write_store(planted_world(0, symbols=SYMBOLS, lines=12).perturbations, folder / "store")
    given = {"data": planted_folder, "out": folder / "out", "profiles": folder / "store", "network": NETWORK}
    return Workshop(make_run(ReproduceRun, given | {"folds": 2, "rival": "multi_trait_gp"}, "test"))


def compared(workshop, table, name):
    models = makers("mean_effects", "multi_trait_gp")
    return compare_arms(workshop, name, table, models, [Scheme.CELL_BLIND], "mean_effects")


def test_an_arm_that_knows_more_is_found_and_is_silent_when_responses_are_shuffled(workshop, world, shuffled_world):
    found = means_of(compared(workshop, world.responses, "a")).set_index("model")
    nothing = means_of(compared(workshop, shuffled_world.responses, "b")).set_index("model")
    assert found.loc["multi_trait_gp", "rmse"] < 0.9 * found.loc["mean_effects", "rmse"]
    assert nothing.loc["multi_trait_gp", "rmse"] > 0.97 * nothing.loc["mean_effects", "rmse"]
    assert found["folds"].tolist() == [2, 2]


def test_attention_against_addition_stands_beside_its_floors(workshop):
    quick = Workshop(workshop.run.model_copy(update={"quick": True}))
    found = profiles_again(quick)
    table = found.tables["scores"]
    assert set(table["model"]) == {"attention", "plain", "no_change", "training_mean", "ridge_morgan"}
    assert "MSE of no change" in found.claims[0].control
    before = sorted((quick.kept / "pretrained").iterdir())
    again = pretrain_arm(quick, "attention-by-row", validation="row", perturbation={"mixing": "attention"})
    assert again.folder in before  # done once


@pytest.mark.parametrize(("attention", "plain", "verdict"), [
    ({"mse": (1.0, 1.1), "profile_pcc": (0.2, 0.3)}, {"mse": (1.1, 1.2), "profile_pcc": (0.1, 0.2)}, "reproduced"),
    ({"mse": (1.0, 1.1), "profile_pcc": (0.2, 0.1)}, {"mse": (1.1, 1.2), "profile_pcc": (0.1, 0.2)}, "differs"),
    ({"mse": (1.0, 1.3), "profile_pcc": (0.2, 0.3)}, {"mse": (1.1, 1.2), "profile_pcc": (0.1, 0.2)}, "differs"),
    ({"mse": (2.0, 2.1), "profile_pcc": (0.2, 0.3)}, {"mse": (2.1, 2.2), "profile_pcc": (0.1, 0.2)}, "differs"),
    ({"mse": (1.0, 1.1)}, {"mse": (1.1, 1.2)}, "reproduced"),
])  # fmt: skip
def test_attention_is_better_only_if_every_seed_says_so_on_profiles_and_changes(attention, plain, verdict):
    arms = {"attention": attention, "plain": plain, "no_change": {"mse": (1.5, 1.5)}}
    rows = [
        ("row", seed, model, metric, value, 9)
        for model, scores in arms.items()
        for metric, values in scores.items()
        for seed, value in enumerate(values)
    ]
    (claim,) = _profile_claims(pd.DataFrame(rows, columns=["held_out", "seed", "model", "metric", "value", "n"]))
    assert claim.verdict.value == verdict
    assert "2 seeds" in claim.ours
    assert claim.control == "MSE of no change 1.500"


def test_shares_of_the_corpus_are_nested_and_spare_held_out_compounds(workshop):
    left = [set(_exclusion(workshop, share)["exclude"].read_text().split()) for share in (0.25, 0.5)]
    assert left[1] < left[0]
    train = {len(several) / (1 - share) for several, share in zip(left, (0.25, 0.5), strict=True)}
    assert max(train) < 24  # two of ten parts of the compounds are never left out


def test_an_arm_of_two_experiments_is_the_same_network_in_both(workshop):
    quick = Workshop(workshop.run.model_copy(update={"quick": True}))
    shared, ablations = arms_of_pretraining(quick), _arms(quick)
    assert {name: ablations[name] for name in shared} == shared
    assert len({arm.model_dump_json() for arm in ablations.values()}) == len(ablations)


def test_an_arm_of_two_experiments_is_trained_once(workshop, monkeypatch):
    """A quick run has one fold of one scheme; of the four arms of pretraining, Figure 2 has trained three before."""
    quick = Workshop(workshop.run.model_copy(update={"quick": True}))
    trained = Counter()

    class Counted(MeanEffects):
        def fit(self, train, valid, *, seed):
            trained[self.arm] += 1
            super().fit(train, valid, seed=seed)

    def made(arm):
        predictor = Counted()
        predictor.arm = arm
        return predictor

    for experiment in (fig2, pretraining):
        monkeypatch.setattr(experiment, "network_makers", lambda _, arms: {arm: partial(made, arm) for arm in arms})
    first = set(fig2.reproduce(quick).tables["means"]["model"])
    second = set(pretraining.reproduce(quick).tables["means"]["model"])
    assert {FULL, "random-trained", "random-frozen"} == first & second
    assert second - first == {"share-0.25"}
    assert trained == dict.fromkeys(first | second, 1)


def test_the_slope_per_doubling_by_hand():
    """0.98 at half, 0.96 at all: -0.02 per doubling; log2(202,962 / 2,030) = 6.64 doublings to the paper's: 0.827."""
    found = scored(
        {"share-0.5": 0.98, FULL: 0.96, "random-trained": 1.0, "random-frozen": 1.1}, {"random-trained": 0.01}
    )
    claim = _claim(found, Scheme.MIXED, (0.5, 1.0), 2_030)
    assert "-0.0200 per doubling of the corpus, which would give 0.827" in claim.ours
    whole = _claim(found, Scheme.MIXED, (0.5, 1.0), 300_000)
    assert "which would give 0.960" in whole.ours
    assert claim.verdict is Verdict.REPRODUCED


def scored(rmse, p_values, folds=10):
    """A scoreboard of the same score on every mixed fold, with corrected p-values against the full network."""
    arms = list(rmse)
    per_fold = pd.DataFrame(
        {"scheme": "mixed", "model": arm, "fold": fold, "metric": "rmse", "value": rmse[arm]}
        for arm in arms
        for fold in range(folds)
    )
    comparison = pd.DataFrame({"scheme": "mixed", "model": arms, "folds": folds})
    comparison["corrected_p"] = [p_values.get(arm, np.nan) for arm in arms]
    return Scoreboard(per_fold, pd.DataFrame(), comparison, pd.DataFrame(), {})


@pytest.mark.parametrize(("arm", "p_value", "folds", "said", "verdict"), [
    (1.00, 0.01, 10, "0.900 against 1.000 over 10 folds, corrected p = 0.01", Verdict.REPRODUCED),
    (0.80, 0.01, 10, "0.900 against 0.800 over 10 folds, corrected p = 0.01", Verdict.DIFFERS),
    (1.00, 0.20, 10, "0.900 against 1.000 over 10 folds, corrected p = 0.2", Verdict.OPEN),
    (1.00, np.nan, 1, "0.900 against 1.000 over 1 fold, no test of so few", Verdict.OPEN),
])  # fmt: skip
def test_an_arm_is_better_or_worse_only_beyond_chance(arm, p_value, folds, said, verdict):
    found = scored({FULL: 0.9, "arm": arm}, {"arm": p_value}, folds)
    assert beside(found, Scheme.MIXED, "arm") == (said, verdict)


def test_an_ablation_holds_only_with_its_corrected_test():
    arms = {FULL: 0.94, "random-trained": 0.98, "pretrained-trained-on": 0.95, "pretrained-no-prior": 0.93}
    controls = ("random-frozen", "pretrained-released-freeze", "pretrained-rewired-prior", "pretrained-rowsum")
    every = arms | dict.fromkeys((*controls, "pretrained-plain"), 0.96)
    found = scored(every, dict.fromkeys(every, 0.2) | {"random-trained": 0.01, "pretrained-no-prior": 0.01})
    verdicts = [claim.verdict.value for claim in _claims(found, 2_202)]
    assert verdicts == ["reproduced", "cannot be said", "differs", "cannot be said"]


def test_lines_on_another_platform_are_ranked_as_on_their_own(workshop, world):
    folder = workshop.run.data / "nci60"
    folder.mkdir()
    rng = np.random.default_rng(0)
    some = world.responses.expression.samples[:30]
    values = 3.0 + rng.normal(size=72) + rng.uniform(0.5, 2.0, 72) * (world.responses.expression.values[:30] - 8.0)
    frame = pd.DataFrame(values.astype(np.float32), columns=list(SYMBOLS))
    frame.insert(0, "cell_line", [f"N{name}" for name in some])
    frame.to_parquet(folder / "expression.parquet")
    pd.DataFrame({"nci60": frame["cell_line"], "gdsc": some}).to_parquet(folder / "line_map.parquet")
    found = _shared_lines(workshop).set_index(["model", "expression"])
    own, other = (found.loc[("multi_trait_gp", platform), "per_drug_pcc"] for platform in ("GDSC", "NCI-60"))
    assert own > 0.6
    assert other > 0.9 * own
    assert "multi_trait_gp" in _platform_claim(found.reset_index()).ours


@pytest.mark.parametrize("absent", [{"network": {"backbone": "nowhere"}}, {"profiles": "nowhere"}])
def test_a_path_of_a_run_that_is_not_there_is_refused(tmp_path, absent):
    name = next(iter(absent.get("network", absent)))
    run = make_run(ReproduceRun, {"data": tmp_path, "out": tmp_path / "out"} | absent, "test")
    with pytest.raises(SourceError, match=f"not there: {name} 'nowhere'; correct the path"):
        _ = Workshop(run).files
