"""The corpus of stage 1: profiles of a tidy folder or a profile store, and which of them are held out."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int

from drugripple.data.tables import CompoundTable, PerturbationTable
from drugripple.errors import ConfigError
from drugripple.evaluation.partition import partition
from drugripple.model.storage import DataUse
from drugripple.recipes.pretrain.settings import HeldOutBy, PretrainRun
from drugripple.sources.public.l1000.small_set import read_basal, read_basal_lines, read_consensus, read_profiles
from drugripple.sources.public.l1000.store import is_store, open_store
from drugripple.sources.user.compounds import excluded_keys
from drugripple.training.perturbation_step import Anchors

PARTS = 10
"""Tenths of the rows or groups: one for test, one for validation, eight for training, as in the authors' code."""


class Parts(NamedTuple):
    """Numbers of the profiles that train, validate and test."""

    train: Int[np.ndarray, " a"]
    valid: Int[np.ndarray, " b"]
    test: Int[np.ndarray, " c"]


PAPER_PROFILES = 202_962
"""Profiles of treated cells that the paper pretrained on (GSE92742)."""


def share_of_the_paper(profiles: int) -> str:
    """How many profiles of treated cells there are beside those that the paper pretrained on, in words.

    >>> share_of_the_paper(2_202)
    "2,202 profiles, 1.1% of the paper's number"
    """
    return f"{profiles:,} profiles, {100 * profiles / PAPER_PROFILES:.2g}% of the paper's number"


@dataclass(frozen=True)
class Corpus:
    """Profiles and anchors that stage 1 learns from."""

    profiles: PerturbationTable
    compounds: CompoundTable
    """Compounds of the profiles first, then those of the consensus signatures."""
    anchors: Anchors | None
    dropped: pd.DataFrame
    lines: tuple[str, ...]
    uses: tuple[DataUse, ...]


def read_corpus(run: PretrainRun) -> Corpus:
    """Profiles, and anchors if the run wants them, from a tidy folder or a profile store.

    Raises:
        ConfigError: if the run wants what a profile store cannot have.
        DrugrippleError: if a file cannot be used.
    """
    if is_store(run.data):
        given = {"anchors": run.anchors, "clip": run.clip, "redistributable_only": run.redistributable_only or None}
        unusable = [name for name, value in given.items() if value is not None]
        if unusable:
            message = f"{run.data} is a profile store, which cannot have {', '.join(unusable)}; name a tidy folder"
            raise ConfigError(message)
        table = open_store(run.data)
        use = DataUse(name=run.data.name, rows=len(table), terms="as the publisher of the GCTX file states")
        return Corpus(table, table.compounds, None, pd.DataFrame(), tuple(sorted(set(table.cell_line))), (use,))
    only = run.redistributable_only
    profiles, dropped, _ = read_profiles(run.data, redistributable_only=only)
    banned = _excluded(run)
    keep = _free_of(banned, profiles.compounds)
    profiles = _clipped(profiles.take(np.flatnonzero(keep[profiles.compound_row])), run.clip)
    lines = set(profiles.cell_line)
    uses = [DataUse(name="LINCS L1000 Level 3, small public set", rows=len(profiles), terms=_L1000_TERMS)]
    compounds, anchors = profiles.compounds, None
    if run.anchors is not None:
        consensus = read_consensus(run.data, redistributable_only=only)
        rows = np.flatnonzero(_free_of(banned, consensus.compounds))
        basal = read_basal(run.data, redistributable_only=only)
        lines |= set(read_basal_lines(run.data, redistributable_only=only))
        part = consensus.compounds.take(rows)
        compounds = _joined(profiles.compounds, part)
        anchors = Anchors(
            consensus.change[rows],
            len(profiles.compounds) + np.arange(len(rows)),
            basal.values if run.clip is None else basal.values.clip(-run.clip, run.clip),
            run.anchors.consensus_weight,
            run.anchors.identity_weight,
            run.anchors.share,
        )
        uses.append(DataUse(name="L1000 drug consensus signatures (dhimmel/lincs)", rows=len(rows), terms=_L1000_TERMS))
        uses.append(DataUse(name="L1000 untreated profiles", rows=len(basal), terms=_L1000_TERMS))
    return Corpus(profiles, compounds, anchors, dropped, tuple(sorted(lines)), tuple(uses))


_L1000_TERMS = "LINCS release policy (CC BY 4.0 style); repositories under Apache-2.0, MIT, BSD-3 or Artistic-2.0"


def held_out(run: PretrainRun, profiles: PerturbationTable) -> Parts:
    """Which profiles train, validate and test; those of excluded compounds, which a store still holds, do none."""
    if run.validation is HeldOutBy.ROW:
        keys = np.arange(len(profiles))
    elif run.validation is HeldOutBy.COMPOUND:
        names = np.array([molecule.key for molecule in profiles.compounds.molecules])
        keys = pd.factorize(names)[0][profiles.compound_row]
    else:
        keys = pd.factorize(np.array(profiles.plate if run.validation is HeldOutBy.PLATE else profiles.cell_line))[0]
    part = partition(keys, PARTS, seed=(run.seed, 0), what=f"{run.validation}s")
    free = _free_of(_excluded(run), profiles.compounds)[profiles.compound_row]
    return Parts(*(np.flatnonzero(rows & free) for rows in (part > 1, part == 1, part == 0)))


def _clipped(profiles: PerturbationTable, limit: float | None) -> PerturbationTable:
    if limit is None:
        return profiles
    basal = replace(profiles.basal, values=profiles.basal.values.clip(-limit, limit))
    return replace(profiles, basal=basal, treated=profiles.treated.clip(-limit, limit))


def blind_anchors(corpus: Corpus, held_out: Int[np.ndarray, " k"]) -> Anchors | None:
    """The anchors without the consensus signatures of held-out compounds, their salts and stereoisomers."""
    if corpus.anchors is None:
        return None
    molecules = corpus.compounds.molecules
    hidden = {molecules[row].key for row in np.unique(corpus.profiles.compound_row[held_out])}
    keep = np.array([molecules[row].key not in hidden for row in corpus.anchors.compound_row])
    return replace(corpus.anchors, change=corpus.anchors.change[keep], compound_row=corpus.anchors.compound_row[keep])


def _joined(first: CompoundTable, second: CompoundTable) -> CompoundTable:
    ids = tuple(f"profile:{i}" for i in first.ids) + tuple(f"consensus:{i}" for i in second.ids)
    return CompoundTable(ids, first.names + second.names, first.molecules + second.molecules)


def _excluded(run: PretrainRun) -> set[str]:
    if run.exclude is None:
        return set()
    return excluded_keys(run.exclude)


def _free_of(banned: set[str], compounds: CompoundTable) -> Bool[np.ndarray, " c"]:
    return np.array([molecule.key not in banned for molecule in compounds.molecules], dtype=bool)
