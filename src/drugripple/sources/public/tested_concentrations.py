"""The highest tested concentration of each compound, found again from GDSC's published ln IC50 and AUC.

GDSC fits sigmoid curves to survival, whose slope s belongs to the cell line, and reports as AUC the mean survival over
the tested concentrations c_min to c_max. With d = ln IC50 - ln c_max and R = ln(c_max / c_min),

    1 - AUC = s/R [softplus(-d/s) - softplus(-(R + d)/s)]
    ln c_max = ln IC50 + s ln((e^A - 1) / (1 - e^(A - R/s))),    A = (1 - AUC) R/s

Every measured pair is one such equation in the slope of its line and the concentration of its compound, so that a table
of 938 lines and 286 compounds tells all of them many times over: Gauss-Newton steps on the spread of ln c_max within
compounds, with Cauchy weights, since a compound that was screened again may have had another concentration.

Source: Vis et al. 2016, doi:10.2217/pgs.16.15 (curves and slopes). The way back is ours.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

FOLDS: Mapping[str, float] = MappingProxyType({"GDSC1": 256.0, "GDSC2": 1000.0})
"""Highest by lowest concentration: with them the equations hold to three digits and more."""
USABLE = (0.1, 0.95)
"""AUC of pairs whose curve tells where the concentrations lie."""
FEWEST_ROWS, FEWEST_OF_LINE = 5, 10
SCALES = (0.5, 0.3, 0.1, 0.1, 0.05, 0.03, 0.03, 0.03)
"""Scale of the Cauchy weights at each step, in ln c_max."""
START, STEP = 1.3, 0.3
"""First slope of every line, and the most that ln s moves in a step."""
NARROW, WIDE, SHARE, TOGETHER = 0.004, 0.04, 0.1, 0.8
"""A concentration is believed where at least a tenth of the compound's pairs agree on it within 0.4 %, these are more
than half of those within 4 %, and four fifths of all pairs agree on one concentration or another."""
ROUND_WITHIN = 0.003


def find_tested_um(response: pd.DataFrame) -> pd.DataFrame:
    """Columns drug, dataset, max_conc_um (micromolar) of the drugs whose pairs agree; the highest of several.

    Args:
        response: columns dataset, cell_line, drug, ln_ic50, auc.
    """
    found = [
        pd.DataFrame(_of_panel(rows, FOLDS[str(name)]), columns=["drug", "max_conc_um"]).assign(dataset=str(name))
        for name, rows in response.groupby("dataset", observed=True, sort=True)
        if str(name) in FOLDS
    ]
    columns = ["drug", "dataset", "max_conc_um"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _of_panel(response: pd.DataFrame, fold: float) -> list[tuple[str, float]]:
    usable = response[response["auc"].between(*USABLE) & np.isfinite(response["ln_ic50"])]
    usable = usable[usable.groupby("cell_line", observed=True)["auc"].transform("size") >= FEWEST_OF_LINE]
    if usable.empty:
        return []
    line, _ = pd.factorize(usable["cell_line"])
    drug, names = pd.factorize(usable["drug"].astype(str))
    y, auc = usable["ln_ic50"].to_numpy(np.float64), usable["auc"].to_numpy(np.float64)
    highest = _highest(y, auc, line.astype(np.int64), drug.astype(np.int64), np.log(fold))
    found = []
    for number in np.argsort(names.to_numpy(dtype=object)).tolist():
        agreed = _agreed(np.sort(highest[drug == number]))
        if np.isfinite(agreed):
            found.append((str(names[number]), rounded(float(np.exp(agreed)))))
    return found


def _highest(
    y: Float[np.ndarray, " m"],
    auc: Float[np.ndarray, " m"],
    line: Int[np.ndarray, " m"],
    drug: Int[np.ndarray, " m"],
    ln_fold: float,
) -> Float[np.ndarray, " m"]:
    """ln c_max by every pair, with the slopes of lines that make pairs of a drug agree."""
    lines, drugs = int(line.max()) + 1, int(drug.max()) + 1
    slope = np.full(lines, np.log(START))
    for scale in SCALES:
        here = ln_highest(y, auc, np.exp(slope[line]), ln_fold)
        change = (ln_highest(y, auc, np.exp(slope[line] + 1e-4), ln_fold) - here) / 1e-4
        middle = pd.Series(here).groupby(drug).median().to_numpy()
        weight = 1 / (1 + ((here - middle[drug]) / scale) ** 2)
        total = np.bincount(drug, weight, drugs)
        mean = np.bincount(drug, weight * here, drugs) / total
        cross = np.bincount(drug * lines + line, weight * change, drugs * lines).reshape(drugs, lines)
        normal = np.diag(np.bincount(line, weight * change**2, lines) + 1e-6) - cross.T @ (cross / total[:, None])
        step = np.linalg.solve(normal, cross.T @ mean - np.bincount(line, weight * change * here, lines))
        slope += np.clip(step, -STEP, STEP)
    return ln_highest(y, auc, np.exp(slope[line]), ln_fold)


def ln_highest(
    y: Float[np.ndarray, " m"], auc: Float[np.ndarray, " m"], slope: Float[np.ndarray, " m"], ln_fold: float
) -> Float[np.ndarray, " m"]:
    """ln c_max of a pair from its ln IC50, its AUC and the slope of its curve.

    >>> d, s, fold = -1.0, 1.5, np.log(256.0)
    >>> auc = 1 - s / fold * (np.logaddexp(0, -d / s) - np.logaddexp(0, -(fold + d) / s))
    >>> round(float(ln_highest(np.array([2.0]), np.array([auc]), np.array([s]), fold)[0]), 9)
    3.0
    """
    a = (1 - auc) * ln_fold / slope
    return y + slope * (a + np.log(-np.expm1(-a)) - np.log(-np.expm1(a - ln_fold / slope)))


def _agreed(ordered: Float[np.ndarray, " m"]) -> float:
    """The highest value on which enough pairs agree; NaN where there is none."""
    needed = max(FEWEST_ROWS, SHARE * len(ordered))
    narrow, wide = (
        np.searchsorted(ordered, ordered + width, "right") - np.searchsorted(ordered, ordered - width, "left")
        for width in (NARROW, WIDE)
    )
    peak = np.flatnonzero((narrow >= needed) & (narrow > 0.5 * wide))
    if peak.size < TOGETHER * len(ordered) or not peak.size:
        return float("nan")
    top = ordered[peak[-1]]
    return float(np.median(ordered[np.abs(ordered - top) <= 2 * NARROW]))


def rounded(value: float) -> float:
    """The value with the fewest digits that lies within 0.3 %.

    >>> rounded(9.987), rounded(5.1203), rounded(0.0125003)
    (10.0, 5.12, 0.0125)
    """
    for digits in range(4):
        short = float(f"{value:.{digits}e}")
        if abs(short - value) <= ROUND_WITHIN * value:
            return short
    return float(f"{value:.3e}")
