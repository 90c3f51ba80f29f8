"""The multi-trait Gaussian process beside the other studies of a data folder."""

from functools import lru_cache
from pathlib import Path

from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import MultiTraitSettings, Structure
from drugripple.runtime.digest import file_digest


def with_studies(data: Path) -> MultiTraitGP:
    """An unfitted Gaussian process on fingerprints that learns means of compounds also from GDSC1, NCI-60, CTRPv2."""
    return _made(data, Structure.FINGERPRINT, "multi_trait_gp_studies")


def with_studies_and_minimol(data: Path) -> MultiTraitGP:
    """An unfitted Gaussian process as of `with_studies`, with MiniMol embeddings (extra `minimol`)."""
    return _made(data, Structure.MINIMOL, "default")


def _made(data: Path, structure: Structure, name: str) -> MultiTraitGP:
    from drugripple.sources.public.auxiliary_studies import auxiliary_files

    digests = tuple(file_digest(path) for path in auxiliary_files(data) if path.is_file())
    return MultiTraitGP(MultiTraitSettings(structure=structure), auxiliary=_studies(data, digests), name=name)


@lru_cache(maxsize=1)
def _studies(data: Path, digests: tuple[str, ...]) -> tuple[AuxiliaryStudy, ...]:  # noqa: ARG001
    """The studies of a folder, which take seconds to read; read again when a file of it has another digest."""
    from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies

    return tuple(found.study for found in read_auxiliary_studies(data))
