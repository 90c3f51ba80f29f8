"""Drugs by any of their names: brands, code names, names of salts; what they hit; and what is sold but no compound."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from drugripple.sources.user.matching import bare_name, match_names

SALTS = frozenset({
    "besylate", "camsylate", "dihydrate", "dihydrobromide", "dihydrochloride", "dimesylate", "disodium", "ditartrate",
    "ditosylate", "esylate", "hcl", "hydrate", "hydrobromide", "hydrochloride", "malate", "maleate", "mesilate",
    "mesylate", "monohydrate", "potassium", "sodium", "tartrate", "tosylate", "trihydrate",
})  # fmt: skip
"""Words behind a drug's name that name its salt. Not those that may name an ester, which is another compound."""
REGIMENS = {
    "abvd": "doxorubicin, bleomycin, vinblastine and dacarbazine",
    "bep": "bleomycin, etoposide and cisplatin",
    "capox": "capecitabine and oxaliplatin",
    "chop": "cyclophosphamide, doxorubicin, vincristine and prednisone",
    "cmf": "cyclophosphamide, methotrexate and 5-fluorouracil",
    "fec": "5-fluorouracil, epirubicin and cyclophosphamide",
    "flot": "5-fluorouracil, leucovorin, oxaliplatin and docetaxel",
    "folfiri": "5-fluorouracil, leucovorin and irinotecan",
    "folfirinox": "5-fluorouracil, leucovorin, irinotecan and oxaliplatin",
    "folfox": "5-fluorouracil, leucovorin and oxaliplatin",
    "mvac": "methotrexate, vinblastine, doxorubicin and cisplatin",
    "pcv": "procarbazine, lomustine and vincristine",
    "rchop": "rituximab, cyclophosphamide, doxorubicin, vincristine and prednisone",
    "xelox": "capecitabine and oxaliplatin",
}
"""Drugs of common combinations, by `bare_name`."""
_ANTIBODIES = frozenset({
    "adcetris", "arzerra", "avastin", "bavencio", "besponsa", "blincyto", "cyramza", "darzalex", "eylea", "enhertu",
    "erbitux", "herceptin", "imfinzi", "kadcyla", "keytruda", "libtayo", "mabthera", "mylotarg", "opdivo", "padcev",
    "perjeta", "polivy", "portrazza", "poteligeo", "rituxan", "rybrevant", "tecentriq", "tivdak", "trodelvy",
    "unituxin", "vectibix", "yervoy", "zaltrap",
})  # fmt: skip
_PROTEIN = re.compile(r"\b(?:\w{3,}mab|\w{3,}leucel|aflibercept)\b", re.IGNORECASE)
_PARTS = re.compile(r"\s*[(\[]\s*|\s*[)\]]\s*|,\s+")
"""What stands between several names of one drug."""


class Drug(NamedTuple):
    """What is commonly known of a drug."""

    name: str
    """The usual one, in lower case but for code names."""
    other_names: tuple[str, ...]
    targets: str
    """Symbols of the genes whose products it acts on, with commas between; blank where it acts on no one protein."""
    mechanism: str


