"""Tumours on the scale that a model of cell lines reads: batch correction by cancer type, then robust z-scores.

Source: paper section 4.5 and its methods. Differs: ComBat with the lines as reference, and z-scores of the cohort alone
are ours; the paper does not say whose medians scale the corrected values, and here lines and tumours together do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.data.tables import ExpressionScale, ExpressionTable
from drugripple.errors import TableError
from drugripple.genes.combat import correct_batches
from drugripple.genes.scaling import RobustScaler

Z_SCALES = frozenset(
    {ExpressionScale.GENE_Z, ExpressionScale.ROBUST_Z, ExpressionScale.L1000_Z, ExpressionScale.SAMPLE_Z}
)
"""Scales on which there is no batch effect left to correct."""
LIMIT = 10.0
"""Robust z-scores are clipped here: z-scores of linear values have a long tail."""
FEWEST_LINES, FEWEST_TUMOURS = 2, 2
SAME_TYPE: Mapping[str, tuple[str, ...]] = {
    "COAD": ("COREAD",),
    "READ": ("COREAD",),
    "COADREAD": ("COREAD",),
    "GBMLGG": ("GBM", "LGG"),
}
"""Cohorts of TCGA whose lines GDSC labels otherwise."""


class Transfer(StrEnum):
    """How tumours come onto the scale of cell lines."""

    JOINT = "joint"
    """ComBat of a cancer type's lines and tumours, then robust z-scores over both, as in the paper."""
    REFERENCE = "reference"
    """ComBat that leaves the lines as they are, then robust z-scores by the medians of the lines."""
    COHORT = "cohort"
    """Robust z-scores of each cohort by its own medians; lines take no part."""


@dataclass(frozen=True)
class Transferred:
    """Tumours as robust z-scores, and how each cohort came there."""

    tumours: ExpressionTable
    cohorts: pd.DataFrame
    """cohort, patients, lines, genes, transfer, why."""


def transfer(
    tumours: ExpressionTable,
    how: Transfer,
    *,
    lines: ExpressionTable | None = None,
    line_types: Sequence[str] = (),
) -> Transferred:
    """Robust z-scores of tumours, cancer type by cancer type (`tissue`).

    A cohort is scaled by its own medians where z-scores were given, or a type has fewer than two lines or tumours.

    Args:
        tumours: expression of tumours on a log scale, or z-scores; `tissue` is the cancer type.
        how: which way.
        lines: expression of cell lines on a log scale, for ComBat.
        line_types: cancer type of each line, as GDSC labels it.

    Raises:
        TableError: if ComBat is asked for without lines.
    """
    if how is not Transfer.COHORT and (lines is None or len(line_types) != len(lines)):
        message = f"transfer = '{how}' needs cell lines and their cancer types; give them, or take '{Transfer.COHORT}'"
        raise TableError(message)
    genes = tumours.genes if lines is None else lines.genes.shared_with(tumours.genes)
    values = tumours.restrict(genes).values.astype(np.float64)
    scaled, rows = np.zeros(values.shape, dtype=np.float32), []
    cohorts = np.array(tumours.tissue)
    for name in np.unique(cohorts).tolist():
        part = np.flatnonzero(cohorts == name)
        of_type = np.flatnonzero(np.isin(line_types, SAME_TYPE.get(name, (name,))))
        why = _reason(how, tumours.scale, len(of_type), len(part))
        way = Transfer.COHORT if why else how
        if way is Transfer.COHORT or lines is None:
            scaled[part] = RobustScaler.fit(values[part]).transform(values[part])
        else:
            of_lines = lines.restrict(genes).values.astype(np.float64)
            scaled[part] = _by_combat(values[part], of_lines, of_type, way)
        rows.append((name, len(part), len(of_type), len(genes), way.value, why))
    table = replace(
        tumours, genes=genes, values=scaled.clip(-LIMIT, LIMIT), scale=ExpressionScale.ROBUST_Z, notes=tumours.notes
    )
    return Transferred(table, pd.DataFrame(rows, columns=["cohort", "patients", "lines", "genes", "transfer", "why"]))


def _by_combat(
    tumours: Float[np.ndarray, "n g"], lines: Float[np.ndarray, "l g"], of_type: np.ndarray, way: Transfer
) -> Float[np.ndarray, "n g"]:
    both = np.concatenate([lines[of_type], tumours])
    batch = ["lines"] * len(of_type) + ["tumours"] * len(tumours)
    joint = way is Transfer.JOINT
    corrected = correct_batches(both, batch, reference=None if joint else "lines").values
    scaler = RobustScaler.fit(corrected if joint else lines)
    return scaler.transform(corrected[len(of_type) :])


def _reason(how: Transfer, scale: ExpressionScale, lines: int, tumours: int) -> str:
    """Why a cohort is scaled by its own medians instead; blank if it is not."""
    if how is Transfer.COHORT:
        return ""
    if scale in Z_SCALES:
        return f"the values are {scale}, which ComBat cannot correct"
    if lines < FEWEST_LINES:
        return f"{lines} lines of this type"
    return f"{tumours} tumours" if tumours < FEWEST_TUMOURS else ""
