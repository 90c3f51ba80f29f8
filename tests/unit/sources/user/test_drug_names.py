"""Drugs by brands, code names and salts: to the one compound that is meant, or to none."""

import re
from importlib.resources import files

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drugripple.genes.human import human_gene
from drugripple.sources.user.drug_names import (
    annotated,
    known_drug,
    match_compounds,
    no_compound,
    other_names,
    usual_name,
)
from drugripple.sources.user.matching import bare_name

KNOWN = ("Bortezomib", "Selumetinib", "Erlotinib", "Paclitaxel", "MK-1775", "Nutlin-3a (-)", "Abiraterone", "Rapamycin",
         "Fludarabine", "JQ1", "Sorafenib", "Cisplatin", "Etoposide", "Doxorubicin", "Camptothecin", "Decitabine",
         "Tamoxifen", "Ixabepilone", "Cytarabine", "Gemcitabine", "Mycophenolic acid", "Mitomycin-C")  # fmt: skip
GDSC_DIFFERS = {("Rapamycin", "Torisel")}
"""Torisel is temsirolimus."""
GDSC_OTHER_TARGETS = {"AGK2", "LY2109761", "Midostaurin", "SL0101"}
"""GDSC names a ligand, or what they hit besides; AGK2 is known for SIRT2."""


def groups():
    for first, others, _, _ in rows():
        yield [first, *filter(None, others.split("; "))]


def rows():
    text = (files("drugripple.sources.user") / "drugs.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


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
        "abiraterone acetate", "fludarabine phosphate", "etoposide phosphate", "mycophenolate mofetil",  # esters
        "sorafenib-d3", "[13C6]erlotinib", "tamoxifen N-oxide", "4-hydroxytamoxifen", "N-desmethyl erlotinib",
        "(-)-JQ1", "JQ1 (-)", "nutlin-3a (+)", "nutlin-3b", "nutlin-3", "20(S)-camptothecin", "trans-DDP",
        "JQ1 (PROTAC)", "gefitinib-based PROTAC 3", "liposomal doxorubicin", "4-epidoxorubicinol", "aldoxorubicin",
        "epothilone B", "mitomycin A", "azacitidine (decitabine)", "cytarabine ocfosfate", "gemcitabine elaidate",
        "cisplatin 5 uM", "cisplatin, 5 uM", "cisplatin/gemcitabine", "cisplatin, gemcitabine", "cisplatin [rescreen]",
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
    names = [bare_name(name) for group in groups() for name in group]
    assert len(set(names)) == len(names)
    assert all(names)


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


def test_targets_are_genes_and_every_drug_has_a_mechanism():
    for name, _, targets, mechanism in rows():
        assert mechanism, name
        for symbol in filter(None, targets.split(", ")):
            gene = human_gene(symbol)
            assert gene, (name, symbol)
            assert gene.symbol == symbol, name


def test_targets_that_gdsc_names_by_symbol_are_ours(shared_data):
    """Where GDSC names genes as HGNC does, one of them is ours."""
    drugs = pd.read_parquet(shared_data / "gdsc" / "drugs.parquet").dropna(subset=["targets"]).drop_duplicates("drug")
    compared, differing = 0, []
    for name, targets in zip(drugs["drug"], drugs["targets"], strict=True):
        drug, theirs = known_drug(name), {part.strip() for part in targets.split(",")}
        theirs = {symbol for symbol in theirs if (gene := human_gene(symbol)) and gene.symbol == symbol}
        if drug and drug.targets and theirs:
            compared += 1
            if not theirs & {*drug.targets.split(", ")}:
                differing.append(name)
    assert compared > 100
    assert set(differing) <= GDSC_OTHER_TARGETS


def test_what_a_table_says_of_a_compound_stays():
    assert annotated(["Velcade", "Velcade", "x"], ["PSMB1", "", ""], ["", "inhibitor", ""]) == (
        ("PSMB1", "PSMB5, PSMB1", ""), ("proteasome inhibitor", "inhibitor", ""),
    )  # fmt: skip
