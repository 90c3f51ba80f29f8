"""Which column of a compound file holds the structures: by its name, and by what its cells hold."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from drugripple.chem.molecule import Molecule, reduce_all
from drugripple.errors import Fault, SourceError, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.condition_columns import EveryRow
from drugripple.sources.user.findings import Finding, Level, Topic
from drugripple.sources.user.identifier_columns import (
    FEWEST_COMPARED,
    refuse_other_structures,
    without_structures,
)

STRUCTURES = (
    "isomericsmiles", "smilesisomeric", "isosmiles", "absolutesmiles", "stereosmiles", "smiles", "canonicalsmiles",
    "smilescanonical", "cansmiles", "connectivitysmiles", "cxsmiles", "smi", "rdkitsmiles", "drugsmiles",
    "compoundsmiles", "cpdsmiles", "ligandsmiles", "parentsmiles",
)  # fmt: skip
"""Names of a column of SMILES; those that keep the stereochemistry come first."""
MAYBE_STRUCTURES = ("structure", "structures", "molecule", "mol", "compoundstructure", "chemicalstructure")
"""Names that also stand over pictures, formulas and names: what the cells hold decides."""
IDS = (
    "id", "compoundid", "drugid", "pertid", "chemblid", "pubchemcid", "cid", "nsc", "identifier", "catalognumber",
    "catalogno", "zincid", "broadid", "mastercpdid", "moleculechemblid", "idnumber",
)  # fmt: skip
NAMES = (
    "name", "compoundname", "drugname", "compound", "drug", "pertiname", "title", "preferredname", "itemname",
    "productname", "cpdname", "cmpdname", "genericname", "commonname", "moleculename", "prefname", "moleculeprefname",
    "iupacname", "chemicalname", "cmapname", "synonym",
)  # fmt: skip
PARTS = re.compile(
    r"scaffold|murcko|framework|reactant|reagent|educt|precursor|fragment|substructure|linker|counter.?ion|solvent"
    r"|(?<![a-z])(salt|core|r.?group|warhead|metabolite)s?(?![a-z])",
    re.IGNORECASE,
)
"""Names of structures that belong to a compound and are not the compound."""
PROBED = 50
READABLE_SHARE = 0.5
COMPARED = 2_000
"""Rows in which two columns of structures are compared."""
SAYS_SMILES, MAY_SAY, BY_CONTENT, NAMES_COMPOUNDS, PART = range(len(STRUCTURES), len(STRUCTURES) + 5)
"""How late a column is taken, after those whose name is known."""


class StructureColumn(NamedTuple):
    """The column that holds the structures of the compounds."""

    position: int
    notes: tuple[Finding, ...]
    """Which other columns of structures were passed over."""


def names_structures(header: Sequence[str]) -> bool:
    """Whether one of these columns says SMILES.

    >>> names_structures(("id", "SMILES string")), names_structures(("Structure",))
    (True, False)
    """
    return any(plain(name) in STRUCTURES or "smiles" in plain(name) for name in header)


def may_name_structures(header: Sequence[str]) -> bool:
    """Whether one of these columns says SMILES, or has a name that stands over SMILES at times.

    >>> may_name_structures(("Structure",)), may_name_structures(("CCO",))
    (True, False)
    """
    return names_structures(header) or any(plain(name) in MAYBE_STRUCTURES for name in header)


def structure_column(
    where: object, header: Sequence[str], rows: Sequence[Sequence[str]], every: EveryRow
) -> StructureColumn:
    """The column whose name is known, else one that says SMILES, else one whose cells are structures.

    Scaffolds, salts, reactants and other parts of a compound come last.

    Raises:
        SourceError: if there is none, if two come first alike and hold different structures, or if SMILES, InChIs or
            InChIKeys beside it are of other structures for the most part.
    """
    ranks = {i: rank for i, name in enumerate(header) if (rank := _rank(name)) is not None}
    ranks = {i: rank for i, rank in ranks.items() if rank < len(STRUCTURES) or _readable(rows, i)}
    if min(ranks.values(), default=PART) == PART:
        others = [i for i in range(len(header)) if i not in ranks and _readable(rows, i)]
        ranks |= {i: NAMES_COMPOUNDS if plain(header[i]) in IDS + NAMES else BY_CONTENT for i in others}
    if not ranks:
        raise SourceError(without_structures(str(where), header, rows))
    first, *alike = [i for i, rank in ranks.items() if rank == min(ranks.values())]
    named_alike = [i for i, rank in ranks.items() if rank < MAY_SAY and i not in (first, *alike)]
    apart = [i for i in alike if _differ(_pairs_that_differ(every, first, i))]
    for other in [*apart, *(i for i in named_alike if _mostly_differ([(row[first], row[i]) for row in rows]))]:
        what = f"the columns {header[first]!r} and {header[other]!r} hold different structures"
        do = "name the one that holds the compounds 'smiles'" + ("" if other in apart else ", and delete the other")
        raise SourceError(Fault(str(where), what, do=do))
    refuse_other_structures(str(where), header, rows, first)
    passed_over = tuple(header[i] for i in ranks if i != first)
    if not passed_over:
        return StructureColumn(first, ())
    text = f"structures are read from {header[first]!r}, not from {first_five(passed_over)}"
    return StructureColumn(first, (Finding(Level.NOTE, Topic.LAYOUT, text, names=passed_over),))


def readable_share(texts: Sequence[str]) -> float:
    """Share of the first texts that are structures of more than one atom."""
    probed = [text for text in texts if text][:PROBED]
    found = reduce_all(probed).found
    several = {text for text, one in found.items() if Molecule(one.written, one.key).heavy_atoms > 1}
    return sum(text in several for text in probed) / len(probed) if probed else 0.0


def _rank(name: str) -> int | None:
    key = plain(name)
    if key in STRUCTURES:
        return STRUCTURES.index(key)
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    if PARTS.search(spaced.replace("_", " ")):
        return PART
    if "smiles" in key:
        return SAYS_SMILES
    return MAY_SAY if key in MAYBE_STRUCTURES or re.search(r"\bstructures?\b", spaced, re.IGNORECASE) else None


def _readable(rows: Sequence[Sequence[str]], column: int) -> bool:
    return readable_share([row[column] for row in rows]) >= READABLE_SHARE


def _pairs_that_differ(every: EveryRow, first: int, second: int) -> list[tuple[str, str]]:
    """The cells of two columns where both are filled and differ, of at most `COMPARED` rows spread evenly."""
    kept: list[tuple[str, str]] = []
    step = 1
    for number, row in enumerate(every([first, second])):
        if number % step == 0 and row[first] and row[second] and row[first] != row[second]:
            kept.append((row[first], row[second]))
        if len(kept) == COMPARED:
            kept, step = kept[::2], step * 2
    return kept


def _differ(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether two columns hold different molecules in some row, stereochemistry and salts apart."""
    found = reduce_all(text for pair in pairs for text in pair).found
    return any(a in found and b in found and found[a].key != found[b].key for a, b in pairs)


def _mostly_differ(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether two columns hold different molecules in most rows, as where one was shifted."""
    found = reduce_all(text for pair in pairs for text in pair if text).found
    both = [(found[a].key, found[b].key) for a, b in pairs if a in found and b in found]
    return len(both) >= FEWEST_COMPARED and 2 * sum(a != b for a, b in both) > len(both)
