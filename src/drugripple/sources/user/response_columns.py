"""Which columns of a table of responses name the samples and the compounds, and which one holds the values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from drugripple.data.tables import CompoundTable
from drugripple.errors import DrugrippleError, counted, first_five
from drugripple.sources.user.column_names import plain
from drugripple.sources.user.delimited import is_missing
from drugripple.sources.user.findings import Finding, Level, Topic, problem
from drugripple.sources.user.matching import match_names
from drugripple.sources.user.response_frame import ResponseFrame, open_responses
from drugripple.sources.user.response_units import COLUMNS, UNCLEAR, ResponseUnit
from drugripple.sources.user.response_value_column import ValueColumn, passed_over, several_kinds, value_column
from drugripple.sources.user.structure_columns import STRUCTURES

SAMPLE_NAMES = (
    *("sample", "samplename", "sampleid", "cellline", "celllinename", "cclecelllinename"),
    *("primarycelllinename", "cclname", "cclename", "strippedcelllinename", "line", "modelname", "modelid"),
    *("depmapid", "sangermodelid", "cosmicid", "cellosaurusid", "cell", "patient", "patientid"),
)
COMPOUND_NAMES = (
    *("compound", "compoundname", "drug", "drugname", "cpdname", "treatment", "name", "compoundid", "drugid"),
    *("moleculename", "moleculeprefname", "moleculechemblid"),
    *("mastercpdid", "broadid", "pubchemid", "nsc", "pertid", "id"),
)
OF_ANYTHING = frozenset({"treatment", "name", "id"})
"""Names of columns that stand over other things than compounds, too."""
PARTNERS = (
    *("drug2", "drugb", "drugname2", "drugnameb", "drug2name", "drugbname", "compound2", "compoundb", "compoundname2"),
    *("compound2name", "compoundbname", "seconddrug", "secondcompound", "partner", "partnerdrug", "drugpartner"),
    *("combination", "combinationpartner", "combinationdrug", "combo", "combodrug", "combopartner", "cotreatment"),
    *("anchor", "anchorname", "anchordrug"),
)
"""Plain names of columns of the compounds that were given beside another."""
NO_PARTNER = frozenset({"no", "false", "0", "-", "dmso", "vehicle", "control", "single", "mono", "monotherapy"})
EXPERIMENT, LINE, COMPOUND = "experimentid", "mastercclid", "mastercpdid"
"""Ids in CTRPv2's files of curves, whose names stand in others."""
OF_LINES = "v20.meta.per_cell_line.txt (master_ccl_id, ccl_name)"
OF_EXPERIMENTS = "v20.meta.per_experiment.txt (experiment_id, master_ccl_id)"
OF_COMPOUNDS = "v20.meta.per_compound.txt (master_cpd_id, cpd_name, cpd_smiles)"


@dataclass(frozen=True)
class Companions:
    """The samples and compounds that the rows of a table of responses are about."""

    samples: tuple[str, ...] | None
    """Names of the samples with expression; None where they are not known yet."""
    compounds: CompoundTable | None
    awaited: bool = False
    """Whether a file of compounds may still be named; else the table itself must have structures."""
    hindrances: tuple[str, ...] = ("", "")
    """What to do first about files that were named for the samples and for the compounds, where they give none."""

    @property
    def names(self) -> tuple[str, ...]:
        """The ids and names of the compounds."""
        return () if self.compounds is None else (*self.compounds.ids, *self.compounds.names)


@dataclass(frozen=True)
class ResponseColumns:
    """The columns that are read, by name; blank where there is none."""

    sample: str
    compound: str
    """The column that names compounds; blank where only structures do."""
    smiles: str
    """The column of structures; blank where a compound table has them."""
    value: ValueColumn | None
    problems: tuple[Finding, ...]
    """Why the table cannot be read by its columns."""

    @property
    def drug(self) -> str:
        """The column that tells compounds apart: their names, or their structures."""
        return self.compound or self.smiles

    def described(self, frame: ResponseFrame) -> Iterator[Finding]:
        """Say which columns samples and compounds are read from, and which others are passed over."""
        text = f"samples from {self.sample!r}, compounds from {self.drug!r}"
        text += f", structures from {self.smiles!r}" if self.smiles and self.compound else ""
        yield Finding(Level.NOTE, Topic.LAYOUT, text)
        if self.value is not None:
            yield from passed_over(frame, self.value)


