"""What peers read of a data folder: pathways, interactions, structures to learn a vocabulary from, and profiles."""

from pathlib import Path

from drugripple.errors import SourceError
from drugripple.predictors.peers.design import Knowledge
from drugripple.predictors.peers.predictor import Peer
from drugripple.predictors.peers.records import Needs, forms


def peer_with_knowledge(data: Path, *, name: str) -> Peer:
    """An unfitted peer with what it needs of a data folder in the tidy layout.

    Raises:
        SourceError: if the folder lacks it.
    """
    return Peer(name, knowledge=read_knowledge(data, forms()[name].record.knowledge or Needs()))


def files_of_knowledge(data: Path, *, name: str) -> list[Path]:
    """The files of a data folder that a peer's knowledge is read from, as far as they are there."""
    from drugripple.sources.public.tidy import INTERACTIONS

    needs = forms()[name].record.knowledge or Needs()
    interactions = [data / INTERACTIONS] if needs.interactions else []
    return [*_matching(data / "prior", needs.gene_sets), *interactions, *_matching(data / "molecules", needs.smiles)]


def files_of_profiles(data: Path, *, name: str) -> list[Path]:  # noqa: ARG001
    """The files of a data folder that the L1000 profiles of any form of Dr.VAE are read from."""
    from drugripple.sources.public.l1000.small_set import PROFILE_FILES

    return [data / "l1000" / file for file in PROFILE_FILES]


def read_knowledge(data: Path, needs: Needs) -> Knowledge:
    """Gene sets from `prior/*.gmt`, STRING from `prior/`, structures from `molecules/*.parquet`.

    Raises:
        SourceError: if a file that is needed is missing or damaged.
    """
    from drugripple.sources.public.columns import read_columns
    from drugripple.sources.public.genesets import read_gmt
    from drugripple.sources.public.tidy import read_interactions

    sets: dict[str, tuple[str, ...]] = {}
    for path in _files(data / "prior", needs.gene_sets):
        sets |= read_gmt(path)
    smiles = {
        text: None
        for path in _files(data / "molecules", needs.smiles)
        for text in read_columns(path, ("canonical_smiles",))["canonical_smiles"].dropna()
    }
    return Knowledge(sets, read_interactions(data) if needs.interactions else None, tuple(smiles))


def _files(folder: Path, choices: tuple[tuple[str, ...], ...]) -> list[Path]:
    """The files of the first line of patterns that matches any.

    Raises:
        SourceError: if there are lines, and none does.
    """
    found = _matching(folder, choices)
    if choices and not found:
        wanted = ", ".join(pattern for patterns in choices for pattern in patterns)
        message = f"{folder} holds none of {wanted}; put such a file there"
        raise SourceError(message)
    return found


def _matching(folder: Path, choices: tuple[tuple[str, ...], ...]) -> list[Path]:
    lines = (sorted({path for pattern in patterns for path in folder.glob(pattern)}) for patterns in choices)
    return next(filter(None, lines), [])
