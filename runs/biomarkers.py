"""Do predictions of held-out lines show the biomarkers that measured responses show?

    python -m runs.biomarkers --data ../shared/data --out out/biomarkers --events gdsctools-1.0.1.tar.gz

The events (mutations, copy number, fusions) are no input of the model; the expression of SLFN11 and NQO1 is. Lines are
predicted by fits that had none of their responses (ten cell-blind folds of Table 1, seed 0). Every test takes tissue
means out (`runs/marker_tests.py`). Writes to results/default_model:

    biomarkers.csv       known biomarkers, one by one
    biomarker_scan.csv   every event with q < 0.05 on the measured responses: for how many do the predictions show it?

A prediction shows an association if its effect has the sign of the measured one at one-sided p < 0.05. Two controls:
events dealt to other lines of their tissue, and predictions for every other compound on the same lines.

Predictions that are in `out` already are not made again. The structure of new compounds does not matter here, so the
model is the catalogue's `multi_trait_gp_studies`.
"""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.data.pairs import Pairs
from drugripple.evaluation.false_discovery import false_discovery_rate
from drugripple.evaluation.leaks.line_names import normalised_line
from drugripple.evaluation.schemes import Replicates, Scheme
from drugripple.evaluation.split_settings import SplitSettings
from drugripple.predictors.multi_trait_gp import MultiTraitGP, ResponseGrid
from drugripple.predictors.multi_trait_gp.with_studies import with_studies
from drugripple.recipes.folds import MeasuredRows, divide, measured_rows
from drugripple.sources.study_settings import StudySettings
from runs.default_model import keep
from runs.genomic_events import GenomicEvents, read_genomic_events
from runs.marker_tests import associations, dealt_within

LEVEL = 0.05
DRAWS = 200
UP, DOWN = 1, -1


class Case(NamedTuple):
    """A known biomarker."""

    gene: str
    compound: str
    marker: str
    """Event, or gene whose expression it is."""
    sign: int
    """Of the effect on ln IC50: -1 where the marked lines are sensitive."""


CASES = (
    Case("BRAF mutation", "Dabrafenib", "BRAF_mut", DOWN),
    Case("TP53 mutation", "Nutlin-3a (-)", "TP53_mut", UP),
    Case("MDM2 gain", "Nutlin-3a (-)", "gain_cnaPANCAN166_(MDM2,NUP107,SRGAP1)", DOWN),
    Case("ERBB2 gain", "Lapatinib", "gain_cnaPANCAN301_(CDK12,ERBB2,MED24)", DOWN),
    Case("BCR-ABL fusion", "Nilotinib", "BCR-ABL_mut", DOWN),
    Case("SLFN11 expression", "Topotecan", "SLFN11", DOWN),
    Case("NQO1 expression", "Tanespimycin", "NQO1", DOWN),
)


