"""Every predictor by name, collected from the records at the feet of the files that carry the methods out."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from drugripple.data.predictor import Predictor
from drugripple.errors import ConfigError, first_five
from drugripple.predictors import boosting, csg2a_settings, forest, naive, ridge, support_vector
from drugripple.predictors.autoencoder import record as autoencoder
from drugripple.predictors.method import Method
from drugripple.predictors.multi_trait_gp import record as multi_trait_gp
from drugripple.predictors.pair_gp import record as pair_gp
from drugripple.predictors.peers import records as peers

if TYPE_CHECKING:
    import pandas as pd

BASELINES: dict[str, Method] = {
    record.name: record
    for owner in (naive, pair_gp, multi_trait_gp, autoencoder, boosting, ridge, forest, support_vector, peers)
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


def makers(*names: str, data: str | Path | None = None) -> dict[str, Callable[[], Predictor]]:
    """A maker of an unfitted predictor for each name of the catalogue.

    Args:
        names: as `show` lists them.
        data: a folder in the tidy layout, for those that read further studies.

    Raises:
        ConfigError: if there is no such name, or a folder is needed.

    >>> makers("mean_effects")["mean_effects"]().name
    'mean_effects'
    """
    unknown = [name for name in names if name not in CATALOGUE]
    if unknown:
        message = f"{first_five(unknown)} are not in the catalogue; predictors.show() lists what is"
        raise ConfigError(message)
    return {name: CATALOGUE[name].maker(None if data is None else Path(data)) for name in names}
