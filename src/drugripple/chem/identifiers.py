"""Identifiers that people have in place of a structure, which only a database turns into one."""

import re

IDENTIFIERS = (
    (re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]"), "an InChIKey"),
    (re.compile(r"InChI=\S+"), "an InChI"),
    (re.compile(r"\d{2,7}-\d\d-\d"), "a CAS number"),
    (re.compile(r"CHEMBL\d+"), "an id of ChEMBL"),
    (re.compile(r"DB\d{5}"), "an id of DrugBank"),
    (re.compile(r"(?:CID:?)?\d{2,9}"), "a number, as PubChem's are"),
    (re.compile(r"BRD-[AKMUN]\d{8}(?:-\d{3}-\d\d-\d)?"), "an id of the Broad Institute"),
)


def identifier_of(text: str) -> str:
    """Which identifier a text is; blank where it is none.

    >>> identifier_of("WOZSCQDILHKSGG-UHFFFAOYSA-N"), identifier_of("183321-74-6"), identifier_of("CCO")
    ('an InChIKey', 'a CAS number', '')
    """
    return next((what for pattern, what in IDENTIFIERS if pattern.fullmatch(text)), "")
