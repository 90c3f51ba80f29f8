"""The multi-trait Gaussian process beside the other studies of a data folder."""

from functools import cache
from pathlib import Path

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP


def with_studies(data: Path) -> MultiTraitGP:
    """An unfitted process that learns the means of compounds also from GDSC1, NCI-60 and CTRPv2."""
    return MultiTraitGP(auxiliary=_studies(data))


@cache
def _studies(data: Path) -> tuple[AuxiliaryStudy, ...]:
    from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies

    return tuple(found.study for found in read_auxiliary_studies(data))
