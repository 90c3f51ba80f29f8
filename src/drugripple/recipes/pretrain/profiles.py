"""`drugripple pretrain`: stage 1, from treated profiles to a pretrained network with its scores and baselines."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from jaxtyping import Int

from drugripple.chem.graph import MolGraph
from drugripple.config import write_run
from drugripple.data.tables import PerturbationTable
from drugripple.evaluation.profile_metrics import PredictedBlock, score_blocks
from drugripple.genes.prior import InteractionPrior
from drugripple.model.checkpoint import Card, PerturbationCheckpoint, load_perturbation, save_perturbation
from drugripple.model.folders import CHECKPOINT
from drugripple.model.mat.encoder import encode
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import Prior
from drugripple.model.shipped import fresh_network
from drugripple.model.storage import DataUse
from drugripple.predictors.inputs import molecule_graphs
from drugripple.predictors.profile_baselines import PROFILE_BASELINES
from drugripple.recipes.pretrain.corpus import (
    PAPER_PROFILES,
    Corpus,
    blind_anchors,
    held_out,
    read_corpus,
    share_of_the_paper,
)
from drugripple.recipes.pretrain.settings import EncoderTraining, HeldOutBy, PretrainRun
from drugripple.recipes.run_folder import RUN_FILE, STATE, run_folder
from drugripple.runtime.atomic import write_csv, write_json
from drugripple.runtime.digest import content_digest
from drugripple.runtime.mapped import read_rows
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import hardware, versions
from drugripple.sources.public.tidy import read_prior
from drugripple.training.distributed.launch import Processes, Tell, leads, run_job, started_by_torchrun
from drugripple.training.distributed.process_group import ProcessGroup
from drugripple.training.history import Epoch, History
from drugripple.training.loggers import run_log
from drugripple.training.made_from import MadeFrom, weights_digest
from drugripple.training.perturbation import predict_profiles, pretrain
from drugripple.training.perturbation_step import Anchors, Hiding
from drugripple.training.settings import LoggerName

RESULTS = (CHECKPOINT, "metrics.json", "history.csv")
"""Files that a run writes beside its run.toml, in this order."""
SCORED_AT_ONCE = 1024
"""Test profiles in memory at once, whole plates each time."""


@dataclass(frozen=True)
class PretrainResult:
    """The results of a pretraining run on profiles."""

    folder: Path
    checkpoint: PerturbationCheckpoint
    history: History
    scores: pd.DataFrame
    """Scores on the test profiles, with columns model, metric, value, n."""
    seconds: float


def run_pretrain(
    run: PretrainRun,
    *,
    processes: Processes = Processes(),  # noqa: B008
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    progress: Progress = no_progress,
) -> PretrainResult:
    """Train stage 1 and write run.toml, checkpoint, metrics.json and history.csv to `run.out`; resumes after a kill.

    Any number of processes trains the same network up to rounding, and another number may continue after a kill. All of
    them must see the same folders.

    Args:
        run: the profiles, the settings and the folder.
        processes: how many train together; one unless given.
        on_epoch: called after each epoch.
        progress: told of molecules and scores.

    Raises:
        DrugrippleError: if data and settings do not fit together, or a process ends early.
    """
    read = [run.data, *(run.data / part for part in ("l1000", "prior")), run.prior_data, run.exclude]
    inputs = [path for path in read if path is not None]
    with ExitStack() as held:
        if leads():
            held.enter_context(run_folder(run, results=RESULTS, inputs=inputs))
        log = held.enter_context(run_log(run.logger if leads() else LoggerName.NONE, run.out, run.name))
        log.settings(run.model_dump(mode="json"))
        told = log.beside(on_epoch)

        def tell(what: str, *values: object) -> None:
            (told if what == "epoch" else progress)(*values)  # type: ignore[arg-type]

        if processes.total > 1 and not started_by_torchrun():
            _graphs(run, read_corpus(run), progress)  # every process then finds them on disk
        run_job(train_and_write, run, run.training.device, processes, tell)
        done = read_result(run.out)
        log.scores({f"test_{name}": value for name, value in done.checkpoint.card.metrics.items()})
        return done


def read_result(folder: Path) -> PretrainResult:
    """The results of a finished run, read from its folder.

    Raises:
        CheckpointError: if there is no checkpoint, or it is damaged.
    """
    checkpoint = load_perturbation(folder / CHECKPOINT)
    table = pd.read_csv(folder / "history.csv", float_precision="round_trip")
    columns = (table[name].tolist() for name in ("number", "train_loss", "valid_loss", "seconds"))
    epochs = tuple(Epoch(*values) for values in zip(*columns, strict=True))
    scores = pd.DataFrame(json.loads((folder / "metrics.json").read_text(encoding="utf-8"))).astype({"value": float})
    return PretrainResult(folder, checkpoint, History(epochs), scores, checkpoint.card.seconds)


def train_and_write(run: PretrainRun, group: ProcessGroup, device: torch.device, tell: Tell) -> None:
    """The part of one process in a run; the leader writes."""
    start, state = time.perf_counter(), run.out / STATE
    if group.leads:
        write_run(run, run.out / RUN_FILE)
    corpus = read_corpus(run)
    profiles = corpus.profiles
    train, valid, test = held_out(run, profiles)
    anchors = corpus.anchors
    if run.validation is HeldOutBy.COMPOUND:
        anchors = blind_anchors(corpus, np.concatenate([valid, test]))
    graphs = _shared_graphs(run, corpus, group, tell)
    net = fresh_network(_prior(run, profiles), run.perturbation, seed=run.seed, encoder=run.encoder)
    history = pretrain(
        net, profiles, train, valid, graphs, run.training, seed=run.seed,
        train_molecules=run.molecules is EncoderTraining.TRAIN, anchors=anchors,
        hiding=Hiding(run.hide_genes) if run.hide_genes else None, state=state,
        made_from=_made_from(net, corpus, anchors, (train, valid)),
        on_epoch=lambda epoch: tell("epoch", epoch), group=group, device=device,
    )  # fmt: skip
    if group.leads:
        scores = _scores(net.eval(), profiles, train, test, graphs, tell)
        seconds = time.perf_counter() - start
        card = _card(run, corpus, np.concatenate([train, valid]), net.to("cpu"), scores, seconds, group.size)
        save_perturbation(run.out / CHECKPOINT, net, card)
        records = scores.astype(object).where(scores.notna(), None).to_dict(orient="records")
        write_json(run.out / "metrics.json", records)
        write_csv(run.out / "history.csv", pd.DataFrame(history.epochs))
        state.unlink()
    group.wait()


def _made_from(
    net: PerturbationNet, corpus: Corpus, anchors: Anchors | None, parts: Sequence[Int[np.ndarray, " _"]]
) -> MadeFrom:
    profiles = corpus.profiles
    columns = (profiles.basal_row, profiles.compound_row, profiles.dose_um, profiles.hours, profiles.weight)
    weaker = () if anchors is None else (anchors.change, anchors.compound_row, anchors.untreated)
    return {
        "expression profiles": content_digest(profiles.treated, profiles.basal.values, *columns, *weaker),
        "which profiles are held out": content_digest(*parts),
        "molecules": content_digest(*corpus.compounds.smiles),
        "the interaction prior": content_digest(net.interactions.edges),
        "the molecule encoder": weights_digest(net),
    }


def _shared_graphs(run: PretrainRun, corpus: Corpus, group: ProcessGroup, tell: Tell) -> Sequence[MolGraph]:
    """Molecular graphs of the corpus; the leader builds what the disk cache lacks, and the others read it."""
    if not group.leads:
        group.wait()
        return _graphs(run, corpus)
    graphs = _graphs(run, corpus, lambda *made: tell("progress", *made))
    group.wait()
    return graphs


def _graphs(run: PretrainRun, corpus: Corpus, progress: Progress = no_progress) -> Sequence[MolGraph]:
    keeps = run.perturbation.fallback_keeps_hydrogens
    return molecule_graphs(corpus.compounds, fallback_keeps_hydrogens=keeps, progress=progress)


def _prior(run: PretrainRun, profiles: PerturbationTable) -> InteractionPrior:
    genes = profiles.basal.genes
    if run.prior is Prior.NONE:
        return InteractionPrior.empty(genes)
    prior = read_prior(run.prior_data or run.data, genes)
    return prior.rewired(run.seed) if run.prior is Prior.REWIRED else prior


def _scores(
    net: PerturbationNet,
    profiles: PerturbationTable,
    train: Int[np.ndarray, " m"],
    test: Int[np.ndarray, " k"],
    graphs: Sequence[MolGraph],
    tell: Tell,
) -> pd.DataFrame:
    ours = partial(predict_profiles, net, profiles, graphs=graphs, vectors=encode(net.mat, graphs))
    tables = []
    for number, name in enumerate(("csg2a", *PROFILE_BASELINES)):
        tell("progress", "scores", number, 1 + len(PROFILE_BASELINES))
        predict = ours if name == "csg2a" else PROFILE_BASELINES[name](profiles, train)
        tables.append(score_blocks(_predicted(profiles, test, predict)).assign(model=name))
    return pd.concat(tables, ignore_index=True)[["model", "metric", "value", "n"]]


def _predicted(
    profiles: PerturbationTable,
    test: Int[np.ndarray, " k"],
    predict: Callable[[Int[np.ndarray, " b"]], np.ndarray],
) -> Iterator[PredictedBlock]:
    """Test profiles and their predictions, whole plates at a time."""
    plate = pd.factorize(np.array([profiles.plate[row] for row in test]))[0]
    by_plate = test[np.argsort(plate, kind="stable")]
    ends = np.cumsum(np.bincount(plate))
    start = 0
    for end, last in zip(ends.tolist(), [*ends.tolist()[1:], None], strict=True):
        if last is None or last - start > SCORED_AT_ONCE:
            rows = by_plate[start:end]
            basal = read_rows(profiles.basal.values, profiles.basal_row[rows])
            names = [profiles.plate[row] for row in rows]
            yield PredictedBlock(read_rows(profiles.treated, rows), predict(rows), basal, names)
            start = end


def _card(
    run: PretrainRun,
    corpus: Corpus,
    seen: Int[np.ndarray, " m"],
    net: PerturbationNet,
    scores: pd.DataFrame,
    seconds: float,
    processes: int,
) -> Card:
    keys = {corpus.profiles.compounds.molecules[row].key for row in np.unique(corpus.profiles.compound_row[seen])}
    keys |= {molecule.key for molecule in corpus.compounds.molecules[len(corpus.profiles.compounds) :]}
    own = scores[(scores["model"] == "csg2a") & np.isfinite(scores["value"])]
    prior = DataUse(
        name=net.interactions.source,
        rows=len(net.interactions.edges),
        terms="CC BY 4.0",
        citation="Szklarczyk et al. 2023, doi:10.1093/nar/gkac1000",
    )
    profiles = len(corpus.profiles)
    small = f"{share_of_the_paper(profiles)}: not a reproduction of its pretraining."
    return Card(
        kind="perturbation",
        name=run.name,
        perturbation=net.settings,
        genes=net.genes.symbols,
        gene_digest=net.genes.digest,
        prior_source=net.interactions.source,
        data=(*corpus.uses, prior),
        compounds_seen=tuple(sorted(keys)),
        lines_seen=corpus.lines,
        metrics=dict(zip(own["metric"], own["value"], strict=True)),
        seed=run.seed,
        seconds=seconds,
        hardware=hardware() if processes == 1 else f"{hardware()}; {processes} processes",
        versions=versions(),
        notes=(small,) if profiles < PAPER_PROFILES / 2 else (),
    )
