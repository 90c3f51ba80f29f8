"""Samples and compounds that a user names, as rows; no network is loaded for that."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
from jaxtyping import Int

from drugripple.data.tables import CompoundTable
from drugripple.data.treatments import Treatments
from drugripple.errors import TableError, counted, first_five, first_of
from drugripple.sources.user.drug_kinds import of_kind
from drugripple.sources.user.drug_names import no_compound, usual_name, usual_names

_BETWEEN = re.compile(r"\s*[+&;,/]\s*|\s+(?:and|with|plus)\s+")
"""What stands between the names of a combination."""
MOST_OF_A_KIND = 20
"""Compounds of a kind that are named."""


def rows_of(wanted: Sequence[str], names: Sequence[str], what: str) -> Int[np.ndarray, " k"]:
    """The places of some names.

    Raises:
        TableError: if one is not there.
    """
    unknown = [name for name in wanted if name not in names]
    if unknown:
        shown = first_five(nearest_first(unknown[0], names))
        lost = counted(len(unknown), f"chosen {what} is", f"chosen {what}s are")
        message = f"{lost} not among those given: {first_five(unknown)}; these are {shown}"
        raise TableError(message)
    return np.array([names.index(name) for name in wanted], dtype=np.int64)


def close_names(text: str, names: Sequence[str]) -> list[str]:
    """Up to three names that a text may be a misspelling of, the nearest first; upper and lower case are one.

    >>> close_names("vorinostatt", ["Venetoclax", "Vorinostat"])
    ['Vorinostat']
    """
    spelt = {name.casefold(): name for name in reversed(names)}
    return [spelt[key] for key in get_close_matches(text.casefold(), list(spelt))]


def unknown_compound(text: str, names: Sequence[str]) -> str:
    """What is said of a text that names no compound of a model, with the nearest names, if there are any.

    >>> unknown_compound("vorinostatt", ["Venetoclax", "Vorinostat"])
    "'vorinostatt' is no compound that the model knows by name (the nearest names are ['Vorinostat'])"
    """
    near = close_names(text, names)
    nearest = f" (the nearest names are {first_five(near)})" if near else ""
    return f"{usual_name(text)} is no compound that the model knows by name{nearest}"


def no_one_compound(text: str, names: Sequence[str]) -> str:
    """What is said of a text that names several compounds of a model, or nearly, an antibody or a kind; else blank.

    >>> no_one_compound("venetoclax + vorinostat", ["Venetoclax", "Vorinostat"])
    "'venetoclax + vorinostat' names 2 compounds: no model here predicts combinations, so ask about each alone"
    >>> no_one_compound("HDAC inhibitors", ["Venetoclax", "Vorinostat"])
    "'HDAC inhibitors' is no compound but a kind; the model knows ['Vorinostat']: name those that you mean"
    """
    parts = [part for part in _BETWEEN.split(text) if part]
    if len(parts) > 1 and all(close_names(part, names) for part in parts):
        return f"{text!r} names {len(parts)} compounds: no model here predicts combinations, so ask about each alone"
    if said := no_compound(text):
        return said
    if known := of_kind(text, names):
        number = f" {len(known)}, the first" if len(known) > MOST_OF_A_KIND else ""
        shown = first_of(known, MOST_OF_A_KIND)
        return f"{text!r} is no compound but a kind; the model knows{number} {shown}: name those that you mean"
    if others := of_kind(text, usual_names()):
        return f"{text!r} is no compound but a kind, of which the model knows none; give SMILES of {first_five(others)}"
    return ""


def hint(text: str, names: Sequence[str]) -> str:
    """What helps with a text that names no compound of a model: that it is none, or the nearest names; blank else.

    >>> hint("vorinostatt", ["Vorinostat"])
    "'vorinostatt' is no compound that the model knows by name (the nearest names are ['Vorinostat'])"
    >>> hint("compound 7", ["Vorinostat"])
    ''
    """
    if said := no_one_compound(text, names):
        return said
    return unknown_compound(text, names) if close_names(text, names) else ""


def nearest_first(text: str, names: Sequence[str]) -> list[str]:
    """All names, those that a text may be a misspelling of first."""
    return list(dict.fromkeys([*close_names(text, names), *names]))


def compound_rows(wanted: Sequence[str], table: CompoundTable | Treatments) -> Int[np.ndarray, " k"]:
    """The rows of some compounds, each named by its id, or by its name where that is nobody else's id.

    Raises:
        TableError: if one is not there, with what was noted when they were read, or a name stands for several.
    """
    ids, names = table.ids, table.names
    try:
        rows_of(wanted, (*ids, *names), "compound")
    except TableError as error:
        notes = (table.compounds if isinstance(table, Treatments) else table).notes
        raise TableError("; ".join((str(error), *notes))) from error
    rows: list[int] = []
    for text in wanted:
        found = [i for i, one in enumerate(ids) if one == text] or [i for i, one in enumerate(names) if one == text]
        several = sorted({ids[i] for i in found})
        if len(several) > 1:
            message = f"the name {text!r} stands for {len(several)} compounds: choose by id among {first_five(several)}"
            raise TableError(message)
        rows += found
    return np.unique(np.array(rows, dtype=np.int64))
