"""What is in a user's files, what is wrong with them, and what to do: told, never raised."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from drugripple.errors import DrugrippleError, printable
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.compound_findings import ExaminedCompounds
from drugripple.sources.user.compounds import examine_compounds, table_of
from drugripple.sources.user.expression import examine_expression, read_by_order
from drugripple.sources.user.expression_findings import Examined
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.findings import Finding, Level, Topic, problem_of
from drugripple.sources.user.response_columns import (
    Companions,
    matrix_problem,
    may_name_responses,
    names_responses,
    rows_are_compounds,
)
from drugripple.sources.user.response_units import ResponseUnit
from drugripple.sources.user.responses import examine_responses
from drugripple.sources.user.stated_scale import StatedScale
from drugripple.sources.user.structure_columns import names_structures
from drugripple.sources.user.text_table import peek_header


class Content(StrEnum):
    """What a file was recognised as."""

    EXPRESSION = "expression"
    COMPOUNDS = "compounds"
    RESPONSES = "responses"
    UNKNOWN = "not recognised"


@dataclass(frozen=True)
class Examination:
    """What was found in one file."""

    path: str
    content: Content
    findings: tuple[Finding, ...]
    only_default: bool = False
    """Whether it is expression that the default model takes as it is, and a network does not."""
    only_network: bool = False
    """Whether it is expression that the default model refuses, and a network may take."""
    samples: int = 0
    """Number of samples of an expression file; 0 for any other."""

    @property
    def sound(self) -> bool:
        """Whether every model and every verb takes the file as it is."""
        return all(finding.level != Level.PROBLEM for finding in self.findings)

    @property
    def healthy(self) -> bool:
        """Whether the file can be used as it is, at least with the default model."""
        return self.sound or self.only_default

    @property
    def verdict(self) -> str:
        """Whether it can be used, in words."""
        if self.sound:
            return "usable"
        if self.only_network:
            return "not usable with the default model; a network may take it"
        return "usable with the default model; not with a network as it is" if self.healthy else "not usable as it is"


@dataclass(frozen=True)
class Diagnosis:
    """What was found in all files."""

    files: tuple[Examination, ...]

    @property
    def healthy(self) -> bool:
        """Whether every file can be used as it is: the exit status."""
        return all(examination.healthy for examination in self.files)

    def complaint(self) -> str:
        """What is wrong in one line: the first problem of each file that cannot be used."""
        problems = []
        for file in self.files:
            found = [finding for finding in file.findings if finding.level == Level.PROBLEM]
            first = next((one for one in found if one.topic == Topic.DEFAULT), found[0] if found else None)
            if first and not file.healthy:
                problems.append(f"{printable(file.path)}: {printable(str(first))}")
        return f"{len(problems)} of {len(self.files)} files cannot be used as they are: {'; '.join(problems)}"

    def as_text(self) -> str:
        """Plain lines, one a finding."""
        lines = []
        for file in self.files:
            lines.append(f"{printable(file.path)}: {file.verdict}")
            for finding in file.findings:
                advice = f" -> {printable(finding.advice)}" if finding.advice else ""
                lines.append(f"  {finding.level:<8}{finding.topic}: {printable(finding.text)}{advice}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        """Plain containers, for `json.dumps`."""
        return {
            "healthy": self.healthy,
            "files": [asdict(examination) | {"healthy": examination.healthy} for examination in self.files],
        }


class _Examined(Protocol):
    def findings(self) -> Iterator[Finding]: ...


class _Seen(NamedTuple):
    """What was found in one file, and the file as it was understood; None where it was not."""

    examination: Examination
    examined: _Examined | None


def examine(
    paths: Sequence[str | Path],
    *,
    hgnc: Path | None = None,
    wanted: GeneSpace | None = None,
    scale: StatedScale | None = None,
    layer: str = "",
    unit: ResponseUnit | None = None,
    by_order: bool = False,
) -> Diagnosis:
    """Look into files of expression, compounds or responses before anything is computed from them.

    A table of responses is looked at beside the expression and the compounds, where one file of each is among the
    others.

    Args:
        paths: the files, of any content and any format we read.
        hgnc: HGNC's complete set, to know every human gene and not the landmark genes alone.
        wanted: the genes that coverage is about; the landmark genes where absent.
        scale: the scale of the expression files, if it is stated.
        layer: of .h5ad files, the layer to read, or `raw`; X unless given.
        unit: of the responses, if it is stated.
        by_order: whether expression is for a model that reads the order of genes within a sample alone.

    Raises:
        SourceError: if `hgnc` is not that table. Whatever is wrong with `paths` is told, not raised.
    """
    landmarks = SymbolMap.landmarks()
    known = SymbolMap.from_hgnc(hgnc) if hgnc else landmarks

    def of_expression(path: Path) -> Examined:
        layered = layer if kind_of(path) == FileKind.H5AD else ""
        genes = wanted or landmarks.space
        return examine_expression(path, symbols=known, wanted=genes, scale=scale, layer=layered, by_order=by_order)

    look: dict[Content, Callable[[Path], _Examined]] = {
        Content.EXPRESSION: of_expression,
        Content.COMPOUNDS: examine_compounds,
    }
    guesses = {Path(path): _likely(Path(path), known) for path in paths}
    seen = {path: _look(path, likely, look) for path, likely in guesses.items()}
    for path, one in seen.items():
        if isinstance(one.examined, Examined) and not one.examination.sound:
            by_default = read_by_order(one.examined).findings()
            taken = all(finding.level != Level.PROBLEM for finding in by_default)
            seen[path] = one._replace(examination=replace(one.examination, only_default=taken))
    companions = _companions([one for path, one in seen.items() if Content.RESPONSES not in guesses[path]])
    responses = {Content.RESPONSES: lambda path: examine_responses(path, companions, unit=unit)}
    for path, likely in guesses.items():
        if seen[path].examined is None and (Content.RESPONSES in likely or _is_matrix(path, likely, companions)):
            seen[path] = _look(path, (Content.RESPONSES,), responses)
    return Diagnosis(tuple(seen[Path(path)].examination for path in paths))


def _look(path: Path, likely: Sequence[Content], look: Mapping[Content, Callable[[Path], _Examined]]) -> _Seen:
    try:
        kind_of(path)
    except DrugrippleError as error:
        return _Seen(Examination(str(path), Content.UNKNOWN, (problem_of(error),)), None)
    refusals: dict[Finding, None] = {}
    for content in likely:
        if content not in look:
            continue
        try:
            examined = look[content](path)
            samples = len(examined.layout.samples.names) if isinstance(examined, Examined) else 0
            return _Seen(Examination(str(path), content, tuple(examined.findings()), samples=samples), examined)
        except DrugrippleError as error:
            refusals[problem_of(error)] = None
    content = likely[0] if len(likely) == 1 else Content.UNKNOWN
    return _Seen(Examination(str(path), content, tuple(refusals)), None)


def _likely(path: Path, known: SymbolMap) -> tuple[Content, ...]:
    """What a file may hold, the likeliest first; nothing where it cannot be opened.

    Expression is tried before compounds since it is told apart better, and responses first where a header names all
    that they need, last where it names some of it.
    """
    try:
        kind = kind_of(path)
    except DrugrippleError:
        return ()
    header = peek_header(path)
    if names_responses(header) and 2 * sum(map(known.knows, header)) < len(header):
        return (Content.RESPONSES,)
    last = (Content.RESPONSES,) if may_name_responses(header) else ()
    if kind in (FileKind.SMI, FileKind.XLSX, FileKind.H5AD):
        return (Content.EXPRESSION if kind == FileKind.H5AD else Content.COMPOUNDS, *last)
    return (Content.COMPOUNDS,) if names_structures(header) else (Content.EXPRESSION, Content.COMPOUNDS, *last)


def _is_matrix(path: Path, likely: tuple[Content, ...], companions: Companions) -> bool:
    """Whether a file that was not recognised is a matrix of responses: its columns are compounds of the others.

    Where they are samples of the others, as those of any expression are, its rows must be their compounds.
    """
    if not likely or not companions.names:
        return False
    header = peek_header(path)
    if any(matrix_problem(header, replace(companions, samples=None))):
        return True
    return any(matrix_problem(header, companions)) and rows_are_compounds(path, companions)


def _companions(seen: Sequence[_Seen]) -> Companions:
    """What responses are read beside: the samples and compounds of the only healthy file of each."""
    sound = [one.examined for one in seen if one.examination.sound]
    samples = [one.layout.samples.names for one in sound if isinstance(one, Examined)]
    compounds = [table_of(one) for one in sound if isinstance(one, ExaminedCompounds)]
    table = compounds[0] if len(compounds) == 1 else None
    return Companions(
        samples[0] if len(samples) == 1 else None,
        table,
        awaited=table is None,
        hindrances=tuple(
            _hindrance(seen, content, many)
            for content, many in ((Content.EXPRESSION, len(samples)), (Content.COMPOUNDS, len(compounds)))
        ),
    )


def _hindrance(seen: Sequence[_Seen], content: Content, sound: int) -> str:
    """Why files that are named do not give the samples, or the compounds; blank where no file is named for them."""
    if sound > 1:
        what = "expression files" if content == Content.EXPRESSION else "files of compounds"
        return f"name one of the {sound} {what} alone"
    ill = [one.examination for one in seen if not one.examination.sound]
    meant = [one for one in ill if one.content == content] or [one for one in ill if one.content == Content.UNKNOWN]
    return f"mend {meant[0].path} first" if meant else ""
