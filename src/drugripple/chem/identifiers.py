"""What people have in place of SMILES: other notations, names, and ids that a database turns into structures."""

import re
from collections import Counter
from collections.abc import Sequence

LOOK_UP = "look the structures up (PubChem's identifier exchange) and give them as SMILES"
CONVERT = "convert them to SMILES (RDKit's MolFromInchi, or PubChem's identifier exchange)"
LOCANT = r"(?:\d+[a-zH]?|[NOSP])'*"
NOT_IN_SMILES = "adefghijklmqrtuvwxyz"
"""Small letters that stand for no aromatic atom."""

IDENTIFIERS = (
    (re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]"), "an InChIKey", LOOK_UP),
    (re.compile(r"InChI=\S+|1S?/(?:[A-Z][a-z]?\d*)+/\S+"), "an InChI", CONVERT),
    (re.compile(r"\d{2,7}-\d\d-\d"), "a CAS number", LOOK_UP),
    (re.compile(r"CHEMBL\d+"), "an id of ChEMBL", LOOK_UP),
    (re.compile(r"DB\d{5}"), "an id of DrugBank", LOOK_UP),
    (re.compile(r"(?:CID:?)?\d{2,9}"), "a number, as PubChem's are", LOOK_UP),
    (re.compile(r"BRD-[AKMUN]\d{8}(?:-\d{3}-\d\d-\d)?"), "an id of the Broad Institute", LOOK_UP),
    (re.compile(r"C\d*H\d+(?:(?:Br|Cl|Na|Si|Pt|[BFIKNOPS])\d*)*"), "a molecular formula", LOOK_UP),
    (
        re.compile(
            rf"(?:.*[-\[({{ ,])?{LOCANT}(?:,{LOCANT})*-[\[({{]*(?=[a-z]*[{NOT_IN_SMILES}])[a-z]{{3,}}[^<>|;=/\\@#]*"
        ),
        "a systematic name (IUPAC)",
        LOOK_UP,
    ),
)
"""How each is written, what it is, and what gives SMILES."""


def identifier_of(text: str) -> str:
    """Which identifier, notation or name a text is that is no SMILES; blank where it is none.

    >>> identifier_of("WOZSCQDILHKSGG-UHFFFAOYSA-N"), identifier_of("183321-74-6"), identifier_of("CCO")
    ('an InChIKey', 'a CAS number', '')
    >>> identifier_of("1,3,7-trimethylpurine-2,6-dione"), identifier_of("C9H8O4"), identifier_of("N-(c1ccccc1)")
    ('a systematic name (IUPAC)', 'a molecular formula', '')
    """
    return next((what for pattern, what, _ in IDENTIFIERS if pattern.fullmatch(text)), "")


def cure_for(identifier: str) -> str:
    """How to get SMILES from what `identifier_of` found; blank for what it does not find."""
    return next((cure for _, what, cure in IDENTIFIERS if what == identifier), "")


def mostly_identifiers(texts: Sequence[str]) -> str:
    """The identifier that more than half of the texts are, blank ones apart; blank where they are of none.

    >>> mostly_identifiers(["C9H8O4", "", "C2H6O"]), mostly_identifiers(["CCO", "C2H6O"])
    ('a molecular formula', '')
    """
    found = Counter(identifier_of(text.strip()) for text in texts if text.strip())
    what, times = next(iter(found.most_common(1)), ("", 0))
    return what if 2 * times > found.total() else ""
