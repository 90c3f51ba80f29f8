"""Many molecules to graphs: in parallel, the same in every run and process, remembered on disk."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from drugripple.chem.cache import GraphCache, pack, unpack
from drugripple.chem.graph import MolGraph, build_graph
from drugripple.chem.molecule import Molecule
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.workers import restarts_untold

_CHUNK = 16
"""Molecules per task: large enough to hide the hand-over, small enough to store and show progress often."""
_CHUNKS_ALONE = 4
"""Chunks that are sooner done than other processes are started."""

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


@restarts_untold()
def featurise(
    molecules: Iterable[Molecule],
    *,
    seed: int = 0,
    fallback_keeps_hydrogens: bool = False,
    cache: Path | None = None,
    jobs: int = -1,
    progress: Progress = no_progress,
) -> dict[str, MolGraph]:
    """The graph of every distinct molecule, by its parent SMILES.

    Args:
        molecules: molecules; repeats are built once.
        seed: of the conformers.
        fallback_keeps_hydrogens: as in `build_graph`.
        cache: a folder that keeps graphs between runs; none keeps nothing.
        jobs: processes; -1 is one per core. The result does not depend on it.
        progress: told of distinct molecules.

    Raises:
        SourceError: if the cache cannot be read or written.

    >>> from drugripple.chem import standardise
    >>> list(featurise([standardise("CCO"), standardise("OCC")], jobs=1))
    ['CCO']
    """
    wanted = {molecule.parent: molecule for molecule in molecules}
    stored = GraphCache(cache, seed=seed, fallback_keeps_hydrogens=fallback_keeps_hydrogens) if cache else None
    packed = stored.read(list(wanted)) if stored else {}
    missing = [molecule for parent, molecule in wanted.items() if parent not in packed]
    progress("molecules", len(packed), len(wanted))
    build = partial(_packed, seed=seed, fallback_keeps_hydrogens=fallback_keeps_hydrogens)
    fresh: dict[str, bytes] = {}
    for done, (molecule, graph) in enumerate(_parallel(build, missing, _CHUNK, jobs), start=1):
        packed[molecule.parent] = fresh[molecule.parent] = graph
        if done % _CHUNK == 0 or done == len(missing):
            if stored:
                stored.write(fresh)
            fresh = {}
        progress("molecules", len(packed), len(wanted))
    return {parent: unpack(parent, packed[parent]) for parent in wanted}


def _packed(molecule: Molecule, *, seed: int, fallback_keeps_hydrogens: bool) -> bytes:
    return pack(build_graph(molecule, seed=seed, fallback_keeps_hydrogens=fallback_keeps_hydrogens))


def _parallel(
    function: Callable[[_Item], _Result], items: Sequence[_Item], chunk: int, jobs: int
) -> Iterator[tuple[_Item, _Result]]:
    """Each item with its result, in order; few items stay in this process."""
    if len(items) <= _CHUNKS_ALONE * chunk:
        yield from ((item, function(item)) for item in items)
        return
    from joblib import Parallel, delayed  # not needed where all molecules are in the cache

    chunks = [items[start : start + chunk] for start in range(0, len(items), chunk)]
    tasks = (delayed(_each)(function, part) for part in chunks)
    for part, results in zip(chunks, Parallel(n_jobs=jobs, return_as="generator")(tasks), strict=True):
        yield from zip(part, results, strict=True)


def _each(function: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    return [function(item) for item in items]
