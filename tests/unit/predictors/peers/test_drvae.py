import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Normal as TorchNormal
from torch.distributions import kl_divergence

from drugripple.data.pairs import Pairs
from drugripple.data.tables import CompoundTable, ExpressionTable, PerturbationTable
from drugripple.errors import CompoundError, ConfigError, TrainingError
from drugripple.predictors import CATALOGUE, load
from drugripple.predictors.peers.drvae import DrVAENetwork, Examples, TreatedState, state_terms
from drugripple.predictors.peers.drvae_predictor import DrVAE, published_drvae
from drugripple.predictors.peers.normal import Normal, NormalBlock
from drugripple.training.settings import TrainingSettings

SMALL = published_drvae().model_copy(
    update={"latent": 3, "encoder": 11, "decoder": 7, "middle": 5, "fewest_rows": 5}
    | {"training": TrainingSettings(learning_rate=3e-3, weight_decay=0.0, batch=16, max_epochs=3, cosine_epochs=0)}
)


def profiles_of(world, molecules, lines=("line-0", "LINE1", "elsewhere")):
    """Two treated profiles of each molecule in each line, the second line under another spelling."""
    rng = np.random.default_rng(3)
    values = rng.normal(size=(3, 5)).astype(np.float32)
    basal = ExpressionTable(lines, world.expression.genes, values, world.expression.scale)
    compounds = CompoundTable.from_smiles(molecules)
    row, compound = (part.ravel() for part in np.indices((3, len(molecules))))
    return PerturbationTable(
        basal, compounds, row, compound, np.full(len(row), 10.0), np.full(len(row), 6.0),
        basal.values[row] + rng.normal(size=(len(row), 5)).astype(np.float32), ("p",) * len(row),
        tuple(lines[i] for i in row), np.ones(len(row)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def fitted(world):
    model = DrVAE(profiles=profiles_of(world, ("OCC", "c1ccccc1", "CCCCCCCC")), settings=SMALL)
    model.fit(world, world.take(np.arange(40)), seed=0)
    return model


def test_the_published_network_has_as_many_numbers_as_its_layers_by_hand(parameters):
    """978 genes: encoder 978-800-(100, 100), decoder 100-600-(978, 978), change, its variance, two middles, head."""
    by_hand = (978 * 800 + 800) + 2 * (800 * 100 + 100) + (100 * 600 + 600) + 2 * (600 * 978 + 978)
    by_hand += 2 * (100 * 100 + 100) + 2 * ((101 * 200 + 200) + 2 * (200 * 100 + 100)) + 201
    assert parameters(DrVAENetwork(published_drvae(), 978)) == by_hand == 2_321_157


def test_divergence_and_density_are_those_of_torch_distributions():
    torch.manual_seed(2)
    mean, other_mean, log_variance, other_log_variance, x = torch.randn(5, 7, 3).double()
    ours, other = Normal(mean, log_variance), Normal(other_mean, other_log_variance)
    theirs = TorchNormal(mean, torch.exp(log_variance / 2))
    expected = kl_divergence(theirs, TorchNormal(other_mean, torch.exp(other_log_variance / 2))).sum(dim=1)
    torch.testing.assert_close(ours.divergence(other), expected)
    torch.testing.assert_close(ours.log_density(x), theirs.log_prob(x).sum(dim=1))


def test_divergence_is_what_draws_say_it_is():
    torch.manual_seed(4)
    ours = Normal(torch.tensor([[0.3, -1.0]]), torch.tensor([[-0.5, 0.2]]))
    other = Normal(torch.tensor([[0.0, 0.4]]), torch.tensor([[0.3, 0.0]]))
    many = Normal(ours.mean.expand(200_000, -1), ours.log_variance.expand(200_000, -1))
    drawn = many.draw()
    estimate = (many.log_density(drawn) - other.log_density(drawn)).mean()
    assert estimate.item() == pytest.approx(ours.divergence(other).item(), abs=0.02)


def test_a_fresh_normal_begins_with_a_variance_of_exp_minus_two():
    block = NormalBlock(3, 4, 2)
    torch.nn.init.zeros_(block.log_variance.weight)
    torch.nn.init.zeros_(block.log_variance.bias)
    assert block(torch.randn(6, 3)).log_variance.unique().tolist() == [-2.0]


def quiet(**changes):
    """A network of one gene and one latent number: its maps are zero, and encoded states are 0 within e⁻¹⁰."""
    net = DrVAENetwork(SMALL.model_copy(update={"latent": 1, "free_nats": 0.0, **changes}), 1)
    for parameter in net.parameters():
        torch.nn.init.zeros_(parameter)
    torch.nn.init.constant_(net.encoder.log_variance.bias, -18.0)
    return net


def test_terms_of_a_network_of_zeros_by_hand():
    """Densities about 0: genes with deviation ln 2 + 0.001, response with 0.25; KL[N(0, e⁻²) ‖ N(0, 1)] of z₃,
    and KL[N(0, e⁻²⁰) ‖ N(0, e⁻²)] of the states.
    """
    some = Examples(
        torch.tensor([[1.0], [2.0]]), torch.tensor([0.5, math.nan]), torch.tensor([[3.0]]), torch.tensor([1])
    )
    terms = state_terms(quiet(), some, beta=0.5)
    genes = math.log(2) + 0.001
    density = lambda x, sd: -0.5 * math.log(2 * math.pi) - math.log(sd) - 0.5 * (x / sd) ** 2  # noqa: E731
    expected = {
        "untreated": -(density(1, genes) + density(2, genes)) / 2,
        "treated": -density(3, genes),
        "foreseen": -0.05 * 0.5 * density(3, genes),
        "response": -density(0.5, 0.25),
        "deep": 0.5 * (math.exp(-2) - 1 + 2),
        "prior": 0.5 * (20 - 2 - 1),
        "change": 0.5 * 0.5 * (20 - 2 - 1),
    }
    assert {name: term.item() for name, term in terms.items()} == pytest.approx(expected, abs=2e-3)


def test_each_divergence_counts_the_free_nats_at_least_and_that_of_the_change_by_beta():
    some = Examples(torch.zeros(2, 1), torch.zeros(2), torch.zeros(1, 1), torch.tensor([0]))
    terms = state_terms(quiet(free_nats=30.0), some, beta=0.01)
    assert [terms[name].item() for name in ("deep", "prior", "change")] == pytest.approx([30.0, 30.0, 0.3])


def test_a_batch_without_a_profile_or_a_response_has_a_loss_that_is_finite():
    some = Examples(torch.zeros(2, 1), torch.full((2,), math.nan), torch.zeros(0, 1), torch.zeros(0, dtype=torch.int64))
    assert torch.isfinite(quiet().loss(some, 1.0))


def test_states_far_beyond_all_training_have_a_loss_and_gradients_that_are_finite():
    net, far = DrVAENetwork(SMALL, 5), 1e4 * torch.ones(2, 5)
    loss = net.loss(Examples(far, torch.tensor([1.0, -1.0]), -far[:1], torch.tensor([0])), 1.0)
    loss.backward()
    assert torch.isfinite(loss)
    assert all(torch.isfinite(one.grad).all() for one in net.parameters() if one.grad is not None)


def test_the_treated_profile_is_read_from_its_own_state_or_as_released_from_the_untreated_one():
    """The gene is its state here: at a treated value of 8 only the own state, which is 8, tells it."""
    some = Examples(torch.zeros(1, 1), torch.zeros(1), torch.full((1, 1), 8.0), torch.tensor([0]))
    said = {}
    for form in TreatedState:
        net = quiet(treated_state=form)
        with torch.no_grad():
            for layer in (net.encoder.hidden[0], net.encoder.mean, net.decoder[0], net.gene_mean):
                layer.weight[0, 0] = 1.0
        said[form] = state_terms(net, some, 1.0)["treated"].item()
    assert said["own"] < 1
    assert said["released"] > 30


def test_asked_twice_it_says_the_same_because_it_answers_by_means(world, fitted):
    asked = world.pairs.take(np.flatnonzero(np.isin(world.compound_row, [0, 3])))
    np.testing.assert_array_equal(fitted.predict(asked), fitted.predict(asked))


def test_eight_rows_are_learnt_by_heart(world):
    eight = world.take(np.arange(8) * 7)
    training = TrainingSettings(
        learning_rate=2e-2, weight_decay=0.0, batch=16, max_epochs=60, patience=60, cosine_epochs=0
    )
    changes = {"training": training, "free_nats": 0.0, "noise": 0.0, "fewest_rows": 8, "response_weight": 50.0}
    model = DrVAE(profiles=profiles_of(world, ("CCO",)), settings=SMALL.model_copy(update={**changes, "encoder": 40}))
    model.fit(eight, eight, seed=0)
    error = np.square(model.predict(eight.pairs) - eight.values).mean()
    assert error < 0.05 * eight.values.var()


def test_a_profile_has_the_response_of_its_line_whatever_the_spelling(fitted):
    """Of three lines two are among the training's, `line-0` and `LINE1`."""
    told = fitted.trainings().set_index("smiles")
    assert list(told.index) == ["CCO", "c1ccccc1"]
    assert told["profiles"].tolist() == [3, 3]
    assert told["told_profiles"].tolist() == [2, 2]
    assert told["ended_at_cap"].all()


def test_a_compound_without_a_network_is_refused_by_name(world, fitted):
    assert fitted.answers(world.compounds).tolist() == [True, False, False, True, False, False, False]
    with pytest.raises(CompoundError, match=r"none for 5 of 7 compounds: \['drug 5', 'drug 6', .*use another"):
        fitted.predict(world.pairs)


def test_new_samples_are_answered_and_a_permuted_table_has_the_same_bits(world, fitted):
    known = world.compounds.take(np.array([0, 3]))
    values = np.random.default_rng(5).normal(size=(4, 5)).astype(np.float32)
    new = ExpressionTable(tuple("abcd"), world.expression.genes, values, world.expression.scale)
    given = fitted.predict(Pairs.grid(new, known)).reshape(4, 2)
    assert np.isfinite(given).all()
    turned = fitted.predict(Pairs.grid(new.take(np.array([2, 0, 3, 1])), known.take(np.array([1, 0]))))
    np.testing.assert_array_equal(turned.reshape(4, 2), given[[2, 0, 3, 1]][:, ::-1])


def test_a_saved_one_predicts_the_same(world, fitted, tmp_path):
    asked = Pairs.grid(world.expression, world.compounds.take(np.array([3, 0])))
    fitted.save(tmp_path / "saved")
    again = load(tmp_path / "saved")
    np.testing.assert_array_equal(again.predict(asked), fitted.predict(asked))
    assert again.measure is fitted.measure
    assert again.trainings().equals(fitted.trainings())


def test_without_profiles_or_a_compound_that_has_some_it_says_what_it_needs(world):
    with pytest.raises(ConfigError, match=r"Dr\.VAE needs L1000 profiles and was given none"):
        DrVAE(settings=SMALL).fit(world, world, seed=0)
    with pytest.raises(TrainingError, match="none of 7 training compounds has L1000 profiles and 5 responses"):
        DrVAE(profiles=profiles_of(world, ("CCCCCCCC",)), settings=SMALL).fit(world, world, seed=0)
    with pytest.raises(TrainingError, match="has learnt nothing yet"):
        DrVAE(settings=SMALL).predict(world.pairs)


def test_a_form_is_made_by_its_name_and_another_is_refused():
    assert DrVAE("drvae_released").settings.treated_state is TreatedState.RELEASED
    assert CATALOGUE["drvae_released"].make().name == "drvae_released"
    with pytest.raises(ConfigError, match=r"no form of Dr\.VAE is called 'drvaee'; there are drvae, drvae_released"):
        DrVAE("drvaee")


def test_a_compound_without_validation_rows_is_validated_on_a_tenth_of_its_training_rows(world):
    model = DrVAE(profiles=profiles_of(world, ("CCO",)), settings=SMALL)
    none = replace(world.take(np.arange(0)))
    model.fit(world, none, seed=0)
    assert model.trainings()["rows"].tolist() == [11]
