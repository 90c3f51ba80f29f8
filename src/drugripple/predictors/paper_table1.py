"""The paper's Table 1, as printed: GDSC, four partitioning schemes, mean and deviation over ten folds.

Its selection of rows and its splits are not public, so that no number of ours is measured on the same test rows.

Source: paper, Table 1.
"""

import math
from collections.abc import Mapping

from drugripple.predictors.catalogue import CATALOGUE
from drugripple.predictors.method import PaperRow


def _of(name: str) -> PaperRow:
    """The row that stands with a method of ours."""
    row = CATALOGUE[name].paper
    if row is None:
        message = f"the catalogue has no row of the paper for {name}"
        raise LookupError(message)
    return row


PUBLISHED: Mapping[str, PaperRow] = {
    "RF": _of("rf"),
    "SVM": _of("svm"),
    "GraphDRP": _of("graphdrp"),
    "PathDNN": _of("pathdnn"),
    "Precily": _of("precily"),
    "DRPreter": _of("drpreter"),
    "DeepCoVDR": _of("deepcovdr"),
    "DeepTTA": _of("deeptta"),
    "CSG2A": _of("csg2a"),
}
"""Row by row, under the paper's names."""

_UNPRINTED = 4 * (math.nan,)
ELSEWHERE: Mapping[str, PaperRow] = {
    "DiSPA 2026 (arXiv:2601.14346, from an aggregator, unverified)": PaperRow.printed(
        0.906, *3 * (math.nan,), 1.244, *3 * (math.nan,), *_UNPRINTED, *_UNPRINTED
    ),
}
"""Rows of later papers on GDSC, with what is known of them; their rows and folds are their own."""

NAMESAKES = {
    "rf": "RF",
    "svm": "SVM",
    "graphdrp": "GraphDRP",
    "pathdnn": "PathDNN",
    "precily": "Precily",
    "drpreter": "DRPreter",
    "deepcovdr": "DeepCoVDR",
    "deeptta": "DeepTTA",
    "csg2a": "CSG2A",
    "csg2a_paper": "CSG2A",
    "csg2a_released": "CSG2A",
}
"""Which of our models is named after which row."""