def response_columns(
    frame: ResponseFrame, companions: Companions, stated: ResponseUnit | None = None
) -> ResponseColumns:
    """The columns of a table; of several that could name samples or compounds, the one that names most known ones."""
    samples, drugs = frame.called(SAMPLE_NAMES), frame.called(COMPOUND_NAMES)
    smiles = next(iter(frame.called(STRUCTURES)), "")
    if not samples or not (drugs or smiles):
        matrix = tuple(matrix_problem(frame.header, companions))
        if matrix:
            return ResponseColumns("", "", "", None, matrix)
    if companions.compounds is not None:
        smiles = ""
    sample = max(samples, key=lambda name: _share(frame.text(name), companions.samples or ()), default="")
    compound = max(drugs, key=lambda name: _share(frame.text(name), companions.names), default="")
    problems = [*_without_names(frame, companions, sample, compound, smiles), *_combinations(frame)]
    value = value_column(frame, stated)
    if isinstance(value, Finding):
        return ResponseColumns(sample, compound, smiles, None, (*problems, value))
    return ResponseColumns(sample, compound, smiles, value, (*problems, *several_kinds(frame, value)))


def names_responses(header: Sequence[str]) -> bool:
    """Whether a table with these columns holds responses: a sample, a compound and a value.

    A column that does not say its unit counts beside one that can only name compounds. CTRPv2's files of curves hold
    nothing but ids.

    >>> names_responses(("cell_line", "drug", "ic50_nm")), names_responses(("smiles", "name", "pIC50"))
    (True, False)
    """
    keys = {plain(name) for name in header}
    compounds, samples = keys.intersection(COMPOUND_NAMES), keys.intersection(SAMPLE_NAMES)
    if compounds == {COMPOUND}:
        samples = samples or keys & {EXPERIMENT, LINE}
    certain = bool(compounds - OF_ANYTHING)
    named = bool(compounds or keys.intersection(STRUCTURES)) and bool(samples)
    return named and bool(keys & COLUMNS.keys() or (certain and keys & UNCLEAR))


def may_name_responses(header: Sequence[str]) -> bool:
    """Whether a table with these columns may hold responses: a value with its unit, or a sample and a compound.

    >>> may_name_responses(("tumour", "drug", "ic50_nm")), may_name_responses(("sample", "TP53"))
    (True, False)
    """
    keys = {plain(name) for name in header}
    named = keys.intersection(SAMPLE_NAMES) and keys.intersection(COMPOUND_NAMES) - OF_ANYTHING
    return bool(keys & COLUMNS.keys() or named)


def _without_names(
    frame: ResponseFrame, companions: Companions, sample: str, compound: str, smiles: str
) -> Iterator[Finding]:
    """The problems that nothing names the samples or the compounds, or that nothing gives structures."""
    ids = {plain(name) for name in frame.header}
    if not sample:
        yield frame.without("samples", _joined(ids) or "call it 'sample'")
    if smiles or (compound and (companions.compounds is not None or companions.awaited)):
        return
    if compound:
        what = f"{compound!r} names compounds, and nothing gives their structures"
        do = "name a file with names and SMILES as `compounds`, or add a column 'smiles'"
        yield problem(Topic.LAYOUT, what, do=do)
    else:
        yield frame.without("compounds", f"call it {'smiles' if companions.compounds is None else 'compound'!r}")


def _combinations(frame: ResponseFrame) -> Iterator[Finding]:
    """The problem of rows that were treated with a second compound, too."""
    for name in frame.called(PARTNERS):
        cells = [cell for cell in frame.text(name) if not is_missing(cell) and cell.lower() not in NO_PARTNER]
        if cells:
            what = f"the column {name!r} names a second compound in {counted(len(cells), 'row')}"
            do = "no model here predicts combinations: keep the rows of one compound alone"
            yield problem(Topic.LAYOUT, what, got=first_five(dict.fromkeys(cells)), do=do)


def _joined(ids: set[str]) -> str:
    """What gives names to the ids of CTRPv2; blank where there are none of them."""
    if LINE not in ids and not {EXPERIMENT, COMPOUND} <= ids:
        return ""
    files = [OF_LINES] if LINE in ids else [OF_EXPERIMENTS, OF_LINES]
    do = f"it holds ids of CTRPv2 alone: join {' and then '.join(files)} of the same download"
    return f"{do}, and give {OF_COMPOUNDS} as the compounds" if COMPOUND in ids else do


def _share(names: pd.Series, known: Sequence[str]) -> float:
    asked = names[names != ""].unique().tolist()
    return len(match_names(asked, known)) / max(1, len(asked))


def matrix_problem(header: Sequence[str], companions: Companions) -> Iterator[Finding]:
    """The problem of a table whose columns are compounds or samples, with some of them."""
    for what, known in (("compounds", companions.names), ("samples", companions.samples or ())):
        found = list(match_names(header, known))
        if len(found) > 1 and 2 * len(found) >= len(header):
            said = f"{counted(len(found), 'column')} are named as {what} are"
            do = "write one row per measurement, with a sample, a compound and a value (pandas: melt, R: pivot_longer)"
            yield problem(Topic.LAYOUT, said, got=first_five(found), do=do)
            return


def rows_are_compounds(path: Path, companions: Companions) -> bool:
    """Whether at least half of the cells in a file's first column name compounds of the others."""
    try:
        frame = open_responses(path)
    except DrugrippleError:
        return False
    return 2 * _share(frame.text(frame.header[0]), companions.names) >= 1
