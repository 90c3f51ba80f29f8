"""What a few measurements tell the default model: of a new line, or of a new compound.

    python -m runs.few_shot --data ../shared/data --out out/default_model

Writes to results/default_model:

    few_shot.csv            own measurements of a new line, chosen by the model or at random
    few_shot_compounds.csv  measurements of a new compound in lines that the model chose, or random ones

`coverage` and `width` are those of 90 % intervals that pairs of the other folds calibrate, told no measurement.
Predictions that are in `out` already are not made again. The model is that of `runs/default_model.py`.
"""

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.data.pair_kind import KINDS, LEVEL, PairKind
from drugripple.data.response import ResponseTable
from drugripple.evaluation.conformal import ConformalIntervals, PredictedPairs, score_intervals
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.metrics import rmse
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.multi_trait_gp import MultiTraitGP
from drugripple.predictors.multi_trait_gp.embedding import can_embed
from drugripple.predictors.multi_trait_gp.next_experiments import most_informative
from drugripple.predictors.multi_trait_gp.with_studies import with_studies, with_studies_and_minimol
from drugripple.recipes.folds import MeasuredRows, divide, measured_rows
from drugripple.sources.study_settings import StudySettings
from runs.default_model import keep, within

NUMBERS, NUMBERS_OF_COMPOUNDS = (0, 1, 3, 5, 10, 20), (0, 1, 3, 5, 10, 20, 50)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=["few_shot", "few_shot_compounds"])
    parser.add_argument("--folds", type=int, default=10, help="only so many of the ten folds")
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    make = partial(with_studies_and_minimol if can_embed() else with_studies, options.data)
    for name, ask in {"few_shot": few_shot, "few_shot_compounds": few_shot_compounds}.items():
        if options.only in (None, name):
            keep(name, ask(rows, make, options.out, options.folds))


def few_shot(rows: MeasuredRows, make: Callable[[], MultiTraitGP], out: Path, number: int) -> pd.DataFrame:
    """New lines, told some of their own measurements: ten cell-blind folds of Table 1, seed 0.

    Both ways are scored on the same pairs: those that neither of them measures.
    """
    return over_folds(rows, Scheme.CELL_BLIND, PairKind.NEW_SAMPLE, make, told_and_asked, out / "few_shot", number)


def few_shot_compounds(rows: MeasuredRows, make: Callable[[], MultiTraitGP], out: Path, number: int) -> pd.DataFrame:
    """New compounds, told measurements in some lines: ten drug-blind folds of Table 1, seed 0.

    Both ways are scored on the same pairs: those that neither of them measures.
    """
    return over_folds(
        rows,
        Scheme.DRUG_BLIND,
        PairKind.NEW_COMPOUND,
        make,
        compounds_told_and_asked,
        out / "few_shot_compounds",
        number,
    )


def over_folds(
    rows: MeasuredRows,
    scheme: Scheme,
    kind: PairKind,
    make: Callable[[], MultiTraitGP],
    ask: Callable[[MultiTraitGP, ResponseTable], Iterator[pd.DataFrame]],
    start: Path,
    first: int,
) -> pd.DataFrame:
    """Mean and deviation over folds of what a model answers about its test rows after being told some of them."""
    table, parts = rows.table, []
    folds = divide(rows, SplitSettings(folds=10, seed=0), [scheme])[scheme][:first]
    for number, fold in enumerate(folds):
        path = start.with_name(f"{start.name}_{number}.parquet")
        if not path.is_file():
            model = make()
            model.fit(table.take(fold.train), table.take(fold.valid), seed=0)
            path.parent.mkdir(parents=True, exist_ok=True)
            pd.concat(ask(model, table.take(fold.test))).to_parquet(path)
            print(path.name, flush=True)
        parts.append(pd.read_parquet(path).assign(fold=number))
    every = with_intervals(pd.concat(parts, ignore_index=True), kind)
    found = []
    by = ["way", "measured"]
    for label, one in every.groupby(by):
        by_fold = [
            (rmse(part["y"].to_numpy(), part["yhat"].to_numpy()), within(part)) for _, part in one.groupby("fold")
        ]
        mean, spread = np.mean(by_fold, axis=0), np.std(by_fold, axis=0, ddof=1)
        intervals = score_intervals((one["y"] - one["yhat"]).to_numpy(), one["half_width"].to_numpy())
        found.append(
            dict(zip(by, label, strict=True))
            | {"rmse": mean[0], "rmse_sd": spread[0], "per_drug_pcc": mean[1], "per_drug_pcc_sd": spread[1]}
            | {"coverage": intervals.coverage, "width": intervals.width, "folds": len(by_fold)}
        )
    return pd.DataFrame(found)


