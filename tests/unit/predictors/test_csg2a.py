"""Stage 2 on rows that are already split."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from drugripple.config import read_run, write_run
from drugripple.data.effects import known_sides
from drugripple.data.pairs import Pairs
from drugripple.data.synthetic import synthetic_world
from drugripple.data.tables import ExpressionScale
from drugripple.errors import ConfigError, SplitError, TrainingError
from drugripple.evaluation.cross_validation import train_on_folds
from drugripple.evaluation.jobs import Job, read_predictions
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import write_splits
from drugripple.evaluation.splits import make_folds
from drugripple.model.settings import Apply, Freeze
from drugripple.predict.model import load_network
from drugripple.predictors import backbone
from drugripple.predictors.backbone import BackboneSource, backbone_of
from drugripple.predictors.csg2a import NetworkPredictor, network_predictor
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.finetune import FinetuneRun, run_finetune
from drugripple.runtime.notes import heard
from drugripple.sources.public.tidy import read_gdsc

TRAINING = {"learning_rate": 3e-3, "batch": 32, "max_epochs": 3, "patience": 3, "cosine_epochs": 3}
NETWORK = {"backbone": "random", "response": {"widths": [32, 16]}, "training": TRAINING}


def settings(**changes):
    return NetworkSettings.model_validate(NETWORK | changes)


@pytest.fixture(scope="module")
def table(tidy_folder):
    return read_gdsc(tidy_folder, "GDSC2").table


def parts(table, scheme):
    fold = make_folds(table.sample_row, table.compound_row, scheme, folds=5)[0]
    return [table.take(rows) for rows in (fold.train, fold.valid, fold.test)]


@pytest.mark.parametrize(
    ("scheme", "sides"),
    [
        (Scheme.MIXED, ("sample", "compound")),
        (Scheme.CELL_BLIND, ("compound",)),
        (Scheme.DRUG_BLIND, ("sample",)),
        (Scheme.DISJOINT, ()),
    ],
)
def test_the_effects_known_at_test_time_are_read_from_the_validation_rows(scheme, sides):
    world = synthetic_world(0).response
    train, valid, _ = parts(world, scheme)
    assert known_sides(train, valid) == sides


def test_a_network_runs_in_cross_validation_beside_any_predictor(table, tidy_folder, tmp_path):
    folds = {Scheme.MIXED: make_folds(table.sample_row, table.compound_row, Scheme.MIXED, folds=5)}
    make = {"csg2a": lambda: network_predictor(settings(target="residual"), tidy_folder)}
    outcome = train_on_folds(table, folds, make, tmp_path, only=[0])
    assert outcome.failed == ()
    found = read_predictions(tmp_path, Job("csg2a", Scheme.MIXED, 0))
    assert rmse(found.y, found.yhat) < found.y.std()


@pytest.mark.parametrize(("reads", "told"), [("rank", True), ("value", False)])
def test_ranks_of_genes_that_were_scaled_one_by_one_are_told(table, tidy_folder, reads, told):
    expression = replace(table.expression, scale=ExpressionScale.GENE_Z)
    scaled = replace(table, pairs=replace(table.pairs, expression=expression))
    train, valid, _ = parts(scaled, Scheme.MIXED)
    training = TRAINING | {"max_epochs": 1, "patience": 1, "cosine_epochs": 1}
    heard_of = []
    with heard(heard_of.append):
        network_predictor(settings(reads=reads, training=training), tidy_folder).fit(train, valid, seed=0)
    assert any("compare z-scores, not levels" in note for note in heard_of) == told


def test_a_run_and_a_predictor_of_the_same_fold_and_seed_agree(table, tidy_folder, tmp_path):
    fields = {"data": tidy_folder, "out": tmp_path, "scheme": "cell_blind", "split": {"folds": 5}, "seed": 3}
    done = run_finetune(FinetuneRun.model_validate(fields | {"network": NETWORK}))
    predictor = network_predictor(settings(), tidy_folder)
    train, valid, test = parts(table, Scheme.CELL_BLIND)
    predictor.fit(train, valid, seed=3)
    np.testing.assert_array_equal(predictor.predict(test.pairs), done.predictions["yhat"])


def test_a_fold_can_come_from_a_split_file(table, tidy_folder, tmp_path):
    folds = make_folds(table.sample_row, table.compound_row, Scheme.DRUG_BLIND, folds=4, seed=9)
    write_splits(tmp_path / "splits.parquet", {Scheme.DRUG_BLIND: folds}, seed=9)
    split = {"file": tmp_path / "splits.parquet"}
    fields = {"data": tidy_folder, "scheme": "drug_blind", "split": split, "network": NETWORK}
    done = run_finetune(FinetuneRun.model_validate(fields | {"out": tmp_path / "run", "fold": 2}))
    assert done.predictions["row_id"].tolist() == folds[2].test.tolist()
    with pytest.raises(SplitError, match="fold 4 of drug_blind does not exist: there are 4"):
        run_finetune(FinetuneRun.model_validate(fields | {"out": tmp_path / "none", "fold": 4}))


def test_fingerprints_can_stand_in_for_the_encoder_and_survive_a_checkpoint(table, tidy_folder, tmp_path):
    fields = {"data": tidy_folder, "out": tmp_path, "scheme": "drug_blind", "split": {"folds": 5}}
    done = run_finetune(FinetuneRun.model_validate(fields | {"network": NETWORK | {"encoder": "morgan"}}))
    again = load_network(tmp_path)
    assert again.checkpoint.net.backbone.molecule is None
    told = again.predict(table.expression, table.compounds).set_index(["sample", "compound"])["ln_ic50"]
    names = dict(zip(table.compounds.ids, table.compounds.names, strict=True))
    pairs = [(row.sample, names[row.compound]) for row in done.predictions.itertuples()]
    np.testing.assert_allclose(told.loc[pairs], done.predictions["yhat"], rtol=1e-4, atol=1e-4)


def test_the_encoders_differ_in_their_weights_alone(table, tidy_folder):
    genes = table.expression.genes
    nets = {
        name: backbone_of(settings(encoder=name), tidy_folder, genes, seed=0) for name in ("mat-small", "mat-random")
    }
    shapes = [{key: value.shape for key, value in net.state_dict().items()} for net in nets.values()]
    assert shapes[0] == shapes[1]
    one, other = (net.mat.src_embed.lut.weight for net in nets.values())
    assert not torch.equal(one, other)


def test_settings_that_a_pretrained_backbone_cannot_take_are_refused():
    with pytest.raises(ValueError, match="encoder, genes cannot be set for the pretrained backbone 'shipped'"):
        settings(backbone="shipped", encoder="morgan", genes="all")


def test_what_the_encoder_decides_cannot_be_set_beside_it():
    with pytest.raises(ValueError, match="molecule follows from `encoder`"):
        settings(perturbation={"molecule": {"width": 8}})


def test_a_preset_settles_what_is_not_given_and_a_run_file_keeps_what_is(tmp_path):
    made = settings(preset="released", response={"dropout": 0.3}, perturbation={"hidden": 5})
    assert (made.response.freeze, made.response.dropout) == (Freeze.RELEASED, 0.3)
    assert (made.perturbation.apply, made.perturbation.hidden) == (Apply.ROWSUM, 5)
    write_run(made, tmp_path / "run.toml")
    assert "freeze" not in (tmp_path / "run.toml").read_text()
    assert read_run(tmp_path / "run.toml", NetworkSettings) == made


def test_a_network_that_was_not_fitted_says_so(table, tidy_folder):
    with pytest.raises(TrainingError, match="has learnt nothing yet; call fit"):
        network_predictor(settings(), tidy_folder).predict(table.pairs)


def test_without_a_data_folder_a_random_backbone_has_the_shipped_genes_and_none_can_have_all(table, monkeypatch):
    monkeypatch.setattr(backbone, "pretrained", None)  # the network itself is not read for its genes
    made = BackboneSource.read(settings()).make(settings(), table.expression.genes, seed=0)
    assert set(made.genes.symbols) <= set(table.expression.genes.symbols)
    with pytest.raises(ConfigError, match="a network on all genes needs `data`"):
        BackboneSource.read(settings(genes="all"))
    with pytest.raises(ConfigError, match=r"read them with BackboneSource\.read"):
        BackboneSource().make(settings(), table.expression.genes, seed=0)


def test_what_a_predictor_saves_is_also_a_checkpoint_to_load(table, tidy_folder, tmp_path):
    predictor = network_predictor(settings(target="residual"), tidy_folder)
    train, valid, test = parts(table, Scheme.CELL_BLIND)
    predictor.fit(train, valid, seed=3)
    predictor.save(tmp_path / "saved")
    again = NetworkPredictor.load(tmp_path / "saved")
    assert again.settings == predictor.settings
    assert again.learning_curve().equals(predictor.learning_curve())
    told = load_network(tmp_path / "saved").predict(table.expression, table.compounds).set_index(["sample", "compound"])
    names = [
        (table.expression.samples[i], table.compounds.names[j])
        for i, j in zip(test.sample_row, test.compound_row, strict=True)
    ]
    np.testing.assert_allclose(told.loc[names, "ln_ic50"], again.predict(test.pairs), rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def with_pair_terms(table):
    """Responses with a term of the pair, of samples that expression does not tell apart."""
    draws, names = np.random.default_rng(1), (table.expression.samples, table.compounds.ids)
    of_sample, of_compound = (draws.normal(size=len(some)) for some in names)
    alike = replace(table.expression, values=np.tile(table.expression.values[:1], (len(names[0]), 1)))
    values = table.values + 4 * of_sample[table.sample_row] * of_compound[table.compound_row]
    return replace(table, pairs=replace(table.pairs, expression=alike), values=values)


def fitted(rows, scheme, data, **changes):
    training = TRAINING | {"max_epochs": 30, "patience": 30, "cosine_epochs": 30, "learning_rate": 1e-2}
    made = network_predictor(settings(target="residual", training=training, **changes), data)
    train, valid, test = parts(rows, scheme)
    made.fit(train, valid, seed=0)
    return made, test


@pytest.fixture(scope="module")
def best(with_pair_terms, tidy_folder):
    few = NETWORK["response"] | {"free_rank": 2, "free_dropout": 0.0}
    return fitted(with_pair_terms, Scheme.MIXED, tidy_folder, preset="best", response=few)


def test_free_vectors_tell_of_known_pairs_what_no_feature_does(best, with_pair_terms, tidy_folder):
    made, test = best
    plain, _ = fitted(with_pair_terms, Scheme.MIXED, tidy_folder)
    assert rmse(test.values, made.predict(test.pairs)) < 0.8 * rmse(test.values, plain.predict(test.pairs))


def test_free_vectors_go_by_name_and_say_nothing_of_a_new_sample(best):
    made, test = best
    pairs = test.pairs
    with torch.no_grad():
        without = replace(made.fitted, net=copy.deepcopy(made.fitted.net))
        without.net.factors.sample.zero_()
    renamed = replace(pairs.expression, samples=tuple(f"my {name}" for name in pairs.expression.samples))
    unknown = replace(pairs, expression=renamed)
    effects = made.fitted.effects.of_samples(pairs.expression.samples)[pairs.sample_row]
    np.testing.assert_allclose(made.predict(unknown) + effects, without.predict(pairs), atol=1e-5)
    assert np.abs(made.predict(pairs) - without.predict(pairs)).max() > 0.5


def test_a_saved_network_with_free_vectors_answers_alike_and_so_does_predict(best, tmp_path):
    made, test = best
    made.save(tmp_path / "saved")
    np.testing.assert_array_equal(
        NetworkPredictor.load(tmp_path / "saved").predict(test.pairs), made.predict(test.pairs)
    )
    some = test.pairs.expression.take(np.arange(12))
    model = load_network(tmp_path / "saved" / "checkpoint")
    asked = Pairs.grid(some, test.compounds)
    z = torch.from_numpy(made.fitted.scaler.transform(some.restrict(made.fitted.net.genes).values))
    treatments = model.treatments(test.compounds)
    said = np.concatenate([value for _, value in model.grid(z, some.samples, treatments, model.conditions(treatments))])
    np.testing.assert_allclose(said.ravel(), made.predict(asked), atol=1e-4)


@pytest.mark.parametrize("scheme", [Scheme.CELL_BLIND, Scheme.DRUG_BLIND, Scheme.DISJOINT])
def test_where_validation_asks_about_new_ones_there_are_no_free_vectors(table, tidy_folder, scheme):
    brief = TRAINING | {"max_epochs": 1, "weight_decay": 3e-4}
    train, valid, test = parts(table, scheme)
    made, plain = (
        network_predictor(settings(target="residual", training=brief, **more), tidy_folder)
        for more in ({"preset": "best"}, {"reads": "rank"})
    )
    for one in (made, plain):
        one.fit(train, valid, seed=0)
    assert made.fitted.net.factors is None
    np.testing.assert_array_equal(made.predict(test.pairs), plain.predict(test.pairs))
