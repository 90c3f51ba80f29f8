"""Many structures to graphs: in parallel, the same in every run and process, remembered on disk."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from joblib import Parallel, delayed, effective_n_jobs

from drugripple.chem.cache import GraphCache, pack, unpack
from drugripple.chem.graph import MolGraph, build_graph
from drugripple.chem.molecule import canonical_smiles
from drugripple.errors import CompoundError

_CHUNK = 64
"""Structures a task: large enough to hide the hand-over, small enough to store and show progress often."""

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Featurised:
    """What became of each structure, under the SMILES as given: a graph, or the reason why there is none."""

    graphs: dict[str, MolGraph]
    failed: dict[str, str]


def featurise(
    smiles: Sequence[str],
    *,
    seed: int = 0,
    fallback_keeps_hydrogens: bool = False,
    cache: Path | None = None,
    jobs: int = -1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Featurised:
    """Build the graph of every distinct structure.

    Args:
        smiles: structures; repeats and other spellings of one structure are built once.
        seed: of the conformers.
        fallback_keeps_hydrogens: as in `build_graph`.
        cache: a folder that keeps graphs between runs; none keeps nothing.
        jobs: processes; -1 is one a core. The result does not depend on it.
        on_progress: called with the number of structures done and the number of distinct structures.

    Raises:
        SourceError: if the cache cannot be read or written.

    >>> done = featurise(["CCO", "OCC", "C1CC"], jobs=1)
    >>> list(done.graphs), done.failed
    (['CCO', 'OCC'], {'C1CC': "SMILES 'C1CC' cannot be read: it is not valid SMILES syntax; correct the \
structure or leave the compound out"})
    """
    report = on_progress or _silent
    canonical: dict[str, str] = {}
    failed: dict[str, str] = {}
    for text, (result, reason) in _parallel(_canonical, list(dict.fromkeys(smiles)), 16 * _CHUNK, jobs):
        if reason:
            failed[text] = reason
        else:
            canonical[text] = result
    wanted = list(dict.fromkeys(canonical.values()))
    stored = GraphCache(cache, seed=seed, fallback_keeps_hydrogens=fallback_keeps_hydrogens) if cache else None
    packed = stored.read(wanted) if stored else {}
    missing = [text for text in wanted if text not in packed]
    report(len(packed), len(wanted))
    build = partial(_packed, seed=seed, fallback_keeps_hydrogens=fallback_keeps_hydrogens)
    fresh: dict[str, bytes] = {}
    for done, (text, graph) in enumerate(_parallel(build, missing, _CHUNK, jobs), start=1):
        fresh[text] = graph
        if done % _CHUNK == 0 or done == len(missing):
            if stored:
                stored.write(fresh)
            packed.update(fresh)
            fresh = {}
            report(len(packed), len(wanted))
    graphs = {text: unpack(text, graph) for text, graph in packed.items()}
    return Featurised({text: graphs[canonical[text]] for text in canonical}, failed)


def _canonical(smiles: str) -> tuple[str, str]:
    try:
        return canonical_smiles(smiles), ""
    except CompoundError as error:
        return "", str(error)


def _packed(smiles: str, *, seed: int, fallback_keeps_hydrogens: bool) -> bytes:
    return pack(build_graph(smiles, seed=seed, fallback_keeps_hydrogens=fallback_keeps_hydrogens))


def _parallel(
    function: Callable[[str], _Result], items: Sequence[str], chunk: int, jobs: int
) -> Iterator[tuple[str, _Result]]:
    """Each item with its result, in order; few items stay in this process."""
    if effective_n_jobs(jobs) == 1 or len(items) <= chunk:
        yield from ((item, function(item)) for item in items)
        return
    chunks = [items[start : start + chunk] for start in range(0, len(items), chunk)]
    tasks = (delayed(_each)(function, part) for part in chunks)
    for part, results in zip(chunks, Parallel(n_jobs=jobs, return_as="generator")(tasks), strict=True):
        yield from zip(part, results, strict=True)


def _each(function: Callable[[str], _Result], items: Sequence[str]) -> list[_Result]:
    return [function(item) for item in items]


def _silent(done: int, total: int) -> None:
    """Report nothing."""
    del done, total
