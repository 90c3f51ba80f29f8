"""What every experiment works with: data read once, networks trained once, and how much is to be done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int

from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.errors import SourceError
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.schemes import Scheme
from drugripple.evaluation.split_file import response_digest
from drugripple.evaluation.splits import Fold, make_folds
from drugripple.model.settings import MAT_RANDOM, MAT_SMALL, MORGAN, RANDOM, SHIPPED
from drugripple.predictors.catalogue import BASELINES
from drugripple.predictors.csg2a import NetworkPredictor, network_predictor
from drugripple.predictors.csg2a_settings import NetworkSettings
from drugripple.recipes.reproduce.settings import ReproduceRun
from drugripple.runtime.digest import content_digest, file_digest, file_digests
from drugripple.runtime.progress import Progress, no_progress
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.public.genesets import read_gmt
from drugripple.sources.study import read_published
from drugripple.training.made_from import MadeFrom

FOLDS = 10
QUICK_LINES, QUICK_EPOCHS, QUICK_DRAWS = 8, 1, 200
"""A quick run takes every eighth sample, one epoch and few permutations."""
WITHOUT_PATH = frozenset({SHIPPED, RANDOM, MAT_SMALL, MAT_RANDOM, MORGAN})
"""Backbones and encoders that go by a name."""
GENE_SETS = ("wikipathways.gmt", "wikipathways_human_20220613.gmt")
FETCH_SETS = "drugripple data fetch wikipathways"
"""The command that brings gene sets."""


@dataclass(frozen=True)
class Workshop:
    """One run of experiments."""

    run: ReproduceRun
    progress: Progress = field(default=no_progress, compare=False)

    @property
    def draws(self) -> int:
        """Permutations of a test."""
        return min(self.run.draws, QUICK_DRAWS) if self.run.quick else self.run.draws

    @cached_property
    def files(self) -> MadeFrom:
        """SHA-256 of every file that an experiment may read.

        Raises:
            SourceError: if a path of the run is not there.
        """
        besides = {"backbone": self.run.network.backbone, "encoder": self.run.network.encoder}
        given = {name: Path(place) for name, place in besides.items() if place not in WITHOUT_PATH}
        if self.run.profiles:
            given["profiles"] = self.run.profiles
        absent = [f"{name} '{path}'" for name, path in given.items() if not path.exists()]
        if absent:
            message = f"not there: {', '.join(absent)}; correct the path"
            raise SourceError(message)
        found = file_digests(self.run.data)
        for name, path in given.items():
            if path.is_file():
                found[name] = file_digest(path)
            else:
                found |= {f"{name}/{file}": digest for file, digest in file_digests(path).items()}
        return found

    @cached_property
    def kept(self) -> Path:
        """Where networks and predictions lie that other runs of the same settings and the same data find again."""
        decisive = self.run.model_dump_json(include={"quick", "seed", "network"})
        made_from = (part for name, digest in sorted(self.files.items()) for part in (name, digest))
        return self.run.out / "kept" / content_digest(decisive, *made_from)[:12]

    @property
    def network(self) -> NetworkSettings:
        """The network to fine-tune."""
        own = self.run.network
        if not self.run.quick:
            return own
        training = own.training.model_copy(update={"max_epochs": QUICK_EPOCHS, "patience": QUICK_EPOCHS})
        return own.model_copy(update={"training": training})

    @cached_property
    def responses(self) -> ResponseTable:
        """GDSC2; of every eighth line in a quick run."""
        table = read_published(self.run.data, Dataset.GDSC2).table
        return table.take(np.flatnonzero(table.sample_row % QUICK_LINES == 0)) if self.run.quick else table

    def folds_of(self, table: ResponseTable, scheme: Scheme) -> tuple[Fold, ...]:
        """Ten folds, the same in every experiment."""
        molecules = molecule_numbers(table.compounds)[table.compound_row]
        return make_folds(table.sample_row, molecules, scheme, folds=FOLDS, seed=self.run.seed)

    def tuned(
        self,
        settings: NetworkSettings,
        table: ResponseTable,
        train: Int[np.ndarray, " m"],
        valid: Int[np.ndarray, " k"],
    ) -> NetworkPredictor:
        """A network fine-tuned on some rows and stopped by others; kept, so that the next experiment finds it."""
        told = content_digest(settings.model_dump_json(), response_digest(table), train, valid)
        folder = self.kept / "networks" / told[:16]
        if folder.is_dir():
            return NetworkPredictor.load(folder)
        predictor = network_predictor(settings, self.run.data)
        self.progress(f"fine-tuning {settings.label}", 0, 0)
        predictor.fit(table.take(train), table.take(valid), seed=self.run.seed)
        predictor.save(folder)
        return predictor

    def fitted(
        self, name: str, table: ResponseTable, train: Int[np.ndarray, " m"], valid: Int[np.ndarray, " k"]
    ) -> Predictor:
        """A predictor of the catalogue, fitted to some rows; others are its validation rows."""
        self.progress(f"fitting {name}", 0, 0)
        predictor = BASELINES[name].maker(self.run.data)()
        predictor.fit(table.take(train), table.take(valid), seed=self.run.seed)
        return predictor

    def gene_sets(self) -> dict[str, tuple[str, ...]] | None:
        """WikiPathways of the data folder; None where it holds none."""
        found = (self.run.data / "prior" / name for name in GENE_SETS)
        return next((read_gmt(path) for path in found if path.is_file()), None)

    def has(self, *parts: str) -> bool:
        """Whether the data folder has this file."""
        return self.run.data.joinpath(*parts).exists()

    @property
    def fold_numbers(self) -> tuple[int, ...]:
        """The folds to do, of those that an experiment trains on."""
        return tuple(range(1 if self.run.quick else self.run.folds or FOLDS))


def drugs_of(table: ResponseTable, rows: Int[np.ndarray, " k"], asked: Sequence[str]) -> list[str]:
    """The drugs asked for that some rows have; the two most measured there where they have none of them."""
    names, of_row = np.array(table.compounds.names), table.compound_row[rows]
    here = set(names[of_row].tolist())
    count = np.bincount(of_row, minlength=len(names))
    return [drug for drug in asked if drug in here] or names[np.argsort(-count, kind="stable")[:2]].tolist()


def quick_note(run: ReproduceRun) -> tuple[str, ...]:
    """What a quick run says of itself."""
    if not run.quick:
        return ()
    text = "A quick run: a fraction of samples, folds, epochs and permutations. It shows that the recipe works."
    return (f"{text} It is not a result.",)


def folder_of(run: ReproduceRun, name: str) -> Path:
    """Where the outcome of an item lies."""
    return run.out / name
