"""Figure 4 and Table S7: do predictions for tumours tell responders from non-responders?

Source: paper section 4.5. Ours: cohorts on a reduced panel where the Xena files are not at hand, three ways to bring
tumours to the scale of cell lines, and the controls of `evaluation.responders`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from drugripple.data.predictor import Predictor
from drugripple.data.response import ResponseTable
from drugripple.data.tables import ExpressionTable
from drugripple.evaluation.group_tests import chance_of_hits, welch_rows
from drugripple.evaluation.schemes import Scheme
from drugripple.recipes.patients.models import of_predictor
from drugripple.recipes.patients.transfer import Transfer, transfer
from drugripple.recipes.patients.trial import Trial, trial_of
from drugripple.recipes.reproduce.item import Claim, Drawing, Finding, Verdict
from drugripple.recipes.reproduce.workshop import Workshop, quick_note
from drugripple.report.group_figures import bars, two_groups
from drugripple.sources.public.lines import read_cancer_types
from drugripple.sources.public.tcga import read_clinical
from drugripple.sources.public.tumour_panels import read_cohorts

HITS = ("Dacarbazine", "Gemcitabine", "Paclitaxel", "Capecitabine", "Carboplatin")
"""Drugs that the paper finds at p < 0.05, of 13."""
PUBLISHED_HITS, PUBLISHED_TESTS = 5, 13
FETCH = "drugripple data fetch tcga"
SHUFFLES, QUICK_SHUFFLES = 100, 3


@dataclass(frozen=True)
class Cohorts:
    """Tumours of several cancer types on one scale and the same genes."""

    tumours: ExpressionTable
    lines: ResponseTable
    """GDSC2 on the same genes."""


def reproduce(workshop: Workshop) -> Finding:
    """Fit on cell lines, predict tumours, test each drug, with every way of transfer."""
    if not workshop.has("tcga", "response.parquet"):
        return Finding((Claim("patients of TCGA are told apart", "5 of 13 drugs at p < 0.05", "not run",
                              Verdict.NEEDS_DATA, "", FETCH),))  # fmt: skip
    clinical = read_clinical(workshop.run.data).table
    cohorts = read_cohorts(workshop.run.data)
    trial = trial_of(clinical, _names_only(cohorts))
    groups = tuple(_groups(workshop.responses, cohorts, set(trial.cases["patient"])))
    predicted, moved = _predict(workshop, trial, groups)
    tables = {
        key: trial.score(found, draws=workshop.draws, seed=workshop.run.seed).assign(model=key[0], transfer=key[1])
        for key, found in predicted.items()
    }
    drugs = pd.concat(tables.values(), ignore_index=True)
    summary = pd.DataFrame([_summary(key, table, trial, predicted[key], workshop) for key, table in tables.items()])
    main = ("csg2a", Transfer.JOINT.value)
    return Finding(
        tuple(_claims(tables[main], summary, trial, clinical)),
        (*quick_note(workshop.run), *_prose(trial, clinical, groups)),
        {
            "summary": summary,
            "drugs": drugs[["model", "transfer", *(name for name in drugs if name not in ("model", "transfer"))]],
            "patients_of_each_drug": trial.counts(),
            "cohorts": moved,
            "left_out": trial.without,
        },
        _figures(tables, trial, predicted, main),
    )


def _names_only(cohorts: tuple[ExpressionTable, ...]) -> ExpressionTable:
    """Every patient with its cohort, on one gene: what a trial needs to know of expression."""
    cohort_of = {name: table.tissue[0] for table in cohorts for name in table.samples}
    some = cohorts[0]
    values = np.zeros((len(cohort_of), 1), dtype=np.float32)
    genes = replace(some.genes, symbols=some.genes.symbols[:1])
    return ExpressionTable(tuple(cohort_of), genes, values, some.scale, tuple(cohort_of.values()))


def _groups(responses: ResponseTable, cohorts: tuple[ExpressionTable, ...], asked: set[str]) -> Iterator[Cohorts]:
    """Cohorts that share a scale, on the genes that all of them and the lines have; those without a patient are not."""
    for scale in sorted({table.scale for table in cohorts}):
        some = [table for table in cohorts if table.scale is scale and asked & set(table.samples)]
        if not some:
            continue
        genes = responses.expression.genes
        for table in some:
            genes = genes.shared_with(table.genes)
        tumours = ExpressionTable(
            tuple(name for table in some for name in table.samples),
            genes,
            np.concatenate([table.restrict(genes).values for table in some]),
            scale,
            tuple(name for table in some for name in table.tissue),
        )
        pairs = replace(responses.pairs, expression=responses.expression.restrict(genes))
        yield Cohorts(tumours, replace(responses, pairs=pairs))


def _predict(
    workshop: Workshop, trial: Trial, groups: tuple[Cohorts, ...]
) -> tuple[dict[tuple[str, str], pd.DataFrame], pd.DataFrame]:
    """Predictions of every model after every transfer, and how each cohort came to its scale."""
    parts: dict[tuple[str, str], list[pd.DataFrame]] = {}
    ways = []
    for group in groups:
        lines = group.lines.expression
        types = read_cancer_types(workshop.run.data, lines.samples)
        here = trial.cases["patient"].isin(group.tumours.samples)
        some = replace(trial, cases=trial.cases[here])
        for name, predictor in _fitted(workshop, group.lines):
            model = of_predictor(predictor, lines)
            for way in Transfer:
                found = transfer(group.tumours, way, lines=lines, line_types=types)
                workshop.progress(f"{name}, {way.value}", 0, 0)
                parts.setdefault((name, way.value), []).append(some.predict(model, found.tumours))
                ways.append(found.cohorts.assign(asked=way.value, scale=group.tumours.scale.value))
    moved = pd.concat(ways, ignore_index=True).drop_duplicates(ignore_index=True)
    return {key: pd.concat(tables) for key, tables in parts.items()}, moved


def _fitted(workshop: Workshop, table: ResponseTable) -> Iterator[tuple[str, Predictor]]:
    """The network and its rivals, fitted to all lines but those that stop the training."""
    fold = workshop.folds_of(table, Scheme.CELL_BLIND)[0]
    rows = np.sort(np.concatenate([fold.train, fold.test]))
    yield "csg2a", workshop.tuned(workshop.network, table, rows, fold.valid)
    for name in workshop.run.rival:
        yield name, workshop.fitted(name, table, rows, fold.valid)


def _summary(
    key: tuple[str, str], table: pd.DataFrame, trial: Trial, predicted: pd.DataFrame, workshop: Workshop
) -> dict[str, object]:
    hits = int((table["p"] < 0.05).sum())
    return {
        "model": key[0],
        "transfer": key[1],
        "drugs": len(table),
        "p_below_0.05": hits,
        "p_below_0.1": int((table["p"] < 0.1).sum()),
        "q_below_0.05": int((table["q"] < 0.05).sum()),
        "within_cancer_p_below_0.05": int((table["within_cancer_p"] < 0.05).sum()),
        "hits_with_shuffled_answers": _shuffled_hits(trial, predicted, table["drug"].tolist(), workshop),
        "chance_of_as_many": chance_of_hits(hits, len(table)),
        "mean_auroc": table["auroc"].mean(),
        "wrong_drugs_as_good": table["wrong_drugs_as_good"].mean(),
    }


def _shuffled_hits(trial: Trial, predicted: pd.DataFrame, drugs: list[str], workshop: Workshop) -> float:
    """Mean number of drugs at p < 0.05 with answers dealt anew among the patients of a drug and cancer type."""
    generator = np.random.default_rng(workshop.run.seed)
    counts = np.zeros(QUICK_SHUFFLES if workshop.run.quick else SHUFFLES)
    for drug in drugs:
        some = trial.cases[trial.cases["drug"] == drug]
        values = predicted.loc[some["patient"], drug].to_numpy(np.float64)
        first = np.tile(some["responder"].to_numpy(bool), (len(counts), 1))
        for rows in some.reset_index().groupby("cancer").indices.values():
            first[:, rows] = generator.permuted(first[:, rows], axis=1)
        counts += welch_rows(values[None], first)[1] < 0.05
    return float(np.mean(counts))


def _claims(table: pd.DataFrame, summary: pd.DataFrame, trial: Trial, clinical: pd.DataFrame) -> Iterator[Claim]:
    main = summary.iloc[0]
    hits, tests = int(main["p_below_0.05"]), int(main["drugs"])
    missing = clinical["patient"].nunique() - trial.cases["patient"].nunique()
    control = (
        f"shuffled answers: {main['hits_with_shuffled_answers']:.2f} drugs; chance of as many hits "
        f"{main['chance_of_as_many']:.2g}; within cancer types {main['within_cancer_p_below_0.05']} drugs"
    )
    expected = PUBLISHED_HITS / PUBLISHED_TESTS
    yield Claim(
        "predictions tell responders from non-responders", "5 of 13 drugs at p < 0.05", f"{hits} of {tests} drugs",
        Verdict.REPRODUCED if tests and hits / tests >= expected else Verdict.DIFFERS, control,
        f"{FETCH} ({missing} of {clinical['patient'].nunique()} patients have no expression here)" if missing else "",
    )  # fmt: skip
    by_drug = table.set_index("drug")
    for drug in HITS:
        if drug not in by_drug.index:
            had = int((trial.cases["drug"] == drug).sum())
            text = f"{had} patients with expression here: too few"
            yield Claim(f"{drug} is told apart", "p < 0.05", text, Verdict.NEEDS_DATA, "", FETCH)
            continue
        row = by_drug.loc[drug]
        ours = f"p = {row['p']:.2g}, AUROC {row['auroc']:.2f} ({row['auroc_low']:.2f} to {row['auroc_high']:.2f})"
        control = (
            f"q = {row['q']:.2g}; within cancer types p = {row['within_cancer_p']:.2g}; "
            f"{row['wrong_drugs_as_good']:.0%} of other drugs do as well"
        )
        holds = Verdict.REPRODUCED if row["p"] < 0.05 else Verdict.DIFFERS
        patients = f"{row['responders']} responders, {row['non_responders']} not: "
        yield Claim(f"{drug} is told apart", "p < 0.05", patients + ours, holds, control)


def _prose(trial: Trial, clinical: pd.DataFrame, groups: tuple[Cohorts, ...]) -> Iterator[str]:
    yield (
        f"{trial.cases['patient'].nunique()} of {clinical['patient'].nunique()} patients with an answer have "
        f"expression here. Models learn from GDSC2 on the genes that the tumours have."
    )
    for group in groups:
        cohorts = ", ".join(sorted(set(group.tumours.tissue)))
        yield f"{cohorts}: {group.tumours.scale.value}, {len(group.tumours.genes)} genes shared with GDSC."
    yield (
        "Joint is the paper's way (ComBat of lines and tumours of a type, robust z over both); reference leaves the "
        "lines as they are; cohort scales tumours by their own medians. Cohorts that come as z-scores can only be "
        "scaled so."
    )


def _figures(
    tables: dict[tuple[str, str], pd.DataFrame],
    trial: Trial,
    predicted: dict[tuple[str, str], pd.DataFrame],
    main: tuple[str, str],
) -> dict[str, Drawing]:
    table, values = tables[main], predicted[main]
    if table.empty:
        return {}
    groups = {}
    for drug in table["drug"]:
        some = trial.cases[trial.cases["drug"] == drug]
        of_drug = values.loc[some["patient"], drug].to_numpy(np.float64)
        first = some["responder"].to_numpy(bool)
        groups[str(drug)] = (of_drug[first], of_drug[~first])
    notes = [f"p {p:.2g}" for p in table["p"]]
    boxes = two_groups(groups, ("responders", "non-responders"), "predicted ln IC50", notes)
    share = {f"{name}, {way}": float((found["p"] < 0.05).sum()) for (name, way), found in tables.items()}
    return {
        "responders": Drawing(boxes, "Predicted ln IC50 of responders and non-responders; one-sided p of Welch's t."),
        "hits": Drawing(
            bars(share, "drugs at p < 0.05", line=0.05 * len(table), line_label="expected by chance"),
            "Drugs that each model tells apart after each transfer.",
        ),
    }
