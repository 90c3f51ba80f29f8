"""Kinds of drugs as people call them: those that are meant, and no others; what only looks like a kind is none."""

import pytest

from drugripple.genes.human import human_gene
from drugripple.sources.user import drug_kinds
from drugripple.sources.user.drug_kinds import of_kind
from drugripple.sources.user.drug_names import known_drug, usual_names


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        ("KRAS", ["Sotorasib"]), ("TNKS", ["XAV939"]), ("tyms", ["Raltitrexed"]), ("TNKS inhibitors", ["XAV939"]),
        ("ERK inhibitors", ["SCH772984"]), ("PERK inhibitor", ["GSK2606414"]), ("VEGF inhibitors", ["Axitinib"]),
        ("EGFR inhibitors", ["Lapatinib"]), ("ESR1 inhibitor", []), ("s", []), ("", []), ("inhibitors", []),
    ],
)  # fmt: skip
def test_a_kind_is_a_gene_or_whole_words_of_a_mechanism(kind, known):
    """A gene's symbol may end in s; ERK stands in PERK; tamoxifen modulates ESR1."""
    drugs = ["Sotorasib", "XAV939", "Raltitrexed", "SCH772984", "GSK2606414", "Axitinib", "Lapatinib", "Tamoxifen"]
    assert of_kind(kind, [*drugs, "Temozolomide", "compound 7"]) == known


@pytest.mark.parametrize(
    ("kinds", "members", "others"),
    [
        (["RAF inhibitors", "raf inhibitor", "RAF"], ["dabrafenib", "vemurafenib", "sorafenib"], ["trametinib"]),
        (["all MEK inhibitors", "the MEK inhibitors", "MEK1/2 inhibitors"], ["trametinib"], ["erlotinib"]),
        (["ERK1/2"], ["ulixertinib"], ["trametinib", "vx-11e"]),
        (["VEGFR inhibitors", "VEGF receptor inhibitors"], ["axitinib", "sunitinib"], ["erlotinib"]),
        (["taxanes", "taxane"], ["paclitaxel", "docetaxel"], ["vincristine", "ixabepilone"]),
        (["platinum", "platinum-based chemotherapy", "platins"], ["cisplatin", "oxaliplatin"], ["busulfan"]),
        (["HDAC", "HDACs", "pan-HDAC inhibitors"], ["vorinostat", "panobinostat"], ["tazemetostat"]),
        (["topoisomerase", "topoisomerase inhibitors"], ["topotecan", "etoposide", "doxorubicin"], ["cisplatin"]),
        (["topoisomerase II", "topoisomerase 2 poisons", "TOP2"], ["etoposide"], ["topotecan"]),
        (["CDK4/6", "CDK4/6 inhibitors"], ["palbociclib"], ["dinaciclib"]),
        (["CDK inhibitors"], ["palbociclib", "dinaciclib"], ["alisertib"]),
        (["PI3K", "PI3K inhibitors"], ["alpelisib", "pictilisib", "dactolisib"], ["everolimus"]),
        (["PI3K alpha inhibitor"], ["alpelisib"], ["idelalisib"]),
        (["BCL-2 inhibitors", "BH3 mimetics"], ["venetoclax", "navitoclax"], ["vorinostat"]),
        (["tyrosine kinase inhibitors", "TKIs"], ["imatinib", "erlotinib"], ["trametinib", "alisertib"]),
        (["kinase inhibitors"], ["imatinib", "trametinib", "alisertib", "staurosporine"], ["vorinostat"]),
        (["HER2"], ["lapatinib", "tucatinib"], ["osimertinib"]),
        (["chemotherapy"], ["cisplatin", "paclitaxel", "gemcitabine", "doxorubicin"], ["imatinib", "tamoxifen"]),
        (["tubulin inhibitors", "microtubule"], ["paclitaxel", "vincristine"], ["alisertib"]),
        (["androgen receptor antagonists"], ["enzalutamide"], ["tamoxifen"]),
    ],
)  # fmt: skip
def test_what_people_call_a_kind_is_found(kinds, members, others):
    for kind in kinds:
        found = of_kind(kind, usual_names())
        assert {*members} <= {*found}, kind
        assert {*others}.isdisjoint(found), kind


@pytest.mark.parametrize(
    "text",
    ["PARP inhibitor 5", "AKT inhibitor VIII", "AR-42", "RAF265", "JAK_8517", "DNA", "drug", "compound 7", "inhibitor",
     "DNA damage", "sample 3", "1", "2", "C", "AZD", "receptor", "mutant", "II"],
)  # fmt: skip
def test_what_may_be_a_name_is_no_kind(text):
    assert of_kind(text, usual_names()) == []


def test_the_name_of_a_drug_is_no_kind():
    """But of those that are called what they do."""
    names = [name for drug in map(known_drug, usual_names()) for name in (drug.name, *drug.other_names)]
    assert [name for name in names if of_kind(name, usual_names())] == ["wee1 inhibitor"]


def test_what_is_said_for_genes_and_drugs_names_some_that_are_there():
    """A slip of the pen in the table would make a kind empty in silence."""
    for word, meant in drug_kinds._SPOKEN.items():
        if word not in ("1", "2"):
            assert of_kind(word, usual_names()), word
        for one in meant:
            gene = human_gene(one) if one.isupper() else None
            assert gene is None or gene.symbol == one
            if one in usual_names():
                continue
            assert (
                (gene and any(one in known_drug(name).targets.split(", ") for name in usual_names()))
                or of_kind(f"{one} drug", usual_names())
                or one in ("i", "ii")
            ), one
