"""A header with one name too few: R's, which names no column of row names, or one that leaves out the last column."""

import re
from collections.abc import Callable, Sequence

WORDS = """
id ids index row rowname rownames name names feature features gene genes symbol symbols probe probeset ref ensembl
entrez hgnc hugo sample samples model models cell cells line lines cellline barcode patient donor case subject cosmic
depmap sanger accession element transcript smiles compound compounds drug drugs molecule structure plate well tissue
description title label key treatment replicate batch group type class
"""
LABEL_WORDS = frozenset(WORDS.split())
"""Words in the header of a column that names or describes: where one stands first, R did not write the header."""
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_of_r(names: Sequence[str], rows: Sequence[Sequence[str]], may_be_number: Callable[[str], bool]) -> bool:
    """Whether the first column is without a name, as R writes row names, and not the last, such as a remark.

    Row names differ. The first name is like the others, and no label of its own; with a digit, as in `patient 3`, it
    is a name. Where most cells are numbers, those of the last column are.

    >>> is_of_r(["A", "B"], [["TP53", "1", "2"], ["MYC", "3", "4"]], str.isdigit)
    True
    >>> is_of_r(["gene_name", "A"], [["TP53", "1", "2"], ["MYC", "3", "4"]], str.isdigit)
    False
    >>> is_of_r(["A", "B", "C"], [["TP53", "1", "2", "tumour protein"], ["MYC", "3", "4", "factor"]], str.isdigit)
    False
    """
    labels = [row[0].strip() for row in rows]
    first, *others = (_label_words(name) for name in names)
    own = {word for word in first if 2 * sum(word in words for words in others) < max(1, len(others))}
    between = [may_be_number(cell) for row in rows for cell in row[1:-1]]
    remark = 2 * sum(between) > len(between) and any(not may_be_number(row[-1]) for row in rows)
    return len(set(labels)) == len(labels) and not own and not remark


def _label_words(name: str) -> set[str]:
    return set() if any(map(str.isdigit, name)) else {word.lower() for word in WORD.findall(name)} & LABEL_WORDS
