"""Figure 3, Tables S4 and S5: do attention maps show the mechanism of action?

Source: paper section 4.3. Ours: the assayed genes as background, hubs alone, another drug's map, the mean of all drugs'
maps, random weights, labels dealt anew over drugs, and likeness beyond that of structures.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.chem.fingerprint import morgan, tanimoto
from drugripple.data.response import ResponseTable
from drugripple.evaluation.schemes import Scheme
from drugripple.interpretation.enrichment import ENRICHR, GeneSets, false_positives, over_represented
from drugripple.interpretation.expression import quartile_groups
from drugripple.interpretation.maps import AttentionMap, correlate, hub_bias
from drugripple.interpretation.mechanism import Likeness, category_of, given, likeness
from drugripple.interpretation.pairs import top_pairs
from drugripple.model.settings import RANDOM, Prior
from drugripple.recipes.reproduce.item import Claim, Drawing, Finding, Verdict
from drugripple.recipes.reproduce.reading import OpenNetwork, open_network
from drugripple.recipes.reproduce.workshop import FETCH_SETS, Workshop, drugs_of, quick_note
from drugripple.report.map_figures import clustered, gene_network

TOP = 1000
DRUGS = ("Fulvestrant", "5-Fluorouracil")
EXPECTED: Mapping[str, tuple[str, ...]] = {"Fulvestrant": ("WP1984", "WP254"), "5-Fluorouracil": ("WP707", "WP384")}
"""WikiPathways that the paper finds in each drug's map."""
RANDOM_LISTS, QUICK_LISTS = 200, 20
SHARE_OF_PAIRS = 20
"""Share of pairs that count as strong at most, as its inverse: every twentieth, on however few genes."""
LEVEL, BEST, DRAWN, FEWEST_POTENT, FEWEST_CATEGORIES = 0.05, 5, 40, 8, 2
WITH, WITHOUT, UNTRAINED = "with the prior", "without the prior", "random weights"


class Opened(NamedTuple):
    """A network of one kind, and the test rows."""

    kind: str
    network: OpenNetwork


def reproduce(workshop: Workshop) -> Finding:
    """Mean maps of test rows, their pathways, and how alike maps of one mechanism are."""
    table = workshop.responses
    fold = workshop.folds_of(table, Scheme.MIXED)[0]
    own = workshop.network
    kinds = {
        WITH: own,
        WITHOUT: own.model_copy(update={"prior": Prior.NONE, "variant": "no-prior"}),
        UNTRAINED: own.model_copy(update={"backbone": RANDOM, "variant": "random"}),
    }
    opened = [
        Opened(kind, open_network(workshop.tuned(settings, table, fold.train, fold.valid), table.expression,
                                  table.compounds))
        for kind, settings in kinds.items()
    ]  # fmt: skip
    rows = _test_rows(table, fold.test)
    sets = workshop.gene_sets()
    enriched = pd.DataFrame()
    chance = pd.DataFrame()
    if sets is not None:
        enriched = pd.concat([_enrichments(each, table, rows, sets) for each in opened[:2]], ignore_index=True)
        listed = int(enriched.loc[enriched["reading"] == "all rows", "listed"].iloc[0])
        chance = _chance(workshop, sets, opened[0].network, listed)
    alike = _likeness(workshop, table, opened, fold.test)
    tables = {
        "likeness": alike.table,
        "pathways": _best(enriched),
        "expected_pathways": _expected(enriched),
        "false_positives": chance,
    }
    return Finding(
        tuple(_claims(enriched, chance, alike.table)),
        (*quick_note(workshop.run), *_prose(rows, opened[0].network)),
        {name: table for name, table in tables.items() if not table.empty},
        _figures(table, opened[0].network, rows, alike),
    )


def _test_rows(table: ResponseTable, test: Int[np.ndarray, " k"]) -> dict[str, Int[np.ndarray, " r"]]:
    """Test rows of the paper's two drugs; of the two most measured drugs where the data have neither."""
    names = np.array(table.compounds.names)[table.compound_row[test]]
    return {name: test[names == name] for name in drugs_of(table, test, DRUGS)}


