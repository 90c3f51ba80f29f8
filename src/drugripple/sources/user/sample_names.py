"""Which of several columns names the samples, and what is said about the choice."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from drugripple.errors import counted, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.matrix import SAMPLE_NAMES

INDEX = ("header", "obs_names", "var_names", "column 1")
"""Where a table without names of columns has the names of its rows."""
OF_BATCH = re.compile(r"(\d{1,9})(-\d{1,3})?")
"""A number of a row, which anndata's concatenation marks by the batch: 0-0, 1-0, 0-1."""
BATCHES = frozenset({"-0", "-1"})
"""Two at least, counted from 0, as neither biopsies of patients nor the line 786-0 are."""
SMALLEST_ID = 100_000
"""Smaller numbers are those of rows; the ids that name cell lines (COSMIC's) are higher."""
SPARSEST = 10
"""A selection of very many rows leaves numbers below so many times their count."""
DEFAULT_ENTRY = "isdefaultentryformodel"
"""DepMap's mark of the one profile that stands for a model."""


@dataclass(frozen=True)
class SampleNames:
    """The names of samples, and where they come from."""

    names: tuple[str, ...]
    label: str
    """The column (or header) they come from; blank where they were numbered."""
    notes: tuple[Finding, ...] = ()


def is_running(names: Sequence[str]) -> bool:
    """Whether names only count: from 0 or 1, each one more than the last, maybe behind a letter that R put there.

    >>> is_running(["0", "1", "2"]), is_running(["7157", "4609"]), is_running(["X1", "X2"])
    (True, False, True)
    """
    if not names or names[0] not in ("0", "1", "X0", "X1", "V1"):
        return False
    letter, first = names[0].rstrip("01"), int(names[0][-1])
    return all(name == f"{letter}{first + i}" for i, name in enumerate(names))


def sample_names(labels: Mapping[str, tuple[str, ...]], count: int) -> SampleNames:
    """The index, a column that says by its header that it names samples, or the first that may.

    Whole numbers under a blank header come after a column that says so, and those that may be of rows after any other.
    The first of these that tells all samples apart; running numbers are the last choice. If none does, the first stays
    with its repeats, which are refused later: a column of notes beside it does not name samples.
    """
    candidates = [(label, names) for label, names in labels.items() if _may_name(names)]
    running = [one for one in candidates if _only_counts(*one)]
    named = [one for one in candidates if one not in running]
    index = [one for one in named if one[0] in INDEX]
    ids = [one for one in index if all(map(str.isdecimal, one[1]))]
    by_header = sorted((one for one in named if plain(one[0]) in SAMPLE_NAMES), key=_rank)
    sure = [*(one for one in index if one not in ids), *by_header, *ids]
    for group in (sure, [] if sure else named):
        if group:
            first = group[0]
            chosen = next((one for one in group if len(set(one[1])) == count and all(one[1])), first)
            return SampleNames(chosen[1], chosen[0], tuple(_notes(chosen, first, labels, [*running, *ids])))
    if running:
        text = f"samples go by running numbers{_from(running[0][0])}"
        return SampleNames(running[0][1], running[0][0], (_note(text, "name them, to know them in the results"),))
    if together := _together(labels, count):
        return together
    repeat = any((label in INDEX or plain(label) in SAMPLE_NAMES) and any(names) for label, names in labels.items())
    text = f"samples have no names {'that tell them apart ' if repeat else ''}and are numbered"
    names = tuple(f"sample {row + 1}" for row in range(count))
    return SampleNames(names, "", (_note(text, "name them, to know them in the results"),))


def _together(labels: Mapping[str, tuple[str, ...]], count: int) -> SampleNames | None:
    """The first columns that tell all samples apart only together, as patient and visit do; None where none do."""
    columns = [(label, names) for label, names in labels.items() if len(set(names)) > 1 and all(names)]
    for number in range(2, len(columns) + 1):
        names = tuple(" ".join(parts) for parts in zip(*(each for _, each in columns[:number]), strict=True))
        if len(set(names)) == count:
            used = [label for label, _ in columns[:number]]
            text = f"samples go by {first_five(used)} together, because none of these alone tells them apart"
            return SampleNames(names, " and ".join(used), (_note(text, "", names),))
    return None


def _may_name(names: tuple[str, ...]) -> bool:
    """Whether labels tell most samples apart: a tissue or a batch does not."""
    filled = [name for name in names if name]
    return bool(filled) and 2 * len(set(filled)) > len(filled)


def _only_counts(label: str, names: tuple[str, ...]) -> bool:
    """Whether labels are running numbers, or under a blank header what any selection, in any order, leaves of them."""
    if is_running(names):
        return True
    parts = [OF_BATCH.fullmatch(name) for name in names]
    numbers = [part[1] if part else "" for part in parts]
    batches = {part[2] for part in parts if part}
    if label not in INDEX or not all(numbers) or not (batches == {None} or batches >= BATCHES):
        return False
    return max(map(int, numbers)) < max(SMALLEST_ID, SPARSEST * len(names))


def _rank(one: tuple[str, tuple[str, ...]]) -> int:
    return SAMPLE_NAMES.index(plain(one[0]))


def _notes(
    chosen: tuple[str, tuple[str, ...]],
    first: tuple[str, tuple[str, ...]],
    labels: Mapping[str, tuple[str, ...]],
    numbers: Sequence[tuple[str, tuple[str, ...]]],
) -> Iterator[Finding]:
    if chosen is not first:
        repeated = [name for name, times in Counter(first[1]).items() if times > 1 or not name]
        text = f"samples go by {chosen[0]!r}, because {first[0]!r} does not tell them apart: {first_five(repeated)}"
        yield _note(text, "", tuple(repeated))
    passed_over = [names for label, names in numbers if label in INDEX and label != chosen[0] and not is_running(names)]
    if passed_over:
        yield _note(f"samples go by {chosen[0]!r}, not by the numbers before them: {first_five(passed_over[0])}", "")
    label = chosen[0]
    if label not in INDEX and plain(label) not in SAMPLE_NAMES and all(map(str.isdecimal, chosen[1])):
        yield _note(f"samples go by the numbers of {label!r}: {first_five(chosen[1])}", "")
    for label, marks in labels.items():
        others = [name for name, mark in zip(chosen[1], marks, strict=True) if mark.lower() in ("no", "false", "0")]
        if plain(label) == DEFAULT_ENTRY and others:
            what = counted(len(others), "sample is no default profile", "samples are no default profiles")
            text = f"{what} of a model ({label}): {first_five(others)}"
            yield _note(text, "delete those rows if one profile per model is meant", tuple(others))


def _note(text: str, advice: str, names: tuple[str, ...] = ()) -> Finding:
    return Finding(Level.NOTE, Topic.SAMPLES, text, advice, names)


def _from(label: str) -> str:
    return "" if label in INDEX else f" from {label!r}"
