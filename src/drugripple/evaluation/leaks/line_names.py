"""One cell line under many names: spellings, CCLE's suffixes, and ids of several databases joined by a table."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from drugripple.data.ccle_tissues import without_tissue

DIFFERENT_LINES = frozenset({"TT", "KMH2"})
"""Pairs of spellings that differ in punctuation alone and mean two cell lines: TT and T-T, KM-H2 and KMH-2."""
_BY_TISSUE = {"TT_OESOPHAGUS": "T-T", "TT_THYROID": "TT"}
"""Lines that CCLE tells apart by their tissue alone."""


class NameSystem(StrEnum):
    """Who gives names of one form."""

    COSMIC = "COSMIC ids"
    SANGER = "Sanger model ids (SIDM)"
    DEPMAP = "DepMap ids (ACH)"
    CELLOSAURUS = "Cellosaurus ids (CVCL)"
    NAME = "names"


_SYSTEMS = (
    (re.compile(r"0*\d{6,7}(\.0)?"), NameSystem.COSMIC),
    (re.compile(r"SIDM\d+"), NameSystem.SANGER),
    (re.compile(r"ACH-?\d+"), NameSystem.DEPMAP),
    (re.compile(r"CVCL[_:-]?\w{4}"), NameSystem.CELLOSAURUS),
)
_DATABASE = re.compile(r"^(RRID|COSMIC|COSM|CELLOSAURUS|DEPMAP|SANGER|SIDM|MODEL|CELL|LINE)( ?ID)?[ :_#-]*(?=\w)")
"""What stands before an id to say whose it is."""
_ADDED = re.compile(
    r"^(BR|CNS|CO|LC|LE|ME|OV|PR|RE):|[/ _-]ATCC$| *[\[(]ATCC\b[^\])]*[\])]$|\(TB\)$"
    r"|[ ._-]*[\[(]?REP(LICATE)?[ ._-]*\d+[\])]?$|(?<=\w)[ ._-]+(CELLS?|CELL LINE|PARENTAL|WILD[ -]?TYPE|WT)$"
)
"""NCI-60's tissue, where the line was bought, the number of a replicate, and that nothing was done to it."""
_NCI_H = re.compile(r"^NCI(?=H\d{3})")
_NCI_SHORT = re.compile(r"^NCI(?=H\d)")
_COPY = re.compile(r"(.*[A-Z].*\d.*|.*\d.*[A-Z].*)[._ ]\d{1,2}")


def normalised_line(name: str) -> str:
    """A cell line's name without case, punctuation, CCLE's tissue and the like, unless these tell two lines apart.

    >>> normalised_line("NCI-H1299"), normalised_line("h1299"), normalised_line("MCF7_BREAST"), normalised_line("T-T")
    ('H1299', 'H1299', 'MCF7', 'T-T')
    >>> normalised_line("786-O"), normalised_line("A549/ATCC"), normalised_line("MCF-7 [rep2]")
    ('7860', 'A549', 'MCF7')
    >>> normalised_line("COSMIC:905946"), normalised_line("RRID:CVCL_0031"), normalised_line("MCF-7 (ATCC HTB-22)")
    ('905946', 'CVCL0031', 'MCF7')
    """
    upper = unicodedata.normalize("NFKC", name).upper().strip()
    if upper in _BY_TISSUE:
        return _BY_TISSUE[upper]
    upper = _without_additions(_without_database(upper))
    if system_of(upper) is NameSystem.COSMIC:
        return upper.split(".")[0].lstrip("0")
    bare = "".join(letter for letter in upper if letter.isalnum())
    if bare in DIFFERENT_LINES:
        return re.sub(r"[^A-Z0-9]+", "-", upper)
    return _NCI_H.sub("", re.sub(r"(?<=\d)O$", "0", bare)) or upper


def _without_database(upper: str) -> str:
    """An id without the word for its database; a name as it is."""
    bare = _DATABASE.sub("", upper, count=1)
    return bare if any(form.fullmatch(bare) for form, _ in _SYSTEMS) else upper


def _without_additions(upper: str) -> str:
    """A name without what is added behind it, in any order, unless nothing else is left."""
    shorter = _ADDED.sub("", without_tissue(upper))
    return upper if not shorter else shorter if shorter == upper else _without_additions(shorter)


def original_of(name: str) -> str:
    """The normalised line that a name with a number behind it copies; blank where it has none.

    >>> original_of("MCF7.1"), original_of("MCF7_2"), original_of("OVCAR_3")
    ('MCF7', 'MCF7', '')
    """
    copied = _COPY.fullmatch(unicodedata.normalize("NFKC", name).upper().strip())
    return "" if copied is None else normalised_line(copied[1])


def short_name(name: str) -> str:
    """The normalised line without `NCI` before the letter H: H9 and NCI-H9 may be one line or two.

    >>> short_name("NCI-H9")
    'H9'
    """
    return _NCI_SHORT.sub("", normalised_line(name))


def system_of(name: str) -> NameSystem:
    """Whose name it is, by its form.

    >>> system_of("906826"), system_of("ACH-000001"), system_of("MCF7")
    (<NameSystem.COSMIC: 'COSMIC ids'>, <NameSystem.DEPMAP: 'DepMap ids (ACH)'>, <NameSystem.NAME: 'names'>)
    """
    upper = _without_database(unicodedata.normalize("NFKC", name).upper().strip())
    return next((system for form, system in _SYSTEMS if form.fullmatch(upper)), NameSystem.NAME)


@dataclass(frozen=True)
class LineSynonyms:
    """Which names mean one cell line."""

    first: Mapping[str, str] = field(default_factory=dict)
    """One name that stands for all of its synonyms, for each normalised name that has some."""

    @classmethod
    def of(cls, lines: Iterable[Collection[str]]) -> "LineSynonyms":
        """Names that stand together, directly or through others.

        Args:
            lines: for each line all its names; blank ones are passed over.
        """
        leader: dict[str, str] = {}
        for names in lines:
            keys = list(dict.fromkeys(normalised_line(name) for name in names if name.strip()))
            for key in keys:
                leader.setdefault(key, key)
            for key in keys[1:]:
                leader[_leader(leader, key)] = _leader(leader, keys[0])
        return cls({name: _leader(leader, name) for name in leader})

    def key(self, name: str) -> str:
        """What all names of a line have in common.

        >>> LineSynonyms.of([("MCF7", "905946"), ("905946", "SIDM00148")]).key("sidm00148")
        'MCF7'
        """
        normalised = normalised_line(name)
        return self.first.get(normalised, normalised)

    def systems(self, name: str) -> frozenset[NameSystem]:
        """Who names a line: the name itself, and all that stand together with it.

        >>> sorted(map(str, LineSynonyms.of([("MCF7", "905946")]).systems("MCF7")))
        ['COSMIC ids', 'names']
        """
        return frozenset({system_of(name)}) | self._systems.get(self.key(name), frozenset())

    @cached_property
    def _systems(self) -> Mapping[str, frozenset[NameSystem]]:
        found: dict[str, set[NameSystem]] = defaultdict(set)
        for name, leader in self.first.items():
            found[leader].add(system_of(name))
        return {leader: frozenset(systems) for leader, systems in found.items()}


def _leader(leader: Mapping[str, str], name: str) -> str:
    while leader[name] != name:
        name = leader[name]
    return name
