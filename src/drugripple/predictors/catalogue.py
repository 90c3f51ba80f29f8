"""Every predictor by name, collected from the records at the feet of the files that carry the methods out."""

from typing import TYPE_CHECKING

from drugripple.predictors import boosting, csg2a_settings, forest, naive, ridge, support_vector
from drugripple.predictors.method import Method
from drugripple.predictors.multi_trait_gp import record as multi_trait_gp
from drugripple.predictors.pair_gp import record as pair_gp

if TYPE_CHECKING:
    import pandas as pd

BASELINES: dict[str, Method] = {
    record.name: record
    for owner in (naive, pair_gp, multi_trait_gp, boosting, ridge, forest, support_vector)
    for record in owner.RECORDS
}
"""Predictors that need nothing but responses: what `models` of a benchmark may name."""

CATALOGUE: dict[str, Method] = {**BASELINES, **{record.name: record for record in csg2a_settings.RECORDS}}
"""All of them, the network included."""


def show() -> "pd.DataFrame":
    """What there is: name, inputs, citation, and the RMSE that the paper's Table 1 prints, scheme by scheme.

    >>> show().set_index("name").loc["rf", "paper_drug_blind"].item()
    2.671
    """
    import pandas as pd

    schemes = ("mixed", "cell_blind", "drug_blind", "disjoint")
    return pd.DataFrame(
        [
            {"name": record.name, "inputs": record.inputs, "citation": record.citation}
            | {f"paper_{scheme}": getattr(record.paper, scheme).rmse if record.paper else None for scheme in schemes}
            for record in CATALOGUE.values()
        ]
    ).astype({f"paper_{scheme}": float for scheme in schemes})
