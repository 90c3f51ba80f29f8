"""What is known of a compound's structure, however its rows write it, decides; what is not known is told."""

import pandas as pd
import pytest

from drugripple.evaluation.leaks.audit import audit, is_clean
from drugripple.evaluation.leaks.kinds import Leak, Severity
from drugripple.evaluation.schemes import Scheme

ERLOTINIB = "COc1cc2ncnc(Nc3cccc(C#C)c3)c2cc1OCCOC"
ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def split(test_smiles, train_smiles=(ERLOTINIB, ERLOTINIB)):
    """Erlotinib in training; in the test a compound of another name, whose rows may write its structure differently."""
    rows = [(f"line{i}", "erlotinib", text, "train") for i, text in enumerate(train_smiles)]
    rows += [(f"line{i}", "X-1", text, "test") for i, text in enumerate(test_smiles)]
    return pd.DataFrame(rows, columns=["line", "drug", "smiles", "role"])


def found(rows):
    return {finding.leak: finding for finding in audit(rows, scheme=Scheme.DRUG_BLIND)}


@pytest.mark.parametrize("blank", ["", " ", "NA", "nan", "None", "N/A", "#N/A", "-", "?", ".", "Not available", "0"])
def test_a_word_for_nothing_in_the_first_row_hides_no_structure(blank):
    for rows in (split([blank, ERLOTINIB]), split([ERLOTINIB, ERLOTINIB], [blank, ERLOTINIB])):
        assert Leak.SAME_MOLECULE in found(rows)
        assert Leak.UNREAD not in found(rows)


@pytest.mark.parametrize("broken", ["C1CC", "CC(C)(C)(C)(C)C", "see patent", "BRD-K70401845"])
def test_a_structure_that_cannot_be_read_in_one_row_hides_none_of_another(broken):
    assert Leak.SAME_MOLECULE in found(split([broken, ERLOTINIB]))
    assert Leak.SAME_MOLECULE in found(split([ERLOTINIB, broken]))


def test_every_structure_that_a_compound_is_given_counts():
    assert Leak.SAME_MOLECULE in found(split([ASPIRIN, ERLOTINIB]))
    assert Leak.SALT_TWIN in found(split([ASPIRIN, f"{ERLOTINIB}.Cl"]))
    repeats = found(split([ASPIRIN, ERLOTINIB]))[Leak.REPEAT_TWO_IDS]
    assert repeats.examples == ("line1 x X-1",)


@pytest.mark.parametrize("word", ["NA", "-", "unknown"])
def test_compounds_without_structure_are_not_one_molecule(word):
    assert found(split([word, word], [word, word])) == {}


def test_structures_that_cannot_be_read_are_told_and_no_molecule():
    rows = split(["C1CC", "C1CC"], ["C1CC", "C1CC"])
    finding = found(rows)[Leak.UNREAD]
    assert set(found(rows)) == {Leak.UNREAD}
    assert (finding.severity, finding.count, finding.rows) == (Severity.NOTE, 2, 4)
    assert finding.examples == ("erlotinib", "X-1")
    assert is_clean([finding])
