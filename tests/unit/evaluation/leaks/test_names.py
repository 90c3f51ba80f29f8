"""One line or compound under two names is found, and two are not taken for one."""

import pandas as pd
import pytest

from drugripple.evaluation.leaks.audit import audit, is_clean
from drugripple.evaluation.leaks.kinds import Leak, Severity
from drugripple.evaluation.leaks.line_names import normalised_line, original_of
from drugripple.evaluation.schemes import Scheme

A_SECOND_NAME = {(Leak.SYNONYM_DRUG, Severity.LEAK)}


def leaks(rows):
    return {(finding.leak, finding.severity) for finding in audit(rows, scheme=Scheme.DRUG_BLIND)}


@pytest.mark.parametrize(
    ("early", "late", "leak"),
    [
        ("786-0", "786-O", Leak.SYNONYM_LINE),
        ("A549", "A549/ATCC", Leak.SYNONYM_LINE),
        ("HL-60", "HL-60(TB)", Leak.SYNONYM_LINE),
        ("NCI-H1299", "H1299", Leak.SYNONYM_LINE),
        ("MCF7", "MCF7.1", Leak.SYNONYM_LINE),
        ("MCF7_2", "MCF-7", Leak.SYNONYM_LINE),
        ("MCF-7 [rep1]", "MCF-7 [rep2]", Leak.SYNONYM_LINE),
        ("MCF7", "BR:MCF7", Leak.SYNONYM_LINE),
        ("MCF7", "\uff2d\uff23\uff26\uff17", Leak.SYNONYM_LINE),
        ("905946", "0905946", Leak.SYNONYM_LINE),
        ("MCF7", "MCF-7 cells", Leak.SYNONYM_LINE),
        ("MCF7", "MCF7 parental", Leak.SYNONYM_LINE),
        ("MCF7", "MCF-7 (ATCC HTB-22)", Leak.SYNONYM_LINE),
        ("MCF7", "MCF7 (breast)", Leak.SYNONYM_LINE),
        ("A549", "A549_LUNG_rep1", Leak.SYNONYM_LINE),
        ("A549", "A549-ATCC", Leak.SYNONYM_LINE),
        ("905946", "COSMIC:905946", Leak.SYNONYM_LINE),
        ("CVCL_0031", "RRID:CVCL_0031", Leak.SYNONYM_LINE),
        ("CVCL_0031", "CVCL:0031", Leak.SYNONYM_LINE),
        ("MCF7", "COSM905946", Leak.TWO_SYSTEMS),
        ("MCF7", "RRID:CVCL_0031", Leak.TWO_SYSTEMS),
        ("WT", "CELLS", None),
        ("MCF7", "ACH-000019", Leak.TWO_SYSTEMS),
        ("H9", "NCI-H9", Leak.MAYBE_LINE),
        ("PC-3", "PC-3_[JPC-3]", None),
        ("697", "697_R", None),
        ("OVCAR_3", "OVCAR_8", None),
        ("SNU-1", "SNU-16", None),
        ("HCT-15", "HCT-116", None),
    ],
)
def test_a_line_under_two_names_is_found_and_two_lines_are_not(early, late, leak):
    rows = pd.DataFrame({"line": [early, late], "drug": "x", "role": ["train", "test"]})
    for table in (rows, rows.assign(role=rows["role"].to_numpy()[::-1])):
        found = audit(table, scheme=Scheme.CELL_BLIND)
        assert {finding.leak for finding in found} - {Leak.REPEAT_TWO_IDS} == ({leak} if leak else set())
        assert is_clean(found) == (leak in (None, Leak.MAYBE_LINE))


def test_no_two_lines_of_gdsc_are_taken_for_one(shared_data):
    names = pd.read_parquet(shared_data / "gdsc" / "response.parquet", columns=["cell_line"])["cell_line"].unique()
    assert len({normalised_line(name) for name in names}) == len(names)
    assert not {original_of(name) for name in names} & {normalised_line(name) for name in names}


@pytest.mark.parametrize(
    ("early", "late", "is_one"),
    [
        ("Erlotinib", "Erlotinib HCl", True),
        ("Camptothecin", "Camptothecin_1003", True),
        ("1003", "Camptothecin_1003", True),
        ("1003", "1003.0", True),
        ("Erlotinib", "erlotinib (OSI-774)", True),
        ("OSI-774", "erlotinib (OSI-774)", True),
        ("Imatinib", "Imatinib, STI-571", True),
        ("Ibuprofen", "(S)-Ibuprofen", True),
        ("Imatinib", "Imatinib free base", True),
        ("Compound (1)", "Compound (2)", False),
        ("navitoclax (1 mol/mol)", "gemcitabine (1 mol/mol)", False),
        ("(5Z)-7-Oxozeaenol", "7-Oxozeaenol", True),
        ("drug_1", "drug_2", False),
        ("AZD6244", "AZD6738", False),
    ],
)
def test_a_compound_under_two_names_is_found_without_structures(early, late, is_one):
    for pair in ([early, late], [late, early]):
        rows = pd.DataFrame({"line": ["a", "b"], "drug": pair, "role": ["train", "test"]})
        assert leaks(rows) == (A_SECOND_NAME if is_one else set())


def test_an_ester_whose_structure_is_known_is_not_its_alcohol():
    rows = pd.DataFrame({"line": ["a", "b"], "drug": ["Abiraterone", "Abiraterone acetate"], "role": ["train", "test"]})
    assert leaks(rows) == A_SECOND_NAME
    assert not leaks(rows.assign(smiles=["CCCCCCCCO", "CCCCCCCCOC(C)=O"]))
