"""A user's own measurements, of compounds that the model knows by name or that come with their structures."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from drugripple.data.measure import Measure
from drugripple.data.response import ResponseTable
from drugripple.data.tables import CompoundTable, ExpressionTable
from drugripple.errors import Fault, SourceError, TableError, counted, first_five
from drugripple.predict.named import hint
from drugripple.runtime.notes import tell
from drugripple.sources.user.drug_names import match_compounds
from drugripple.sources.user.response_columns import Companions, response_columns
from drugripple.sources.user.response_frame import ResponseFrame, open_responses
from drugripple.sources.user.responses import BoundedResponses, read_bounded_responses

FAR_APART = 10.0
"""Repeats of an IC50 that differ by as large a factor are told."""


def own_measurements(
    source: object, samples: ExpressionTable, library: CompoundTable | None, known: CompoundTable, *, unit: str | None
) -> BoundedResponses:
    """Responses and bounds as `read_bounded_responses` reads them; compounds without a structure are known by name.

    Structures come from the library if there is one, else from the table's own column; where these have none, from the
    compounds that the model knows by name. A name that nobody knows is told with the nearest.

    Raises:
        SourceError, TableError: as `read_bounded_responses`.
    """
    frame = open_responses(source)
    everything = known if library is None else _joined(library, known)
    smiles = "" if library is not None else response_columns(frame, Companions(samples.samples, None)).smiles
    named = response_columns(frame, Companions(samples.samples, everything)).compound
    if not named:
        found = read_bounded_responses(frame, samples, library if smiles else everything, unit=unit)
        tell(repeat_notes(found.table))
        return found
    names = frame.text(named)
    if smiles:
        looked = _by_column(frame, names, smiles, known)
    elif library is not None:
        looked = _beside_library(frame, names, library, known)
    else:
        asked = names.unique().tolist()
        looked = _LookedUp(frame, known, asked, match_compounds(asked, known.names))
    called = looked.called
    if called:
        found_there = dict.fromkeys(called.values())
        what = counted(len(found_there), "compound without a structure is", "compounds without a structure are")
        tell([f"{what} looked up among those that the model knows by name: {first_five(found_there)}"])
    near = (*(() if library is None else library.names), *known.names)
    unknown = [name for name in looked.asked if name not in called]
    hints = [said for name in unknown if (said := hint(name, near))]
    found = _read_or_hint(looked.frame, samples, looked.compounds, unit, () if called else hints)
    tell((*hints, *repeat_notes(found.table)))
    return found


def repeat_notes(table: ResponseTable) -> tuple[str, ...]:
    """What becomes of pairs that were measured more than once, and which values lie far apart; empty without any.

    A salt counts as its parent, as it does for the model.
    """
    first: dict[str, int] = {}
    alike = np.array([first.setdefault(one.parent, row) for row, one in enumerate(table.compounds.molecules)])
    frame = pd.DataFrame({"sample": table.sample_row, "compound": alike[table.compound_row], "value": table.values})
    found = frame.groupby(["sample", "compound"], as_index=False)["value"].agg(["size", "min", "max"])
    several = found[found["size"] > 1]
    if several.empty:
        return ()
    concentration = bool(table.measure.micromolar)
    mean = "the mean of the logarithms" if concentration else "the mean of the values"
    note = f"{counted(len(several), 'pair was', 'pairs were')} measured more than once, and {mean} counts"
    apart = several["max"] - several["min"]
    fold = float(np.exp(apart.max())) if concentration else 0.0
    if fold < FAR_APART:
        return (note,)
    widest = several.iloc[int(apart.to_numpy().argmax())]
    pair = f"{table.expression.samples[int(widest['sample'])]} with {table.compounds.names[int(widest['compound'])]}"
    return (f"{note}; values of {pair} lie {fold:,.0f}-fold apart: look at them",)


class _LookedUp(NamedTuple):
    """Responses, and what they are to be read beside."""

    frame: ResponseFrame
    compounds: CompoundTable | None
    """None where the responses hold every structure."""
    asked: Sequence[str]
    """Names without a structure of their own."""
    called: Mapping[str, str]
    """What the model calls those of them that it knows."""


def _by_column(frame: ResponseFrame, names: "pd.Series[str]", smiles: str, known: CompoundTable) -> _LookedUp:
    """Where a column has structures, blank cells get that of their name."""
    own = _structures(frame, names, smiles)
    asked = [name for name in names[frame.text(smiles) == ""].unique() if name not in own]
    called = match_compounds(asked, known.names)
    return _LookedUp(_filled(frame, names, smiles, own | _smiles(called, known)), None, asked, called)


def _beside_library(
    frame: ResponseFrame, names: "pd.Series[str]", library: CompoundTable, known: CompoundTable
) -> _LookedUp:
    """Where a library has structures, the known compounds that are asked for beside its own join it."""
    every = names.unique().tolist()
    ours = match_compounds(every, (*library.ids, *library.names))
    asked = [name for name in every if name not in ours]
    called = match_compounds(asked, known.names)
    more = known.take(np.flatnonzero(np.isin(known.names, list(called.values()))))
    return _LookedUp(frame, _joined(library, more), asked, called)


def require_measure(measured: Measure, predicted: Measure) -> None:
    """Refuse responses of another measure than the model's.

    Raises:
        TableError: if they differ.
    """
    if measured is not predicted:
        what = f"the responses are {measured.value}, the model predicts {predicted.value}"
        do = "state the unit of a column that holds these, or build a model of your measure"
        raise TableError(Fault("", what, do=do))


def _read_or_hint(
    frame: ResponseFrame, samples: ExpressionTable, table: CompoundTable | None, unit: str | None, hints: Sequence[str]
) -> BoundedResponses:
    """Read the responses; a refusal goes on with hints."""
    try:
        return read_bounded_responses(frame, samples, table, unit=unit)
    except (SourceError, TableError) as error:
        if not hints:
            raise
        told = "; ".join(filter(None, (error.fault.do, *hints[:3])))
        raise type(error)(replace(error.fault, do=told)) from error


def _structures(frame: ResponseFrame, names: "pd.Series[str]", smiles: str) -> dict[str, str]:
    """The first structure that stands beside each name."""
    return {name: text for name, text in zip(names[::-1], frame.text(smiles)[::-1], strict=True) if text}


def _smiles(called: Mapping[str, str], known: CompoundTable) -> dict[str, str]:
    structure = dict(zip(known.names, known.smiles, strict=True))
    return {name: structure[one] for name, one in called.items()}


def _filled(frame: ResponseFrame, names: "pd.Series[str]", smiles: str, structure: Mapping[str, str]) -> ResponseFrame:
    """The table with the structure of its name in every blank cell."""
    written = frame.text(smiles)
    filled = written.mask(written == "", names.map(dict(structure)).fillna(""))
    return replace(frame, cells=frame.cells.assign(**{smiles: filled}))


def _joined(library: CompoundTable, known: CompoundTable) -> CompoundTable:
    """The compounds of both; a known one whose id the library uses has its name for an id, or is left out."""
    free = [row for row, (key, name) in enumerate(zip(known.ids, known.names, strict=True))
            if key not in library.ids or name not in library.ids]  # fmt: skip
    more = known.take(np.array(free, dtype=np.int64))
    ids = [name if key in library.ids else key for key, name in zip(more.ids, more.names, strict=True)]
    return CompoundTable(
        (*library.ids, *ids), (*library.names, *more.names), (*library.molecules, *more.molecules),
        (*library.targets, *more.targets), (*library.mechanism, *more.mechanism), library.notes,
    )  # fmt: skip
