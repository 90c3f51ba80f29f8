"""A whole fine-tuning run, from a data folder to predictions for new samples."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch

from drugripple.config import make_run, set_dotted
from drugripple.data.tables import CompoundTable
from drugripple.errors import ConfigError, GeneSpaceError, OutputError, ScaleError, TrainingError
from drugripple.evaluation.metrics import rmse
from drugripple.genes.space import GeneSpace
from drugripple.model.checkpoint import load_response
from drugripple.predict.model import load_network
from drugripple.recipes.finetune import FinetuneRun, fit_model, run_finetune
from drugripple.sources.public.tidy import read_gdsc
from drugripple.training.settings import TrainingSettings

TRAINING = TrainingSettings(learning_rate=3e-3, batch=32, max_epochs=4, patience=4, cosine_epochs=4)

RESIDUAL = {"network.target": "residual"}


def settings(folder, out, **changes):
    network = {"backbone": "random", "target": "raw", "training": TRAINING, "response": {"widths": (32, 16)}}
    fields = {"data": folder, "out": out, "split": {"folds": 5}, "network": network}
    return make_run(FinetuneRun, set_dotted(fields, changes), "test")


@pytest.fixture(scope="module")
def done(tidy_folder, tmp_path_factory):
    return run_finetune(settings(tidy_folder, tmp_path_factory.mktemp("run"), **RESIDUAL))


def test_everything_needed_to_repeat_and_audit_is_written(done):
    written = {path.name for path in done.folder.iterdir()}
    assert written == {
        "run.toml", "checkpoint", "predictions.parquet", "metrics.json", "history.csv", "dropped.csv"
    }  # fmt: skip
    rows = pd.read_parquet(done.folder / "predictions.parquet")
    by_hand = float(np.sqrt(((rows["y"] - rows["yhat"]) ** 2).mean()))
    told = {
        (row["model"], row["metric"]): row["value"] for row in json.loads((done.folder / "metrics.json").read_text())
    }
    assert told["csg2a", "rmse"] == pytest.approx(by_hand)


def test_a_cell_blind_test_line_was_never_seen(done):
    assert not set(done.predictions["sample"]) & set(done.checkpoint.card.lines_seen)


def test_the_resolved_run_repeats_the_run(done, tmp_path):
    from drugripple.config import read_run

    again = run_finetune(read_run(done.folder / "run.toml", FinetuneRun, out=tmp_path))
    pd.testing.assert_frame_equal(again.predictions, done.predictions)


def test_mean_effects_are_the_same_model_beside_a_network_and_alone(tidy_folder, tmp_path):
    """Where each sample has some of the compounds, mean effects of one side are not those of both sides together."""
    own = {"expression": tidy_folder / "own_samples.csv", "compounds": tidy_folder / "own_compounds.csv"}
    responses = tmp_path / "responses.csv"
    pd.read_csv(tidy_folder / "responses.csv").sample(frac=0.4, random_state=0).to_csv(responses, index=False)
    more = own | {"responses": responses, "scheme": "cell_blind", "data": None}
    network = run_finetune(settings(None, tmp_path / "network", **more))
    fields = {"out": tmp_path / "alone", "model": "mean_effects", "split": {"folds": 5}}
    alone = fit_model(make_run(FinetuneRun, more | fields, "test"))
    np.testing.assert_array_equal(alone.predictions["yhat"], network.predictions["naive"])
    assert alone.scores["model"].unique().tolist() == ["mean_effects"]
    assert not alone.scores["metric"].duplicated().any()


@pytest.mark.parametrize("changes", [{"fold": 1}, RESIDUAL, {"network.response.widths": (32, 8)}])
def test_a_run_goes_on_only_from_its_own_state(tidy_folder, tmp_path, changes):
    """Fold 1 has as many rows as fold 0: going on from its weights would test what they have learnt."""

    def stop(epoch):
        raise KeyboardInterrupt

    run = settings(tidy_folder, tmp_path, scheme="mixed")
    with pytest.raises(KeyboardInterrupt):
        run_finetune(run, on_epoch=stop)
    with pytest.raises(OutputError, match=rf"unfinished run with other settings \(\['{next(iter(changes))}"):
        run_finetune(settings(tidy_folder, tmp_path, scheme="mixed", **changes))
    numbers = []
    run_finetune(run, on_epoch=lambda epoch: numbers.append(epoch.number))
    assert numbers == [1, 2, 3]


def changed_responses(folder):
    table = pd.read_parquet(folder / "gdsc" / "response.parquet")
    table["ln_ic50"] += 0.01
    table.to_parquet(folder / "gdsc" / "response.parquet")


def changed_expression(folder):
    table = pd.read_parquet(folder / "gdsc" / "expression.parquet")
    table[table.columns[3]] += 0.01
    table.to_parquet(folder / "gdsc" / "expression.parquet")


def changed_molecules(folder):
    table = pd.read_parquet(folder / "gdsc" / "drugs.parquet")
    table.loc[0, "canonical_smiles"] = "CCCCCO"
    table.to_parquet(folder / "gdsc" / "drugs.parquet")


def changed_prior(folder):
    path = folder / "prior" / "string_v12_900.parquet"
    pd.read_parquet(path).iloc[1:].to_parquet(path)


CHANGES = {
    "responses": changed_responses,
    "expression": changed_expression,
    "molecules": changed_molecules,
    "the interaction prior": changed_prior,
}


def test_a_run_does_not_go_on_after_its_data_changed(tidy_folder, tmp_path):
    def stop(epoch):
        raise KeyboardInterrupt

    shutil.copytree(tidy_folder, tmp_path / "data")
    run = settings(tmp_path / "data", tmp_path / "run", scheme="mixed")
    with pytest.raises(KeyboardInterrupt):
        run_finetune(run, on_epoch=stop)
    for what, change in CHANGES.items():
        shutil.copytree(tidy_folder, tmp_path / "data", dirs_exist_ok=True)
        change(tmp_path / "data")
        with pytest.raises(TrainingError, match=f"cannot be gone on from, because .*{what}.* changed since"):
            run_finetune(run)
    shutil.copytree(tidy_folder, tmp_path / "data", dirs_exist_ok=True)
    run_finetune(run)


def test_a_compound_that_was_trained_on_as_a_salt_is_known_without_it(tidy_folder, tmp_path):
    shutil.copytree(tidy_folder, tmp_path / "salts")
    drugs = pd.read_parquet(tmp_path / "salts" / "gdsc" / "drugs.parquet")
    plain = tuple(drugs["canonical_smiles"].unique())
    salts = drugs.assign(canonical_smiles=drugs["canonical_smiles"] + ".Cl")
    salts.to_parquet(tmp_path / "salts" / "gdsc" / "drugs.parquet")
    training = TRAINING.model_copy(update={"max_epochs": 1})
    run_finetune(settings(tmp_path / "salts", tmp_path / "run", **{"network.training": training}))
    assert load_network(tmp_path / "run").seen(CompoundTable.from_smiles(plain)).all()


def test_the_checkpoint_predicts_what_the_run_predicted(done, tidy_folder):
    table = read_gdsc(tidy_folder, "GDSC2").table
    rows = done.predictions
    model = load_network(done.folder)
    told = model.predict(table.expression, table.compounds).set_index(["sample", "compound"])
    names = dict(zip(table.compounds.ids, table.compounds.names, strict=True))
    again = told.loc[list(zip(rows["sample"], rows["compound"].map(names), strict=True)), "ln_ic50"].to_numpy()
    np.testing.assert_allclose(again, rows["yhat"], atol=1e-4)
    assert told["ic50_um"].to_numpy() == pytest.approx(np.exp(told["ln_ic50"].to_numpy()))


@pytest.mark.parametrize("freeze", ["none", "released"])
@pytest.mark.parametrize("preset", ["paper", "released"])
def test_every_freeze_and_preset_trains(tidy_folder, tmp_path, preset, freeze):
    response = {"widths": (32, 16), "freeze": freeze}
    one = TRAINING.model_copy(update={"max_epochs": 1})
    result = run_finetune(
        settings(
            tidy_folder, tmp_path, **{"network.preset": preset, "network.response": response, "network.training": one}
        )
    )
    assert np.isfinite(result.predictions["yhat"]).all()


def test_only_a_truly_frozen_backbone_has_a_step_to_compile(tidy_folder, tmp_path):
    one = TRAINING.model_copy(update={"compiled": True})
    with pytest.raises(ConfigError, match=r"compiled = true needs freeze = 'true' and .* got 'none' and"):
        run_finetune(
            settings(tidy_folder, tmp_path, **{"network.response": {"freeze": "none"}, "network.training": one})
        )


@pytest.mark.parametrize("scheme", ["mixed", "drug_blind", "disjoint"])
def test_every_scheme_trains(tidy_folder, tmp_path, scheme):
    one = TRAINING.model_copy(update={"max_epochs": 1})
    result = run_finetune(settings(tidy_folder, tmp_path, scheme=scheme, **RESIDUAL, **{"network.training": one}))
    assert rmse(result.predictions["y"].to_numpy(), result.predictions["yhat"].to_numpy()) < 10


def test_a_missing_gene_is_refused_unless_it_may_count_as_typical(done, tidy_folder):
    expression = read_gdsc(tidy_folder, "GDSC2").table.expression
    model = load_network(done.folder)
    lost = model.card.genes[3]
    fewer = expression.restrict(GeneSpace(tuple(name for name in expression.genes.symbols if name != lost)))
    with pytest.raises(
        GeneSpaceError, match=rf"1 of the network's \d+ genes are not in the expression table: \['{lost}'\]"
    ):
        model.samples(fewer)
    found = model.samples(fewer, missing="median")
    assert (found.z[:, 3] == 0).all()
    assert torch.equal(found.z[:, :3], model.samples(expression).z[:, :3])
    assert f"1 gene was not measured and counts as typical: ['{lost}']" in found.notes


def test_another_scale_needs_a_cohort_of_its_own(done, tidy_folder):
    from dataclasses import replace

    from drugripple.data.tables import ExpressionScale

    expression = read_gdsc(tidy_folder, "GDSC2").table.expression
    other = replace(expression, scale=ExpressionScale.LOG2_TPM, values=expression.values * 3 + 5)
    model = load_network(done.folder)
    with pytest.raises(ScaleError, match="9 samples are too few for medians of their own"):
        model.samples(other.take(np.arange(9)))
    z = model.samples(other).z.numpy()
    np.testing.assert_allclose(np.median(z, axis=0), 0, atol=1e-4)


def test_the_loaded_network_is_frozen_in_evaluation_mode(done):
    net = load_response(done.folder / "checkpoint").net
    assert not any(module.training for module in net.modules())
