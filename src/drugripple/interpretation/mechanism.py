"""Do compounds of one mechanism have maps that are alike, more than their structures explain?

Source: paper section 4.3, Figure 3b. Differs: pairs share compounds and are no independent values, so that labels are
dealt anew over compounds; the paper's table of categories is not public, and `CATEGORIES` reconstructs it for GDSC2.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from drugripple.errors import TableError, first_five

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "cross-linking": (
        "Cisplatin", "Oxaliplatin", "Temozolomide", "Carmustine", "Cyclophosphamide", "Mitomycin-C",
    ),
    "intercalating": ("Epirubicin", "Mitoxantrone", "Dactinomycin", "Doxorubicin"),
    "topoisomerase": ("Camptothecin", "Irinotecan", "Topotecan", "Teniposide", "Etoposide"),
    "antimetabolite": ("5-Fluorouracil", "Gemcitabine", "Cytarabine", "Fludarabine", "Nelarabine", "Leflunomide"),
    "antitubulin": (
        "Paclitaxel", "Docetaxel", "Vinblastine", "Vincristine", "Vinorelbine", "Podophyllotoxin bromide",
    ),
    "tyrosine kinase": (
        "Erlotinib", "Gefitinib", "Afatinib", "Lapatinib", "Osimertinib", "Sapitinib", "AZD3759", "Nilotinib",
        "Crizotinib", "Savolitinib", "Foretinib", "Axitinib", "Cediranib", "AZD4547", "PD173074", "Linsitinib",
        "BMS-536924", "BMS-754807", "NVP-ADW742", "GSK1904529A", "AZD1332",
    ),
    "hormone": ("Fulvestrant", "Tamoxifen", "GDC0810"),
}  # fmt: skip
"""GDSC2's compounds by the paper's categories; bleomycin, its only DNA-cleaving one, is in GDSC1 alone."""


class Likeness(NamedTuple):
    """Similarity of pairs within and across categories."""

    within: float
    across: float
    median_difference: float
    """Median within minus median across."""
    p_value: float
    """Permutation p-value of the median difference; labels are dealt anew over compounds."""
    pairs_within: int
    pairs_across: int


def category_of(names: Sequence[str]) -> tuple[str, ...]:
    """The category of each compound, blank where it has none; capitals, blanks and hyphens do not matter."""
    known = {_plain(member): category for category, members in CATEGORIES.items() for member in members}
    return tuple(known.get(_plain(name), "") for name in names)


def likeness(
    similarity: Float[np.ndarray, "c c"], labels: Sequence[str], *, draws: int = 10_000, seed: int = 0
) -> Likeness:
    """Compare pairs of one label with pairs of two.

    Raises:
        TableError: if no two compounds share a label, or all do.
    """
    code = np.unique(labels, return_inverse=True)[1]
    first, second = np.triu_indices(len(code), 1)
    values = similarity[first, second].astype(np.float64)
    same = code[first] == code[second]
    if same.all() or not same.any():
        named = first_five(sorted(set(labels)))
        message = f"{len(code)} compounds with labels {named} have no pairs within and across labels"
        raise TableError(message)
    seen = _median_difference(values, same)
    generator = np.random.default_rng(seed)
    as_large = 0
    for _ in range(draws):
        dealt = generator.permutation(code)
        as_large += _median_difference(values, dealt[first] == dealt[second]) >= seen
    p_value = (1 + as_large) / (1 + draws)
    counts = int(same.sum()), int((~same).sum())
    return Likeness(float(values[same].mean()), float(values[~same].mean()), seen, p_value, *counts)


def given(similarity: Float[np.ndarray, "c c"], known: Float[np.ndarray, "c c"]) -> Float[np.ndarray, "c c"]:
    """Residuals of a linear fit of one similarity on a `known` one, such as Tanimoto's; 0 on the diagonal.

    The fit is over pairs of different compounds.
    """
    upper = np.triu_indices(len(similarity), 1)
    design = np.column_stack([np.ones(len(upper[0])), known[upper]])
    left = similarity[upper] - design @ np.linalg.lstsq(design, similarity[upper], rcond=None)[0]
    out = np.zeros(similarity.shape)
    out[upper] = left
    return out + out.T


def _median_difference(values: Float[np.ndarray, " p"], same: Bool[np.ndarray, " p"]) -> float:
    return float(np.median(values[same]) - np.median(values[~same]))


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
