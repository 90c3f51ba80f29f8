"""The human genes that make proteins, under all their names, for files that do not use current symbols."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

PREFIX, DIGITS = "ENSG", 11
TABLE = "human.csv.gz"


@dataclass(frozen=True)
class Gene:
    """One gene under all its names."""

    symbol: str
    entrez_id: str
    ensembl_id: str
    previous: tuple[str, ...] = ()
    """Symbols it had before; they win over another gene's alias."""
    aliases: tuple[str, ...] = ()


@cache
def human_genes() -> tuple[Gene, ...]:
    """Every gene of the table, without aliases: these are names of cell lines, too, and of no gene in real files.

    A former symbol that is the current one of another gene, or that two genes had, is left out. Source: HGNC, and
    GENCODE for Ensembl ids (`tools/gene_ids.py` writes the table and says where it has them from).

    >>> [gene for gene in human_genes() if gene.symbol == "AOPEP"]
    [Gene(symbol='AOPEP', entrez_id='84909', ensembl_id='ENSG00000148120', previous=('C9orf3',), aliases=())]
    """
    return tuple(map(_gene, _lines()))


@cache
def entrez_ids() -> frozenset[str]:
    """The Entrez ids of all genes of the table.

    >>> "7157" in entrez_ids(), "7158000" in entrez_ids()
    (True, False)
    """
    return frozenset(gene.entrez_id for gene in human_genes() if gene.entrez_id)


def human_gene(name: str) -> Gene | None:
    """The gene that has this symbol or had it before, in any letter case, and with a dot for a hyphen as R writes.

    >>> [human_gene(name).symbol for name in ("C9orf3", "HLA.A", "kras")], human_gene("XYZ1")
    (['AOPEP', 'HLA-A', 'KRAS'], None)
    """
    lines, text = _line_by_name(), name.upper()
    line = lines.get(text) or lines.get(text.replace(".", "-"))
    return _gene(line) if line else None


@cache
def _line_by_name() -> Mapping[str, str]:
    """The line of each name, in capitals; lines are taken apart when they are asked for, since few of them are."""
    renamed = (line for line in _lines() if not line.endswith(","))
    names = {name.upper(): line for line in renamed for name in line.rpartition(",")[2].split("|")}
    names.update((line[: line.index(",")].upper(), line) for line in _lines())
    return names


@cache
def _lines() -> tuple[str, ...]:
    packed = resources.files("drugripple.genes").joinpath(TABLE).read_bytes()
    return tuple(gzip.decompress(packed).decode("utf-8").splitlines())


def _gene(line: str) -> Gene:
    symbol, number, entrez, former = line.split(",")
    ensembl = f"{PREFIX}{number:0>{DIGITS}}" if number else ""
    return Gene(symbol, entrez, ensembl, tuple(former.split("|")) if former else ())
