"""Drugs by brands, code names and salts: to the one compound that is meant, or to none."""

import re
from importlib.resources import files

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drugripple.sources.user.drug_names import match_compounds, no_compound, other_names, usual_name
from drugripple.sources.user.matching import bare_name

KNOWN = ("Bortezomib", "Selumetinib", "Erlotinib", "Paclitaxel", "MK-1775", "Nutlin-3a (-)", "Abiraterone", "Rapamycin")
GDSC_DIFFERS = {("Rapamycin", "Torisel")}
"""Torisel is temsirolimus."""


def groups():
    text = (files("drugripple.sources.user") / "drug_names.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        first, others = line.split("\t")
        yield [first, *others.split("; ")]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Velcade", "Bortezomib"), ("PS-341", "Bortezomib"), ("azd 6244", "Selumetinib"), ("Taxol", "Paclitaxel"),
        ("erlotinib hydrochloride", "Erlotinib"), ("Erlotinib HCl monohydrate", "Erlotinib"),
        ("adavosertib", "MK-1775"), ("AZD1775", "MK-1775"), ("nutlin-3a", "Nutlin-3a (-)"),
        ("Bortezomib (Velcade)", "Bortezomib"), ("Velcade, PS-341", "Bortezomib"), ("sirolimus", "Rapamycin"),
    ],
)  # fmt: skip
def test_any_name_of_a_drug_is_the_known_one(asked, meant):
    assert match_compounds([asked], KNOWN) == {asked: meant}


@pytest.mark.parametrize(
    "asked",
    [
        "abiraterone acetate",  # an ester: another compound
        "erlotinib (with Velcade)", "Velcade (Taxol)", "Velcade (10 uM)", "Velcade analogue", "hydrochloride",
        "Torisel", "()", "",
    ],
)  # fmt: skip
def test_what_may_be_another_compound_is_none(asked):
    assert match_compounds([asked], KNOWN) == {}


def test_what_could_be_two_known_compounds_is_none_of_them():
    assert match_compounds(["SAHA"], ["Vorinostat", "Zolinza"]) == {}
    assert match_compounds(["SAHA"], ["Vorinostat", "Velcade"]) == {"SAHA": "Vorinostat"}


def test_a_known_name_is_never_taken_for_another_names_drug():
    """A data set may have both a drug and what the table calls another name of it."""
    assert match_compounds(["Velcade", "Bortezomib"], ["Bortezomib", "Velcade"]) == {
        "Velcade": "Velcade", "Bortezomib": "Bortezomib",
    }  # fmt: skip


def test_no_name_stands_for_two_drugs():
    rows = [(bare_name(name), group[0]) for group in groups() for name in group]
    assert len({name for name, _ in rows}) == len(rows)
    assert all(name for name, _ in rows)


@given(st.sampled_from([(name, group[0]) for group in groups() for name in group]), st.sampled_from([str, str.upper]))
def test_every_name_of_the_table_leads_to_the_first(pair, cased):
    name, first = pair
    assert match_compounds([cased(name)], ["Compound 7", first]) == {cased(name): first}


def test_the_table_agrees_with_the_names_that_gdsc_gives(shared_data):
    drugs = pd.read_parquet(shared_data / "gdsc" / "drugs.parquet").dropna(subset=["synonyms"])
    known = drugs["drug"].unique().tolist()
    pairs = [(drug, name) for drug, names in zip(drugs["drug"], drugs["synonyms"], strict=True)
             for name in re.split(r",\s*", names) if bare_name(name)]  # fmt: skip
    called = match_compounds([name for _, name in pairs], known)
    by_table = {name: known for name, known in called.items() if bare_name(name) != bare_name(known)}
    other = {(drug, name) for drug, name in pairs if by_table.get(name, drug) != drug}
    misspelt = {(drug, name) for drug, name in other if drug == "Venotoclax"}
    assert other - misspelt == GDSC_DIFFERS
    assert len({name for _, name in pairs if name in by_table}) > 200


def test_what_was_read_as_another_name_is_said():
    assert other_names({"VELCADE": "Velcade"}) == ()
    assert other_names({"Taxol": "Paclitaxel"}) == ("'Taxol' is read as Paclitaxel, another name of the drug",)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Keytruda", "antibody"), ("trastuzumab deruxtecan", "antibody"), ("aflibercept", "antibody"),
        ("R-CHOP", "rituximab, cyclophosphamide"), ("folfox", "oxaliplatin"),
    ],
)  # fmt: skip
def test_antibodies_and_regimens_are_told_as_such(text, said):
    assert said in no_compound(text)


@pytest.mark.parametrize("text", ["Dabrafenib", "CCO", "mab", "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "Intercept 5"])
def test_other_texts_are_not(text):
    assert no_compound(text) == ""


def test_an_unknown_brand_is_told_with_its_usual_name():
    assert usual_name("Gleevec") == "'Gleevec' (imatinib)"