def _enrichments(
    opened: Opened, table: ResponseTable, rows: Mapping[str, Int[np.ndarray, " r"]], sets: GeneSets
) -> pd.DataFrame:
    """Pathways in the lists of every reading of every drug, against both backgrounds."""
    network, tables = opened.network, []
    of_name = {name: row for row, name in enumerate(table.compounds.names)}
    every = network.conditions.numpy()
    for name, own in rows.items():
        samples, values = table.sample_row[own], table.values[own]
        maps = network.maps(samples)
        other = next((one for one in rows if one != name), name)
        mean = np.mean([maps.learnt(condition) for condition in every], axis=0)
        drug = maps.map(every[of_name[name]], name)
        potent = network.maps(samples[quartile_groups(values).sensitive]) if len(own) >= FEWEST_POTENT else maps
        readings = {
            "all rows": drug,
            "most sensitive quarter": potent.map(every[of_name[name]], name),
            "control: minus the mean of all drugs": replace(drug, scores=drug.scores - mean - maps.fixed),
            "control: the mean of all drugs": replace(drug, scores=mean + maps.fixed),
            "control: the other drug": maps.map(every[of_name[other]], other),
        }
        lists = {key: _genes_of(found) for key, found in readings.items()}
        lists["control: hubs of the prior alone"] = _hubs(network, len(lists["all rows"]))
        for reading, genes in lists.items():
            for background, of in (("assayed genes", network.genes), ("20,000 genes", ENRICHR)):
                found = over_represented(genes, sets, of)
                tables.append(
                    found.assign(network=opened.kind, drug=name, reading=reading, background=background,
                                 listed=len(genes), rank=np.arange(1, len(found) + 1), conditions=drug.conditions)
                )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def _genes_of(found: AttentionMap) -> list[str]:
    """All genes of the strongest pairs; fewer pairs than the paper's where there are few genes."""
    size = len(found.genes)
    pairs = top_pairs(found, min(TOP, size * (size - 1) // 2 // SHARE_OF_PAIRS))
    return list(dict.fromkeys(pairs[["gene_a", "gene_b"]].to_numpy().ravel().tolist()))


def _hubs(network: OpenNetwork, number: int) -> list[str]:
    order = np.argsort(-network.net.interactions.degree(), kind="stable")[:number]
    return [network.genes.symbols[gene] for gene in order.tolist()]


def _chance(workshop: Workshop, sets: GeneSets, network: OpenNetwork, listed: int) -> pd.DataFrame:
    """What random lists of as many genes come to, against both backgrounds."""
    draws = QUICK_LISTS if workshop.run.quick else RANDOM_LISTS
    rows = [
        (name, draws, listed, *false_positives(sets, network.genes, listed, of, draws=draws, seed=workshop.run.seed))
        for name, of in (("assayed genes", network.genes), ("20,000 genes", ENRICHR))
    ]
    columns = ["background", "random_lists", "genes_listed", "share_with_a_set_at_q_0.05", "mean_sets_at_q_0.05"]
    return pd.DataFrame(rows, columns=columns)


class Alike(NamedTuple):
    """How alike maps are within and across categories."""

    table: pd.DataFrame
    similarity: Float[np.ndarray, "c c"]
    names: tuple[str, ...]
    labels: tuple[str, ...]


def _likeness(workshop: Workshop, table: ResponseTable, opened: list[Opened], test: Int[np.ndarray, " k"]) -> Alike:
    """Maps over the same samples for every drug of a category, correlated."""
    labels = category_of(table.compounds.names)
    if sum(count > 1 for count in Counter(filter(None, labels)).values()) < FEWEST_CATEGORIES:
        labels = table.compounds.mechanism
    chosen = [row for row, label in enumerate(labels) if label]
    names = tuple(table.compounds.names[row] for row in chosen)
    kept = tuple(labels[row] for row in chosen)
    bits = morgan([table.compounds.molecules[row] for row in chosen])
    structure = tanimoto(bits, bits)
    samples = np.unique(table.sample_row[test])
    rows, first = [_row("structure (Tanimoto)", likeness(structure, kept, draws=workshop.draws))], None
    for kind, network in opened:
        maps = network.maps(samples)
        whole = [maps.map(network.conditions[row].numpy(), table.compounds.names[row]) for row in chosen]
        learnt = [replace(one, scores=one.scores - maps.fixed) for one in whole]
        for part, several in (("whole map", whole), ("learnt part alone", learnt)):
            found = correlate(several)
            first = found if first is None else first
            rows.append(_row(f"{kind}, {part}", likeness(found, kept, draws=workshop.draws)))
            beyond = likeness(given(found, structure), kept, draws=workshop.draws)
            rows.append(_row(f"{kind}, {part}, given structure", beyond))
    return Alike(pd.DataFrame(rows), structure if first is None else first, names, kept)


def _row(what: str, found: Likeness) -> dict[str, object]:
    return {"similarity": what, **found._asdict()}


def _claims(enriched: pd.DataFrame, chance: pd.DataFrame, alike: pd.DataFrame) -> Iterator[Claim]:
    for drug, pathways in EXPECTED.items():
        for pathway in pathways:
            yield _pathway_claim(enriched, chance, drug, pathway)
    by = alike.set_index("similarity")
    ours, beyond = by.loc[f"{WITH}, whole map"], by.loc[f"{WITH}, whole map, given structure"]
    untrained = by.loc[f"{UNTRAINED}, whole map"]
    apart = ours["median_difference"] > max(0.0, untrained["median_difference"])
    holds = apart and max(ours["p_value"], beyond["p_value"]) < LEVEL
    yield Claim(
        "maps of one mechanism are more alike", "mean r 0.338 within, 0.169 across; medians differ by 0.102",
        f"mean r {ours['within']:.3f} within, {ours['across']:.3f} across; medians differ by "
        f"{ours['median_difference']:.3f} (p = {ours['p_value']:.2g}, labels dealt anew)",
        Verdict.REPRODUCED if holds else Verdict.DIFFERS,
        f"given structure: {beyond['median_difference']:.3f} (p = {beyond['p_value']:.2g}); random weights: "
        f"{untrained['median_difference']:.3f} (p = {untrained['p_value']:.2g}); structures alone: "
        f"{by['median_difference'].iloc[0]:.3f}",
    )  # fmt: skip
    less = by.loc[f"{WITHOUT}, whole map"]
    learnt = [by.loc[f"{kind}, learnt part alone"] for kind in (WITHOUT, WITH)]
    yield Claim(
        "without the prior they are less so", "medians differ by 0.064 instead of 0.102",
        f"{less['median_difference']:.3f} instead of {ours['median_difference']:.3f}",
        Verdict.REPRODUCED if less["median_difference"] < ours["median_difference"] else Verdict.DIFFERS,
        "the prior is the same in every map; on the learnt part alone: "
        f"{learnt[0]['median_difference']:.3f} instead of {learnt[1]['median_difference']:.3f}",
    )  # fmt: skip


def _pathway_claim(enriched: pd.DataFrame, chance: pd.DataFrame, drug: str, pathway: str) -> Claim:
    claim, published = f"{drug}'s map shows {pathway}", "among its enriched pathways"
    if enriched.empty or drug not in set(enriched["drug"]):
        lacking = "no gene sets here" if enriched.empty else f"no test rows of {drug}"
        return Claim(claim, published, lacking, Verdict.NEEDS_DATA, "", FETCH_SETS if enriched.empty else "")
    some = enriched[(enriched["network"] == WITH) & (enriched["drug"] == drug)]
    some = some[some["set"].str.endswith(pathway)]
    at = {(row.reading, row.background): row for row in some.itertuples()}

    def told(reading: str, background: str) -> str:
        row = at.get((reading, background))
        return "not in the list" if row is None else f"q = {row.q:.2g}"

    row = at.get(("all rows", "assayed genes"))
    holds = row is not None and float(str(row.q)) < LEVEL
    random = chance.set_index("background")["share_with_a_set_at_q_0.05"]
    return Claim(
        claim, published,
        f"{told('all rows', 'assayed genes')} against assayed genes; {told('all rows', '20,000 genes')} against 20,000",
        Verdict.REPRODUCED if holds else Verdict.DIFFERS,
        f"against assayed genes: hubs alone {told('control: hubs of the prior alone', 'assayed genes')}, mean of all "
        f"drugs {told('control: the mean of all drugs', 'assayed genes')}; random lists with a hit: "
        f"{random['assayed genes']:.0%}, against 20,000 genes {random['20,000 genes']:.0%}",
    )  # fmt: skip


def _best(enriched: pd.DataFrame) -> pd.DataFrame:
    """The five strongest pathways of every list."""
    if enriched.empty:
        return enriched
    columns = ["network", "drug", "reading", "background", "listed", "rank", "set", "overlap", "size", "p", "q"]
    return enriched[enriched["rank"] <= BEST][columns].reset_index(drop=True)


def _expected(enriched: pd.DataFrame) -> pd.DataFrame:
    """The paper's pathways in every list."""
    if enriched.empty:
        return enriched
    known = tuple(pathway for several in EXPECTED.values() for pathway in several)
    columns = ["network", "drug", "reading", "background", "set", "rank", "overlap", "size", "p", "q"]
    return enriched[enriched["set"].str.endswith(known)][columns].reset_index(drop=True)


def _prose(rows: Mapping[str, Int[np.ndarray, " r"]], network: OpenNetwork) -> Iterator[str]:
    counts = ", ".join(f"{len(own)} of {name}" for name, own in rows.items())
    yield (
        f"Fold 0 of the mixed scheme; test rows: {counts} (the paper: 151 of fulvestrant, 99 of 5-FU). Maps are of the "
        f"{len(network.genes)} assayed genes, with the prior and without the diagonal, and averaged in closed form."
    )
    yield (
        "The network without the prior is the same pretrained one with its interactions removed; the paper pretrains "
        "it again. Categories are reconstructed: the paper's table is not public."
    )


def _figures(
    table: ResponseTable, network: OpenNetwork, rows: Mapping[str, Int[np.ndarray, " r"]], alike: Alike
) -> dict[str, Drawing]:
    figures = {
        "likeness": Drawing(
            clustered(alike.similarity, alike.names, alike.labels, "correlation of mean maps"),
            "Correlation of the drugs' mean attention maps over the same samples, with the prior.",
        )
    }
    for name, own in rows.items():
        condition = network.conditions[table.compounds.names.index(name)].numpy()
        found = network.maps(table.sample_row[own]).map(condition, name)
        bias = hub_bias(found, network.net.interactions)
        pairs = top_pairs(found, DRAWN, prior=network.net.interactions)
        figures[f"network_{name.casefold()}"] = Drawing(
            gene_network(pairs["gene_a"].tolist(), pairs["gene_b"].tolist(), pairs["in_prior"].to_numpy(bool)),
            f"The {DRAWN} strongest pairs of {name}'s mean map; solid: known to the prior. Over genes, the strength in "
            f"the map correlates (Spearman) with a gene's own norm at {bias.norm:.2f} and with its degree in the prior "
            f"at {bias.degree:.2f}.",
        )
    return figures
