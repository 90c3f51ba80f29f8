"""GDSC's tables with columns exchanged, in other units, with marks of missing values or lines without a name."""

import numpy as np
import pandas as pd
import pytest

from drugripple.errors import SourceError
from drugripple.sources.public.gdsc import build_gdsc

LINES = ("PFSK-1", "A673", "ES5", "TT")
LN_IC50 = np.random.default_rng(1).normal(2, 2, 8).round(6)


def table(**columns):
    """Four lines by two drugs."""
    rows = [(line, number, drug) for line in LINES for number, drug in ((1003, "Camptothecin"), (1004, "Vinblastine"))]
    frame = pd.DataFrame(rows, columns=["CELL_LINE_NAME", "DRUG_ID", "DRUG_NAME"])
    others = {"DATASET": "GDSC2", "COSMIC_ID": 905940, "SANGER_MODEL_ID": "SIDM1", "TCGA_DESC": "MB"}
    others |= {"PUTATIVE_TARGET": "x", "PATHWAY_NAME": "y", "LN_IC50": LN_IC50, "AUC": np.linspace(0.3, 0.99, 8)}
    return frame.assign(**(others | columns))


def build(folder, frame, suffix="csv"):
    path = folder / f"GDSC2_fitted_dose_response.{suffix}"
    frame.to_csv(path, index=False) if suffix == "csv" else frame.to_excel(path, index=False)
    return build_gdsc([path], None, folder / "tidy")


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("columns", "match"),
    [
        ({"LN_IC50": np.linspace(0.3, 0.99, 8), "AUC": LN_IC50}, "values of AUC are no areas .*exchange the columns"),
        ({"LN_IC50": [-999.0, *LN_IC50[1:]]}, r"1 values of LN_IC50 are no logarithms of micromolar \(got \['-999"),
        ({"LN_IC50": [1e30, *LN_IC50[1:]]}, "values of LN_IC50 are no logarithms"),
        ({"LN_IC50": np.exp(LN_IC50 + 3)}, "values of LN_IC50 are no logarithms"),
        ({"AUC": [-9.0, *np.linspace(0.3, 0.99, 7)]}, "1 values of AUC are no areas"),
        ({"DATASET": ["GDSC3", *["GDSC2"] * 7]}, r"1 rows of DATASET are of no panel of \['GDSC1', 'GDSC2'\]"),
    ],
)
def test_values_that_no_release_holds_are_refused(tmp_path, columns, match, suffix):
    with pytest.raises(SourceError, match=match):
        build(tmp_path, table(**columns), suffix)


def test_a_line_without_a_name_is_left_out_and_listed(tmp_path):
    built = build(tmp_path, table(CELL_LINE_NAME=["", *[line for line in LINES for _ in range(2)][1:]]))
    assert built.rows == 7
    assert built.dropped["reason"].tolist() == ["no cell line"]


def test_a_drug_number_of_two_names_is_refused(tmp_path):
    names = ["Camptothecin", "Vinblastine"] * 3 + ["Camptothecin", "X"]
    with pytest.raises(SourceError, match=r"1 drug number has more than one name: \['1004 of GDSC2'\]"):
        build(tmp_path, table(DRUG_NAME=names))


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_letter_case_of_a_header_does_not_matter(tmp_path, suffix):
    assert build(tmp_path, table().rename(columns=str.lower), suffix).rows == 8


def test_a_missing_column_is_told_beside_those_there_are(tmp_path):
    with pytest.raises(SourceError, match=r"lacks 1 of 11 columns: \['LN_IC50'\]; it has \['CELL_LINE_NAME', "):
        build(tmp_path, table().rename(columns={"LN_IC50": "IC50"}))