def match_compounds(asked: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The known name of each asked one, as `match_names` finds it, or by another name of the same drug.

    Several names, one in brackets behind the other, have to mean the same. What could be two known names is none of
    them.

    >>> match_compounds(["Velcade", "AZD-6244", "erlotinib HCl", "Taxol (paclitaxel)"],
    ...                 ["Bortezomib", "Selumetinib", "Erlotinib", "Paclitaxel"])  # doctest: +NORMALIZE_WHITESPACE
    {'Velcade': 'Bortezomib', 'AZD-6244': 'Selumetinib', 'erlotinib HCl': 'Erlotinib',
     'Taxol (paclitaxel)': 'Paclitaxel'}

    Source: names that drugs have in public; written by us from common knowledge (`drugs.tsv`).
    """
    found = match_names(asked, known)
    pieces = {name: (name, *_parts(name)) for name in asked if name not in found}
    plain = {piece: _without_salt(piece) for several in pieces.values() for piece in several}
    if not plain:
        return found
    spelt = match_names(list(dict.fromkeys(plain.values())), known)
    of_drug: dict[Drug, set[str]] = {}
    for name in known:
        if (drug := _drug_of(name)) is not None:
            of_drug.setdefault(drug, set()).add(name)

    def one(piece: str) -> str | None:
        drug = _drug_of(piece)
        several = of_drug.get(drug, set()) if drug else set()
        return spelt.get(plain[piece]) or (next(iter(several)) if len(several) == 1 else None)

    for name, (whole, *parts) in pieces.items():
        meant = {one(whole)} - {None} or {one(part) for part in parts}
        if len(meant) == 1 and (known_name := meant.pop()):
            found[name] = known_name
    return found


def other_names(called: Mapping[str, str]) -> tuple[str, ...]:
    """What is said of names that were read as others which are not spelt alike.

    >>> other_names({"Velcade": "Bortezomib", "AZD-7762": "AZD7762"})
    ("'Velcade' is read as Bortezomib, another name of the drug",)
    """
    differing = ((asked, known) for asked, known in called.items() if bare_name(asked) != bare_name(known))
    return tuple(f"{asked!r} is read as {known}, another name of the drug" for asked, known in differing)


def no_compound(text: str) -> str:
    """What is said of the name of an antibody or of a combination of drugs; blank of anything else.

    >>> no_compound("CapOx")
    "'CapOx' is capecitabine and oxaliplatin: no model here predicts combinations, so ask about each alone"
    """
    bare = bare_name(text)
    if bare in REGIMENS:
        return f"{text!r} is {REGIMENS[bare]}: no model here predicts combinations, so ask about each alone"
    if bare in _ANTIBODIES or _PROTEIN.search(text):
        return f"{text!r} is an antibody or another protein, which has no SMILES; models here read small molecules"
    return ""


def usual_names() -> tuple[str, ...]:
    """The usual name of every drug of the table.

    >>> usual_names()[:2]
    ('5-azacytidine', '5-fluorouracil')
    """
    return tuple(dict.fromkeys(drug.name for drug in _drugs().values()))


def usual_name(text: str) -> str:
    """A name with the usual name of the drug behind it, where it is another.

    >>> usual_name("Gleevec"), usual_name("imatinib"), usual_name("compound 7")
    ("'Gleevec' (imatinib)", "'imatinib'", "'compound 7'")
    """
    drug = _drug_of(text)
    return repr(text) if drug is None or bare_name(drug.name) == bare_name(text) else f"{text!r} ({drug.name})"


def known_drug(name: str) -> Drug | None:
    """The drug that a compound's name stands for; None where it is no drug's, or several drugs'.

    >>> known_drug("Velcade").targets, known_drug("GSK2110183B (Afuresertib)").mechanism, known_drug("compound 7")
    ('PSMB5, PSMB1', 'AKT inhibitor', None)
    """
    drugs = {_drug_of(name)} - {None} or {_drug_of(part) for part in _parts(name)}
    return drugs.pop() if len(drugs) == 1 else None


def annotated(
    names: Sequence[str], targets: Sequence[str], mechanism: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Targets and mechanisms of compounds; what is blank is filled in where the name is a drug's.

    >>> annotated(["Dabrafenib", "compound 7"], ["", "KIT"], ["", ""])
    (('BRAF', 'KIT'), ('BRAF inhibitor', ''))
    """
    drugs = [known_drug(name) for name in names]
    return (
        tuple(own or (drug.targets if drug else "") for own, drug in zip(targets, drugs, strict=True)),
        tuple(own or (drug.mechanism if drug else "") for own, drug in zip(mechanism, drugs, strict=True)),
    )


def _parts(name: str) -> list[str]:
    return [part for part in _PARTS.split(name) if part]


def _without_salt(name: str) -> str:
    words = name.split()
    while len(words) > 1 and words[-1].casefold() in SALTS:
        words.pop()
    return " ".join(words)


def _drug_of(name: str) -> Drug | None:
    return _drugs().get(bare_name(name)) or _drugs().get(bare_name(_without_salt(name)))


@cache
def _drugs() -> Mapping[str, Drug]:
    """Drugs by each of their names as `bare_name` has them."""
    text = (files("drugripple.sources.user") / "drugs.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    drugs = [Drug(name, tuple(filter(None, others.split("; "))), *facts) for name, others, *facts in rows]
    return {bare_name(name): drug for drug in drugs for name in (drug.name, *drug.other_names)}
