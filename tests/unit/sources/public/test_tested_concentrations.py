"""Concentrations are found again from curves whose concentrations and slopes were chosen."""

import numpy as np
import pandas as pd
import pytest

from drugripple.sources.public.tested_concentrations import FOLDS, find_tested_um

LINES, HIGHEST = 40, (0.0125, 0.1, 0.5, 1.0, 2.56, 3.0, 4.0, 5.12, 6.0, 10.0, 10.24, 20.0, 32.0, 100.0)


def measured(dataset: str) -> pd.DataFrame:
    """Every line with every drug; drug i was tested up to HIGHEST[i], and curves follow the formula."""
    random = np.random.default_rng(0)
    fold = np.log(FOLDS[dataset])
    line, drug = (grid.ravel() for grid in np.meshgrid(range(LINES), range(len(HIGHEST)), indexing="ij"))
    slope = np.exp(random.normal(0.2, 0.2, LINES))[line]
    d = random.normal(-1, 1.5, len(line))
    auc = 1 - slope / fold * (np.logaddexp(0, -d / slope) - np.logaddexp(0, -(fold + d) / slope))
    return pd.DataFrame(
        {
            "dataset": dataset,
            "cell_line": [f"L{i}" for i in line],
            "drug": [f"drug {i:02d}" for i in drug],
            "ln_ic50": d + np.log(HIGHEST)[drug],
            "auc": auc.round(6),
        }
    )


@pytest.mark.parametrize("dataset", ["GDSC1", "GDSC2"])
def test_every_concentration_is_found(dataset):
    found = find_tested_um(measured(dataset))
    assert found["drug"].tolist() == [f"drug {i:02d}" for i in range(len(HIGHEST))]
    assert set(found["dataset"]) == {dataset}
    np.testing.assert_allclose(found["max_conc_um"], HIGHEST, rtol=1e-6)


def test_of_a_drug_that_was_screened_at_two_concentrations_the_higher_counts():
    table = measured("GDSC2")
    again = table["drug"].eq("drug 03") & (np.arange(len(table)) % 3 == 0)
    table.loc[again, "ln_ic50"] += np.log(10)
    found = find_tested_um(table).set_index("drug")["max_conc_um"]
    assert found["drug 03"] == pytest.approx(10)
    assert found["drug 09"] == pytest.approx(10)


def test_a_drug_whose_pairs_agree_on_none_is_left_out():
    table = measured("GDSC2")
    odd = table["drug"] == "drug 05"
    table.loc[odd, "auc"] = np.random.default_rng(1).uniform(0.2, 0.9, odd.sum())
    found = find_tested_um(table)
    assert "drug 05" not in set(found["drug"])
    assert len(found) == len(HIGHEST) - 1


def test_lines_with_few_drugs_tell_nothing_and_other_panels_are_passed_over():
    table = measured("GDSC2")
    few = table[table["drug"].isin([f"drug {i:02d}" for i in range(9)])]
    assert find_tested_um(few).empty
    assert find_tested_um(table.assign(dataset="CTRP")).empty
