"""Compounds that a user asks a model about: by the names that it was trained with, or by their structures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from drugripple.chem.identifiers import identifier_of
from drugripple.chem.molecule import reduce_all
from drugripple.data.tables import CompoundTable
from drugripple.errors import (
    CompoundError,
    ConfigError,
    DrugrippleError,
    SourceError,
    TableError,
    counted,
    first_five,
)
from drugripple.evaluation.leaks.blank_cells import said
from drugripple.predict.named import close_names, compound_rows, hint, no_one_compound, unknown_compound
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.compound_source import Source, listed, open_source
from drugripple.sources.user.compounds import compounds_in, examine_compounds
from drugripple.sources.user.drug_names import match_compounds, other_names
from drugripple.sources.user.file_format import FILES, OF_STRUCTURES, file_meant
from drugripple.sources.user.response_columns import COMPOUND_NAMES
from drugripple.sources.user.structure_columns import names_structures

WHERE_FROM = "correct the name, or give the SMILES: PubChem (pubchem.ncbi.nlm.nih.gov) has them by name"
"""What is said of texts that have no sign of a structure and are no known names."""
OF_ATOMS = frozenset("BCFHINOPSbclnoprs0123456789%+-./\\: ")
"""Signs of SMILES without branches and brackets."""
TOLD_AT_MOST = 5
"""Texts that are no compounds of which each is told what it may be."""


def asked_compounds(
    source: Source | CompoundTable | None, known: CompoundTable, named: CompoundTable | None = None
) -> CompoundTable:
    """A file or a table as `read_compounds` reads it; a text, or each of a list or column, as a known name or a SMILES.

    A name may be spelt with other cases and separators, or be another name of the drug (`match_compounds`). A file or
    table may hold names in place of structures, in all rows or in some; what is wrong with the structures that it has
    is never passed over.

    Args:
        source: the compounds; all that are known if None.
        known: those that the model was trained with.
        named: these, then others that it knows by name and structure, if there are such.

    Raises:
        DrugrippleError: if none can be used, or one is named twice.
    """
    if source is None:
        return _all_of(known)
    if isinstance(source, CompoundTable):
        return source
    trained, known = set(known.names), known if named is None else named
    texts = _texts(source)
    if texts is None:
        try:
            found, called = _of_rows(source, known)
        except (CompoundError, SourceError):
            texts = _names_in(source, known.names)
            if not texts:
                raise
    if texts is not None:
        found, called = _of_texts(texts, known)
    untrained = [name for name in dict.fromkeys(called.values()) if name not in trained]
    return replace(found, notes=(*found.notes, *other_names(called), *_of_other_studies(untrained)))


def _of_texts(texts: list[str], known: CompoundTable) -> tuple[CompoundTable, dict[str, str]]:
    """Names and SMILES as compounds, and the known name of each one that was read as a name.

    Raises:
        DrugrippleError: if none can be used, or one is named twice.
    """
    called, structure = match_compounds(texts, known.names), dict(zip(known.names, known.smiles, strict=True))
    names = [called.get(text, text) for text in texts]
    _refuse_repeats(names, texts)
    smiles = [structure[called[text]] if text in called else text for text in texts]
    examined = examine_compounds(texts if smiles == texts else pd.DataFrame({"name": names, "smiles": smiles}))
    if not examined.usable:
        raise CompoundError(_no_compound(texts[0], known.names))
    wrong = [text for text in examined.structures.faults if _is_name(text)]
    kept = tuple(one for one in examined.entries if one.smiles not in wrong)
    found = compounds_in(replace(examined, entries=kept))
    notes = [f"{counted(len(wrong), 'compound is', 'compounds are')} left out: {first_five(wrong)}"] if wrong else []
    nameless = False
    lost = [text for name, text in zip(names, texts, strict=True) if name not in found.ids and text.strip()]
    for text in lost[:TOLD_AT_MOST]:
        if told := no_one_compound(text, known.names) or file_meant(text):
            notes.append(told)
        elif text in wrong or close_names(text, known.names):
            notes.append(unknown_compound(text, known.names))
            nameless = True
    if nameless:
        notes.append(WHERE_FROM)
    return replace(found, notes=(*found.notes, *notes)), called


def _of_rows(source: Source, known: CompoundTable) -> tuple[CompoundTable, dict[str, str]]:
    """The compounds of a file or table, and the known name of each row that has a name and no structure.

    A row has none where its cell of SMILES is blank, or holds the name.

    Raises:
        DrugrippleError: as `read_compounds`.
    """
    examined = examine_compounds(source)
    faults = examined.structures.faults
    lacking = {one.line: said(one.smiles) or one.name for one in examined.entries if one.smiles in faults}
    called = match_compounds(list(dict.fromkeys(lacking.values())), known.names)
    if called and examined.usable:
        structure = dict(zip(known.names, known.smiles, strict=True))
        filled = tuple(
            one._replace(smiles=structure[called[name]]) if (name := lacking.get(one.line, "")) in called else one
            for one in examined.entries
        )
        examined = replace(examined, entries=filled, structures=reduce_all(one.smiles for one in filled))
    found = compounds_in(examined)
    named = [name for name in lacking.values() if name in called]
    unknown = [name for name in lacking.values() if name not in called and _is_name(name)]
    what = f"{counted(len(named), 'compound has', 'compounds have')} no structure and a name that the model knows"
    notes = [f"{what}: {first_five(named)}"] if named else []
    notes += filter(None, (hint(name, known.names) for name in unknown[:TOLD_AT_MOST]))
    return replace(found, notes=(*found.notes, *notes)), called


def _no_compound(text: str, known: Sequence[str]) -> str:
    """What is said of a text that can be no compound, as the first of some of which none is."""
    if kind := no_one_compound(text, known):
        return kind
    unknown, file = unknown_compound(text, known), file_meant(text)
    fault = "" if _is_name(text) else reduce_all([text]).faults[text]
    message = f"{unknown}, and no structure: {fault}" if fault else f"{unknown}; {WHERE_FROM}"
    return f"{file}; {message}" if file else message


def _is_name(text: str) -> bool:
    """Whether a text that is no structure may be a name: it has signs that no SMILES has, and is no identifier.

    >>> _is_name("abemaciclib"), _is_name("c1ccccc"), _is_name("CC(=O"), _is_name("CHEMBL25")
    (True, False, False, False)
    """
    return OF_STRUCTURES.isdisjoint(text) and not OF_ATOMS.issuperset(text) and not identifier_of(text)


def _of_other_studies(names: list[str]) -> tuple[str, ...]:
    """What is said of compounds that are known by name, and that the model was not trained with."""
    if not names:
        return ()
    what = counted(len(names), "compound was", "compounds were")
    return (f"{what} measured by another study and not in training: {first_five(names)}",)


def _all_of(known: CompoundTable) -> CompoundTable:
    """The training compounds as they are asked about where none is named: by their names, with a word of it."""
    note = f"no compounds are named: all {len(known):,} that the model was trained with are asked about"
    ids = known.names if len(set(known.names)) == len(known) else known.ids
    return replace(known, ids=ids, notes=(note,))


def _refuse_repeats(names: list[str], texts: list[str]) -> None:
    """Refuse a compound that is named twice, with how it was written.

    Raises:
        TableError: naming the first five.
    """
    written: dict[str, list[str]] = {}
    for name, text in zip(names, texts, strict=True):
        written.setdefault(name, []).append(text)
    again = [" and ".join(map(repr, ways)) for name, ways in written.items() if name and len(ways) > 1]
    if again:
        what = counted(len(again), "compound is", "compounds are")
        message = f"{what} named more than once: {', '.join(again[:5])}; name each once"
        raise TableError(message)


def one_compound(table: CompoundTable, chosen: str | None = None) -> CompoundTable:
    """The one compound of a table: that of the id or name `chosen`, where there are several.

    Raises:
        ConfigError: if there are several, and none is chosen.
        TableError: if the one chosen is not there.
    """
    if chosen is not None:
        table = table.take(compound_rows([chosen], table))
    if len(table) != 1:
        got = f"{len(table)}: {first_five(table.names)}"
        message = f"one compound can be asked about at a time, got {got}; name one as `compound`"
        raise ConfigError(message)
    return table


def _names_in(source: Source | CompoundTable, known: Sequence[str]) -> list[str]:
    """The column of a file or table that holds most names of known compounds, if one holds any; or its whole lines.

    Nothing where another column has structures.
    """
    if isinstance(source, CompoundTable):
        return []
    try:
        opened = open_source(source)
        rows = [opened.header, *(row.cells for row in opened.rows(range(len(opened.header))))]
    except DrugrippleError:
        return []
    lines = [" ".join(filter(None, cells)) for cells in rows]
    columns = [[cell for cell in map(str.strip, column) if cell] for column in (lines, *zip(*rows, strict=False))]
    number = [len(match_compounds(column, known)) for column in columns]
    if not any(number):
        return []
    chosen = number.index(max(number))
    drawn = [place for place, name in enumerate(opened.header) if names_structures((name,)) and opened.form != "smi"]
    if chosen - 1 not in drawn and any(said(row[place]) for row in rows[1:] for place in drawn):
        return []
    names, headed = columns[chosen], (lines[0], *opened.header)[chosen] if opened.first_line is None else ""
    titles = {headed, lines[0] if names_structures(opened.header) else headed}
    heads = [name for name in names[:2] if name in titles or plain(name) in COMPOUND_NAMES]
    return list(dict.fromkeys(names[len(heads) :]))


def _texts(source: Source | CompoundTable) -> list[str] | None:
    """Names and SMILES; None where a file or a table is given, or nothing that we take."""
    if isinstance(source, str):
        return None if Path(source).suffix.lower() in FILES else [source.strip()]
    return listed(source) or None
