"""On a world whose mechanism is known, a trained network gives it back; on the shuffled world there is nothing to give.

Each compound's map is compared with the mean over compounds. `found` counts planted pairs among each compound's top
three (24 in all, 0.15 expected by chance); `area` is the ROC area of planted against other pairs (0.5 by chance).
"""

from copy import deepcopy

import pytest

from drugripple.interpretation.pairs import top_pairs
from drugripple.interpretation.sensitivity import sensitivity_map
from runs.planted_forms import LINES, attention, recovered
from runs.planted_forms import trained as trained_form
from runs.what_if_truth import responding, shares


def trained(output, epochs, *, shuffled):
    return trained_form({"init": "scaled", "output": output}, epochs, shuffled=shuffled)


def sensitivity(case, compound):
    return sensitivity_map(case.net, case.basal, compound.expand(LINES, -1), "sensitivity")


@pytest.fixture(scope="module")
def profile():
    return trained("profile", 80, shuffled=False)


@pytest.fixture(scope="module")
def change():
    return trained("change", 40, shuffled=False)


@pytest.fixture(scope="module")
def shuffled_change():
    return trained("change", 40, shuffled=True)


@pytest.mark.slow
def test_attention_of_a_network_that_predicts_profiles_holds_the_planted_pairs(profile):
    found, area = recovered(profile, attention)
    assert found >= 10
    assert area > 0.8


@pytest.mark.slow
def test_attention_finds_nothing_in_a_shuffled_world():
    found, area = recovered(trained("profile", 80, shuffled=True), attention)
    assert found <= 2
    assert abs(area - 0.5) < 0.2


@pytest.mark.slow
@pytest.mark.parametrize("form", ["profile", "change"])
def test_sensitivity_holds_the_planted_pairs_whatever_the_output(form, request):
    found, area = recovered(request.getfixturevalue(form), sensitivity)
    assert found >= 12
    assert area > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("contrasted", [True, False])
@pytest.mark.parametrize("form", ["profile", "change"])
def test_sensitivity_ranked_by_size_holds_them_with_and_without_contrast(form, contrasted, request):
    """As `explain --by sensitivity` ranks."""
    found, area = recovered(request.getfixturevalue(form), sensitivity, contrasted=contrasted, by_size=True)
    assert found >= 12
    assert area > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("contrasted", [True, False])
def test_sensitivity_finds_nothing_in_a_shuffled_world(contrasted, shuffled_change):
    for by_size in (True, False):
        found, area = recovered(shuffled_change, sensitivity, contrasted=contrasted, by_size=by_size)
        assert found <= 2
        assert abs(area - 0.5) < 0.2


@pytest.mark.slow
def test_attention_without_contrast_repeats_the_prior_even_where_nothing_is_to_be_found(shuffled_change):
    """Why `explain --contrast` exists: planted pairs are among the prior's, and those start higher in every map."""
    case = shuffled_change
    found, _ = recovered(case, attention, contrasted=False)
    assert found >= 3
    best = top_pairs(attention(case, case.compound[0]), 10, prior=case.world.prior)
    assert best["in_prior"].mean() > 0.6


@pytest.mark.slow
def test_attention_of_a_network_that_predicts_change_does_not_hold_them(change):
    """Why `sensitivity_map` exists: the same network that has learnt the mechanism need not show it in A."""
    found, area = recovered(change, attention)
    assert found <= 4
    assert area < 0.75


@pytest.mark.slow
def test_a_planted_gene_up_moves_what_if_answers_the_planted_way_and_other_genes_do_not(change):
    """`runs.what_if_truth` with fewer epochs and samples; a removed edge moves little, and no better than chance."""
    model = responding(change.world, deepcopy(change.net), epochs=8)
    genes, edges = shares(change.world, model, "planted", samples=2)
    assert genes.planted > max(genes.other, 0.5) + 0.05
    assert genes.size > 1.3 * genes.other_size
    assert edges.size < genes.size / 3
