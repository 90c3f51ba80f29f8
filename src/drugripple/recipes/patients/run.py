"""`drugripple patients`: does a model tell the patients who responded from those who did not?"""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from drugripple.config import write_run
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.predict.default import DefaultModel
from drugripple.recipes.patients.models import of_loaded, open_model, require_own_genes_of
from drugripple.recipes.patients.settings import PatientsRun
from drugripple.recipes.patients.transfer import Transfer, transfer
from drugripple.recipes.patients.trial import trial_of
from drugripple.recipes.run_folder import RUN_FILE, run_folder
from drugripple.runtime.atomic import write_csv
from drugripple.runtime.notes import tell
from drugripple.sources.public.lines import read_lines
from drugripple.sources.user.answers import read_answers
from drugripple.sources.user.drug_names import match_compounds
from drugripple.sources.user.expression import read_expression

RESULTS = ("cohorts.csv", "left_out.csv", "predictions.csv", "drugs.csv")


class PatientsDone(NamedTuple):
    """The scores of a finished `run_patients`."""

    folder: Path
    drugs: pd.DataFrame
    """One row per drug with enough patients, as `evaluation.score_drugs` gives it."""
    cohorts: pd.DataFrame
    left_out: pd.DataFrame


def run_patients(run: PatientsRun) -> PatientsDone:
    """Predict every patient's response to every drug of the table, and hold it against the answers.

    Raises:
        DrugrippleError: if an input cannot be used.
    """
    inputs = [run.expression, run.response, *([run.data] if run.data else []), *([run.model] if run.model else [])]
    with run_folder(run, results=RESULTS, inputs=inputs):
        model = open_model(run.model)
        answers = read_answers(run.response)
        if isinstance(model, DefaultModel):
            answers = with_structures(answers, model.named_compounds)
        tumours = _with_types(
            read_expression(run.expression, scale=run.scale, by_order=isinstance(model, DefaultModel)), answers
        )
        tell(tumours.notes)
        require_own_genes_of(model, tumours)
        trial = trial_of(answers, tumours)
        lines = None
        types: tuple[str, ...] = ()
        if run.transfer is not Transfer.COHORT and run.data is not None:
            lines, types = read_lines(run.data)
        moved = transfer(tumours, run.transfer, lines=lines, line_types=types)
        predicted = trial.predict(of_loaded(model), moved.tumours)
        drugs = trial.score(
            predicted,
            lower_is_sensitive=model.measure.lower_is_sensitive,
            fewest=run.more_than,
            draws=run.draws,
            seed=run.seed,
        )
        write_run(run, run.out / RUN_FILE)
        row = predicted.index.get_indexer(pd.Index(trial.cases["patient"]))
        column = predicted.columns.get_indexer(pd.Index(trial.cases["drug"]))
        told = trial.cases.assign(predicted=predicted.to_numpy()[row, column])
        for name, table in zip(RESULTS, (moved.cohorts, trial.without, told, drugs), strict=True):
            write_csv(run.out / name, table)
        return PatientsDone(run.out, drugs, moved.cohorts, trial.without)


def with_structures(answers: pd.DataFrame, known: CompoundTable) -> pd.DataFrame:
    """Answers whose drugs lack a structure, with that of the known compound of their name."""
    called = match_compounds(answers["drug"].unique().tolist(), known.names)
    structure = dict(zip(known.names, known.smiles, strict=True))
    named = answers["drug"].map(called).map(structure)
    return answers.assign(smiles=answers["smiles"].fillna(named) if "smiles" in answers else named)


def _with_types(tumours: ExpressionTable, answers: pd.DataFrame) -> ExpressionTable:
    """The tumours with the cancer type that the answers state; one cohort where they state none."""
    if "cancer" not in answers or "patient" not in answers:
        return replace(tumours, tissue=("cohort",) * len(tumours))
    stated = dict(zip(answers["patient"].astype(str), answers["cancer"].astype(str), strict=True))
    return replace(tumours, tissue=tuple(stated.get(name, "unknown") for name in tumours.samples))
