"""What two parts of a split share: rows, cell lines and compounds, under one name or several."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from drugripple.evaluation.leaks.compound_names import compounds_under_two_names
from drugripple.evaluation.leaks.compound_twins import Twins
from drugripple.evaluation.leaks.kinds import Finding, Leak, Severity
from drugripple.evaluation.leaks.line_names import LineSynonyms, original_of, short_name
from drugripple.evaluation.schemes import Scheme

SHOWN = 5
"""Examples that a finding shows."""


class Parts(NamedTuple):
    """Two parts of a split, of which `early` is seen before `late` is judged."""

    early: pd.DataFrame
    late: pd.DataFrame
    name: str
    """What findings call them."""


def between_parts(
    parts: Parts, scheme: Scheme, twins: Twins, synonyms: LineSynonyms, usual: Mapping[str, str]
) -> Iterator[Finding]:
    """Every finding between two parts. `usual` has the usual names of compounds that go by another."""
    yield from _rows(parts, twins)
    if scheme.hides_lines:
        yield from _lines(parts)
    if scheme.hides_drugs:
        yield from _compounds(parts, twins, usual)
    if scheme.hides_lines:
        yield from _two_systems(parts, synonyms)


def hits(
    leak: Leak, severity: Severity, between: str, hit: "pd.Series[bool]", labels: pd.Series, advice: str
) -> Iterator[Finding]:
    """The finding that some rows are hit, with their labels for examples; nothing where none is."""
    if hit.any():
        names = labels[hit].unique()
        yield Finding(leak, severity, between, len(names), int(hit.sum()), tuple(names[:SHOWN]), advice)


def _rows(parts: Parts, twins: Twins) -> Iterator[Finding]:
    """One row in both parts, and one pair of line and molecule in both."""
    early, late, name = parts
    label = late["line"] + " x " + late["drug"]
    if "row_id" in early:
        shared, ids = late["row_id"].isin(early["row_id"]), late["row_id"].astype(str)
        yield from hits(Leak.SHARED_ROW, Severity.LEAK, name, shared, ids, "give every row one role")
    elif "value" in early:
        shared = _joined(late, "line", "drug", "value").isin(_joined(early, "line", "drug", "value"))
        yield from hits(Leak.SHARED_ROW, Severity.LEAK, name, shared, label, "give every measurement one role")
    before, after = (part["line_key"] + "\x1f" + twins.key(part) for part in (early, late))
    repeated = after.isin(before)
    same_ids = _joined(late, "line", "drug").isin(_joined(early, "line", "drug"))
    advice = "keep all measurements of a pair in one part (replicates='group') or average them first"
    yield from hits(Leak.REPEAT, Severity.LEAK, name, repeated & same_ids, label, advice)
    yield from hits(Leak.REPEAT_TWO_IDS, Severity.LEAK, name, repeated & ~same_ids, label, advice)


def _joined(part: pd.DataFrame, *columns: str) -> "pd.Series[str]":
    """Some columns as one text per row, which tells rows apart that differ in any of them."""
    text, *others = (part[column].astype(str) for column in columns)
    for other in others:
        text = text + "\x1f" + other
    return text


def _lines(parts: Parts) -> Iterator[Finding]:
    """Cell lines in both parts, under one name or two."""
    early, late, name = parts
    line = late["line"]
    shared = line.isin(early["line"])
    yield from hits(Leak.SHARED_LINE, Severity.LEAK, name, shared, line, "split by cell line, not by row")
    same = late["line_key"].isin(early["line_key"]) | _copies(late, early)
    advice = "map names to one identifier (COSMIC, Sanger model, Cellosaurus) before splitting"
    yield from hits(Leak.SYNONYM_LINE, Severity.LEAK, name, same & ~shared, line, advice)
    maybe = line.map(short_name).isin(set(early["line"].map(short_name))) & ~same & ~shared
    yield from hits(Leak.MAYBE_LINE, Severity.NOTE, name, maybe, line, "look whether they are one line")


def _compounds(parts: Parts, twins: Twins, usual: Mapping[str, str]) -> Iterator[Finding]:
    """Compounds in both parts, under one name or two, and compounds that are nearly those of the other."""
    early, late, name = parts
    drug = late["drug"]
    known = drug.isin(early["drug"])
    yield from hits(Leak.SHARED_DRUG, Severity.LEAK, name, known, drug, "split by compound, not by row")
    names = (drug.unique(), early["drug"].unique())
    spelled = drug.isin(compounds_under_two_names(*names, drawn=twins.structures, usual=usual))
    advice = "give each compound one name before splitting"
    yield from hits(Leak.SYNONYM_DRUG, Severity.LEAK, name, spelled & ~known, drug, advice)
    advice = "split by structure: group compounds by InChIKey block, cluster or scaffold"
    for leak, related in twins.related(early, late[~known]):
        severity = Severity.NOTE if leak is Leak.ANALOGUE else Severity.LEAK
        labels = drug.map({one: f"{one} ({other})" for one, other in related.items()}).fillna("")
        yield from hits(leak, severity, name, drug.isin(related) & ~known, labels, advice)


def _copies(late: pd.DataFrame, early: pd.DataFrame) -> "pd.Series[bool]":
    """Whether a line of one part is a numbered copy of one of the other (MCF7.1 of MCF7)."""
    keys, originals = set(early["line_key"]), {original_of(name) for name in early["line"].unique()} - {""}
    return late["line"].map(original_of).isin(keys) | late["line_key"].isin(originals)


def _two_systems(parts: Parts, synonyms: LineSynonyms) -> Iterator[Finding]:
    """Lines that share no system of names with some line of the other part: they may be the same."""
    early, late, between = parts
    systems = [{name: synonyms.systems(name) for name in part["line"].unique()} for part in (early, late)]
    alone = [
        [name for name, own in mine.items() if any(own.isdisjoint(other) for other in set(theirs.values()))]
        for mine, theirs in (systems, systems[::-1])
    ]
    if not alone[1]:
        return
    names = min(alone[::-1], key=len)
    told = sorted({system for part in systems for own in part.values() for system in own})
    advice = f"lines go by {' and '.join(told)}: give a table with both, or one system on both sides"
    rows = int(late["line"].isin(alone[1]).sum())
    yield Finding(Leak.TWO_SYSTEMS, Severity.LEAK, between, len(names), rows, tuple(names[:SHOWN]), advice)
