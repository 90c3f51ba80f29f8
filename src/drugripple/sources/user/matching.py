"""Names of a user's table among those of another: equal, or spelt differently."""

import re
from collections import defaultdict
from collections.abc import Sequence

from drugripple.data.ccle_tissues import without_tissue

_WHOLE = re.compile(r"\d+(\.0+)?")
_SEPARATORS = re.compile(r"[\s_\-./',]+")


def match_names(asked: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The known name of each asked one: equal, or else equal but for case, separators and CCLE's tissue.

    What could be two known names is none of them, and names of different tissues are no one name. Numbers are compared
    as numbers. Anything else that stands in a name tells it apart: a derived line, a combination, the sign of an
    enantiomer.

    >>> match_names(["A-549", "MCF7_BREAST", "K562", "697_R"], ["A549", "MCF7", "K-562", "k562", "697"])
    {'A-549': 'A549', 'MCF7_BREAST': 'MCF7'}
    >>> match_names(["1.0"], ["1", "10"])
    {'1.0': '1'}
    >>> match_names(["TT_THYROID", "TT_OESOPHAGUS"], ["TT"])
    {}
    """
    exact = set(known)
    simple: dict[str, list[str]] = {}
    for name in dict.fromkeys(known):
        simple.setdefault(bare_name(name), []).append(name)
    found: dict[str, str] = {}
    tissues: defaultdict[str, set[str]] = defaultdict(set)
    for name in asked:
        alike = (
            [name]
            if name in exact
            else simple.get(bare_name(name), []) or simple.get(bare_name(without_tissue(name)), [])
        )
        if len(alike) == 1 and bare_name(name):
            found[name] = alike[0]
            tissues[alike[0]].add(_tissue(name))
    torn = {known for known, several in tissues.items() if len(several - {""}) > 1}
    return {name: known for name, known in found.items() if known not in torn or name in exact or not _tissue(name)}


def _tissue(name: str) -> str:
    return name.removeprefix(without_tissue(name))


def bare_name(name: str) -> str:
    """A name without case and separators; a whole number without its decimals.

    >>> bare_name("AZD-6244"), bare_name("1003.0")
    ('azd6244', '1003')
    """
    if _WHOLE.fullmatch(name.strip()):
        return name.strip().split(".")[0]
    return _SEPARATORS.sub("", name).casefold()
