"""Table S6: genes that differ between sensitive and resistant samples in predicted profiles, and their pathways.

Source: paper section 4.4. Ours: the same on basal profiles, which decides; the change alone, and within tissues.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float

from drugripple.evaluation.schemes import Scheme
from drugripple.genes.space import GeneSpace
from drugripple.interpretation.enrichment import over_represented
from drugripple.interpretation.expression import FEWEST, Groups, differential, quartile_groups
from drugripple.recipes.reproduce.item import Claim, Drawing, Finding, Verdict
from drugripple.recipes.reproduce.reading import open_network
from drugripple.recipes.reproduce.workshop import FETCH_SETS, Workshop, drugs_of, quick_note
from drugripple.report.group_figures import volcano

DRUGS = ("Oxaliplatin", "Fulvestrant")
EXPECTED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Oxaliplatin": {"up": ("WP531", "WP466", "WP4753", "WP45"), "down": ("WP4216", "WP4263")},
    "Fulvestrant": {"up": ("WP2526", "WP3888"), "down": ("WP712", "WP4806")},
}
"""WikiPathways that the paper finds up and down in the sensitive group."""
LEVEL, BEST = 0.05, 5
PREDICTED, BASAL, CHANGE, WITHIN = "predicted", "basal (control)", "predicted change", "predicted, within tissues"


def reproduce(workshop: Workshop) -> Finding:
    """Quarters of test rows, compared in predicted profiles and in the basal ones behind them."""
    table = workshop.responses
    fold = workshop.folds_of(table, Scheme.MIXED)[0]
    predictor = workshop.tuned(workshop.network, table, fold.train, fold.valid)
    network = open_network(predictor, table.expression, table.compounds)
    sets = workshop.gene_sets()
    genes, enriched, counts, figures = [], [], [], {}
    for drug in drugs_of(table, fold.test, DRUGS):
        rows = fold.test[np.array(table.compounds.names)[table.compound_row[fold.test]] == drug]
        groups = quartile_groups(table.values[rows])
        if min(map(len, groups)) < FEWEST:
            continue
        samples = table.sample_row[rows]
        basal = network.basal.numpy()[samples].astype(np.float64)
        treated = network.treated(samples, table.compound_row[rows]).astype(np.float64)
        tissue = [table.expression.tissue[row] for row in samples.tolist()]
        for what, found in _readings(basal, treated, groups, network.genes, tissue).items():
            genes.append(found.assign(drug=drug, profiles=what))
            counts.append(_counts(drug, what, found, groups, differential(basal, groups, network.genes)))
            if sets is not None:
                enriched += [part.assign(drug=drug, profiles=what) for part in _pathways(found, sets, network.genes)]
            if what in (PREDICTED, BASAL):
                figures[f"volcano_{drug}_{what.split()[0]}".casefold()] = _volcano(drug, what, found)
    every = pd.concat(genes, ignore_index=True) if genes else pd.DataFrame()
    pathways = pd.concat(enriched, ignore_index=True) if enriched else pd.DataFrame()
    tables = {
        "counts": pd.DataFrame(counts),
        "pathways": pathways[pathways["rank"] <= BEST] if len(pathways) else pathways,
        "genes": every[["drug", "profiles", "gene", "difference", "t", "p", "q"]] if len(every) else every,
    }
    return Finding(
        tuple(_claims(pathways, pd.DataFrame(counts), sets is None)),
        (*quick_note(workshop.run), *_PROSE),
        {name: found for name, found in tables.items() if len(found)},
        figures,
    )


_PROSE = (
    "The lowest quarter of ln IC50 of a drug's test rows (fold 0 of the mixed scheme) against the highest; Welch's t "
    "per gene, q over genes. Pathways are of genes at q < 0.05, against the assayed genes.",
    "The control is the same comparison of the basal profiles: what is found there was there before treatment.",
)


def _readings(
    basal: Float[np.ndarray, "n g"],
    treated: Float[np.ndarray, "n g"],
    groups: Groups,
    genes: GeneSpace,
    tissue: list[str],
) -> dict[str, pd.DataFrame]:
    return {
        PREDICTED: differential(treated, groups, genes),
        BASAL: differential(basal, groups, genes),
        CHANGE: differential(treated - basal, groups, genes),
        WITHIN: differential(treated, groups, genes, tissue=tissue),
    }


def _counts(drug: str, what: str, found: pd.DataFrame, groups: Groups, basal: pd.DataFrame) -> dict[str, object]:
    """Genes at q < 0.05, and how the differences correlate with the basal ones of the same drug."""
    hit = found["q"] < LEVEL
    like = float(np.corrcoef(found["difference"], basal["difference"])[0, 1])
    return {
        "drug": drug, "profiles": what, "sensitive": len(groups.sensitive), "resistant": len(groups.resistant),
        "up": int((hit & (found["difference"] > 0)).sum()), "down": int((hit & (found["difference"] < 0)).sum()),
        "correlation_with_basal": like,
    }  # fmt: skip


def _pathways(found: pd.DataFrame, sets: Mapping[str, tuple[str, ...]], genes: GeneSpace) -> Iterator[pd.DataFrame]:
    hit = found[found["q"] < LEVEL]
    for direction, some in (("up", hit[hit["difference"] > 0]), ("down", hit[hit["difference"] < 0])):
        if len(some):
            enriched = over_represented(some["gene"], sets, genes)
            yield enriched.assign(direction=direction, rank=np.arange(1, len(enriched) + 1))


def _claims(pathways: pd.DataFrame, counts: pd.DataFrame, no_sets: bool) -> Iterator[Claim]:
    done = set(counts["drug"]) if len(counts) else set()
    for drug, directions in EXPECTED.items():
        for direction, expected in directions.items():
            claim = f"sensitive lines under {drug.casefold()}: {', '.join(expected)} {direction}"
            if no_sets or drug not in done:
                lacking = "no gene sets here" if no_sets else f"too few test rows of {drug}"
                yield Claim(claim, "enriched", lacking, Verdict.NEEDS_DATA, "", FETCH_SETS if no_sets else "")
                continue
            hits = {what: _hits(pathways, drug, direction, expected, what) for what in (PREDICTED, BASAL, CHANGE)}
            told = ", ".join(hits[PREDICTED]) or "none"
            yield Claim(
                claim, "all among the enriched", f"{told} at q < 0.05",
                Verdict.REPRODUCED if len(hits[PREDICTED]) == len(expected) else Verdict.DIFFERS,
                f"basal profiles: {', '.join(hits[BASAL]) or 'none'}; predicted change: "
                f"{', '.join(hits[CHANGE]) or 'none'}{_likeness(counts, drug)}",
            )  # fmt: skip


def _hits(pathways: pd.DataFrame, drug: str, direction: str, expected: tuple[str, ...], what: str) -> list[str]:
    if pathways.empty:
        return []
    some = pathways[(pathways["drug"] == drug) & (pathways["direction"] == direction) & (pathways["profiles"] == what)]
    below = some.loc[some["q"] < LEVEL, "set"].astype(str)
    return [pathway for pathway in expected if below.str.endswith(f" {pathway}").any()]


def _likeness(counts: pd.DataFrame, drug: str) -> str:
    if counts.empty:
        return ""
    some = counts[(counts["drug"] == drug) & (counts["profiles"] == WITHIN)]
    return "" if some.empty else f"; within tissues {some['up'].iloc[0]} genes up, {some['down'].iloc[0]} down"


def _volcano(drug: str, what: str, found: pd.DataFrame) -> Drawing:
    chosen = (found["q"] < LEVEL).to_numpy(bool)
    svg = volcano(
        found["difference"].to_numpy(np.float64), found["p"].to_numpy(np.float64), chosen, found["gene"].tolist(),
        "difference of means, sensitive − resistant",
    )  # fmt: skip
    return Drawing(svg, f"{drug}, {what} profiles: {int(chosen.sum())} genes at q < 0.05.")
