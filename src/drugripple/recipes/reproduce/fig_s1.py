"""Figure S1: does the pretrained network, which saw no response, move sensitive samples farther?

Source: paper section 4.2. Ours: within each compound, given the norm of the basal profile, beyond what moves the sample
under every compound, beyond dose 0, at 24 hours, and with random weights.

    change of sample i under compound j = m_i + (own part of ij)      m_i  mean over the compounds measured on i
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Int

from drugripple.data.response import ResponseTable
from drugripple.interpretation.zero_shot import ZeroShot, compare_distances
from drugripple.model.network import PerturbationNet
from drugripple.model.settings import RANDOM
from drugripple.predictors.backbone import backbone_of
from drugripple.recipes.pretrain.corpus import read_corpus
from drugripple.recipes.pretrain.settings import PretrainRun
from drugripple.recipes.reproduce.item import Claim, Drawing, Finding, Verdict
from drugripple.recipes.reproduce.reading import OpenNetwork, open_pretrained
from drugripple.recipes.reproduce.workshop import Workshop, quick_note
from drugripple.report.group_figures import two_groups

HOURS, TRAINED_HOURS = 72.0, 24.0
ROWS_AT_ONCE = 8192
OWN = "compound's own part of the change"


class Told(NamedTuple):
    """A kind of distance, and what it tells."""

    what: str
    distance: Float[np.ndarray, " m"]
    found: ZeroShot


def reproduce(workshop: Workshop) -> Finding:
    """Distances of every measured pair, against its response."""
    table = workshop.responses
    settings = workshop.network
    data, seed, genes = workshop.run.data, workshop.run.seed, table.expression.genes
    net = backbone_of(settings, data, genes, seed=seed)
    blank = backbone_of(settings.model_copy(update={"backbone": RANDOM}), data, genes, seed=seed)
    own = OwnPart.of(open_pretrained(net, table.expression, table.compounds, hours=HOURS), table)
    told = [_tell(what, table, distance, norm) for what, distance, norm in _distances(table, net, blank, own)]
    summary = pd.DataFrame([_summary(each) for each in told])
    by_compound = pd.concat([each.found.compounds.assign(distance=each.what) for each in told], ignore_index=True)
    figures = {"distances": _boxes(told, table.values)}
    return Finding(
        tuple(_claims(summary, own, _measured_common(workshop))),
        (*quick_note(workshop.run), *_PROSE),
        {"summary": summary, "compounds": by_compound},
        figures,
    )


_PROSE = (
    "Every measured pair of GDSC2: robust z-scores in, 10 µM and 72 hours (the network learnt at 24 hours). The most "
    "sensitive quarter of rows against the most resistant; within a compound the same with its own quarters.",
    "Over all rows, potent compounds are compared with weak ones. A network that knows which line is sensitive must "
    "tell them apart within a compound, beyond the length of the basal profile, beyond dose 0, and better than random "
    "weights. The compound's own part is what is left of a predicted change once the mean change of the sample over "
    "its compounds is taken out.",
)


class OwnPart(NamedTuple):
    """What of the predicted changes is the compound's own. Axis: m pair."""

    distance: Float[np.ndarray, " m"]
    """Length of the change beyond the sample's mean change."""
    common: float
    """Share of the squared changes that a sample has under every compound."""

    @classmethod
    def of(cls, opened: OpenNetwork, table: ResponseTable) -> "OwnPart":
        """Measure it on every measured pair; profiles are never all in memory."""
        basal = opened.basal.numpy()
        count = np.bincount(table.sample_row, minlength=len(basal))
        total, squared = np.zeros(basal.shape), 0.0
        for pairs in _parts(table):
            change = opened.treated(*pairs).astype(np.float64) - basal[pairs[0]]
            np.add.at(total, pairs[0], change)
            squared += float((change**2).sum())
        mean = total / np.maximum(count, 1)[:, None]
        found = [
            np.linalg.norm(opened.treated(*pairs).astype(np.float64) - basal[pairs[0]] - mean[pairs[0]], axis=1)
            for pairs in _parts(table)
        ]
        return cls(np.concatenate(found), float((count[:, None] * mean**2).sum() / squared) if squared else 0.0)


def _distances(
    table: ResponseTable, net: PerturbationNet, blank: PerturbationNet, own: OwnPart
) -> Iterator[tuple[str, Float[np.ndarray, " m"], Float[np.ndarray, " m"]]]:
    pairs = table.sample_row, table.compound_row
    opened = open_pretrained(net, table.expression, table.compounds, hours=HOURS)
    norm = np.linalg.norm(opened.basal.numpy(), axis=1)[table.sample_row].astype(np.float64)
    yield "predicted - basal, 72 h", opened.distances(*pairs), norm
    other = open_pretrained(net, table.expression, table.compounds, hours=TRAINED_HOURS)
    yield "predicted - basal, 24 h", other.distances(*pairs), norm
    yield OWN, own.distance, norm
    undosed = open_pretrained(net, table.expression, table.compounds, hours=HOURS, dose_um=0.0)
    yield "beyond dose 0", _between(opened, undosed, table), norm
    yield "length of the basal profile (control)", norm, norm
    random = open_pretrained(blank, table.expression, table.compounds, hours=HOURS)
    yield "random weights (control)", random.distances(*pairs), norm


