"""Drugs of a split go by any of their names."""

import pytest

from drugripple.evaluation.leaks.kinds import Leak
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.audit import audit_splits


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("Imatinib", "Gleevec"),
        ("TARCEVA", "erlotinib"),
        ("AZD6244", "Selumetinib"),
        ("Iressa (ZD1839)", "gefitinib HCl"),
    ],
)
@pytest.mark.parametrize("scheme", [Scheme.DRUG_BLIND, Scheme.MIXED])
def test_a_drug_under_a_brand_or_code_name_is_the_drug(tmp_path, early, late, scheme):
    (tmp_path / "train.csv").write_text(f"line,drug\nA549,{early}\nHT29,ethanol\n")
    (tmp_path / "test.csv").write_text(f"line,drug\nA549,{late}\nMCF7,lapatinib\n")
    report = audit_splits([tmp_path / "train.csv", tmp_path / "test.csv"], scheme=scheme)
    repeat, drug = Leak.REPEAT_TWO_IDS, Leak.SYNONYM_DRUG
    expected = {repeat, drug} if scheme is Scheme.DRUG_BLIND else {repeat}
    assert {finding.leak for finding in report.folds[0].findings} == expected
    assert all(finding.examples[0].endswith(late) and finding.count == 1 for finding in report.folds[0].findings)