class Lines(NamedTuple):
    """Lines with events, measured and predicted. Axes: n line, c compound, e event."""

    names: tuple[str, ...]
    compounds: tuple[str, ...]
    tissue: tuple[str, ...]
    measured: np.ndarray
    """[n c], NaN where not measured."""
    predicted: np.ndarray
    """[n c]"""
    markers: np.ndarray
    """[n e]"""
    events: tuple[str, ...]
    expression: dict[str, np.ndarray]
    """z-scores [n] of the genes of cases, as far as they are measured."""

    def predicted_where(self, compound: int) -> np.ndarray:
        """Predictions [n c] for the lines that were measured with one compound, NaN for the others."""
        return np.where(np.isfinite(self.measured[:, [compound]]), self.predicted, np.nan)

    def marker(self, name: str) -> np.ndarray | None:
        """An event or the expression of a gene [n]; None where neither is known."""
        if name in self.events:
            return self.markers[:, self.events.index(name)]
        return self.expression.get(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--events", type=Path, help="gdsctools-1.0.1.tar.gz; of the download folder unless given")
    parser.add_argument("--folds", type=int, default=10, help="only so many of the ten folds")
    options = parser.parse_args()
    events = read_genomic_events(options.events)
    rows = measured_rows(StudySettings(data=options.data), Replicates.GROUP)
    predicted = predict_held_out(rows, partial(with_studies, options.data), options.out, options.folds)
    lines = with_events(rows, predicted, events)
    generator = np.random.default_rng(0)
    keep("biomarkers", known_cases(lines, generator))
    keep("biomarker_scan", scan(lines, generator))


def predict_held_out(rows: MeasuredRows, make: Callable[[], MultiTraitGP], out: Path, number: int) -> np.ndarray:
    """Response of every line to every compound, by a fit without the line; NaN for lines of no fold."""
    table = rows.table
    folds = divide(rows, SplitSettings(folds=10, seed=0), [Scheme.CELL_BLIND])[Scheme.CELL_BLIND][:number]
    found = np.full((len(table.expression), len(table.compounds)), np.nan)
    for fold_number, fold in enumerate(folds):
        path, lines = out / f"cell_blind_{fold_number}.npy", np.unique(table.sample_row[fold.test])
        if not path.is_file():
            model = make()
            model.fit(table.take(fold.train), table.take(fold.valid), seed=0)
            asked = Pairs.grid(table.expression.take(lines), table.compounds)
            out.mkdir(parents=True, exist_ok=True)
            np.save(path, model.predict(asked).reshape(len(lines), -1))
            print(path.name, flush=True)
        found[lines] = np.load(path)
    return found


def with_events(rows: MeasuredRows, predicted: np.ndarray, events: GenomicEvents) -> Lines:
    """The lines that were predicted and whose events are known; names are compared as the leak audit compares them."""
    table = rows.table
    place = {normalised_line(name): row for row, name in enumerate(events.lines)}
    known = [place.get(normalised_line(name), -1) for name in table.expression.samples]
    kept = np.array([row for row, at in enumerate(known) if at >= 0 and np.isfinite(predicted[row]).any()])
    at = np.array(known)[kept]
    grid = ResponseGrid.of(table.sample_row, table.compound_row, table.values, predicted.shape)
    measured = np.where(grid.measured, grid.values, np.nan)[kept]
    some = table.expression.take(kept)
    genes = [case.marker for case in CASES if case.marker in some.genes]
    values = some.values[:, some.genes.positions(genes)].astype(np.float64)
    scaled = (values - values.mean(axis=0)) / values.std(axis=0)
    print(f"{len(kept)} lines with events and predictions of {len(table.expression)}", flush=True)
    return Lines(
        some.samples, table.compounds.names, tuple(events.tissue[row] for row in at.tolist()), measured,
        predicted[kept], events.present[at].astype(np.float64), events.events,
        dict(zip(genes, scaled.T, strict=True)),
    )  # fmt: skip


def known_cases(lines: Lines, generator: np.random.Generator) -> pd.DataFrame:
    """One row per known biomarker; the shuffled share is that of dealings that the predictions would show."""
    found = []
    for case in CASES:
        row: dict[str, object] = {"biomarker": case.gene, "compound": case.compound, "expected": case.sign}
        marker = lines.marker(case.marker)
        if case.compound in lines.compounds and marker is not None:
            row |= judge(lines, lines.compounds.index(case.compound), marker, case.sign, generator)
        found.append(row)
    return pd.DataFrame(found)


def judge(lines: Lines, own: int, marker: np.ndarray, sign: int, generator: np.random.Generator) -> dict[str, object]:
    """One marker and one compound, with both controls."""
    measured = associations(marker[:, None], lines.measured[:, [own]], lines.tissue)
    every = associations(marker[:, None], lines.predicted_where(own), lines.tissue)
    p = every.p_towards(np.full_like(every.t, sign))[0]
    dealt = np.column_stack([marker[dealt_within(lines.tissue, generator)] for _ in range(DRAWS)])
    by_chance = associations(dealt, lines.predicted_where(own)[:, [own]], lines.tissue)
    return {
        "lines": int(np.isfinite(lines.measured[:, own]).sum()),
        "marked": int(measured.number[0, 0]),
        "measured_effect": measured.effect[0, 0],
        "measured_p": measured.p[0, 0],
        "predicted_effect": every.effect[0, own],
        "predicted_p": every.p[0, own],
        "shown": bool(p[own] < LEVEL),
        "shown_shuffled": share_shown(by_chance.p_towards(np.full_like(by_chance.t, sign))),
        "shown_by_other_compounds": share_shown(np.delete(p, own)),
    }


def scan(lines: Lines, generator: np.random.Generator) -> pd.DataFrame:
    """Significant events on the measured responses, and what the predictions show of them; one row per kind."""
    hits = significant(lines, dealt_within(lines.tissue, generator))
    found = []
    for kind, some in [("all", hits), *hits.groupby("events", sort=True)]:
        shown = {
            "events": kind,
            "significant": len(some),
            "compounds": some["compound"].nunique(),
            "right_sign": (some["predicted_effect"] * some["sign"] > 0).mean(),
            "shown": (some["predicted_p"] < LEVEL).mean(),
            "right_sign_shuffled": (some["shuffled_effect"] * some["sign"] > 0).mean(),
            "shown_shuffled": (some["shuffled_p"] < LEVEL).mean(),
            "shown_by_other_compounds": some["shown_by_other_compounds"].mean(),
            "effect_correlation": some["measured_effect"].corr(some["predicted_effect"]),
        }
        found.append(shown)
    return pd.DataFrame(found)


def significant(lines: Lines, order: np.ndarray) -> pd.DataFrame:
    """One row per event and compound with q < 0.05 on the measured responses."""
    measured = associations(lines.markers, lines.measured, lines.tissue)
    p = measured.p
    q = false_discovery_rate(p.ravel()).reshape(p.shape)
    print(f"{int(np.isfinite(p).sum()):,} tests on measured responses, {int((q < LEVEL).sum())} with q < {LEVEL}")
    rows = []
    for own in np.flatnonzero((q < LEVEL).any(axis=0)).tolist():
        events = np.flatnonzero(q[:, own] < LEVEL)
        sign = np.sign(measured.effect[events, own])
        predictions = lines.predicted_where(own)
        every = associations(lines.markers[:, events], predictions, lines.tissue)
        dealt = associations(lines.markers[order][:, events], predictions[:, [own]], lines.tissue)
        towards = every.p_towards(np.repeat(sign[:, None], every.t.shape[1], axis=1))
        rows.append(
            pd.DataFrame(
                {
                    "event": [lines.events[event] for event in events.tolist()],
                    "compound": lines.compounds[own],
                    "sign": sign,
                    "measured_effect": measured.effect[events, own],
                    "predicted_effect": every.effect[:, own],
                    "predicted_p": towards[:, own],
                    "shuffled_effect": dealt.effect[:, 0],
                    "shuffled_p": dealt.p_towards(sign[:, None])[:, 0],
                    "shown_by_other_compounds": [share_shown(np.delete(row, own)) for row in towards],
                }
            )
        )
    hits = pd.concat(rows, ignore_index=True)
    mutated = hits["event"].str.endswith("_mut")
    return hits.assign(events=np.where(mutated, "mutation or fusion", "copy number"))


def share_shown(p: np.ndarray) -> float:
    known = p[np.isfinite(p)]
    return float((known < LEVEL).mean()) if known.size else float("nan")


if __name__ == "__main__":
    main()
