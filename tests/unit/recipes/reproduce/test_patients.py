"""Patients: planted tumours are told apart on whatever platform, and shuffled ones are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from drugripple.data.tables import ExpressionScale
from drugripple.errors import SourceError, TableError
from drugripple.evaluation.responders import score_drugs
from drugripple.predictors.catalogue import makers
from drugripple.recipes.patients import Transfer, of_predictor, transfer, trial_of
from drugripple.sources.user.answers import read_answers


def together(world):
    first = world.tumours[0]
    return replace(
        first,
        samples=tuple(name for cohort in world.tumours for name in cohort.samples),
        values=np.concatenate([cohort.values for cohort in world.tumours]),
        tissue=tuple(name for cohort in world.tumours for name in cohort.tissue),
    )


@pytest.fixture(scope="module")
def fitted(world):
    predictor = makers("multi_trait_gp")["multi_trait_gp"]()
    predictor.fit(world.responses, world.responses.take(np.arange(0)), seed=0)
    return predictor


def scored(world, predictor, way):
    lines, tumours = world.responses.expression, together(world)
    moved = transfer(tumours, way, lines=lines, line_types=lines.tissue).tumours
    trial = trial_of(world.answers, tumours)
    return trial.score(trial.predict(of_predictor(predictor, lines), moved), draws=500)


@pytest.mark.parametrize("way", Transfer)
def test_responders_of_the_planted_world_are_told_apart(world, fitted, way):
    found = scored(world, fitted, way)
    assert len(found) == 4
    assert (found["q"] < 0.05).sum() >= 3
    assert (found["within_cancer_p"] < 0.05).sum() >= 3
    assert found["auroc"].mean() > 0.65
    assert found["wrong_drugs_as_good"].mean() < 0.2


def test_shuffled_answers_are_not(shuffled_world, fitted):
    found = scored(shuffled_world, fitted, Transfer.JOINT)
    assert (found["q"] < 0.05).sum() == 0
    assert abs(found["auroc"].mean() - 0.5) < 0.1


def test_the_sign_follows_the_measure():
    cases = pd.DataFrame(
        {"patient": list("abcdefgh"), "drug": "d", "cancer": "x", "responder": [1, 1, 1, 1, 0, 0, 0, 0]}
    )
    low = pd.DataFrame({"d": [0.0, 1, 2, 3, 4, 5, 6, 7]}, index=list("abcdefgh"))
    lower = score_drugs(cases, low, fewest=3, draws=50).iloc[0]
    higher = score_drugs(cases, -low, fewest=3, draws=50, lower_is_sensitive=False).iloc[0]
    assert lower["auroc"] == higher["auroc"] == 1.0
    assert (lower["difference"], higher["difference"]) == (-4.0, 4.0)
    assert score_drugs(cases, low, fewest=4).empty


def test_a_type_without_lines_and_z_scores_are_scaled_by_their_cohort(world):
    tumours, lines = together(world), world.responses.expression
    found = transfer(tumours, Transfer.JOINT, lines=lines, line_types=("BRCA",) * len(lines)).cohorts
    assert found.set_index("cohort")["transfer"].to_dict() == {"BRCA": "joint", "SKCM": "cohort"}
    as_z = replace(tumours, scale=ExpressionScale.GENE_Z)
    why = transfer(as_z, Transfer.REFERENCE, lines=lines, line_types=lines.tissue).cohorts["why"]
    assert why.str.contains("ComBat cannot correct").all()
    with pytest.raises(TableError, match="needs cell lines"):
        transfer(tumours, Transfer.JOINT)


def test_after_the_transfer_both_batches_agree(world):
    lines = world.responses.expression
    moved = transfer(together(world), Transfer.REFERENCE, lines=lines, line_types=lines.tissue).tumours
    assert np.abs(np.median(moved.values, axis=0)).mean() < 0.25


def test_answers_that_cannot_be_used_are_listed(world):
    answers = pd.concat([world.answers, world.answers.iloc[:1].assign(responder=lambda row: 1 - row["responder"])])
    strange = world.answers.iloc[1:2].assign(patient="TCGA-XX-0000")
    trial = trial_of(pd.concat([answers, strange]), together(world))
    assert trial.without.set_index("reason")["rows"].to_dict() == {"contradictory rows": 2, "no expression": 1}
    assert len(trial.cases) == len(world.answers) - 1


def test_dings_table_is_read_as_it_is(tmp_path):
    file = tmp_path / "ding.tsv"
    file.write_text("cancers\tpatient.arr\tdrug.name\tresponse\nSKCM\tTCGA-A\tDacarbazine\tPartial Response\n")
    assert read_answers(file).to_dict("records") == [
        {"patient": "TCGA-A", "drug": "Dacarbazine", "cancer": "SKCM", "response": "Partial Response"}
    ]
    file.write_text("patient\tdrug\tresponder\na\tb\tperhaps\n")
    with pytest.raises(SourceError, match="line 2: responder is 'perhaps'"):
        read_answers(file)


def test_answers_are_read_as_clinicians_write_them_and_no_other_word_is_an_answer(tmp_path):
    """Every word that was not known made a non-responder."""
    file = tmp_path / "answers.csv"
    file.write_text("patient,drug,response\na,x,CR\nb,x,partial response\nc,x,SD\nd,x,PD\n")
    found = read_answers(file)
    assert found["response"].tolist() == [
        "Complete Response", "Partial Response", "Stable Disease", "Clinical Progressive Disease",
    ]  # fmt: skip
    file.write_text("patient,drug,response\na,x,CR\nb,x,[Not Available]\n")
    with pytest.raises(SourceError, match=r"line 3: response is '\[Not Available\]'.*leave out patients"):
        read_answers(file)
