from dataclasses import replace

import numpy as np
import pytest
from tests.processes import run_code

from drugripple.data.pairs import Pairs
from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import CheckpointError, TrainingError
from drugripple.genes.space import GeneSpace
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure

SMILES = ("CCO", "CCCO", "CCCCO", "c1ccccc1", "Cc1ccccc1", "CC(=O)O", "CCC(=O)O", "CCN", "CCCN", "Oc1ccccc1")
SETTINGS = MultiTraitSettings(structure=Structure.FINGERPRINT, noise_floor=0.01)


def counted(molecules):
    """A stand-in for MiniMol: letters of the SMILES."""
    return np.array([[m.parent.count(letter) for letter in "CcNO=1"] for m in molecules], dtype=np.float32)


def make_responses(samples=40, genes=60, seed=3):
    """Three latent states of samples, seen in genes, act on classes of compounds; and a factor that no gene shows."""
    generator = np.random.default_rng(seed)
    state = generator.standard_normal((samples, 3))
    values = state @ generator.standard_normal((3, genes)) + 0.1 * generator.standard_normal((samples, genes))
    kind = np.array(["c1" in s for s in SMILES]) + 2 * np.array(["N" in s for s in SMILES])
    truth = state[:, np.minimum(kind, 2)] + generator.standard_normal((samples, 1)) * (kind == 0)
    truth = truth + np.linspace(-3, 3, len(SMILES))
    y = truth + 0.2 * generator.standard_normal(truth.shape)
    sample, compound = np.indices(truth.shape)
    return ResponseTable.of(
        ExpressionTable(
            tuple(f"line{i:02}" for i in range(samples)),
            GeneSpace(tuple(f"G{i}" for i in range(genes))),
            values,
            ExpressionScale.RMA,
        ),
        CompoundTable.from_smiles(SMILES, targets=("A",) * 3 + ("B",) * 2 + ("C",) * 5),
        sample.ravel(),
        compound.ravel(),
        y.ravel(),
    )


@pytest.fixture(scope="module")
def responses():
    return make_responses()


@pytest.fixture(scope="module")
def parts(responses):
    """Training and validation rows; the last six samples and the last two compounds are in neither."""
    generator = np.random.default_rng(0)
    inside = np.flatnonzero((responses.sample_row < 34) & (responses.compound_row < 8))
    valid = generator.random(inside.size) < 0.15
    return responses.take(inside[~valid]), responses.take(inside[valid])


@pytest.fixture(scope="module")
def model(parts):
    fitted = MultiTraitGP(SETTINGS)
    fitted.fit(*parts, seed=0)
    return fitted


def error(model, table):
    return float(np.sqrt(((model.predict(table.pairs) - table.values) ** 2).mean()))


def known_pairs(responses):
    return responses.take(np.flatnonzero((responses.sample_row < 34) & (responses.compound_row < 8)))


def test_it_is_a_predictor(model):
    assert isinstance(model, Predictor)


def test_hidden_pairs_are_told_better_than_by_means_of_compounds(parts):
    train, valid = parts
    model = MultiTraitGP(SETTINGS.model_copy(update={"refit": False}))
    model.fit(train, valid, seed=0)
    means = np.bincount(train.compound_row, weights=train.values) / np.bincount(train.compound_row)
    assert error(model, valid) < 0.6 * float(np.sqrt(((means[valid.compound_row] - valid.values) ** 2).mean()))


def test_responses_of_new_samples_follow_their_expression(model, responses):
    new = responses.take(np.flatnonzero((responses.sample_row >= 34) & (responses.compound_row == 3)))
    assert np.corrcoef(model.predict(new.pairs), new.values)[0, 1] > 0.7


