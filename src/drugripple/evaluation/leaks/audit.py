"""Leak audit: every way we know in which a test row can be known before it is tested.

A finding is a leak if it breaks what the scheme claims, and a note if it only weakens the claim.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from drugripple.errors import SplitError, first_five
from drugripple.evaluation.leaks.between import SHOWN, Parts, between_parts, hits
from drugripple.evaluation.leaks.blank_cells import said
from drugripple.evaluation.leaks.compound_names import NO_NAMES, plain_compound
from drugripple.evaluation.leaks.compound_twins import Twins
from drugripple.evaluation.leaks.kinds import Finding, Leak, Severity
from drugripple.evaluation.leaks.line_names import LineSynonyms
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
HIDDEN_BELOW = 0.05


@dataclass(frozen=True)
class Prior:
    """What a model had seen before this split, as its card says."""

    compounds: Collection[str] = ()
    """Identity keys (InChIKey first blocks) of the compounds seen."""
    lines: Collection[str] = ()
    fitted_lines: Collection[str] = ()
    """Cell lines on which scaling, gene selection or batch correction was fitted."""


def audit(
    rows: pd.DataFrame,
    *,
    scheme: Scheme | None = None,
    prior: Prior | None = None,
    synonyms: LineSynonyms | None = None,
    usual_names: Mapping[str, str] = NO_NAMES,
) -> tuple[Finding, ...]:
    """Everything that leaks in one fold.

    Args:
        rows: columns line, drug, role; smiles (blank where unknown), row_id and value where there are such.
        scheme: what the split claims; if None, what the names in it suggest (see `found_scheme`), and where they
            suggest two things, that is a finding.
        prior: what the model had seen before.
        synonyms: further names of cell lines; spellings and CCLE's suffixes are known without.
        usual_names: the usual names of drugs that go by another, such as a brand.

    Raises:
        SplitError: if a column is missing, a role is unknown, or the train or test part is empty.
    """
    synonyms = synonyms or LineSynonyms()
    table = _prepare(rows, synonyms, usual_names)
    parts = {role: table[table["role"] == role] for role in table["role"].unique()}
    twins = Twins.of(table)
    found: list[Finding] = []
    if scheme is None:
        scheme, overlaps = found_scheme(table)
        found.extend(_hidden_in_part(parts["test"], overlaps))
    for early, late in (("train", "test"), ("valid", "test"), ("train", "valid")):
        if early in parts and late in parts:
            two = Parts(parts[early], parts[late], f"{early} and {late}")
            found.extend(between_parts(two, scheme, twins, synonyms, usual_names))
    advice = "correct the SMILES: until then these go by their names, and their twins are not found"
    found.extend(hits(Leak.UNREAD, Severity.NOTE, "all parts", twins.unread(table), table["drug"], advice))
    if prior is not None:
        found.extend(_before(parts["test"], scheme, twins, prior, synonyms))
    return tuple(found)


def is_clean(findings: Sequence[Finding]) -> bool:
    """Whether no finding breaks what the scheme claims."""
    return not any(finding.severity is Severity.LEAK for finding in findings)


class Overlap(NamedTuple):
    """How many of the names of a test part are in training too."""

    column: str
    shared: tuple[str, ...]
    test: int

    @property
    def is_partial(self) -> bool:
        """Whether some are and some are not."""
        return 0 < len(self.shared) < self.test

    def __str__(self) -> str:
        return f"{len(self.shared):,} of {self.test:,} test {self.column}s are in training"


class FoundScheme(NamedTuple):
    """The scheme that a split seems to follow, and how far lines and compounds overlap."""

    scheme: Scheme
    overlaps: tuple[Overlap, Overlap]


def found_scheme(rows: pd.DataFrame) -> FoundScheme:
    """The scheme that names suggest: lines or compounds are hidden if under 5 % of the test's are in training."""
    train, test = (rows[rows["role"] == role] for role in ("train", "test"))
    line, drug = (
        Overlap(column, tuple(name for name in test[column].unique() if name in known), test[column].nunique())
        for column in ("line", "drug")
        for known in [set(train[column])]
    )
    hidden = tuple(len(overlap.shared) < HIDDEN_BELOW * overlap.test for overlap in (line, drug))
    scheme = {
        (False, False): Scheme.MIXED,
        (True, False): Scheme.CELL_BLIND,
        (False, True): Scheme.DRUG_BLIND,
        (True, True): Scheme.DISJOINT,
    }[hidden[0], hidden[1]]
    return FoundScheme(scheme, (line, drug))


def _hidden_in_part(test: pd.DataFrame, overlaps: Sequence[Overlap]) -> Iterator[Finding]:
    """A split that hides some lines or compounds and not others: a mistake, unless it claims to hide none."""
    for overlap in overlaps:
        if overlap.is_partial:
            advice = f"{overlap}: state the scheme; only a mixed split may share some and not others"
            rows = int(test[overlap.column].isin(overlap.shared).sum())
            count, examples = len(overlap.shared), overlap.shared[:SHOWN]
            yield Finding(Leak.PARTIAL, Severity.LEAK, "train and test", count, rows, examples, advice)


def _prepare(rows: pd.DataFrame, synonyms: LineSynonyms, usual_names: Mapping[str, str]) -> pd.DataFrame:
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
    table["smiles"] = table["smiles"].fillna("").astype(str).map(said) if "smiles" in table else ""
    spelling = {name: synonyms.key(name) for name in table["line"].unique()}
    table["line_key"] = table["line"].map(spelling)
    plain = {name: plain_compound(usual_names.get(name, name)) for name in table["drug"].unique()}
    table["drug_key"] = table["drug"].map(plain)
    return table


def _before(
    test: pd.DataFrame, scheme: Scheme, twins: Twins, prior: Prior, synonyms: LineSynonyms
) -> Iterator[Finding]:
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
            {synonyms.key(line) for line in prior.lines},
            test["line_key"],
            "line",
            "pretrain without the test lines, or state the overlap",
        ),
        (
            Leak.FITTED_ON_TEST,
            scheme.hides_lines,
            {synonyms.key(line) for line in prior.fitted_lines},
            test["line_key"],
            "line",
            "fit scaling, gene selection and batch correction on training lines only",
        ),
    )
    for leak, claimed, seen, key, column, advice in hidden:
        severity = Severity.LEAK if claimed else Severity.NOTE
        yield from hits(leak, severity, "before training and test", key.isin(seen), test[column], advice)