def _between(one: OpenNetwork, other: OpenNetwork, table: ResponseTable) -> Float[np.ndarray, " m"]:
    """Distance between two predictions of the same pairs."""
    found = [np.linalg.norm(one.treated(*pairs) - other.treated(*pairs), axis=1) for pairs in _parts(table)]
    return np.concatenate(found).astype(np.float64)


def _measured_common(workshop: Workshop) -> float | None:
    """Share of the squared changes measured by L1000 that a line has under every compound; None without profiles."""
    run = workshop.run
    if run.profiles is None and not workshop.has("l1000", "conditions.parquet"):
        return None
    profiles = read_corpus(PretrainRun(data=run.profiles or run.data, out=run.out, seed=run.seed)).profiles
    row = profiles.basal_row
    change = (profiles.treated - profiles.basal.values[row]).astype(np.float64)
    total = np.zeros(profiles.basal.values.shape)
    np.add.at(total, row, change)
    count = np.bincount(row, minlength=len(total))
    return float((total**2 / np.maximum(count, 1)[:, None]).sum() / (change**2).sum())


def _parts(table: ResponseTable) -> Iterator[tuple[Int[np.ndarray, " b"], Int[np.ndarray, " b"]]]:
    """Sample and compound rows of the pairs, some at a time."""
    for part in np.array_split(np.arange(len(table)), max(1, len(table) // ROWS_AT_ONCE)):
        yield table.sample_row[part], table.compound_row[part]


def _tell(what: str, table: ResponseTable, distance: Float[np.ndarray, " m"], norm: Float[np.ndarray, " m"]) -> Told:
    found = compare_distances(distance, table.values, table.compound_row, norm, table.compounds.names)
    return Told(what, distance, found)


def _summary(told: Told) -> dict[str, object]:
    found = told.found
    hits = found.compounds
    return {
        "distance": told.what,
        "mean_sensitive": found.sensitive,
        "mean_resistant": found.resistant,
        "p_over_all_rows": found.p_value,
        "compounds": len(hits),
        "farther_at_q_0.05": int((hits["q"] < 0.05).sum()),
        "share_farther": float((hits["difference"] > 0).mean()),
        "median_correlation": float(hits["correlation"].dropna().median()),
        "median_partial_given_norm": float(hits["partial"].dropna().median()),
    }


def _claims(summary: pd.DataFrame, own: OwnPart, measured: float | None) -> Iterator[Claim]:
    by = summary.set_index("distance")
    ours, norm = by.iloc[0], by.loc["length of the basal profile (control)"]
    blank = by.loc["random weights (control)"]
    yield Claim(
        "sensitive rows move farther (over all rows)", "significantly farther",
        f"mean distance {ours['mean_sensitive']:.2f} against {ours['mean_resistant']:.2f}, "
        f"p = {ours['p_over_all_rows']:.2g}",
        Verdict.REPRODUCED if ours["p_over_all_rows"] < 0.05 else Verdict.DIFFERS,
        f"length of the basal profile alone p = {norm['p_over_all_rows']:.2g}; random weights "
        f"p = {blank['p_over_all_rows']:.2g}",
    )  # fmt: skip
    hits = {what: int(count) for what, count in by["farther_at_q_0.05"].items()}
    of_norm, of_blank = hits["length of the basal profile (control)"], hits["random weights (control)"]
    mine = hits[str(by.index[0])]
    holds = mine > max(of_norm, of_blank)
    of_profiles = "" if measured is None else f"; of the changes that L1000 measured {measured:.0%}"
    yield Claim(
        "the network understands which samples are perturbed (within a compound)", "not tested",
        f"{mine} of {int(ours['compounds'])} compounds at q < 0.05; median correlation "
        f"{ours['median_correlation']:.3f}, given the norm {ours['median_partial_given_norm']:.3f}",
        Verdict.REPRODUCED if holds and ours["median_partial_given_norm"] > 0.05 else Verdict.DIFFERS,
        f"norm alone {of_norm} compounds; random weights {of_blank}; beyond dose 0 {hits['beyond dose 0']}; the "
        f"compound's own part {hits[OWN]} ({own.common:.1%} of the squared change is the same under every "
        f"compound{of_profiles})",
    )  # fmt: skip


def _boxes(told: list[Told], response: Float[np.ndarray, " m"]) -> Drawing:
    order = np.argsort(response, kind="stable")
    quarter = len(order) // 4
    groups = {}
    for each in told:
        scaled = (each.distance - each.distance.mean()) / (each.distance.std() or 1.0)
        groups[each.what] = (scaled[order[:quarter]], scaled[order[-quarter:]])
    svg = two_groups(groups, ("sensitive quarter", "resistant quarter"), "distance, standardised")
    return Drawing(svg, "Distances of the most sensitive and the most resistant quarter of all rows.")
