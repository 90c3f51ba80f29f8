"""Numbers of responses with the sign of a bound before them, a unit behind them, or commas in them; combinations."""

import numpy as np
import pytest

from drugripple.data.tables import CompoundTable, ExpressionScale, ExpressionTable
from drugripple.errors import SourceError
from drugripple.genes.space import GeneSpace
from drugripple.sources.user.responses import read_responses

SAMPLES = ("A549", "MCF7", "K-562", "HT-29", "TT")
EXPRESSION = ExpressionTable(SAMPLES, GeneSpace(("TP53", "EGFR")), np.zeros((5, 2)), ExpressionScale.RMA)
COMPOUNDS = CompoundTable.from_smiles(("CCO",), names=("ethanol",))


def read(path, cells, *, header="IC50 (uM)", delimiter=";"):
    """The responses of the five samples, as a file holds them."""
    lines = [delimiter.join(("sample", "drug", header))]
    lines += [delimiter.join((name, "ethanol", cell)) for name, cell in zip(SAMPLES, cells, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = read_responses(path, EXPRESSION, COMPOUNDS)
    return dict(zip(table.sample_row.tolist(), np.exp(table.values).round(4).tolist(), strict=True)), table.notes


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("sign", [">", "> ", "\u2265", "<", "<= "])
def test_a_bound_with_a_decimal_comma_is_that_bound(tmp_path, sign, delimiter):
    found, notes = read(tmp_path / "own.csv", ("2,5", "0,25", f"{sign}10,5", "3", "1,75"), delimiter=delimiter)
    assert found == {0: 2.5, 1: 0.25, 2: 10.5, 3: 3.0, 4: 1.75}
    assert any("1 row holds only a bound" in note for note in notes)


@pytest.mark.parametrize("unit", ["\u00b5M", " uM", " \u03bcmol/L", " micromolar"])
@pytest.mark.parametrize("header", ["IC50", "IC50 (uM)"])
def test_numbers_with_decimal_commas_and_units_are_read(tmp_path, unit, header):
    cells = (f"2,5{unit}", f"0,25{unit}", f">10,5{unit}", "300,5 nM", f"1,75{unit}")
    found, _ = read(tmp_path / "own.csv", cells, header=header)
    assert found == {0: 2.5, 1: 0.25, 2: 10.5, 3: 0.3005, 4: 1.75}


@pytest.mark.parametrize("cell", [">10,000", "> 10,000 nM", ">1.0.5", "<~5", "1,000 nM"])
def test_a_number_that_cannot_be_read_is_refused_behind_a_sign_as_well(tmp_path, cell):
    with pytest.raises(SourceError, match=r"1 value of 'IC50 \(uM\)' cannot be read as a number"):
        read(tmp_path / "own.csv", ("2.5", "0.25", cell, "3.25", "1.75"), delimiter="\t")


def test_commas_before_three_digits_and_a_unit_may_part_thousands(tmp_path):
    with pytest.raises(SourceError, match="its commas may be decimal marks or part thousands"):
        read(tmp_path / "own.csv", ("1,500 nM", "2,250 nM", "> 10,000 nM", "30 nM", "4,125 nM"), header="IC50")


@pytest.mark.parametrize("name", ["drug2", "Drug B", "combination_partner", "ANCHOR_NAME", "Compound 2"])
@pytest.mark.parametrize("partners", [("urea",) * 5, ("", "", "glycine", "DMSO", "none")])
def test_a_column_of_second_compounds_is_refused_by_name(tmp_path, name, partners):
    lines = [f"sample,drug,{name},ic50_um", *(f"{s},ethanol,{p},2.5" for s, p in zip(SAMPLES, partners, strict=True))]
    (tmp_path / "own.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(
        SourceError, match=rf"the column '{name}' names a second compound in [15] rows? \(\['(urea|glyc)"
    ):
        read_responses(tmp_path / "own.csv", EXPRESSION, COMPOUNDS)


def test_a_column_of_second_compounds_that_holds_none_is_passed_over(tmp_path):
    lines = [
        "sample,drug,drug2,ic50_um",
        *(f"{s},ethanol,{p},2.5" for s, p in zip(SAMPLES, ("", "DMSO", "none", "NA", "-"), strict=True)),
    ]
    (tmp_path / "own.csv").write_text("\n".join(lines) + "\n")
    assert len(read_responses(tmp_path / "own.csv", EXPRESSION, COMPOUNDS)) == 5
