"""Leak audit: every way we know in which a test row can be known before it is tested.

A finding is a leak if it breaks what the scheme claims, and a note if it only weakens the claim.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from drugripple.errors import SplitError, first_five
from drugripple.evaluation.leaks.compound_twins import Twins
from drugripple.evaluation.leaks.kinds import Finding, Leak, Severity
from drugripple.evaluation.schemes import Scheme

ROLE_NAMES = {
    "train": "train",
    "training": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
    "testing": "test",
}
DIFFERENT_LINES = frozenset({"TT", "KMH2"})
"""Pairs of spellings that differ in punctuation alone and mean two cell lines: TT and T-T, KM-H2 and KMH-2."""
SHOWN = 5


@dataclass(frozen=True)
class Prior:
    """What a model had seen before this split, as its card says."""

    compounds: Collection[str] = ()
    """Identity keys (InChIKey first blocks) of the compounds seen."""
    lines: Collection[str] = ()
    fitted_lines: Collection[str] = ()
    """Cell lines on which scaling, gene selection or batch correction was fitted."""


def audit(rows: pd.DataFrame, *, scheme: Scheme | None = None, prior: Prior | None = None) -> tuple[Finding, ...]:
    """Everything that leaks in one fold.

    Args:
        rows: columns line, drug, role; smiles (blank where unknown), row_id and value where there are such.
        scheme: what the split claims; if None, what the names in it suggest (see `claimed_scheme`).
        prior: what the model had seen before.

    Raises:
        SplitError: if a column is missing, a role is unknown, or the train or test part is empty.
    """
    table = _prepare(rows)
    scheme = scheme or claimed_scheme(table)
    parts = {role: table[table["role"] == role] for role in table["role"].unique()}
    twins = Twins.of(table)
    found: list[Finding] = []
    for early, late in (("train", "test"), ("valid", "test"), ("train", "valid")):
        if early in parts and late in parts:
            found.extend(_between(parts[early], parts[late], f"{early} and {late}", scheme, twins))
    if prior is not None:
        found.extend(_before(parts["test"], scheme, twins, prior))
    return tuple(found)


def is_clean(findings: Sequence[Finding]) -> bool:
    """Whether no finding breaks what the scheme claims."""
    return not any(finding.severity is Severity.LEAK for finding in findings)


def claimed_scheme(rows: pd.DataFrame) -> Scheme:
    """The scheme that a split seems to claim: lines or drugs count as hidden if under 5 % of their test names train."""
    train, test = (rows[rows["role"] == role] for role in ("train", "test"))
    hidden = {
        column: np.isin(test[column].unique(), train[column].unique()).mean() < 0.05 for column in ("line", "drug")
    }
    return {
        (False, False): Scheme.MIXED,
        (True, False): Scheme.CELL_BLIND,
        (False, True): Scheme.DRUG_BLIND,
        (True, True): Scheme.DISJOINT,
    }[bool(hidden["line"]), bool(hidden["drug"])]


def normalised_line(name: str) -> str:
    """A cell line's name without case and punctuation, unless those tell two lines apart.

    >>> normalised_line("NCI-H23"), normalised_line("ncih23"), normalised_line("T-T")
    ('NCIH23', 'NCIH23', 'T-T')
    """
    upper = name.upper().strip()
    bare = "".join(letter for letter in upper if letter.isalnum())
    return upper if bare in DIFFERENT_LINES else bare


def _prepare(rows: pd.DataFrame) -> pd.DataFrame:
    missing = [column for column in ("line", "drug", "role") if column not in rows.columns]
    if missing:
        message = (
            f"a split needs the columns line, drug and role; {missing} of them are missing among {list(rows.columns)}"
        )
        raise SplitError(message)
    table = rows.copy()
    for column in ("line", "drug", "role"):
        table[column] = table[column].astype(str)
    table["role"] = table["role"].str.lower()
    table = table[table["role"] != "drop"]
    unknown = sorted(set(table["role"]) - set(ROLE_NAMES))
    if unknown:
        message = f"roles are train, valid, test and drop; got {first_five(unknown)}"
        raise SplitError(message)
    table["role"] = table["role"].map(ROLE_NAMES)
    for role in ("train", "test"):
        if not (table["role"] == role).any():
            message = f"the split has no {role} rows among its {len(table)}"
            raise SplitError(message)
    table["smiles"] = table["smiles"].fillna("").astype(str) if "smiles" in table else ""
    spelling = {name: normalised_line(name) for name in table["line"].unique()}
    table["line_key"] = table["line"].map(spelling)
    return table


def _between(early: pd.DataFrame, late: pd.DataFrame, between: str, scheme: Scheme, twins: Twins) -> Iterator[Finding]:
    """Findings between two parts, of which `early` is seen before `late` is judged."""
    pair = twins.key(early), twins.key(late)
    pairs = [part["line_key"] + "\x1f" + key for part, key in zip((early, late), pair, strict=True)]
    names = [part["line"] + " x " + part["drug"] for part in (early, late)]

    def finding(leak: Leak, severity: Severity, hit: pd.Series, labels: pd.Series, advice: str) -> Iterator[Finding]:
        if hit.any():
            distinct = labels[hit].unique()
            yield Finding(
                leak,
                severity,
                between,
                len(distinct),
                int(hit.sum()),
                tuple(distinct[:SHOWN]),
                advice,
            )

    if "row_id" in early:
        yield from finding(
            Leak.SHARED_ROW,
            Severity.LEAK,
            late["row_id"].isin(early["row_id"]),
            late["row_id"].astype(str),
            "give every row one role",
        )
    elif "value" in early:
        keys = [part["line"] + "\x1f" + part["drug"] + "\x1f" + part["value"].astype(str) for part in (early, late)]
        yield from finding(
            Leak.SHARED_ROW, Severity.LEAK, keys[1].isin(keys[0]), names[1], "give every measurement one role"
        )
    repeated = pairs[1].isin(pairs[0])
    same_ids = (late["line"] + "\x1f" + late["drug"]).isin(early["line"] + "\x1f" + early["drug"])
    advice = "keep all measurements of a pair in one part (replicates='group') or average them first"
    yield from finding(Leak.REPEAT, Severity.LEAK, repeated & same_ids, names[1], advice)
    yield from finding(Leak.REPEAT_TWO_IDS, Severity.LEAK, repeated & ~same_ids, names[1], advice)
    if scheme.hides_lines:
        shared = late["line"].isin(early["line"])
        yield from finding(Leak.SHARED_LINE, Severity.LEAK, shared, late["line"], "split by cell line, not by row")
        yield from finding(
            Leak.SYNONYM_LINE,
            Severity.LEAK,
            late["line_key"].isin(early["line_key"]) & ~shared,
            late["line"],
            "map names to one identifier (COSMIC, Sanger model, Cellosaurus) before splitting",
        )
    if scheme.hides_drugs:
        known = late["drug"].isin(early["drug"])
        yield from finding(Leak.SHARED_DRUG, Severity.LEAK, known, late["drug"], "split by compound, not by row")
        for leak, related in twins.related(early, late[~known]):
            labels = late["drug"].map({drug: f"{drug} ({other})" for drug, other in related.items()}).fillna("")
            yield from finding(
                leak,
                Severity.NOTE if leak is Leak.ANALOGUE else Severity.LEAK,
                late["drug"].isin(related) & ~known,
                labels,
                "split by structure: group compounds by InChIKey block, cluster or scaffold",
            )


def _before(test: pd.DataFrame, scheme: Scheme, twins: Twins, prior: Prior) -> Iterator[Finding]:
    """Findings about what a model had seen of the test before training."""
    hidden: tuple[tuple[Leak, bool, Collection[str], pd.Series, str, str], ...] = (
        (
            Leak.PRETRAINED_COMPOUND,
            scheme.hides_drugs,
            set(prior.compounds),
            twins.block(test),
            "drug",
            "pretrain without the test compounds (by InChIKey block), or state the overlap",
        ),
        (
            Leak.PRETRAINED_LINE,
            scheme.hides_lines,
            {normalised_line(line) for line in prior.lines},
            test["line_key"],
            "line",
            "pretrain without the test lines, or state the overlap",
        ),
        (
            Leak.FITTED_ON_TEST,
            scheme.hides_lines,
            {normalised_line(line) for line in prior.fitted_lines},
            test["line_key"],
            "line",
            "fit scaling, gene selection and batch correction on training lines only",
        ),
    )
    for leak, claimed, seen, key, column, advice in hidden:
        hit = key.isin(seen)
        if hit.any():
            names = test[column][hit].unique()
            severity = Severity.LEAK if claimed else Severity.NOTE
            yield Finding(
                leak, severity, "before training and test", len(names), int(hit.sum()), tuple(names[:SHOWN]), advice
            )
