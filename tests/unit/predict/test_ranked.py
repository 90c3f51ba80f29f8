"""The most promising compounds and samples: in the domain, against others or by potency, from whatever part."""

import numpy as np
import pandas as pd
import pytest

from drugripple.data.measure import Measure
from drugripple.errors import CompoundError, ConfigError, TableError
from drugripple.predict.choices import Ranked, Ranking
from drugripple.predict.prediction_table import PredictionTable
from drugripple.predict.ranked import Top, to_print

ROWS = PredictionTable(
    {
        "sample": ["b"] * 4 + ["a"] * 4,
        "id": ["C1", "C2", "C3", "C4"] * 2,
        "compound": ["poison", "aimed", "weak", "far"] * 2,
        "ln_ic50": [-5.0, 1.0, 4.0, -9.0, -4.0, 2.0, 3.0, -9.0],
        "sample_percentile": [60.0, 2.0, 50.0, 0.0, 10.0, 90.0, 40.0, 0.0],
        "compound_percentile": [30.0, 50.0, 80.0, 0.0, 20.0, 60.0, 70.0, 0.0],
        "in_domain": [True, True, True, False] * 2,
    }
)


def chosen(table):
    return list(zip(table["sample"], table["compound"], strict=True))


def test_the_best_hit_a_sample_harder_than_others_or_are_potent():
    by = {by: chosen(ROWS.best(2, by)) for by in ("selectivity", "response")}
    assert by["selectivity"] == [("b", "aimed"), ("b", "weak"), ("a", "poison"), ("a", "weak")]
    assert by["response"] == [("b", "poison"), ("b", "aimed"), ("a", "poison"), ("a", "aimed")]
    assert chosen(ROWS.best(2)) == by["selectivity"]
    assert "potent in every sample" in ROWS.best(2, "response").attrs["notes"][-1]


def test_the_best_samples_of_a_compound_respond_or_are_hit_harder_by_it_than_by_others():
    by = {by: chosen(ROWS.best(1, by, rank="samples")) for by in ("response", "selectivity")}
    assert by["response"] == [("b", "poison"), ("b", "aimed"), ("a", "weak")]
    assert by["selectivity"] == [("a", "poison"), ("b", "aimed"), ("a", "weak")]
    assert chosen(ROWS.best(1, rank="samples")) == by["response"]
    assert "respond to most compounds" in ROWS.best(1, rank="samples").attrs["notes"][-1]
    assert "by compound_percentile" in ROWS.best(1, "selectivity", rank="samples").attrs["notes"][-1]


def test_the_best_are_shown_with_the_percentile_and_not_with_the_domain_that_all_are_in():
    table = PredictionTable(ROWS.assign(ic50_um=1.0, low_um=0.5, high_um=2.0))
    assert "in_domain" in repr(table).splitlines()[0]
    for rank, shown in (("compounds", "sample_percentile"), ("samples", "compound_percentile")):
        assert repr(table.best(1, rank=rank)).splitlines()[0].split()[-1] == shown


def test_two_compounds_of_one_name_are_ranked_apart():
    twins = PredictionTable(ROWS.assign(compound="twin"))
    assert chosen(twins.best(1, rank="samples")) == [("b", "twin"), ("b", "twin"), ("a", "twin")]


def test_higher_comes_first_where_higher_is_more_sensitive():
    table = pd.DataFrame(ROWS).rename(columns={"ln_ic50": "z_score"})
    by_response, by_selectivity = (Top(1, Measure.Z_SCORE, by=by) for by in (Ranking.RESPONSE, Ranking.SELECTIVITY))
    assert chosen(by_response.of(table)) == [("b", "weak"), ("a", "weak")]
    assert chosen(by_selectivity.of(table)) == [("b", "poison"), ("a", "aimed")]
    assert "the highest first" in by_selectivity.note


@pytest.mark.parametrize("by", list(Ranking))
@pytest.mark.parametrize("rank", list(Ranked))
def test_parts_of_compounds_give_what_the_whole_gives(by, rank):
    parts = [pd.DataFrame(ROWS[ROWS["compound"].isin(some)]) for some in (["poison"], ["aimed"], ["far", "weak"])]
    (found,) = Top(2, Measure.LN_IC50, rank, by).of_all(parts)
    pd.testing.assert_frame_equal(found, pd.DataFrame(ROWS.best(2, by, rank=rank)))


def test_a_sample_that_has_nothing_in_the_domain_has_no_rows():
    top = Top(2, Measure.LN_IC50)
    (found,) = top.of_all([pd.DataFrame(ROWS).assign(in_domain=False)])
    assert found.empty
    assert list(found.columns) == list(ROWS.columns)
    assert list(top.short(found)) == ["sample", "id", "compound", "ln_ic50", "sample_percentile"]


def test_what_cannot_be_ranked_is_told():
    with pytest.raises(TableError, match=r"lacks \['sample_percentile'\] to rank by"):
        ROWS.drop(columns="sample_percentile").best(3)
    with pytest.raises(TableError, match=r"lacks \['compound_percentile'\] to rank by"):
        ROWS.drop(columns="compound_percentile").best(3, "selectivity", rank="samples")
    with pytest.raises(ConfigError, match="potency"):
        ROWS.best(3, "potency")
    with pytest.raises(ConfigError, match="genes"):
        ROWS.best(3, rank="genes")