def with_intervals(asked: pd.DataFrame, kind: PairKind) -> pd.DataFrame:
    """The same pairs with the half width of their intervals, as the default model makes them.

    A measurement changes the prediction and its deviation, and not how far an interval reaches in deviations: the other
    folds' pairs say that, of which nothing was measured.
    """
    half_width = np.zeros(len(asked))
    for number in asked["fold"].unique():
        others = asked[(asked["fold"] != number) & (asked["measured"] == 0)]
        error = (others["y"] - others["yhat"]).to_numpy()
        fitted = ConformalIntervals.fit(error, predicted(others, kind))
        own = (asked["fold"] == number).to_numpy()
        half_width[own] = fitted.half_width(predicted(asked[own], kind), LEVEL)
    return asked.assign(half_width=half_width)


def predicted(pairs: pd.DataFrame, kind: PairKind) -> PredictedPairs:
    """What the model says of pairs, which are all of one kind."""
    mean, deviation, compound = (pairs[name].to_numpy() for name in ("yhat", "sd", "compound"))
    return PredictedPairs(mean, deviation, np.full(len(pairs), KINDS.index(kind)), compound)


def compounds_told_and_asked(model: MultiTraitGP, test: ResponseTable) -> Iterator[pd.DataFrame]:
    """For test compounds: what the model answers after 0, 1, 3, … measurements in lines that it chose, or random."""
    generator, name = np.random.default_rng(0), np.array(test.expression.samples, dtype=object)
    molecule, most = molecule_numbers(test.compounds)[test.compound_row], max(NUMBERS_OF_COMPOUNDS)
    turn, asked = {way: np.full(len(test), most) for way in ("chosen", "random")}, []
    for one in np.unique(molecule).tolist():
        rows = np.flatnonzero(molecule == one)
        lines = np.unique(test.sample_row[rows])
        compound = test.compounds.take(test.compound_row[rows[:1]])
        (chosen,) = model.next_samples(compound, most, test.expression.take(lines))
        orders = {"chosen": chosen, "random": name[generator.permutation(lines)[:most]].tolist()}
        for way, order in orders.items():
            place = {line: at for at, line in enumerate(order)}
            turn[way][rows] = [place.get(line, most) for line in name[test.sample_row[rows]]]
        asked.append(rows[(turn["chosen"][rows] == most) & (turn["random"][rows] == most)])
    rows = np.concatenate(asked)
    for way, at in turn.items():
        for number in NUMBERS_OF_COMPOUNDS:
            knowing = model.condition(test.take(np.flatnonzero(at < number)))
            yhat, sd = knowing.predict_with_sd(test.pairs.take(rows))
            yield pd.DataFrame(
                {"way": way, "measured": number, "compound": test.compound_row[rows]}
                | {"y": test.values[rows], "yhat": yhat, "sd": sd}
            )


def told_and_asked(model: MultiTraitGP, test: ResponseTable) -> Iterator[pd.DataFrame]:
    """For every test line: what the model answers after 0, 1, 3, … measurements, chosen or random."""
    generator = np.random.default_rng(0)
    place = model.traits.places(test.compounds)
    for sample in np.unique(test.sample_row).tolist():
        rows = np.flatnonzero(test.sample_row == sample)
        rows = rows[np.unique(place[test.compound_row[rows]], return_index=True)[1]]
        columns = place[test.compound_row[rows]]
        allowed = np.isin(np.arange(len(model.traits.compounds)), columns)
        one = test.expression.take(np.array([sample]))
        noise = model.traits.posterior.covariances.noise
        chosen = most_informative(next(model.traits.covariances(one)), noise, max(NUMBERS), allowed=allowed)
        order = {"chosen": chosen, "random": generator.permutation(columns)[: max(NUMBERS)]}
        asked = rows[~np.isin(columns, np.concatenate(list(order.values())))]
        for way, measured in order.items():
            for number in NUMBERS:
                told = rows[np.isin(columns, measured[:number])]
                knowing = model.condition(test.take(told)) if number else model
                yhat, sd = knowing.predict_with_sd(test.pairs.take(asked))
                yield pd.DataFrame(
                    {"way": way, "measured": number, "compound": test.compound_row[asked]}
                    | {"y": test.values[asked], "yhat": yhat, "sd": sd}
                )


if __name__ == "__main__":
    main()
