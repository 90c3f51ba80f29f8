"""`drugripple pretrain-molecules`: stage 0, from lists of structures to a pretrained molecule encoder."""

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from drugripple.chem.featurise import featurise
from drugripple.chem.molecule import Molecule, scaffold, standardise
from drugripple.config import cache_folder, write_run
from drugripple.errors import CompoundError, ConfigError, first_five
from drugripple.model.folders import CHECKPOINT
from drugripple.model.mat.encoder import MatConfig, MoleculeAttentionTransformer
from drugripple.model.mat.weights import MatCard, MatCheckpoint, save_mat
from drugripple.model.storage import DataUse
from drugripple.recipes.pretrain.settings import PretrainMoleculesRun, StructureFile
from drugripple.recipes.run_folder import RUN_FILE, STATE, run_folder
from drugripple.runtime.atomic import write_csv
from drugripple.runtime.digest import content_digest, file_digest
from drugripple.runtime.progress import Progress, no_progress
from drugripple.runtime.provenance import hardware, today, versions
from drugripple.sources.user.compounds import excluded_keys, structures_of
from drugripple.training.history import Epoch, History
from drugripple.training.loggers import run_log
from drugripple.training.made_from import MadeFrom, weights_digest
from drugripple.training.molecules import Guesses, MaskedNodeModel, guess_masked, pretrain_masked_nodes

RESULTS = (CHECKPOINT, "lost.csv", "metrics.csv", "history.csv")
"""Files that a run writes beside its run.toml, in this order."""


@dataclass(frozen=True)
class MoleculeParts:
    """Molecules by part, with no scaffold in two parts, and what was left out with the reason."""

    train: tuple[Molecule, ...]
    valid: tuple[Molecule, ...]
    test: tuple[Molecule, ...]
    lost: pd.DataFrame
    """Structures that were left out, with columns file, smiles and reason."""
    used: tuple[DataUse, ...]


@dataclass(frozen=True)
class PretrainedMolecules:
    """The results of a pretraining run on molecules."""

    folder: Path
    checkpoint: MatCheckpoint
    history: History
    test: Guesses
    """Accuracy on molecules whose scaffolds were never seen."""
    untrained: Guesses
    """Accuracy of the same network with its initial random weights."""


def pretrain_molecules(
    run: PretrainMoleculesRun,
    *,
    on_epoch: Callable[[Epoch], None] = lambda _: None,
    progress: Progress = no_progress,
    jobs: int = -1,
) -> PretrainedMolecules:
    """Pretrain an encoder and write run.toml, checkpoint, lost.csv, metrics.csv and history.csv to `run.out`.

    Started again after a kill, it continues after the last whole epoch and ends with the same weights.

    Raises:
        DrugrippleError: if a file or structure list cannot be used, or training fails.
    """
    inputs = [run.data, *(run.data / source.file for source in (*run.sources, *run.exclude))]
    with run_folder(run, results=RESULTS, inputs=inputs), run_log(run.logger, run.out, "molecules") as log:
        log.settings(run.model_dump(mode="json"))
        done = _pretrain(run, log.beside(on_epoch), progress, jobs)
        log.scores({f"test_{name}": value for name, value in done.checkpoint.card.metrics.items()})
        return done


def _pretrain(
    run: PretrainMoleculesRun, on_epoch: Callable[[Epoch], None], progress: Progress, jobs: int
) -> PretrainedMolecules:
    start, state = time.perf_counter(), run.out / STATE
    write_run(run, run.out / RUN_FILE)
    parts = select_molecules(run, progress=progress)
    made = featurise(
        [*parts.train, *parts.valid, *parts.test],
        seed=run.conformer_seed,
        cache=cache_folder() / "molecules",
        jobs=jobs,
        progress=progress,
    )
    train, valid, test = (
        [made[molecule.parent] for molecule in part] for part in (parts.train, parts.valid, parts.test)
    )
    torch.manual_seed(run.seed)
    mat = MoleculeAttentionTransformer(MatConfig.of(run.molecule))
    model = MaskedNodeModel(mat).eval()
    untrained = guess_masked(model, test, share=run.mask_share, seed=run.seed)
    history = pretrain_masked_nodes(
        model, train, valid, run.training, seed=run.seed, share=run.mask_share, state=state,
        made_from=_made_from(model, parts), on_epoch=on_epoch, progress=progress,
    )  # fmt: skip
    guesses = guess_masked(model, test, share=run.mask_share, seed=run.seed)
    model.to("cpu")
    card = _card(run, parts, mat, history, guesses, time.perf_counter() - start)
    checkpoint = save_mat(run.out / CHECKPOINT, mat, card)
    write_csv(run.out / "lost.csv", parts.lost)
    write_csv(run.out / "metrics.csv", guess_table(guesses, untrained))
    write_csv(run.out / "history.csv", pd.DataFrame(history.epochs))
    state.unlink(missing_ok=True)
    return PretrainedMolecules(run.out, checkpoint, history, guesses, untrained)


