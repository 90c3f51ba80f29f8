"""Whatever name a gene was given, its current symbol."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from drugripple.errors import SourceError, first_five
from drugripple.genes.human import Gene, human_gene
from drugripple.genes.space import GeneSpace
from drugripple.genes.spellings import (
    AFFYMETRIX,
    ENSEMBL,
    ENTREZ,
    R_NUMBER,
    genes_before_excel,
    genes_before_serial,
    is_excel_date,
    repeated_name,
    several,
    spellings,
)


class GeneNaming(StrEnum):
    """Whose names a list of genes uses."""

    SYMBOL = "symbol"
    ENSEMBL = "ensembl"
    ENTREZ = "entrez"


@dataclass(frozen=True)
class Resolution:
    """What became of a list of gene names."""

    naming: GeneNaming
    """How most of the names are written."""
    symbols: tuple[str, ...]
    """The current symbol of each name, in the order given; blank where there is none."""
    mapped: Mapping[str, str]
    """Name to current symbol."""
    unknown: tuple[str, ...]
    """Names of no gene that the map knows."""
    ambiguous: Mapping[str, tuple[str, ...]]
    """Names that several genes share, and probes that measure several."""
    superseded: Mapping[str, str]
    """Other names of a gene that the list also has under its current symbol: set aside."""
    duplicates: Mapping[str, tuple[str, ...]]
    """Genes that several names stand for."""
    mangled: Mapping[str, tuple[str, ...]]
    """Names that a spreadsheet turned into dates, and what they may have been."""
    missing: tuple[str, ...]
    """Genes wanted that no name stands for."""


@dataclass(frozen=True)
class SymbolMap:
    """Symbols, previous symbols, aliases, Ensembl and Entrez ids of a set of genes.

    A current symbol wins over an id, that over a previous symbol, that over an alias; letter case, blanks around
    the name and the version of an Ensembl id do not matter. `TP53.1` and `TP53-1` beside `TP53` are the same
    gene once more.

    Raises:
        GeneSpaceError: if a symbol repeats.

    >>> known = SymbolMap((Gene("SQOR", "58472", "ENSG00000137767", previous=("SQRDL",)),))
    >>> [known.resolve([name]).symbols[0] for name in ("sqor", "SQRDL ", "ENSG00000137767.14", "58472", "ABC")]
    ['SQOR', 'SQOR', 'SQOR', 'SQOR', '']
    """

    genes: tuple[Gene, ...]

    def __post_init__(self) -> None:
        """Refuse repeated symbols."""
        _ = self.space

    @cached_property
    def space(self) -> GeneSpace:
        """All current symbols, in order."""
        return GeneSpace(tuple(gene.symbol for gene in self.genes))

    @staticmethod
    @cache
    def landmarks() -> "SymbolMap":
        """The 978 landmark genes of L1000, in the order of the published networks.

        Source: gene tables of GSE92742 and LINCS2020; every symbol among them, and those that the matrices of GDSC
        and CellMiner use, is kept as a previous symbol.
        """
        text = resources.files("drugripple.genes").joinpath("landmarks.csv").read_text(encoding="utf-8")
        rows = csv.DictReader(text.splitlines())
        return SymbolMap(
            tuple(Gene(row["symbol"], row["entrez_id"], row["ensembl_id"], _split(row["aliases"])) for row in rows)
        )

    @staticmethod
    def from_hgnc(path: Path) -> "SymbolMap":
        """Every approved gene of HGNC's complete set (`hgnc_complete_set.txt`, tab-separated).

        Raises:
            SourceError: if the file is missing, is not that table, or has no gene.
        """
        needed = ("symbol", "alias_symbol", "prev_symbol", "entrez_id", "ensembl_gene_id")
        try:
            with path.open(encoding="utf-8", newline="") as file:
                reader = csv.DictReader(file, delimiter="\t")
                absent = [name for name in needed if name not in (reader.fieldnames or ())]
                rows = [] if absent else [row for row in reader if row.get("status", "Approved") == "Approved"]
        except (UnicodeDecodeError, csv.Error, OSError) as error:
            message = f"{path} cannot be read as HGNC's complete set: {error}"
            raise SourceError(message) from error
        if absent or not rows:
            lack = f"the columns {first_five(absent)}" if absent else "any approved gene"
            message = f"{path} lacks {lack}; expected HGNC's tab-separated complete set"
            raise SourceError(message)
        return SymbolMap(
            tuple(
                Gene(
                    row["symbol"],
                    row["entrez_id"] or "",
                    row["ensembl_gene_id"] or "",
                    _split(row["prev_symbol"]),
                    _split(row["alias_symbol"]),
                )
                for row in rows
            )
        )

    def with_symbols(self, space: GeneSpace) -> "SymbolMap":
        """This map and every other gene of a space, under the space's symbol, its ids and its other symbols.

        A former symbol in the space gets those of the gene whose it was, unless that gene is in the space, too.

        >>> known = SymbolMap.landmarks().with_symbols(GeneSpace(("XYZ1", "KRAS", "C9orf3")))
        >>> known.resolve(["hg38_xyz1", "ENSG00000133703.14", "3845", "AOPEP"]).symbols
        ('XYZ1', 'KRAS', 'KRAS', 'C9orf3')
        """
        others = [symbol for symbol in space.symbols if symbol not in self.space]
        if not others:
            return self
        own = {gene.entrez_id: gene for gene in self.genes if gene.entrez_id}
        found = {symbol: own.get(gene.entrez_id, gene) for symbol in others if (gene := human_gene(symbol))}
        called = {name: gene for name, gene in found.items() if gene.symbol == name or gene.symbol not in space}
        moved = {gene.symbol for gene in called.values()}
        kept = [gene for gene in self.genes if gene.symbol not in moved]
        unknown = Gene("", "", "")
        return SymbolMap((*kept, *(_as_called(symbol, called.get(symbol, unknown)) for symbol in others)))

    def resolve(self, names: Sequence[str], wanted: GeneSpace | None = None) -> Resolution:
        """Current symbols of names, and everything that is wrong with them.

        Args:
            names: gene names as a file has them, repeats included.
            wanted: the genes that `missing` is about; all genes of this map where absent.
        """
        naming = naming_of(names)
        found, again = self._found(names, entrez=naming == GeneNaming.ENTREZ)
        symbols, superseded = _current(names, found, again)
        standing: defaultdict[str, list[str]] = defaultdict(list)
        for name, symbol in zip(names, symbols, strict=True):
            if symbol:
                standing[symbol].append(name)
        genes_of = list(zip(names, found, strict=True))
        dates = {name: genes_before_excel(name) for name in names if name not in again and is_excel_date(name)}
        if naming != GeneNaming.ENTREZ:
            serials = ((name, genes_before_serial(name)) for name, genes in genes_of if not genes)
            dates |= {name: genes for name, genes in serials if genes}
        return Resolution(
            naming=naming,
            symbols=tuple(symbols),
            mapped={name: symbol for name, symbol in zip(names, symbols, strict=True) if symbol},
            unknown=tuple(name for name, genes in genes_of if not genes and name not in dates),
            ambiguous={name: genes for name, genes in genes_of if len(genes) > 1},
            superseded=superseded,
            duplicates={symbol: tuple(group) for symbol, group in standing.items() if len(group) > 1},
            mangled=dates,
            missing=tuple(symbol for symbol in (wanted or self.space).symbols if symbol not in standing),
        )

    def _found(self, names: Sequence[str], *, entrez: bool) -> tuple[list[tuple[str, ...]], set[str]]:
        """The genes of each name, and the names that are another one of the list once more (`TP53.1`)."""
        chip_ids = not any(AFFYMETRIX.fullmatch(name) for name in names)
        found = [self._genes_called(name, entrez=entrez, chip_ids=chip_ids) for name in names]
        present = {name.strip().upper() for name in names}
        again = set()
        for i, name in enumerate(names):
            if not found[i] and (first := repeated_name(name, present)):
                found[i] = self._genes_called(first, entrez=entrez, chip_ids=chip_ids)
                again.add(name)
        return found, again

    def knows(self, name: str) -> bool:
        """Whether a name is that of a gene.

        >>> SymbolMap.landmarks().knows("tp53"), SymbolMap.landmarks().knows("length")
        (True, False)
        """
        return bool(self._genes_called(name, entrez=False, chip_ids=True))

    def _genes_called(self, name: str, *, entrez: bool, chip_ids: bool) -> tuple[str, ...]:
        for spelling in spellings(name, entrez=entrez, chip_ids=chip_ids):
            for names in self._by_rank:
                if spelling in names:
                    return names[spelling]
        together = several(name)
        found = [self._genes_called(part, entrez=entrez, chip_ids=chip_ids) for part in together]
        if not any(found):
            return ()
        # a part that is no known gene still tells that the probe is not specific
        parts = zip(found, together, strict=True)
        return tuple(dict.fromkeys(gene for genes, part in parts for gene in genes or (part,)))

    @cached_property
    def _by_rank(self) -> tuple[dict[str, tuple[str, ...]], ...]:
        return (
            _index((gene.symbol, gene.symbol) for gene in self.genes),
            _index((gene.ensembl_id, gene.symbol) for gene in self.genes),
            _index((gene.entrez_id, gene.symbol) for gene in self.genes),
            _index((name, gene.symbol) for gene in self.genes for name in gene.previous),
            _index((name, gene.symbol) for gene in self.genes for name in gene.aliases),
        )


def naming_of(names: Iterable[str]) -> GeneNaming:
    """How most names are written.

    >>> str(naming_of(["ENSG00000141510.18", "ENSG00000146648", "MYC"]))
    'ensembl'
    """
    counts = dict.fromkeys(GeneNaming, 0)
    for name in names:
        text = name.strip()
        is_ensembl, is_entrez = ENSEMBL.fullmatch(text.upper()), ENTREZ.fullmatch(text) or R_NUMBER.fullmatch(text)
        counts[GeneNaming.ENSEMBL if is_ensembl else GeneNaming.ENTREZ if is_entrez else GeneNaming.SYMBOL] += 1
    return max(counts, key=lambda naming: counts[naming])


def _current(
    names: Sequence[str], found: Sequence[tuple[str, ...]], again: Set[str]
) -> tuple[list[str], dict[str, str]]:
    """The symbol of each name, blank for none, and the other names of genes that stand under their symbol, too."""
    exact = {genes[0] for name, genes in zip(names, found, strict=True) if _is_symbol_of(name, genes)}
    symbols: list[str] = []
    superseded: dict[str, str] = {}
    for name, genes in zip(names, found, strict=True):
        symbol = genes[0] if len(genes) == 1 else ""
        if symbol in exact and name not in again and not _is_symbol_of(name, genes):
            superseded[name] = symbol
            symbol = ""
        symbols.append(symbol)
    return symbols, superseded


def _as_called(symbol: str, gene: Gene) -> Gene:
    """A gene under the symbol of a space; its other symbols are former ones."""
    if gene.symbol == symbol:
        return gene
    others = dict.fromkeys((gene.symbol, *gene.previous))
    others.pop(symbol, None)
    return replace(gene, symbol=symbol, previous=tuple(filter(None, others)))


def _is_symbol_of(name: str, genes: tuple[str, ...]) -> bool:
    return len(genes) == 1 and name.strip().upper() == genes[0].upper()


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for name, symbol in pairs:
        if name:
            found[name.strip().upper()][symbol] = None
    return {name: tuple(symbols) for name, symbols in found.items()}


def _split(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "").strip('"').split("|") if name.strip())