def test_reordered_renumbered_and_larger_tables_give_the_same_bits(model, responses):
    asked = responses.take(np.flatnonzero((responses.sample_row % 3 == 0) & (responses.compound_row > 4)))
    straight = model.predict(asked.pairs)
    rows, columns = np.random.default_rng(5).permutation(40), np.random.default_rng(6).permutation(10)
    back_rows, back_columns = np.argsort(rows), np.argsort(columns)
    other = Pairs(
        responses.expression.take(rows),
        responses.compounds.take(columns),
        back_rows[asked.sample_row],
        back_columns[asked.compound_row],
    )
    assert np.array_equal(model.predict(other), straight)
    small = Pairs(
        responses.expression.take(np.unique(asked.sample_row)),
        responses.compounds.take(np.unique(asked.compound_row)),
        np.unique(asked.sample_row, return_inverse=True)[1],
        np.unique(asked.compound_row, return_inverse=True)[1],
    )
    assert np.array_equal(model.predict(small), straight)
    assert np.array_equal(model.predict_with_sd(other)[1], model.predict_with_sd(asked.pairs)[1])


def test_order_of_training_rows_does_not_matter(parts, model, responses):
    train, valid = parts
    again = MultiTraitGP(SETTINGS)
    again.fit(train.take(np.random.default_rng(1).permutation(len(train))), valid, seed=0)
    assert np.array_equal(again.predict(responses.pairs), model.predict(responses.pairs))


def test_what_is_hidden_changes_nothing(parts, responses, model):
    """Neither values nor expression of samples that training rows do not use."""
    train, valid = parts
    used = np.isin(np.arange(40), train.sample_row)
    poisoned = replace(responses.expression, values=np.where(used[:, None], responses.expression.values, 1e6))
    again = MultiTraitGP(SETTINGS)
    again.fit(replace(train, pairs=replace(train.pairs, expression=poisoned)), valid, seed=0)
    asked = known_pairs(responses).pairs
    assert np.array_equal(again.predict(asked), model.predict(asked))


def test_validation_rows_choose_but_add_nothing(parts, model, responses):
    """With one step allowed, validation values cannot matter."""
    train, valid = parts
    few = MultiTraitSettings(structure=Structure.FINGERPRINT, max_steps=1, refit=False)
    predicted = []
    for values in (valid.values, np.full(len(valid), -50.0)):
        other = MultiTraitGP(few)
        other.fit(train, replace(valid, values=values), seed=0)
        predicted.append((other._fit.steps, other.predict(responses.pairs)))
    assert predicted[0][0] != predicted[1][0] or np.array_equal(predicted[0][1], predicted[1][1])


def test_a_second_fit_learns_from_validation_rows_too(parts, model, responses):
    train, valid = parts
    rest = responses.take(np.flatnonzero((responses.sample_row >= 34) & (responses.compound_row < 8)))
    once = MultiTraitGP(SETTINGS.model_copy(update={"refit": False}))
    once.fit(train, valid, seed=0)
    assert once._fit.steps == model._fit.steps
    assert error(model, valid) < 0.5 * error(once, valid)
    assert error(model, rest) < 1.02 * error(once, rest)


def test_without_validation_rows_all_steps_are_taken(parts, responses):
    train, valid = parts
    model = MultiTraitGP(SETTINGS.model_copy(update={"max_steps": 4}))
    model.fit(train, valid.take(np.arange(0)), seed=0)
    assert (model._fit.steps, model._fit.errors) == (4, ())
    assert np.isfinite(model.predict_with_sd(responses.pairs)).all()


def test_deviations_are_as_large_as_errors(parts):
    """A little larger: the prior expects deviations of each pair, and this world has none."""
    train, valid = parts
    model = MultiTraitGP(SETTINGS.model_copy(update={"refit": False}))
    model.fit(train, valid, seed=0)
    mean, deviation = model.predict_with_sd(valid.pairs)
    ratio = np.sqrt(((valid.values - mean) ** 2).mean() / (deviation**2).mean())
    assert 0.6 < ratio < 1.1


