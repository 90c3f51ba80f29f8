"""Compounds that a user asks a model about: by the names that it was trained with, or by their structures."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

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
from drugripple.predict.named import compound_rows, hint, no_one_compound, unknown_compound
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.compound_source import Source, listed, open_source
from drugripple.sources.user.compounds import read_compounds
from drugripple.sources.user.drug_names import match_compounds, other_names
from drugripple.sources.user.file_format import FILES, OF_STRUCTURES, file_meant
from drugripple.sources.user.response_columns import COMPOUND_NAMES
from drugripple.sources.user.structure_columns import names_structures

SYNONYM = "if it is another name of a compound, give its SMILES, by which the model knows it too"
"""What is said of a text that has no sign of a structure."""


def asked_compounds(
    source: Source | CompoundTable | None, known: CompoundTable, named: CompoundTable | None = None
) -> CompoundTable:
    """A file or a table as `read_compounds` reads it; a text, or each of a list or column, as a known name or a SMILES.

    A name may be spelt with other cases and separators, or be another name of the drug (`match_compounds`). A file or
    table without structures may hold names of compounds that the model was trained with; where it has structures, what
    is wrong with them is never passed over.

    Args:
        source: the compounds; all that are known if None.
        known: those that the model was trained with.
        named: these, then others that it knows by name and structure, if there are such.

    Raises:
        DrugrippleError: if none can be used, or one is named twice.
    """
    if source is None:
        return _all_of(known)
    trained, known = set(known.names), known if named is None else named
    texts = _texts(source)
    if texts is None:
        try:
            return read_compounds(source)
        except (CompoundError, SourceError):
            texts = _names_in(source, known.names)
            if not texts:
                raise
    called, structure = match_compounds(texts, known.names), dict(zip(known.names, known.smiles, strict=True))
    names = [called.get(text, text) for text in texts]
    _refuse_repeats(names, texts)
    smiles = [structure[called[text]] if text in called else text for text in texts]
    try:
        found = read_compounds(texts if smiles == texts else pd.DataFrame({"name": names, "smiles": smiles}))
    except CompoundError:
        if kind := no_one_compound(texts[0], known.names):
            raise CompoundError(kind) from None
        unknown, file = unknown_compound(texts[0], known.names), file_meant(texts[0])
        fault = reduce_all(texts[:1]).faults[texts[0]]
        what = fault if OF_STRUCTURES & {*texts[0]} else f"{fault.split(';')[0]}; {SYNONYM}"
        message = f"{file}; {unknown}" if file else f"{unknown}, and no structure: {what}"
        raise CompoundError(message) from None
    lost = [name for name in names if name not in found.ids]
    told = filter(None, (hint(name, known.names) for name in lost))
    files = [] if smiles == texts else [file for name in lost if (file := file_meant(name))]
    untrained = [name for name in dict.fromkeys(called.values()) if name not in trained]
    notes = (*other_names(called), *told, *files, *_of_other_studies(untrained))
    return replace(found, notes=(*found.notes, *notes))


def _of_other_studies(names: list[str]) -> tuple[str, ...]:
    """What is said of compounds that are known by name, and that the model was not trained with."""
    if not names:
        return ()
    what = counted(len(names), "compound is none", "compounds are none")
    return (f"{what} that the model was trained with; another study names the structure: {first_five(names)}",)


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
