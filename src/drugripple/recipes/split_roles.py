"""What words of a split file mean: parts of a split, in a column or in the file's name, and schemes."""

import re
from pathlib import Path

import pandas as pd

from drugripple.errors import SplitError, counted, first_five
from drugripple.evaluation.leaks.audit import ROLE_NAMES
from drugripple.evaluation.schemes import Scheme
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.matrix import label

ROLES = {
    **ROLE_NAMES,
    "drop": "drop",
    "trn": "train",
    "tst": "test",
    "holdout": "test",
    "heldout": "test",
    "independenttest": "test",
    "externaltest": "test",
}
"""Words of a role, letters alone and in lower case."""
SCHEMES = {
    "lpo": Scheme.MIXED,
    "mixed": Scheme.MIXED,
    "random": Scheme.MIXED,
    "lco": Scheme.CELL_BLIND,
    "lto": Scheme.CELL_BLIND,
    "ldo": Scheme.DRUG_BLIND,
    "disjoint": Scheme.DISJOINT,
}
"""Words of a scheme, letters alone and in lower case; drevalpy's among them."""
HIDES = re.compile(r"blind|cold|unseen|new|leave|out|hidden|unknown")
HIDES_LINES, HIDES_DRUGS = re.compile(r"cell|line|sample|tissue"), re.compile(r"drug|compound")
EXPECTED = "train, valid, test or drop"


def roles_of(path: Path, column: str, cells: pd.Series) -> "pd.Series[str]":
    """The role of each row.

    Raises:
        SplitError: if a cell is blank or no role.
    """
    words = pd.Series([label(cell) for cell in cells], index=cells.index, dtype=object)
    refuse_blank(path, column, words)
    found = {word: role_of_word(word) for word in words.unique()}
    unknown = {word: int((words == word).sum()) for word, role in found.items() if not role}
    if unknown:
        shown = first_five(f"{word} ({counted(count, 'row')})" for word, count in unknown.items())
        message = f"{path}: the column {column!r} holds words that are no roles: {shown}; write {EXPECTED}"
        raise SplitError(message)
    return words.map(found)


def role_of_name(path: Path, rows: int) -> str:
    """The role that a file's name says, for all its rows.

    Raises:
        SplitError: if the name says none, or more than one.

    >>> role_of_name(Path("fold_1_training.csv"), 10)
    'train'
    """
    words = {role for word in re.split(r"[^a-z]+", path.stem.lower()) if (role := ROLES.get(word, ""))}
    if len(words) != 1:
        message = (
            f"{path}: {counted(rows, 'row has', 'rows have')} no role: there is no column of roles (role, split, set, "
            f"part or partition with {EXPECTED}), and the file's name says "
            f"{'none' if not words else 'more than one'}; add the column, or call the files train.csv and test.csv"
        )
        raise SplitError(message)
    return words.pop()


def role_of_word(word: str) -> str:
    """The role that a word means; blank where it means none.

    >>> role_of_word("Test set"), role_of_word("TRAIN"), role_of_word("blind")
    ('test', 'train', '')
    """
    key = plain(word)
    return ROLES.get(key) or ROLES.get(re.sub(r"(set|data|ing|split|fold)$", "", key), "")


def scheme_of_word(word: str) -> Scheme | None:
    """The scheme that a word means; None where it means none that is known.

    >>> scheme_of_word("Drug-blind"), scheme_of_word("leave cell line out"), scheme_of_word("LPO"), scheme_of_word("5")
    (<Scheme.DRUG_BLIND: 'drug_blind'>, <Scheme.CELL_BLIND: 'cell_blind'>, <Scheme.MIXED: 'mixed'>, None)
    """
    key = plain(word)
    lines, drugs = bool(HIDES_LINES.search(key)), bool(HIDES_DRUGS.search(key))
    if key in SCHEMES or not HIDES.search(key):
        return SCHEMES.get(key)
    if lines and drugs:
        return Scheme.DISJOINT
    return Scheme.CELL_BLIND if lines else Scheme.DRUG_BLIND if drugs else None


def refuse_blank(path: Path, column: str, words: pd.Series) -> None:
    """Refuse rows that leave a column blank which every row needs.

    Raises:
        SplitError: with their number and the first of them.
    """
    blank = [row + 1 for row, word in enumerate(words) if not str(word).strip()]
    if blank:
        what = counted(len(blank), "row leaves", "rows leave")
        message = f"{path}: {what} {column!r} blank (rows {first_five(blank)} below the header); fill or delete them"
        raise SplitError(message)
