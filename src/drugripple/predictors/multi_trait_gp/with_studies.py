"""The multi-trait Gaussian process beside the other studies of a data folder."""

from functools import cache
from pathlib import Path

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure


def with_studies(data: Path) -> MultiTraitGP:
    """An unfitted Gaussian process on fingerprints that learns means of compounds also from GDSC1, NCI-60, CTRPv2."""
    return _made(data, Structure.FINGERPRINT, "multi_trait_gp_studies")


def with_studies_and_minimol(data: Path) -> MultiTraitGP:
    """An unfitted Gaussian process as of `with_studies`, with MiniMol embeddings (extra `minimol`)."""
    return _made(data, Structure.MINIMOL, "default")


def _made(data: Path, structure: Structure, name: str) -> MultiTraitGP:
    return MultiTraitGP(MultiTraitSettings(structure=structure), auxiliary=_studies(data), name=name)


@cache
def _studies(data: Path) -> tuple[AuxiliaryStudy, ...]:
    from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies

    return tuple(found.study for found in read_auxiliary_studies(data))