def test_new_samples_and_compounds_are_less_certain(model, responses):
    deviation = model.predict_with_sd(responses.pairs)[1].reshape(40, 10)
    assert deviation[34:, :8].mean() > deviation[:34, :8].mean()
    assert deviation[:34, 8:].mean() > deviation[:34, :8].mean()


def test_measuring_a_new_sample_helps_with_its_other_compounds(model, responses):
    new = responses.take(np.flatnonzero((responses.sample_row >= 34) & (responses.compound_row < 8)))
    told, asked = (new.take(np.flatnonzero(np.isin(new.compound_row, [0, 3]) == known)) for known in (True, False))
    assert error(model.condition(told), asked) < 0.9 * error(model, asked)


def test_measurements_of_a_compound_pull_its_prediction_to_them(model, responses):
    told = responses.take(np.flatnonzero((responses.sample_row == 36) & (responses.compound_row == 2)))
    shifted = replace(told, values=told.values + 5)
    before, after = model.predict(told.pairs)[0], model.condition(shifted).predict(told.pairs)[0]
    assert before < after < shifted.values[0]
    assert model.condition(told).predict_with_sd(told.pairs)[1] < model.predict_with_sd(told.pairs)[1]


def test_the_next_experiment_is_one_that_was_not_done(model, responses):
    suggested = model.next_experiments(responses.expression.take(np.array([35])), 3)["line35"]
    assert len(set(suggested)) == 3
    told = responses.take(
        np.flatnonzero((responses.sample_row == 35) & (np.array(SMILES)[responses.compound_row] == suggested[0]))
    )
    assert (
        suggested[0]
        not in model.condition(told).next_experiments(responses.expression.take(np.array([35])), 7)["line35"]
    )


def test_the_model_says_what_it_reads_of_structures(model, parts):
    assert model.structure is Structure.FINGERPRINT
    embedded = MultiTraitGP(MultiTraitSettings(structure=Structure.MINIMOL), embed=counted)
    embedded.fit(*parts, seed=0)
    assert embedded.structure is Structure.MINIMOL


@pytest.mark.parametrize("structure", [Structure.FINGERPRINT, Structure.MINIMOL])
def test_another_process_loads_the_same_predictions(parts, responses, tmp_path, structure):
    model = MultiTraitGP(MultiTraitSettings(structure=structure, max_steps=2), embed=counted)
    model.fit(*parts, seed=0)
    told = responses.take(np.flatnonzero((responses.sample_row == 36) & (responses.compound_row < 3)))
    model = model.condition(told)
    model.save(tmp_path / "model")
    expected = np.stack(model.predict_with_sd(known_pairs(responses).pairs))
    loaded = MultiTraitGP.load(tmp_path / "model")
    assert np.array_equal(np.stack(loaded.predict_with_sd(known_pairs(responses).pairs)), expected)
    code = (
        "import numpy as np, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\n"
        "from test_predictor import MultiTraitGP, known_pairs, make_responses\n"
        "model = MultiTraitGP.load(Path(sys.argv[1]))\n"
        "np.save(Path(sys.argv[1]) / 'answer.npy', model.predict_with_sd(known_pairs(make_responses()).pairs))\n"
    )
    here = __file__.rsplit("/", 1)[0]
    run_code(code, tmp_path / "model", here)
    assert np.array_equal(np.load(tmp_path / "model" / "answer.npy"), expected)


def test_a_damaged_model_is_refused(model, tmp_path):
    model.save(tmp_path / "model")
    (tmp_path / "model" / "arrays.safetensors").write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="cut short or was altered"):
        MultiTraitGP.load(tmp_path / "model")


def test_asking_before_fitting_is_refused(responses):
    with pytest.raises(TrainingError, match="has learnt nothing yet"):
        MultiTraitGP().predict(responses.pairs)


def test_a_table_too_small_is_refused(parts):
    train, valid = parts
    with pytest.raises(TrainingError, match="got 1 and"):
        MultiTraitGP(SETTINGS).fit(train.take(np.flatnonzero(train.sample_row == 0)), valid, seed=0)