def _made_from(model: MaskedNodeModel, parts: MoleculeParts) -> MadeFrom:
    molecules = (molecule.parent for part in (parts.train, parts.valid) for molecule in part)
    return {"molecules": content_digest(*molecules), "the untrained encoder": weights_digest(model)}


def select_molecules(run: PretrainMoleculesRun, *, progress: Progress = no_progress) -> MoleculeParts:
    """Draw from every source, reduce to parents, leave out what is excluded or too large, and split by scaffold.

    A scaffold's part follows from its SHA-256 alone, so it is the same in every run and for every list.

    Raises:
        SourceError: if a file or column is missing.
        ConfigError: if a part ends up empty.
    """
    barred = {key for source in run.exclude for key in excluded_keys(run.data / source.file, column=source.column)}
    parts: dict[str, dict[Molecule, None]] = {"train": {}, "valid": {}, "test": {}}
    lost: list[tuple[str, str, str]] = []
    used = []
    for source in run.sources:
        structures = _structures(run.data, source)
        order = np.random.default_rng(run.seed).permutation(len(structures))[: source.sample]
        before = sum(map(len, parts.values()))
        for done, row in enumerate(order.tolist(), start=1):
            text = structures[row]
            try:
                molecule = _admit(text, barred, run.max_heavy_atoms)
            except CompoundError as error:
                lost.append((str(source.file), text, str(error)))
            else:
                parts[_part(scaffold(molecule), run.held_out)].setdefault(molecule)
            if done % 500 == 0 or done == len(order):
                progress(f"structures of {source.file.name}", done, len(order))
        gained = sum(map(len, parts.values())) - before
        digest = file_digest(run.data / source.file)
        used.append(
            DataUse(
                name=str(source.file), rows=gained, digest=digest, terms=source.terms, citation=source.citation
            )
        )  # fmt: skip
    empty = [name for name, part in parts.items() if not part]
    if empty:
        message = f"no molecule is left for {first_five(empty)} of {len(lost)} lost; give more structures"
        raise ConfigError(message)
    table = pd.DataFrame(lost, columns=["file", "smiles", "reason"])
    return MoleculeParts(tuple(parts["train"]), tuple(parts["valid"]), tuple(parts["test"]), table, tuple(used))


def guess_table(trained: Guesses, untrained: Guesses) -> pd.DataFrame:
    """Accuracy by property of the trained network, the untrained one, and the most frequent class."""
    names = list(trained.accuracy)
    return pd.DataFrame(
        {
            "property": names,
            "accuracy": [trained.accuracy[name] for name in names],
            "untrained": [untrained.accuracy[name] for name in names],
            "majority": [trained.majority[name] for name in names],
            "atoms": trained.atoms,
        }
    )


def _admit(text: str, barred: set[str], max_heavy_atoms: int) -> Molecule:
    """The molecule, or a CompoundError with the reason to leave it out."""
    molecule = standardise(text)
    heavy = molecule.heavy_atoms
    if heavy > max_heavy_atoms:
        message = f"{heavy} heavy atoms are above max_heavy_atoms = {max_heavy_atoms}"
        raise CompoundError(message)
    if molecule.key in barred:
        message = "excluded"
        raise CompoundError(message)
    return molecule


def _part(core: str, held_out: float) -> str:
    draw = int(hashlib.sha256(core.encode()).hexdigest()[:12], 16) / 16**12
    return "test" if draw < held_out else "valid" if draw < 2 * held_out else "train"


def _structures(data: Path, source: StructureFile) -> Sequence[str]:
    """Distinct structures of a file, in its order."""
    return list(dict.fromkeys(structures_of(data / source.file, column=source.column)))


def _card(
    run: PretrainMoleculesRun,
    parts: MoleculeParts,
    mat: MoleculeAttentionTransformer,
    history: History,
    guesses: Guesses,
    seconds: float,
) -> MatCard:
    accuracy = {f"accuracy_{name}": value for name, value in guesses.accuracy.items()}
    majority = {f"majority_{name}": value for name, value in guesses.majority.items()}
    scores = accuracy | majority | {"loss": guesses.loss, "masked_atoms": float(guesses.atoms)}
    return MatCard(
        name=f"MAT of width {run.molecule.width}, masked-node pretraining",
        molecule=run.molecule,
        parameters=sum(parameter.numel() for parameter in mat.parameters()),
        data=parts.used,
        molecules_trained=len(parts.train),
        molecules_seen=len(parts.train) * len(history.epochs),
        excluded=tuple(str(source.file) for source in run.exclude),
        metrics={name: value for name, value in scores.items() if math.isfinite(value)},
        seed=run.seed,
        seconds=seconds,
        command="drugripple pretrain-molecules RUN.toml",
        date=today(),
        hardware=hardware(),
        versions=versions(),
    )