def test_asked_without_compounds_the_model_answers_for_all_that_it_knows(asked):
    one = asked.new.take(np.array([0]))
    table = asked.model.predict(one)
    assert set(table["compound"]) == set(asked.model.training_compounds.names)
    assert any("no compounds are named" in note for note in table.attrs["notes"])
    assert len(table.best(3)) == 3


def test_the_next_experiments_are_chosen_among_what_can_be_had(asked, tmp_path):
    one, names = asked.new.take(np.array([0])), asked.model.training_compounds.names
    free = asked.model.next_experiments(one, 3)
    first = free["compound"][0]
    offered = [name for name in names if name != first][:4]
    found = asked.model.next_experiments(one, 9, among=offered)
    assert sorted(found["compound"]) == sorted(offered)
    assert first not in set(found["compound"])
    file = tmp_path / "shop.csv"
    pd.DataFrame({"price": range(4), "drug": offered}).to_csv(file, index=False)
    pd.testing.assert_frame_equal(asked.model.next_experiments(one, 9, among=file), found)
    mixed = asked.model.next_experiments(one, 9, among=[*offered, "CCOCC"])
    assert (
        "1 compound is not chosen from, because the model was not trained with them: ['CCOCC']"
        in (mixed.attrs["notes"])
    )
    with pytest.raises(CompoundError, match="trained with none of 1 compound to choose from"):
        asked.model.next_experiments(one, 9, among=["CCOCC"])


@pytest.mark.parametrize(
    ("changes", "ranked", "shown"),
    [
        ({}, None, ["sample", "compound", "ic50_um", "low_um", "high_um", "sample_percentile"]),
        ({"measured_um": [None, 0.5], "in_domain": [True, False]}, None,
         ["sample", "compound", "ic50_um", "low_um", "high_um", "measured_um", "sample_percentile", "in_domain"]),
        ({"tested_um": [None, 10.0], "id": ["C1", "C2"]}, Ranked.COMPOUNDS,
         ["sample", "id", "compound", "ic50_um", "low_um", "high_um", "tested_um", "compound_r", "sample_percentile"]),
        ({"compound_r": float("nan")}, Ranked.COMPOUNDS,
         ["sample", "compound", "ic50_um", "low_um", "high_um", "sample_percentile"]),
        ({"kind": ["new sample, known compound", "new sample, new compound"]}, Ranked.SAMPLES,
         ["sample", "compound", "ic50_um", "low_um", "high_um", "compound_percentile", "nearest_compound"]),
    ],
)  # fmt: skip
def test_what_is_known_and_what_was_ranked_is_printed(changes, ranked, shown):
    table = pd.DataFrame(
        {"sample": ["a", "b"], "id": ["x", "y"], "compound": ["x", "y"], "ln_ic50": 0.0, "ic50_um": 1.0, "low_um": 0.5,
         "high_um": 2.0, "measured_um": float("nan"), "kind": "new sample, known compound", "sample_percentile": 5.0,
         "compound_percentile": 6.0, "nearest_compound": "x", "compound_r": 0.5, "tested_um": float("nan"),
         "in_domain": True}
    )  # fmt: skip
    assert list(to_print(table.assign(**changes), ranked)) == shown


def test_a_printed_verdict_is_a_word_and_a_known_compound_has_no_nearest():
    table = pd.DataFrame(
        {"sample": "a", "id": ["x", "y"], "compound": ["x", "y"], "ln_ic50": 0.0, "ic50_um": 1.0, "low_um": 0.5,
         "high_um": 2.0, "kind": ["new sample, known compound", "new sample, new compound"], "nearest_compound": "x",
         "in_domain": [True, False]}
    )  # fmt: skip
    shown = to_print(table)
    assert shown["in_domain"].tolist() == ["yes", "no"]
    assert shown["nearest_compound"].tolist() == ["", "x"]


def test_of_other_measures_the_value_and_of_other_models_all_is_printed():
    auc = pd.DataFrame({"sample": ["a"], "id": ["x"], "compound": ["x"], "auc": [0.5], "low": [0.1], "high": [0.9],
                        "in_domain": [False]})  # fmt: skip
    assert list(to_print(auc)) == ["sample", "compound", "auc", "low", "high", "in_domain"]
    network = auc.drop(columns=["low", "high", "in_domain"])
    assert list(to_print(network)) == ["sample", "compound", "auc"]


def test_a_short_table_of_the_best_says_nothing_twice():
    numbers = ["ln_ic50", "ic50_um", "low_um", "high_um", "sample_percentile", "compound_r"]
    best = pd.DataFrame({"sample": ["a"], "id": ["x"], "compound": ["x"], **dict.fromkeys(numbers, 1.0)})
    assert set(to_print(best, Ranked.COMPOUNDS)) == {"sample", "compound", *numbers[1:]}
