"""`drugripple build-default`: fit the multi-trait Gaussian process to public responses, calibrate it, and keep it."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.config import write_run
from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.response import ResponseTable
from drugripple.evaluation.every_kind import every_kind_folds
from drugripple.evaluation.split_file import annotation_digest, response_digest
from drugripple.predictors.calibrated import CalibratedPredictor, calibrate
from drugripple.predictors.multi_trait_gp.embedding import can_embed, minimol
from drugripple.predictors.multi_trait_gp.predictor import MultiTraitGP
from drugripple.predictors.multi_trait_gp.settings import Structure
from drugripple.recipes.default_model.card import known_beside, model_card
from drugripple.recipes.default_model.out_of_fold import predict_out_of_fold
from drugripple.recipes.default_model.scores import score_kinds
from drugripple.recipes.default_model.settings import DefaultModelRun
from drugripple.recipes.folds import MeasuredRows
from drugripple.recipes.run_folder import RUN_FILE, run_folder
from drugripple.runtime.atomic import write_csv, write_text
from drugripple.runtime.digest import content_digest
from drugripple.runtime.notes import tell
from drugripple.runtime.progress import Progress, notebook_progress
from drugripple.runtime.provenance import versions
from drugripple.sources.gdsc_anywhere import find_gdsc
from drugripple.sources.public.auxiliary_studies import read_auxiliary_studies
from drugripple.sources.public.datasets import Dataset
from drugripple.sources.public.tested_range import read_tested_um
from drugripple.sources.study import files_of, read_study

HIDDEN, SCORES, CARD, MODEL = "out_of_fold", "scores.csv", "README.md", "model"
RESULTS = (HIDDEN, SCORES, CARD, MODEL)


class BuiltModel(NamedTuple):
    """A finished build."""

    folder: Path
    model: CalibratedPredictor
    scores: pd.DataFrame
    """One row per kind of pair, on pairs that were hidden."""


def build_default(
    run: DefaultModelRun | None = None,
    *,
    on_terms: Callable[[str], None] = lambda _: None,
    progress: Progress = notebook_progress,
) -> BuiltModel:
    """Fit, calibrate and keep the model that is used where none is named; a build that was killed goes on.

    An earlier model in the folder stays whole and in use until the new one is complete, whatever becomes of the build.
    `drugripple.load("default")` reads it from this machine's own folder, `drugripple.load(run.out)` from another.

    Args:
        run: the data, the folder and the settings; unless given, the package index and this machine's own folder.
        on_terms: told under which terms the data are used.
        progress: told of fetching and of fits.

    Raises:
        DrugrippleError: if the data cannot be fetched or used, or the folder holds something else.
    """
    run = run or DefaultModelRun()
    with run_folder(run, results=RESULTS, inputs=files_of(run), replaced_at_the_end=True):
        rows, data = _rows(run, progress)
        on_terms(rows.origin.terms)
        tested = {} if data is None else read_tested_um(data, run.dataset.value, rows.table.compounds)
        if run.responses is None:
            tell(known_beside(rows.table, tested))
        settings = run.model
        if settings.structure is Structure.AUTO:
            settings = settings.model_copy(
                update={"structure": Structure.MINIMOL if can_embed() else Structure.FINGERPRINT}
            )
        studies = _studies(data) if run.studies and data is not None else ()
        if not (run.out / MODEL).exists():
            write_run(run, run.out / RUN_FILE)
        if settings.structure is Structure.MINIMOL:
            minimol([*rows.table.compounds.molecules, *(m for study in studies for m in study.compounds.molecules)])
        make = partial(MultiTraitGP, settings, auxiliary=studies, name="default")
        folds = every_kind_folds(rows.table.sample_row, rows.molecules, folds=run.folds, seed=run.seed)
        kept = run.out / HIDDEN / _digest(rows.table, run, settings.model_dump_json(), studies)
        unseen = predict_out_of_fold(
            make, rows.table, folds, kept, seed=run.seed, workers=run.workers, progress=progress
        )
        progress("fitting to all rows", 0, 0)
        predictor = make()
        predictor.fit(rows.table, rows.table.take(np.arange(0)), seed=run.seed)
        model = calibrate(predictor, rows.table, unseen, tested)
        scores = score_kinds(rows.table, unseen)
        card = model_card(model, scores, rows, [study.name for study in studies], tested)
        model.save(run.out / MODEL)
        write_run(run, run.out / RUN_FILE)
        write_csv(run.out / SCORES, scores)
        write_text(run.out / CARD, card)
        shutil.rmtree(run.out / HIDDEN)
        return BuiltModel(run.out, model, scores)


def _rows(run: DefaultModelRun, progress: Progress) -> tuple[MeasuredRows, Path | None]:
    """The measured rows, and the data folder that they or further studies come from."""
    if run.responses is not None or run.dataset is Dataset.NCI60:
        return MeasuredRows(*read_study(run)), run.data
    found = find_gdsc(run.data, run.dataset, progress=progress)
    return MeasuredRows(*found.study), found.folder


def _studies(data: Path) -> tuple[AuxiliaryStudy, ...]:
    return tuple(found.study for found in read_auxiliary_studies(data))


def _digest(table: ResponseTable, run: DefaultModelRun, settings: str, studies: tuple[AuxiliaryStudy, ...]) -> str:
    """Digest of everything that predictions out of fold are made from."""
    parts = [settings, f"{run.folds} {run.seed} {versions()['drugripple']}"]
    parts += [response_digest(table), annotation_digest(table), *(study.digest for study in studies)]
    return content_digest(*parts)[:16]
