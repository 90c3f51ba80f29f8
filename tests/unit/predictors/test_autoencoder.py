from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable
from drugripple.evaluation.metrics import rmse
from drugripple.predictors.autoencoder.fitted import Layers, inputs, scaled_components
from drugripple.predictors.autoencoder.predictor import ResponseAutoencoder
from drugripple.predictors.autoencoder.settings import AutoencoderSettings

SMALL = AutoencoderSettings(members=2, width=8, rank=4, components=3, epochs=20, batch=8, learning_rate=1e-2)


@pytest.fixture(scope="module")
def rows(world):
    """Training rows of ten samples and six compounds; validation rows among the same; and rows of others."""
    known = (world.sample_row < 10) & (world.compound_row < 6)
    valid = known & ((world.sample_row + 2 * world.compound_row) % 5 == 0)
    return {
        name: world.take(np.flatnonzero(chosen))
        for name, chosen in {"train": known & ~valid, "valid": valid, "hidden": ~known}.items()
    }


def fitted(train, valid, **changes):
    model = ResponseAutoencoder(SMALL.model_copy(update=changes))
    model.fit(train, valid, seed=3)
    return model


@pytest.fixture(scope="module")
def model(rows):
    return fitted(rows["train"], rows["valid"], refit=False)


def test_what_is_read_are_scaled_responses_which_are_shown_and_components():
    shown = np.array([[True, False, True, False]])
    read = inputs(np.array([[2.0, 9.0, -1.0, 9.0]], dtype=np.float32), shown, np.array([[4.0]], dtype=np.float32))
    r = 2**0.5
    np.testing.assert_allclose(read, [[0.5 * r, 0, -0.25 * r, 0, 0.5, -0.5, 0.5, -0.5, 1]], rtol=1e-6)


def test_the_answer_is_the_mean_over_members_of_two_paths():
    random = np.random.default_rng(0)
    shapes = ((2, 5, 3), (2, 1, 3), (2, 3, 4), (2, 1, 4), (2, 5, 2), (2, 2, 4))
    layers = Layers(*(random.normal(size=shape).astype(np.float32) for shape in shapes))
    x = random.normal(size=(6, 5)).astype(np.float32)
    by_torch = Layers(*map(torch.from_numpy, layers))
    each = [
        F.gelu(torch.from_numpy(x) @ by_torch.encode[k] + by_torch.encode_bias[k]) @ by_torch.decode[k]
        + by_torch.decode_bias[k]
        + torch.from_numpy(x) @ by_torch.narrow[k] @ by_torch.widen[k]
        for k in range(2)
    ]
    np.testing.assert_allclose(layers.respond(x), torch.stack(each).mean(dim=0).numpy(), rtol=1e-4, atol=1e-5)


def test_hidden_values_change_no_answer(rows, model, world):
    loud = world.values.copy()
    kept = rows["train"]
    taken = set(zip(kept.sample_row.tolist(), kept.compound_row.tolist(), strict=True))
    hidden = [pair not in taken for pair in zip(world.sample_row.tolist(), world.compound_row.tolist(), strict=True)]
    loud[hidden] = 1e6
    poisoned = replace(world, values=loud)
    assert sum(hidden) == len(rows["valid"]) + len(rows["hidden"])
    known = np.flatnonzero(~np.array(hidden))
    valid = replace(rows["valid"], values=np.full(len(rows["valid"]), 1e6))
    again = fitted(poisoned.take(known), valid, refit=False)
    np.testing.assert_array_equal(again.predict(world.pairs), model.predict(world.pairs))


def test_the_order_of_rows_changes_no_bit(rows, model):
    turned = np.random.default_rng(1).permutation(len(rows["train"]))
    again = fitted(rows["train"].take(turned), rows["valid"], refit=False)
    np.testing.assert_array_equal(again.predict(rows["valid"].pairs), model.predict(rows["valid"].pairs))


def test_validation_rows_are_learnt_from_with_refit_alone(rows, model):
    more, asked = fitted(rows["train"], rows["valid"]), rows["valid"]
    seen, unseen = (np.abs(one.predict(asked.pairs) - asked.values).mean() for one in (more, model))
    assert seen < unseen


def test_a_new_compound_has_the_mean_of_its_sample(rows, model):
    samples = rows["train"].expression
    known = rows["train"].pairs.compact().compounds
    of_known = model.predict(Pairs.grid(samples, known)).reshape(len(samples), len(known))
    of_new = model.predict(Pairs.grid(samples, CompoundTable.from_smiles(["CCCCCO"])))
    np.testing.assert_allclose(of_new, of_known.mean(axis=1))


def test_a_new_sample_is_answered_by_its_expression_alone(rows, model):
    expression, compounds = rows["train"].expression, rows["train"].pairs.compact().compounds
    strange = replace(expression, samples=tuple(f"new {name}" for name in expression.samples))
    learnt = model.learnt
    nothing = np.zeros((len(strange), len(compounds)), dtype=np.float32)
    read = inputs(nothing, nothing > 0, scaled_components(strange, learnt.genes, learnt.axes, learnt.spread))
    expected = learnt.mean + learnt.deviation * learnt.layers.respond(read)
    given = model.predict(Pairs.grid(strange, compounds)).reshape(expected.shape)
    order = [learnt.compounds.index(parent) for parent in compounds.smiles]
    np.testing.assert_allclose(given, expected[:, order], rtol=1e-5)
    as_known = model.predict(Pairs.grid(expression, compounds)).reshape(given.shape)
    assert np.abs(given - as_known)[:10].max() > 0.1


def test_what_was_hidden_is_told_from_the_other_responses(rows):
    random = np.random.default_rng(0)
    n, c = 80, 9
    truth = random.normal(size=(n, 2)) @ random.normal(size=(2, c)) + random.normal(size=c)
    sample, compound = (part.ravel() for part in np.indices((n, c)))
    small = rows["train"].expression
    values = random.normal(size=(n, len(small.genes))).astype(np.float32)
    expression = replace(small, samples=tuple(f"s{i}" for i in range(n)), values=values, tissue=())
    compounds = CompoundTable.from_smiles(["C" * (j + 1) for j in range(c)])
    table = ResponseTable.of(expression, compounds, sample, compound, truth.ravel())
    shown = random.random(n * c) < 0.8
    train, hidden = table.take(np.flatnonzero(shown)), table.take(np.flatnonzero(~shown))
    told = fitted(train, hidden, refit=False, epochs=80, width=16)
    left = rmse(hidden.values, told.predict(hidden.pairs))
    assert left < 0.6 * np.sqrt(((truth - truth.mean(axis=0)) ** 2).mean())
