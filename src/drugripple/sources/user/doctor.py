"""What is in a user's files, what is wrong with them, and what to do: told, never raised."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from drugripple.errors import DrugrippleError, printable
from drugripple.genes.space import GeneSpace
from drugripple.genes.symbols import SymbolMap
from drugripple.sources.user.compounds import examine_compounds
from drugripple.sources.user.delimited import peek_header
from drugripple.sources.user.expression import examine_expression
from drugripple.sources.user.file_format import FileKind, kind_of
from drugripple.sources.user.findings import Finding, Level, problem_of
from drugripple.sources.user.parquet_matrix import peek_parquet_header
from drugripple.sources.user.stated_scale import StatedScale
from drugripple.sources.user.structure_columns import names_structures


class Content(StrEnum):
    """What a file was recognised as."""

    EXPRESSION = "expression"
    COMPOUNDS = "compounds"
    UNKNOWN = "not recognised"


@dataclass(frozen=True)
class Examination:
    """What was found in one file."""

    path: str
    content: Content
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether the file can be used as it is."""
        return all(finding.level != Level.PROBLEM for finding in self.findings)


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
            first = next((finding for finding in file.findings if finding.level == Level.PROBLEM), None)
            if first:
                problems.append(f"{printable(file.path)}: {printable(str(first))}")
        return f"{len(problems)} of {len(self.files)} files cannot be used as they are: {'; '.join(problems)}"

    def as_text(self) -> str:
        """Plain lines, one a finding."""
        lines = []
        for file in self.files:
            lines.append(f"{printable(file.path)}: {'usable' if file.healthy else 'not usable as it is'}")
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


def examine(
    paths: Sequence[str | Path],
    *,
    hgnc: Path | None = None,
    wanted: GeneSpace | None = None,
    scale: StatedScale | None = None,
    layer: str = "",
) -> Diagnosis:
    """Look into files of expression or compounds before anything is computed from them.

    Args:
        paths: the files, of either content and any format we read.
        hgnc: HGNC's complete set, to know every human gene and not the landmark genes alone.
        wanted: the genes that coverage is about; the landmark genes where absent.
        scale: the scale of the expression files, if it is stated.
        layer: of .h5ad files, the layer to read, or `raw`; X unless given.

    Raises:
        SourceError: if `hgnc` is not that table. Whatever is wrong with `paths` is told, not raised.
    """
    landmarks = SymbolMap.landmarks()
    known = SymbolMap.from_hgnc(hgnc) if hgnc else landmarks

    def of_expression(path: Path) -> tuple[Finding, ...]:
        layered = layer if kind_of(path) == FileKind.H5AD else ""
        genes = wanted or landmarks.space
        return tuple(examine_expression(path, symbols=known, wanted=genes, scale=scale, layer=layered).findings())

    look = {
        Content.EXPRESSION: of_expression,
        Content.COMPOUNDS: lambda path: tuple(examine_compounds(path).findings()),
    }
    return Diagnosis(tuple(_examine_one(Path(path), look) for path in paths))


def _examine_one(path: Path, look: Mapping[Content, Callable[[Path], tuple[Finding, ...]]]) -> Examination:
    likely: tuple[Content, ...] = ()
    refusals: dict[Finding, None] = {}
    try:
        likely = _likely(path)
    except DrugrippleError as error:
        refusals[problem_of(error)] = None
    for content in likely:
        try:
            findings = look[content](path)
        except DrugrippleError as error:
            refusals[problem_of(error)] = None
        else:
            return Examination(str(path), content, findings)
    return Examination(str(path), likely[0] if len(likely) == 1 else Content.UNKNOWN, tuple(refusals))


def _likely(path: Path) -> tuple[Content, ...]:
    """What a file may hold, the likeliest first; expression is tried before compounds since it is told apart better."""
    kind = kind_of(path)
    if kind in (FileKind.SMI, FileKind.XLSX, FileKind.H5AD):
        return (Content.EXPRESSION if kind == FileKind.H5AD else Content.COMPOUNDS,)
    header = peek_parquet_header(path) if kind == FileKind.PARQUET else peek_header(path)
    return (Content.COMPOUNDS,) if names_structures(header) else (Content.EXPRESSION, Content.COMPOUNDS)
